// SPDX-License-Identifier: Apache-2.0
import type { SeededHash } from '../base/hash.ts';
import type { PacketClock } from '../base/packet-clock.ts';
import type { PortCounts } from '../base/port-counts.ts';
import { areEqual, EndpointLookup, type EndpointMemory } from './endpoint-lookup.ts';
import { ENDPOINT_FIELDS, EndpointField, EndpointQueue, Rtcp } from './endpoint-record.ts';
import { isPrivateAddress } from './private-address.ts';
import type { SeenAddresses } from './seen-addresses.ts';

const ADDRESS_WORDS = 4;

/**
 * Addresses and ports that descriptions announced, each of one media line: by both, and by those of a NAT. While one is here
 * its port is one of `ports`, where packets of media are looked for.
 */
export class Endpoints extends EndpointLookup {
  readonly #ports: PortCounts;
  /** By the slot of a line: slot + 1 of one of its endpoints. */
  readonly #firstOfLine: Int32Array;

  /** `memory` as of `EndpointLookup`. */
  constructor(
    limit: number,
    lineLimit: number,
    hash: SeededHash,
    clock: PacketClock,
    ports: PortCounts,
    memory?: EndpointMemory,
  ) {
    super(limit, hash, clock, memory);
    this.#firstOfLine = new Int32Array(lineLimit);
    this.#ports = ports;
  }

  /** Adds an endpoint of a line that is not there, to be announced next. Returns its slot, -1 when the table is full. */
  add(line: number, address: Int32Array, offset: number, port: number): number {
    const { table } = this;
    const { words } = table;
    this.key.read(address, offset, port);
    const slot = table.insert(this.key.low, this.key.high, EndpointQueue.announced);
    if (slot < 0) return -1;
    const fields = table.fieldsOf(slot);
    for (let i = 0; i < ADDRESS_WORDS; i++) words[fields + EndpointField.address + i] = address[offset + i]!;
    for (let i = ADDRESS_WORDS; i < ENDPOINT_FIELDS; i++) words[fields + i] = 0;
    words[fields + EndpointField.port] = port;
    words[fields + EndpointField.line] = line;
    const next = this.#firstOfLine[line]!;
    words[fields + EndpointField.nextOfLine] = next;
    if (next !== 0) table.setField(next - 1, EndpointField.previousOfLine, slot + 1);
    this.#firstOfLine[line] = slot + 1;
    if (isPrivateAddress(words, fields + EndpointField.address)) this.#chain(slot, fields);
    this.#ports.add(port);
    return slot;
  }

