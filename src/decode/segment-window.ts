// SPDX-License-Identifier: Apache-2.0
import { type BufferPool, blockBytes, orderFor } from './buffer-pool.ts';
import { blockWord, offsetOf, orderOf } from './stream-rests.ts';
import { sequenceDistance } from './tcp.ts';

/** Fields of a stream: its block, 0 without one, and the sequence number behind the last byte held. */
const BLOCK = 0;
const END = 1;
const FIELDS = 2;

/**
 * Holds bytes of streams that came before others that are missing. The byte with sequence number s is at s modulo the size
 * of the stream's block, so that the window moves on without a copy; the pool's bits say which bytes are there. A byte
 * that is there stays: of bytes that overlap, the first seen wins, as RFC 9293 §3.10.7.4 has it.
 *
 *     missing    held    missing   held
 *     ^- next            |         |     ^- end
 *     |..........########..........######|      block: a ring, bits 1 at #
 */
export class SegmentWindow {
  /** Where in the pool the bytes begin that `run` has found. */
  runOffset = 0;

  readonly #pool: BufferPool;
  readonly #words: Int32Array<ArrayBuffer>;

  constructor(maxConnections: number, pool: BufferPool) {
    this.#words = new Int32Array(maxConnections * 2 * FIELDS);
    this.#pool = pool;
  }

  /** Whether anything is held of a stream, which then misses bytes before it. */
  isHolding(stream: number): boolean {
    return this.#words[stream * FIELDS + BLOCK] !== 0;
  }

  /**
   * Holds bytes that begin at `sequence`, behind `next`, the first missing one. The distance to their end must fit into the
   * pool's largest block. Returns false when there is no memory.
   */
  hold(
    stream: number,
    next: number,
    sequence: number,
    view: DataView,
    start: number,
    length: number,
  ): boolean {
    const words = this.#words;
    const fields = stream * FIELDS;
    const pool = this.#pool;
    pool.beforeWrite();
    const end = (sequence + length) | 0;
    if (!this.#makeRoom(fields, next, sequenceDistance(next, end))) return false;
    if (sequenceDistance(words[fields + END]!, end) > 0) words[fields + END] = end;
    const { bytes, bits } = pool;
    const block = words[fields + BLOCK]!;
    const offset = offsetOf(block);
    const mask = blockBytes(orderOf(block)) - 1;
    for (let i = 0; i < length; i++) {
      const position = offset + ((sequence + i) & mask);
      const bit = 1 << (position & 31);
      if ((bits[position >> 5]! & bit) !== 0) continue;
      bits[position >> 5]! |= bit;
      bytes[position] = view.getUint8(start + i);
    }
    return true;
  }

  /** How many bytes from `next` on are missing, `limit` at most. */
  missingAt(stream: number, next: number, limit: number): number {
    const { bits } = this.#pool;
    const block = this.#words[stream * FIELDS + BLOCK]!;
    if (block === 0) return limit;
    const offset = offsetOf(block);
    const mask = blockBytes(orderOf(block)) - 1;
    const held = sequenceDistance(next, this.#words[stream * FIELDS + END]!);
    let count = 0;
    while (count < limit && count < held) {
      const position = offset + ((next + count) & mask);
      const word = bits[position >> 5]!;
      if (word === 0) count += 32 - (position & 31);
      else if (((word >>> (position & 31)) & 1) === 0) count++;
      else return count;
    }
    return limit;
  }

  /**
   * How many held bytes there are from `next` on that also lie together in the pool, from `runOffset` on. They are
   * held no longer; their memory is, until `passed`.
   */
  run(stream: number, next: number): number {
    const { bits } = this.#pool;
    const block = this.#words[stream * FIELDS + BLOCK]!;
    if (block === 0) return 0;
    const size = blockBytes(orderOf(block));
    const first = offsetOf(block) + (next & (size - 1));
    const end = Math.min(
      offsetOf(block) + size,
      first + sequenceDistance(next, this.#words[stream * FIELDS + END]!),
    );
    let position = first;
    for (; position < end; position++) {
      const bit = 1 << (position & 31);
      if ((bits[position >> 5]! & bit) === 0) break;
      bits[position >> 5]! &= ~bit;
    }
    this.runOffset = first;
    return position - first;
  }

  /** The stream has got to `next`: gives the block back when nothing is held behind it. */
  passed(stream: number, next: number): void {
    const words = this.#words;
    const fields = stream * FIELDS;
    const block = words[fields + BLOCK]!;
    if (block === 0 || sequenceDistance(next, words[fields + END]!) > 0) return;
    this.#pool.free(offsetOf(block), orderOf(block));
    words[fields + BLOCK] = 0;
  }

  /** Forgets what is held of a stream that has got to `next`; returns how many bytes that was. */
  drop(stream: number, next: number): number {
    let count = 0;
    let position = next;
    while (this.isHolding(stream)) {
      const length = this.run(stream, position);
      count += length;
      position =
        (position +
          (length > 0 ? length : this.missingAt(stream, position, blockBytes(this.#pool.maxOrder)))) |
        0;
      this.passed(stream, position);
    }
    return count;
  }

  /** Makes the block so large that `reach` bytes from `next` on fit into it. */
  #makeRoom(fields: number, next: number, reach: number): boolean {
    const words = this.#words;
    const pool = this.#pool;
    const old = words[fields + BLOCK]!;
    if (old !== 0 && reach <= blockBytes(orderOf(old))) return true;
    const order = orderFor(reach);
    const offset = pool.allocate(order);
    if (offset < 0) return false;
    words[fields + BLOCK] = blockWord(offset, order);
    if (old === 0) words[fields + END] = next;
    else this.#moveFrom(old, offset, order, next, words[fields + END]!);
    return true;
  }

  /** Moves what is held from one block to a larger one, where it has other places. */
  #moveFrom(old: number, offset: number, order: number, next: number, end: number): void {
    const { bytes, bits } = this.#pool;
    const oldOffset = offsetOf(old);
    const oldMask = blockBytes(orderOf(old)) - 1;
    const mask = blockBytes(order) - 1;
    for (let sequence = next; sequence !== end; sequence = (sequence + 1) | 0) {
      const from = oldOffset + (sequence & oldMask);
      const bit = 1 << (from & 31);
      if ((bits[from >> 5]! & bit) === 0) continue;
      bits[from >> 5]! &= ~bit;
      const to = offset + (sequence & mask);
      bits[to >> 5]! |= 1 << (to & 31);
      bytes[to] = bytes[from]!;
    }
    this.#pool.free(oldOffset, orderOf(old));
  }
}
