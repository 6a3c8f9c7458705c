// SPDX-License-Identifier: Apache-2.0

/** Data bytes of a page: three take a fragment of a datagram that fits Ethernet. */
const PAGE_BYTES = 512;
const NONE = -1;

/**
 * The data of fragments, in pages of one size that are given out and taken back: a fixed amount of memory, and no
 * fragment is ever moved. A fragment is known by its first page and stands in the list of its datagram.
 *
 *     page 7        page 2        page 9           of page 7, the fragment's first: its offset and length,
 *     | 512 bytes | | 512 bytes | | 456 bytes | |  and the next fragment of the datagram
 *        next ----->   next ----->   none
 */
export class FragmentPages {
  /** Bytes of memory that a page takes. */
  static readonly bytesPerPage: number = PAGE_BYTES + 12;

  readonly pageCount: number;
  /** Pages given out now, 0..pageCount. */
  usedCount = 0;
  /** By a fragment's first page: where its data belongs in the datagram, in bytes. */
  readonly offsets: Uint16Array;
  /** By a fragment's first page: bytes of data, 1..65535. */
  readonly lengths: Uint16Array;
  /** By a fragment's first page: the fragment behind it in the list of its datagram, or -1. */
  readonly nextFragments: Int32Array;

  /** The next page of the same fragment, or of those that are free; -1 behind the last. */
  readonly #nextPages: Int32Array;
  readonly #view: DataView;
  /** First page that was never used; pages freed since are chained from `#firstFree`. */
  #unused = 0;
  #firstFree = NONE;

  /** Memory is touched only as fragments come. */
  constructor(pageCount: number) {
    this.pageCount = pageCount;
    this.offsets = new Uint16Array(pageCount);
    this.lengths = new Uint16Array(pageCount);
    this.nextFragments = new Int32Array(pageCount);
    this.#nextPages = new Int32Array(pageCount);
    this.#view = new DataView(new ArrayBuffer(pageCount * PAGE_BYTES));
  }

  /** Whether a fragment with so many bytes of data finds room. */
  hasRoomFor(length: number): boolean {
    return (this.pageCount - this.usedCount) * PAGE_BYTES >= length;
  }

  /** Takes over the data of a fragment, for which there is room, and returns its first page. */
  store(view: DataView, start: number, length: number, offset: number): number {
    const first = this.#takePage();
    this.offsets[first] = offset;
    this.lengths[first] = length;
    let page = first;
    for (let done = 0; ; done += PAGE_BYTES) {
      const left = length - done;
      copyBytes(view, start + done, this.#view, page * PAGE_BYTES, Math.min(left, PAGE_BYTES));
      if (left <= PAGE_BYTES) return first;
      const next = this.#takePage();
      this.#nextPages[page] = next;
      page = next;
    }
  }

  /** Whether a fragment holds just these bytes, as many as its length says. */
  isSame(fragment: number, view: DataView, start: number): boolean {
    let left = this.lengths[fragment]!;
    let position = start;
    for (let page = fragment; left > 0; page = this.#nextPages[page]!) {
      const length = Math.min(left, PAGE_BYTES);
      if (!isEqual(view, position, this.#view, page * PAGE_BYTES, length)) return false;
      position += length;
      left -= length;
    }
    return true;
  }

  /** Copies the data of a list of fragments to their offsets behind `start`. */
  copyAll(firstFragment: number, target: DataView, start: number): void {
    for (let fragment = firstFragment; fragment !== NONE; fragment = this.nextFragments[fragment]!) {
      let left = this.lengths[fragment]!;
      let position = start + this.offsets[fragment]!;
      for (let page = fragment; left > 0; page = this.#nextPages[page]!) {
        const length = Math.min(left, PAGE_BYTES);
        copyBytes(this.#view, page * PAGE_BYTES, target, position, length);
        position += length;
        left -= length;
      }
    }
  }

  /** Takes back the pages of a list of fragments. */
  freeAll(firstFragment: number): void {
    let fragment = firstFragment;
    while (fragment !== NONE) {
      const next = this.nextFragments[fragment]!;
      let page = fragment;
      while (this.#nextPages[page] !== NONE) {
        page = this.#nextPages[page]!;
        this.usedCount--;
      }
      this.#nextPages[page] = this.#firstFree;
      this.#firstFree = fragment;
      this.usedCount--;
      fragment = next;
    }
  }

  #takePage(): number {
    let page = this.#firstFree;
    if (page === NONE) page = this.#unused++;
    else this.#firstFree = this.#nextPages[page]!;
    this.#nextPages[page] = NONE;
    this.usedCount++;
    return page;
  }
}

// What TypedArray.set would do needs a view of the source, an object for each copy.

function copyBytes(from: DataView, start: number, to: DataView, target: number, length: number): void {
  const wholeWords = length & ~3;
  for (let i = 0; i < wholeWords; i += 4) to.setInt32(target + i, from.getInt32(start + i, true), true);
  for (let i = wholeWords; i < length; i++) to.setUint8(target + i, from.getUint8(start + i));
}

function isEqual(a: DataView, aStart: number, b: DataView, bStart: number, length: number): boolean {
  const wholeWords = length & ~3;
  for (let i = 0; i < wholeWords; i += 4) {
    if (a.getInt32(aStart + i, true) !== b.getInt32(bStart + i, true)) return false;
  }
  for (let i = wholeWords; i < length; i++) {
    if (a.getUint8(aStart + i) !== b.getUint8(bStart + i)) return false;
  }
  return true;
}
