// SPDX-License-Identifier: Apache-2.0
import { type BufferPool, blockBytes, orderFor } from './buffer-pool.ts';
import { StreamChunk, type StreamReader } from './byte-stream.ts';
import { copyBytes } from './copy-bytes.ts';
import { type StreamEvents, StreamLoss } from './stream-events.ts';

/** Fields of a stream: its block (`blockWord`), where the rest is in it, its length, and what is wanted of it. */
const BLOCK = 0;
const START = 1;
const LENGTH = 2;
const WANTED = 3;
const FIELDS = 4;

/** Bytes copied at a time where nobody knows how many are needed. */
const PIECE_BYTES = 1024;

/**
 * Gives the bytes of streams to a reader, and keeps of each what the reader did not use until there is more behind it.
 * Where nothing is kept, which is at most message boundaries, the reader sees the bytes where they are; of a segment that
 * completes a message, only what completes it is copied.
 */
export class StreamRests {
  readonly #pool: BufferPool;
  readonly #limitBytes: number;
  readonly #reader: StreamReader;
  readonly #events: StreamEvents;
  readonly #words: Int32Array<ArrayBuffer>;
  readonly #chunk = new StreamChunk();

  /** `limitBytes` may be kept for a stream. */
  constructor(
    maxConnections: number,
    limitBytes: number,
    pool: BufferPool,
    reader: StreamReader,
    events: StreamEvents,
  ) {
    this.#words = new Int32Array(maxConnections * 2 * FIELDS);
    this.#limitBytes = limitBytes;
    this.#pool = pool;
    this.#reader = reader;
    this.#events = events;
  }

  /** Bytes that are kept of a stream. */
  lengthOf(stream: number): number {
    return this.#words[stream * FIELDS + LENGTH]!;
  }

  /** The next bytes of a stream, from `start` to `end`. */
  deliver(stream: number, bytes: Uint8Array, view: DataView, start: number, end: number): void {
    const words = this.#words;
    const fields = stream * FIELDS;
    let p = start;
    while (p < end) {
      const length = words[fields + LENGTH]!;
      const missing = words[fields + WANTED]! - length;
      if (missing > end - p) {
        this.#keep(stream, view, p, end);
        return;
      }
      if (length === 0) {
        p += this.#read(stream, bytes, view, p, end);
        if (p < end) this.#keep(stream, view, p, end);
        return;
      }
      const added = Math.min(end - p, Math.max(missing, PIECE_BYTES));
      if (!this.#keep(stream, view, p, p + added)) {
        p += added;
        continue;
      }
      p += added;
      const kept = length + added;
      const first = offsetOf(words[fields + BLOCK]!) + words[fields + START]!;
      const used = this.#read(stream, this.#pool.bytes, this.#pool.view, first, first + kept);
      const left = kept - used;
      if (left > added) {
        words[fields + START]! += used;
        words[fields + LENGTH] = left;
      } else {
        // What is left is at the end of what was just copied: it is read where it came from.
        this.#free(fields);
        p -= left;
      }
    }
  }

  /** Has the reader look at what is kept of a stream once more, because it can use it now. Not to be called by a reader. */
  readAgain(stream: number): void {
    const words = this.#words;
    const fields = stream * FIELDS;
    const kept = words[fields + LENGTH]!;
    if (kept === 0) return;
    const first = offsetOf(words[fields + BLOCK]!) + words[fields + START]!;
    const used = this.#read(stream, this.#pool.bytes, this.#pool.view, first, first + kept);
    if (used === 0) return;
    this.#pool.isLent = true;
    words[fields + START]! += used;
    words[fields + LENGTH] = kept - used;
    if (used === kept) this.#free(fields);
  }

  /** Bytes are missing behind those delivered: gives up what is kept, and tells the reader. Returns how much that was. */
  gap(stream: number): number {
    const length = this.drop(stream);
    this.#reader.gap(stream);
    return length;
  }

  /** Forgets what is kept of a stream; returns how much that was. The reader is to be told by the caller. */
  drop(stream: number): number {
    const fields = stream * FIELDS;
    const length = this.#words[fields + LENGTH]!;
    this.#free(fields);
    this.#words[fields + WANTED] = 0;
    return length;
  }

  #read(stream: number, bytes: Uint8Array, view: DataView, start: number, end: number): number {
    const chunk = this.#chunk;
    chunk.bytes = bytes;
    chunk.view = view;
    chunk.start = start;
    chunk.end = end;
    chunk.wantedBytes = 0;
    const used = this.#reader.read(stream, chunk);
    if (used > 0 && bytes === this.#pool.bytes) this.#pool.isLent = true;
    this.#words[stream * FIELDS + WANTED] = used < end - start ? chunk.wantedBytes : 0;
    return used;
  }

  /** Copies bytes behind those that are kept. Where that cannot be, all of them are lost. */
  #keep(stream: number, view: DataView, start: number, end: number): boolean {
    const words = this.#words;
    const fields = stream * FIELDS;
    const length = words[fields + LENGTH]!;
    const added = end - start;
    const pool = this.#pool;
    pool.beforeWrite();
    if (Math.max(length + added, words[fields + WANTED]!) > this.#limitBytes) {
      this.#lose(stream, StreamLoss.bufferFull, added);
      return false;
    }
    if (!this.#makeRoom(fields, length + added)) {
      this.#lose(stream, StreamLoss.memory, added);
      return false;
    }
    const offset = offsetOf(words[fields + BLOCK]!) + words[fields + START]! + length;
    copyBytes(view, start, pool.view, offset, added);
    words[fields + LENGTH] = length + added;
    return true;
  }

  /** Makes the block so large that `length` bytes fit into it from where the rest begins. */
  #makeRoom(fields: number, length: number): boolean {
    const words = this.#words;
    const pool = this.#pool;
    const block = words[fields + BLOCK]!;
    const start = words[fields + START]!;
    if (block !== 0 && start + length <= blockBytes(orderOf(block))) return true;
    const from = offsetOf(block) + start;
    const kept = words[fields + LENGTH]!;
    words[fields + START] = 0;
    if (block !== 0 && length <= blockBytes(orderOf(block))) {
      pool.bytes.copyWithin(offsetOf(block), from, from + kept);
      return true;
    }
    const order = orderFor(length);
    const offset = pool.allocate(order);
    if (offset < 0) {
      words[fields + START] = start;
      return false;
    }
    if (block !== 0) {
      pool.bytes.copyWithin(offset, from, from + kept);
      pool.free(offsetOf(block), orderOf(block));
    }
    words[fields + BLOCK] = blockWord(offset, order);
    return true;
  }

  #lose(stream: number, reason: StreamLoss, lengthBytes: number): void {
    this.#events.lost(stream, reason);
    this.#events.lostBytes(stream, reason, this.gap(stream) + lengthBytes);
  }

  #free(fields: number): void {
    const words = this.#words;
    const block = words[fields + BLOCK]!;
    if (block !== 0) this.#pool.free(offsetOf(block), orderOf(block));
    words[fields + BLOCK] = 0;
    words[fields + START] = 0;
    words[fields + LENGTH] = 0;
  }
}

/** A block in one word, never 0: blocks begin at multiples of 2048. */
export function blockWord(offset: number, order: number): number {
  return offset | (order + 1);
}

/** Where the block of a word begins. */
export function offsetOf(block: number): number {
  return block & ~0x7ff;
}

/** The order of the block of a word. */
export function orderOf(block: number): number {
  return (block & 0x7ff) - 1;
}
