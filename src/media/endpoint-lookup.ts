// SPDX-License-Identifier: Apache-2.0
import type { SeededHash } from '../base/hash.ts';
import { KeyedTable, type TableMemory } from '../base/keyed-table.ts';
import type { PacketClock } from '../base/packet-clock.ts';
import { EndpointKey } from './endpoint-key.ts';
import { ENDPOINT_FIELDS, EndpointField, Rtcp } from './endpoint-record.ts';
import { FixedLimit, fixedLimitNames } from './media-limits.ts';

/** How long what is no longer announced is kept. */
const STALE_MICROS = 10_000_000;
/** Chains of endpoints behind NAT; a power of two. */
const CHAINS = 65_536;
/** Endpoints of a chain that are looked at for a packet. */
const MAX_OF_CHAIN = 32;

/** The memory of endpoints, where several threads have it. */
export interface EndpointMemory {
  readonly table: TableMemory;
  readonly newestBehindNat: ArrayBufferLike;
}

/** Memory for `limit` endpoints that several threads have. */
export function sharedEndpointMemory(limit: number): EndpointMemory {
  return {
    table: KeyedTable.sharedMemory(limit, ENDPOINT_FIELDS),
    newestBehindNat: new SharedArrayBuffer(CHAINS * Int32Array.BYTES_PER_ELEMENT),
  };
}

/** Finds endpoints by address and port, and by those of a NAT. Changes nothing there: the memory may be another thread's. */
export class EndpointLookup {
  readonly table: KeyedTable;
  /** How often there was more than a limit allows, by `FixedLimit`; this thread's own. */
  readonly limitHits: Float64Array = new Float64Array(fixedLimitNames.length);

  protected readonly key: EndpointKey;
  /** By `chainOf` an address and port: slot + 1 of the endpoint with a private address that was announced last from there. */
  protected readonly newestBehindNat: Int32Array;

  /** `memory` is made for the same limit; of its own, if not given. */
  constructor(limit: number, hash: SeededHash, clock: PacketClock, memory?: EndpointMemory) {
    const lifetimesMicros = [STALE_MICROS, Number.POSITIVE_INFINITY];
    this.table = new KeyedTable(limit, ENDPOINT_FIELDS, lifetimesMicros, clock, 0, memory?.table);
    this.newestBehindNat =
      memory === undefined ? new Int32Array(CHAINS) : new Int32Array(memory.newestBehindNat);
    this.key = new EndpointKey(hash);
  }

  /** The slot of the endpoint at an address, the four words from `offset`, and port, or -1. */
  find(address: Int32Array, offset: number, port: number): number {
    this.key.read(address, offset, port);
    return this.table.find(this.key.low, this.key.high);
  }

  /**
   * The endpoint with a port and a private address, as those behind NAT have, that a packet to or from another address belongs
   * to, or -1: the description came from that address, so that it is the NAT's. The port alone, even if only one such endpoint
   * has it, proves nothing: whose packets they are would depend on what others announce.
   */
  findByPort(address: Int32Array, port: number): number {
    const { table } = this;
    const { words } = table;
    let endpoint = this.newestBehindNat[this.chainOf(address, 0, port)]!;
    for (let count = 0; endpoint !== 0 && count < MAX_OF_CHAIN; count++) {
      const fields = table.fieldsOf(endpoint - 1);
      const isOfPort = words[fields + EndpointField.port] === port;
      if (isOfPort && areEqual(words, fields + EndpointField.senderAddress, address)) return endpoint - 1;
      endpoint = words[fields + EndpointField.nextBehindNat]!;
    }
    if (endpoint !== 0) this.limitHits[FixedLimit.natEndpoints]!++;
    return -1;
  }

  /** The chain that has the endpoints announced from an address, four words from `offset`, with a port. */
  protected chainOf(address: Int32Array, offset: number, port: number): number {
    this.key.read(address, offset, port);
    return this.key.low & (CHAINS - 1);
  }

  /** The slot of the endpoint whose RTCP goes to an address and port, or -1. */
  findOfRtcp(address: Int32Array, port: number): number {
    const slot = this.find(address, 0, port);
    if (slot >= 0 || port === 0) return slot;
    const below = this.find(address, 0, port - 1);
    return below >= 0 && this.table.field(below, EndpointField.rtcp) === Rtcp.above ? below : -1;
  }

  lineOf(slot: number): number {
    return this.table.field(slot, EndpointField.line);
  }
}

/** Whether the four words from `offset` are an address. */
export function areEqual(words: Int32Array, offset: number, address: Int32Array): boolean {
  for (let i = 0; i < 4; i++) if (words[offset + i] !== address[i]) return false;
  return true;
}
