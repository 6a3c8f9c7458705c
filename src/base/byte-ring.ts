// SPDX-License-Identifier: Apache-2.0

/** Words before the bytes: where the writer is, where the reader is. */
const HEAD = 0;
const TAIL = 1;
const CONTROL_BYTES = 64;
/** Each record begins with its length, at a multiple of this. */
const ALIGNMENT = 4;
/** In place of a length: the record begins at index 0. */
const WRAPPED = -1;

/**
 * Records of bytes from one thread to another, oldest first: one writer, one reader, neither waits for the other. A
 * record lies in one piece, so that it is written and read in place. When there is no room the writer is told so.
 *
 *     0      4      8        64
 *     +------+------+--------+--------+--------------+-----+--------+-------- ...
 *     | head | tail |        | length | bytes        | pad | length | bytes
 *     +------+------+--------+--------+--------------+-----+--------+-------- ...
 */
export class ByteRing {
  readonly buffer: SharedArrayBuffer;
  /** Where records lie; `view` is of the same memory, from the same first byte. */
  readonly bytes: Uint8Array;
  readonly view: DataView;
  /** Length of the record that `next` found, in bytes. */
  recordLength = 0;

  readonly #control: Int32Array;
  readonly #lengths: Int32Array;
  readonly #capacity: number;
  /** The writer's or the reader's own place, with what is not shown to the other side yet. */
  #position = 0;

  constructor(buffer: SharedArrayBuffer) {
    this.buffer = buffer;
    this.#control = new Int32Array(buffer, 0, 2);
    this.#lengths = new Int32Array(buffer, CONTROL_BYTES);
    this.bytes = new Uint8Array(buffer, CONTROL_BYTES);
    this.view = new DataView(buffer, CONTROL_BYTES);
    this.#capacity = this.bytes.length;
  }

  /** A ring of about `capacityBytes`, at most 1 GiB. */
  static allocate(capacityBytes: number): ByteRing {
    const capacity = Math.ceil(capacityBytes / ALIGNMENT) * ALIGNMENT;
    return new ByteRing(new SharedArrayBuffer(CONTROL_BYTES + capacity));
  }

  /** For the writer: the index in `bytes` where a record of `length` bytes is to be put, or -1 when it has no room. */
  reserve(length: number): number {
    const size = sizeOf(length);
    const tail = Atomics.load(this.#control, TAIL);
    let head = this.#position;
    // The head never comes up to the tail from behind: equal, they say that the ring is empty.
    if (head >= tail) {
      const room = this.#capacity - head;
      if (size < room || (size === room && tail > 0)) return this.#put(head, length, size);
      if (size >= tail) return -1;
      this.#lengths[head / ALIGNMENT] = WRAPPED;
      head = 0;
    } else if (size >= tail - head) return -1;
    return this.#put(head, length, size);
  }

  /** For the writer: shows the reader what was reserved last. */
  commit(): void {
    Atomics.store(this.#control, HEAD, this.#position);
  }

  /** For the reader: the index in `bytes` of the oldest record, or -1 when there is none. Sets `recordLength`. */
  next(): number {
    const head = Atomics.load(this.#control, HEAD);
    if (this.#position === head) return -1;
    if (this.#lengths[this.#position / ALIGNMENT] === WRAPPED) this.#position = 0;
    const start = this.#position;
    this.recordLength = this.#lengths[start / ALIGNMENT]!;
    return start + ALIGNMENT;
  }

  /** For the reader: gives back the record that `next` found. */
  release(): void {
    this.pass();
    this.giveBack();
  }

  /** For the reader: goes on behind the record that `next` found, whose bytes stay until `giveBack`. */
  pass(): void {
    this.#position = (this.#position + sizeOf(this.recordLength)) % this.#capacity;
  }

  /** For the reader: gives back all records that were passed. */
  giveBack(): void {
    Atomics.store(this.#control, TAIL, this.#position);
  }

  #put(head: number, length: number, size: number): number {
    this.#lengths[head / ALIGNMENT] = length;
    this.#position = (head + size) % this.#capacity;
    return head + ALIGNMENT;
  }
}

/** Bytes of a record with its length and padding. */
function sizeOf(length: number): number {
  return ALIGNMENT + Math.ceil(length / ALIGNMENT) * ALIGNMENT;
}
