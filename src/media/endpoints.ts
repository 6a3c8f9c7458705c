// SPDX-License-Identifier: Apache-2.0
import type { SeededHash } from '../base/hash.ts';
import { KeyedTable } from '../base/keyed-table.ts';
import type { PacketClock } from '../base/packet-clock.ts';
import type { PortCounts } from '../base/port-counts.ts';
import { EndpointKey } from './endpoint-key.ts';
import { isPrivateAddress } from './private-address.ts';
import type { SeenAddresses } from './seen-addresses.ts';

/** Fields of a record. Slots are kept as slot + 1; 0 stands for none. */
const Field = {
  /** Four words, as in `Datagram`. */
  address: 0,
  port: 4,
  /** Slot of the line. */
  line: 5,
  nextOfLine: 6,
  previousOfLine: 7,
  nextOfPort: 8,
  previousOfPort: 9,
  /** Which of the line's descriptions named it last. */
  round: 10,
  /** `Rtcp`: what of RTCP is to be sent there. */
  rtcp: 11,
  /** Where that description came from: what the address of a NAT is. */
  senderAddress: 12,
} as const;
const FIELDS = 16;

/** Where RTCP goes: to a port of its own that is not known here, here alone, or to the port above this one. */
const Rtcp = { elsewhere: 0, here: 1, above: 2 } as const;
const ADDRESS_WORDS = 4;

/** `stale` ones are no longer announced; what is on its way still comes. */
const Queue = { stale: 0, announced: 1 } as const;
const staleMicros = 10_000_000;

/** Endpoints with one port that are looked at for a packet behind NAT. */
const MAX_OF_PORT = 16;

/**
 * Addresses and ports that descriptions announced, each of one media line: by both, and by the port alone. While one is here
 * its port is one of `ports`, where packets of media are looked for.
 */
export class Endpoints {
  readonly table: KeyedTable;

  readonly #key: EndpointKey;
  readonly #ports: PortCounts;
  /** By port: slot + 1 of the endpoint with a private address that was announced last. */
  readonly #newestOfPort = new Int32Array(65_536);
  /** By the slot of a line: slot + 1 of one of its endpoints. */
  readonly #firstOfLine: Int32Array;

  constructor(limit: number, lineLimit: number, hash: SeededHash, clock: PacketClock, ports: PortCounts) {
    this.table = new KeyedTable(limit, FIELDS, [staleMicros, Number.POSITIVE_INFINITY], clock);
    this.#firstOfLine = new Int32Array(lineLimit);
    this.#key = new EndpointKey(hash);
    this.#ports = ports;
  }

