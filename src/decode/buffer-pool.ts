// SPDX-License-Identifier: Apache-2.0

/** Order 0: what a SIP message mostly fits into. */
const MIN_BLOCK_SHIFT = 11;
const MIN_BLOCK_BYTES = 1 << MIN_BLOCK_SHIFT;
const NONE = -1;

/**
 * Buffers from one piece of memory that never grows and is touched only as buffers are used. A block of order n has
 * 2048 * 2^n bytes and begins at a multiple of its size (a buddy system): two free halves of a block are one again.
 *
 * Beside each byte there is a bit for the owner of its block, which says whether the byte is there. All bits of a block
 * that is given back are 0.
 */
export class BufferPool {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** The same memory as `bytes`. */
  readonly view: DataView;
  /** Bit b & 31 of word b >> 5 belongs to byte b. */
  readonly bits: Int32Array<ArrayBuffer>;
  /** The largest block there is. */
  readonly maxOrder: number;
  /** Bytes of all blocks given out. */
  usedBytes = 0;
  /** Set by whoever lends bytes of the pool that must stay as they are until `settle`. */
  isLent = false;

  readonly #settle: () => void;
  /** First free block of each order, by its number in blocks of order 0. */
  readonly #free: Int32Array;
  readonly #next: Int32Array;
  readonly #previous: Int32Array;
  /** Order + 1 of a free block at its first number, else 0. */
  readonly #freeOrder: Uint8Array;
  readonly #blockCount: number;
  /** First block that was never used. */
  #unused = 0;

  /**
   * `limitBytes` in all, at least one block of `maxBlockBytes`, which is rounded up to a power of two. `settle` is called
   * before anything is written while bytes are lent.
   */
  constructor(limitBytes: number, maxBlockBytes: number, settle: () => void) {
    this.maxOrder = orderFor(maxBlockBytes);
    const largest = MIN_BLOCK_BYTES << this.maxOrder;
    const size = Math.max(1, Math.floor(limitBytes / largest)) * largest;
    this.#blockCount = size >> MIN_BLOCK_SHIFT;
    this.bytes = new Uint8Array(size);
    this.view = new DataView(this.bytes.buffer);
    this.bits = new Int32Array(size >> 5);
    this.#settle = settle;
    this.#free = new Int32Array(this.maxOrder + 1).fill(NONE);
    this.#next = new Int32Array(this.#blockCount);
    this.#previous = new Int32Array(this.#blockCount);
    this.#freeOrder = new Uint8Array(this.#blockCount);
  }

  /** Bytes of all blocks there can be. */
  get limitBytes(): number {
    return this.bytes.length;
  }

  /** To be called before bytes of a block are written: what looks at them must be done with first. */
  beforeWrite(): void {
    if (!this.isLent) return;
    this.isLent = false;
    this.#settle();
  }

  /** Where a block of an order begins, or -1 when there is none left. */
  allocate(order: number): number {
    let from = order;
    while (from <= this.maxOrder && this.#free[from] === NONE) from++;
    let block = NONE;
    if (from <= this.maxOrder) {
      block = this.#free[from]!;
      this.#unlink(block, from);
    } else {
      from = this.maxOrder;
      if (this.#unused === this.#blockCount) return NONE;
      block = this.#unused;
      this.#unused += 1 << from;
    }
    while (from > order) {
      from--;
      this.#link(block + (1 << from), from);
    }
    this.usedBytes += blockBytes(order);
    return block << MIN_BLOCK_SHIFT;
  }

  /** Gives a block back. */
  free(offset: number, order: number): void {
    this.usedBytes -= blockBytes(order);
    let block = offset >> MIN_BLOCK_SHIFT;
    let to = order;
    for (; to < this.maxOrder; to++) {
      const buddy = block ^ (1 << to);
      if (this.#freeOrder[buddy] !== to + 1) break;
      this.#unlink(buddy, to);
      block &= buddy;
    }
    this.#link(block, to);
  }

  #link(block: number, order: number): void {
    const next = this.#free[order]!;
    this.#next[block] = next;
    this.#previous[block] = NONE;
    if (next !== NONE) this.#previous[next] = block;
    this.#free[order] = block;
    this.#freeOrder[block] = order + 1;
  }

  #unlink(block: number, order: number): void {
    const next = this.#next[block]!;
    const previous = this.#previous[block]!;
    if (next !== NONE) this.#previous[next] = previous;
    if (previous !== NONE) this.#next[previous] = next;
    else this.#free[order] = next;
    this.#freeOrder[block] = 0;
  }
}

/** Bytes of a block. */
export function blockBytes(order: number): number {
  return MIN_BLOCK_BYTES << order;
}

/** The order of the smallest block for so many bytes, at least 1. */
export function orderFor(lengthBytes: number): number {
  const blocks = (lengthBytes - 1) >> MIN_BLOCK_SHIFT;
  return blocks <= 0 ? 0 : 32 - Math.clz32(blocks);
}