  /** Who is behind NAT announces a private address: others are not looked for by where the description came from. */
  #chain(slot: number, fields: number): void {
    const { table } = this;
    const { words } = table;
    const chain = this.chainOf(
      words,
      fields + EndpointField.senderAddress,
      words[fields + EndpointField.port]!,
    );
    const next = this.newestBehindNat[chain]!;
    words[fields + EndpointField.nextBehindNat] = next;
    words[fields + EndpointField.previousBehindNat] = 0;
    if (next !== 0) table.setField(next - 1, EndpointField.previousBehindNat, slot + 1);
    this.newestBehindNat[chain] = slot + 1;
  }

  #unchain(fields: number): void {
    const { table } = this;
    const { words } = table;
    const next = words[fields + EndpointField.nextBehindNat]!;
    const previous = words[fields + EndpointField.previousBehindNat]!;
    if (next !== 0) table.setField(next - 1, EndpointField.previousBehindNat, previous);
    if (previous !== 0) table.setField(previous - 1, EndpointField.nextBehindNat, next);
    else {
      const port = words[fields + EndpointField.port]!;
      this.newestBehindNat[this.chainOf(words, fields + EndpointField.senderAddress, port)] = next;
    }
  }

  /** A description of a round, which came from `senderAddress`, announces an endpoint. */
  announce(slot: number, round: number, senderAddress: Int32Array): void {
    const { table } = this;
    const { words } = table;
    const fields = table.fieldsOf(slot);
    words[fields + EndpointField.round] = round;
    const sender = fields + EndpointField.senderAddress;
    if (!areEqual(words, sender, senderAddress)) {
      const isChained = isPrivateAddress(words, fields + EndpointField.address);
      if (isChained) this.#unchain(fields);
      for (let i = 0; i < ADDRESS_WORDS; i++) words[sender + i] = senderAddress[i]!;
      if (isChained) this.#chain(slot, fields);
    }
    if (table.queueOf(slot) !== EndpointQueue.announced) table.move(slot, EndpointQueue.announced);
  }

  /** Whether only RTCP is to be sent there. */
  isRtcp(slot: number): boolean {
    return this.table.field(slot, EndpointField.rtcp) === Rtcp.here;
  }

  /** Nothing but RTCP is to be sent there. */
  setRtcp(slot: number): void {
    this.table.setField(slot, EndpointField.rtcp, Rtcp.here);
  }

  /** RTCP goes to the next port (RFC 3550 §11): that is no endpoint of its own, of which a call would have twice as many. */
  setRtcpAbove(slot: number): void {
    const { table } = this;
    if (table.field(slot, EndpointField.rtcp) === Rtcp.above) return;
    table.setField(slot, EndpointField.rtcp, Rtcp.above);
    this.#ports.add(table.field(slot, EndpointField.port) + 1);
  }

  /** Which of its line's descriptions named it last. */
  roundOf(slot: number): number {
    return this.table.field(slot, EndpointField.round);
  }

  /** Whether media was seen of one of the addresses of a line since `sinceMicros`. */
  isSeenAt(line: number, seen: SeenAddresses, sinceMicros: number): boolean {
    const { table } = this;
    for (let slot = this.#firstOfLine[line]!; slot !== 0; ) {
      const fields = table.fieldsOf(slot - 1);
      if (seen.has(table.words, fields + EndpointField.address, sinceMicros)) return true;
      slot = table.words[fields + EndpointField.nextOfLine]!;
    }
    return false;
  }

  /** Endpoints of a line that are of another round are no longer announced. */
  releaseOthers(line: number, round: number): void {
    const { table } = this;
    for (let slot = this.#firstOfLine[line]!; slot !== 0; ) {
      const isOther = table.field(slot - 1, EndpointField.round) !== round;
      if (isOther && table.queueOf(slot - 1) === EndpointQueue.announced)
        table.move(slot - 1, EndpointQueue.stale);
      slot = table.field(slot - 1, EndpointField.nextOfLine);
    }
  }

  /** Endpoints of one round and no other are announced: a new description was refused. */
  restore(line: number, round: number): void {
    const { table } = this;
    for (let slot = this.#firstOfLine[line]!; slot !== 0; ) {
      const queue =
        table.field(slot - 1, EndpointField.round) === round ? EndpointQueue.announced : EndpointQueue.stale;
      if (table.queueOf(slot - 1) !== queue) table.move(slot - 1, queue);
      slot = table.field(slot - 1, EndpointField.nextOfLine);
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
    const next = words[fields + EndpointField.nextOfLine]!;
    const previous = words[fields + EndpointField.previousOfLine]!;
    if (previous !== 0) table.setField(previous - 1, EndpointField.nextOfLine, next);
    else this.#firstOfLine[words[fields + EndpointField.line]!] = next;
    if (next !== 0) table.setField(next - 1, EndpointField.previousOfLine, previous);
    const port = words[fields + EndpointField.port]!;
    if (isPrivateAddress(words, fields + EndpointField.address)) this.#unchain(fields);
    this.#ports.remove(port);
    if (words[fields + EndpointField.rtcp] === Rtcp.above) this.#ports.remove(port + 1);
    table.remove(slot);
  }

  /** The endpoint that is no longer announced for the longest time, if that is long enough; else -1. */
  due(): number {
    return this.table.due(EndpointQueue.stale);
  }
}