  /** The slot of the endpoint at an address, the four words from `offset`, and port, or -1. */
  find(address: Int32Array, offset: number, port: number): number {
    this.#key.read(address, offset, port);
    return this.table.find(this.#key.low, this.#key.high);
  }

  /**
   * The endpoint with a port and a private address, as those behind NAT have, that a packet to or from another address belongs
   * to, or -1: the description came from that address, so that it is the NAT's. The port alone, even if only one such endpoint
   * has it, proves nothing: whose packets they are would depend on what others announce.
   */
  findByPort(address: Int32Array, port: number): number {
    const { table } = this;
    const { words } = table;
    let endpoint = this.#newestOfPort[port]!;
    for (let count = 0; endpoint !== 0 && count < MAX_OF_PORT; count++) {
      const fields = table.fieldsOf(endpoint - 1);
      if (areEqual(words, fields + Field.senderAddress, address)) return endpoint - 1;
      endpoint = words[fields + Field.nextOfPort]!;
    }
    return -1;
  }

  /** Adds an endpoint of a line that is not there. Returns its slot, -1 when the table is full. */
  add(line: number, address: Int32Array, offset: number, port: number): number {
    const { table } = this;
    const { words } = table;
    this.#key.read(address, offset, port);
    const slot = table.insert(this.#key.low, this.#key.high, Queue.announced);
    if (slot < 0) return -1;
    const fields = table.fieldsOf(slot);
    for (let i = 0; i < ADDRESS_WORDS; i++) words[fields + Field.address + i] = address[offset + i]!;
    for (let i = ADDRESS_WORDS; i < FIELDS; i++) words[fields + i] = 0;
    words[fields + Field.port] = port;
    words[fields + Field.line] = line;
    const next = this.#firstOfLine[line]!;
    words[fields + Field.nextOfLine] = next;
    if (next !== 0) table.setField(next - 1, Field.previousOfLine, slot + 1);
    this.#firstOfLine[line] = slot + 1;
    // Who is behind NAT announces a private address: others are not looked for by their port.
    if (isPrivateAddress(words, fields + Field.address)) this.#chain(slot, port);
    this.#ports.add(port);
    return slot;
  }

  #chain(slot: number, port: number): void {
    const { table } = this;
    const next = this.#newestOfPort[port]!;
    table.setField(slot, Field.nextOfPort, next);
    if (next !== 0) table.setField(next - 1, Field.previousOfPort, slot + 1);
    this.#newestOfPort[port] = slot + 1;
  }

  /** A description of a round, which came from `senderAddress`, announces an endpoint. */
  announce(slot: number, round: number, senderAddress: Int32Array): void {
    const { table } = this;
    const { words } = table;
    const fields = table.fieldsOf(slot);
    words[fields + Field.round] = round;
    for (let i = 0; i < ADDRESS_WORDS; i++) words[fields + Field.senderAddress + i] = senderAddress[i]!;
    if (table.queueOf(slot) !== Queue.announced) table.move(slot, Queue.announced);
  }

  /** Whether only RTCP is to be sent there. */
  isRtcp(slot: number): boolean {
    return this.table.field(slot, Field.rtcp) === Rtcp.here;
  }

  /** Nothing but RTCP is to be sent there. */
  setRtcp(slot: number): void {
    this.table.setField(slot, Field.rtcp, Rtcp.here);
  }

  /** RTCP goes to the next port (RFC 3550 §11): that is no endpoint of its own, of which a call would have twice as many. */
  setRtcpAbove(slot: number): void {
    const { table } = this;
    if (table.field(slot, Field.rtcp) === Rtcp.above) return;
    table.setField(slot, Field.rtcp, Rtcp.above);
    this.#ports.add(table.field(slot, Field.port) + 1);
  }

  /** The slot of the endpoint whose RTCP goes to an address and port, or -1. */
  findOfRtcp(address: Int32Array, port: number): number {
    const slot = this.find(address, 0, port);
    if (slot >= 0 || port === 0) return slot;
    const below = this.find(address, 0, port - 1);
    return below >= 0 && this.table.field(below, Field.rtcp) === Rtcp.above ? below : -1;
  }

  /** Which of its line's descriptions named it last. */
  roundOf(slot: number): number {
    return this.table.field(slot, Field.round);
  }

  lineOf(slot: number): number {
    return this.table.field(slot, Field.line);
  }

  /** Whether media was seen of one of the addresses of a line since `sinceMicros`. */
  isSeenAt(line: number, seen: SeenAddresses, sinceMicros: number): boolean {
    const { table } = this;
    for (let slot = this.#firstOfLine[line]!; slot !== 0; ) {
      const fields = table.fieldsOf(slot - 1);
      if (seen.has(table.words, fields + Field.address, sinceMicros)) return true;
      slot = table.words[fields + Field.nextOfLine]!;
    }
    return false;
  }

  /** Endpoints of a line that are of another round are no longer announced. */
  releaseOthers(line: number, round: number): void {
    const { table } = this;
    for (let slot = this.#firstOfLine[line]!; slot !== 0; ) {
      const isOther = table.field(slot - 1, Field.round) !== round;
      if (isOther && table.queueOf(slot - 1) === Queue.announced) table.move(slot - 1, Queue.stale);
      slot = table.field(slot - 1, Field.nextOfLine);
    }
  }

  /** Endpoints of one round and no other are announced: a new description was refused. */
  restore(line: number, round: number): void {
    const { table } = this;
    for (let slot = this.#firstOfLine[line]!; slot !== 0; ) {
      const queue = table.field(slot - 1, Field.round) === round ? Queue.announced : Queue.stale;
      if (table.queueOf(slot - 1) !== queue) table.move(slot - 1, queue);
      slot = table.field(slot - 1, Field.nextOfLine);
    }
  }

  /** Removes all endpoints of a line; returns how many there were. */
  removeOfLine(line: number): number {
    let count = 0;
    for (; this.#firstOfLine[line] !== 0; count++) this.remove(this.#firstOfLine[line]! - 1);
    return count;
  }

  remove(slot: number): void {
    const { table } = this;
    const { words } = table;
    const fields = table.fieldsOf(slot);
    const next = words[fields + Field.nextOfLine]!;
    const previous = words[fields + Field.previousOfLine]!;
    if (previous !== 0) table.setField(previous - 1, Field.nextOfLine, next);
    else this.#firstOfLine[words[fields + Field.line]!] = next;
    if (next !== 0) table.setField(next - 1, Field.previousOfLine, previous);
    const port = words[fields + Field.port]!;
    if (isPrivateAddress(words, fields + Field.address)) this.#unchain(slot, port);
    this.#ports.remove(port);
    if (words[fields + Field.rtcp] === Rtcp.above) this.#ports.remove(port + 1);
    table.remove(slot);
  }

  #unchain(slot: number, port: number): void {
    const { table } = this;
    const next = table.field(slot, Field.nextOfPort);
    const previous = table.field(slot, Field.previousOfPort);
    if (previous !== 0) table.setField(previous - 1, Field.nextOfPort, next);
    else this.#newestOfPort[port] = next;
    if (next !== 0) table.setField(next - 1, Field.previousOfPort, previous);
  }

  /** The endpoint that is no longer announced for the longest time, if that is long enough; else -1. */
  due(): number {
    return this.table.due(Queue.stale);
  }
}

function areEqual(words: Int32Array, offset: number, address: Int32Array): boolean {
  for (let i = 0; i < ADDRESS_WORDS; i++) if (words[offset + i] !== address[i]) return false;
  return true;
}
