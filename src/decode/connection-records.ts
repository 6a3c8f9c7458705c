// SPDX-License-Identifier: Apache-2.0
import { KeyedTable } from '../base/keyed-table.ts';
import type { PacketClock } from '../base/packet-clock.ts';
import { connectionOf } from './byte-stream.ts';
import type { Datagram } from './datagram.ts';

const ADDRESS_WORDS = 4;
/** Fields: addresses and ports of the two ends, the first sender's first; then of each direction `StreamField`. */
const ADDRESSES = 0;
const PORTS = 8;
const IP_VERSION = 9;
const DIRECTIONS = 10;

/** Fields of a direction. */
export const StreamField = {
  /** The sequence number of the first byte that was not delivered. */
  next: 0,
  /** The sequence number behind SYN, where it was seen. */
  initial: 1,
  /** The highest number the other side has acknowledged. */
  acked: 2,
  flags: 3,
  /** Metric contexts of the last segment. */
  context: 4,
  interfaceContext: 5,
} as const;
const DIRECTION_FIELDS = 6;
const FIELDS = DIRECTIONS + 2 * DIRECTION_FIELDS;

/** What is known of a direction. */
export const StreamFlag = {
  /** `next` is known. */
  known: 1,
  /** `initial` is known. */
  syn: 2,
  fin: 4,
  /** `acked` is known. */
  acked: 8,
  /** There were bytes. */
  data: 16,
} as const;

/** What is known of each connection: a record in a table. */
export class ConnectionRecords {
  readonly table: KeyedTable;

  constructor(maxConnections: number, lifetimesMicros: readonly number[], clock: PacketClock) {
    this.table = new KeyedTable(maxConnections, FIELDS, lifetimesMicros, clock);
  }

  /** Index in `table.words` of the fields of a stream. */
  fieldsOf(stream: number): number {
    return this.table.fieldsOf(stream >> 1) + DIRECTIONS + (stream & 1) * DIRECTION_FIELDS;
  }

  /** Adds the connection of its first segment to a table that is not full; returns its slot. */
  open(low: number, high: number, queue: number, segment: Datagram): number {
    const { table } = this;
    const slot = table.insert(low, high, queue);
    table.clearFields(slot);
    const { words } = table;
    const record = table.fieldsOf(slot);
    for (let i = 0; i < ADDRESS_WORDS; i++) {
      words[record + ADDRESSES + i] = segment.sourceAddress[i]!;
      words[record + ADDRESSES + ADDRESS_WORDS + i] = segment.destinationAddress[i]!;
    }
    words[record + PORTS] = (segment.sourcePort << 16) | segment.destinationPort;
    words[record + IP_VERSION] = segment.ipVersion;
    return slot;
  }

  /** Which direction of its connection a segment has: 0 as the first segment, or 1. */
  directionOf(slot: number, { sourcePort, destinationPort, sourceAddress }: Datagram): number {
    const { words } = this.table;
    const record = this.table.fieldsOf(slot);
    if (words[record + PORTS] !== ((sourcePort << 16) | destinationPort)) return 1;
    for (let i = 0; i < ADDRESS_WORDS; i++) {
      if (words[record + ADDRESSES + i] !== sourceAddress[i]) return 1;
    }
    return 0;
  }

  /** Writes the addresses and ports of a stream. */
  endpoints(stream: number, datagram: Datagram): void {
    const { words } = this.table;
    const record = this.table.fieldsOf(connectionOf(stream));
    const isReverse = (stream & 1) === 1;
    const first = isReverse ? datagram.destinationAddress : datagram.sourceAddress;
    const second = isReverse ? datagram.sourceAddress : datagram.destinationAddress;
    for (let i = 0; i < ADDRESS_WORDS; i++) {
      first[i] = words[record + ADDRESSES + i]!;
      second[i] = words[record + ADDRESSES + ADDRESS_WORDS + i]!;
    }
    const ports = words[record + PORTS]!;
    datagram.sourcePort = isReverse ? ports & 0xffff : ports >>> 16;
    datagram.destinationPort = isReverse ? ports >>> 16 : ports & 0xffff;
    datagram.ipVersion = words[record + IP_VERSION] === 4 ? 4 : 6;
  }
}
