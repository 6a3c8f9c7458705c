// SPDX-License-Identifier: Apache-2.0

/** How many exemplars a shard remembers, and the bytes of each. */
export const EXEMPLAR_SLOTS = 2048;
export const EXEMPLAR_BYTES = 160;
/** OpenMetrics 1.0 allows 128 characters for names and values of an exemplar's labels. */
export const MAX_EXEMPLAR_ID_BYTES: number = 128 - 'call_id'.length;

/** Words of a slot: a count that is odd while it is written, the cell it belongs to and 1, the length of the id, unused. */
const Word = { sequence: 0, cell: 1, idLength: 2 } as const;
/** Doubles of a slot, behind its words: value in units, microseconds since the epoch. */
const VALUE_AT = 2;
const MICROS_AT = 3;
const ID_AT = 32;

/** One observation, and whose it was. */
export interface Exemplar {
  /** In the units of the family. */
  readonly value: number;
  /** Since the epoch. */
  readonly micros: number;
  /** The Call-ID as it was on the wire, or its beginning. */
  readonly id: Uint8Array;
}

/**
 * Exemplars in shared memory, written by a worker and read by the main thread. Each cell has one place where its exemplar can
 * be, so it is bounded, a write looks for nothing, and the newest one of a place stays.
 *
 *     sequence | cell + 1 | length | - | value (double) | micros (double) | id (121 bytes)
 */
export class ExemplarMemory {
  readonly #words: Int32Array;
  readonly #doubles: Float64Array;
  readonly #bytes: Uint8Array;

  constructor(buffer: SharedArrayBuffer, offset: number) {
    const size = EXEMPLAR_SLOTS * EXEMPLAR_BYTES;
    this.#words = new Int32Array(buffer, offset, size / 4);
    this.#doubles = new Float64Array(buffer, offset, size / 8);
    this.#bytes = new Uint8Array(buffer, offset, size);
  }

  /** Remembers an observation for the cell it was counted in. `bytes` has the id at `idOffset`. */
  write(
    cell: number,
    value: number,
    micros: number,
    bytes: Uint8Array,
    idOffset: number,
    idLength: number,
  ): void {
    const slot = (cell % EXEMPLAR_SLOTS) * EXEMPLAR_BYTES;
    const word = slot >> 2;
    const length = Math.min(idLength, MAX_EXEMPLAR_ID_BYTES);
    Atomics.add(this.#words, word + Word.sequence, 1);
    this.#words[word + Word.cell] = cell + 1;
    this.#words[word + Word.idLength] = length;
    this.#doubles[(slot >> 3) + VALUE_AT] = value;
    this.#doubles[(slot >> 3) + MICROS_AT] = micros;
    for (let i = 0; i < length; i++) this.#bytes[slot + ID_AT + i] = bytes[idOffset + i]!;
    Atomics.add(this.#words, word + Word.sequence, 1);
  }

  /** The exemplar of a cell, a copy; undefined where there is none, or it is being written. */
  read(cell: number): Exemplar | undefined {
    const slot = (cell % EXEMPLAR_SLOTS) * EXEMPLAR_BYTES;
    const word = slot >> 2;
    const before = Atomics.load(this.#words, word + Word.sequence);
    if (before % 2 !== 0 || this.#words[word + Word.cell] !== cell + 1) return undefined;
    const length = Math.min(this.#words[word + Word.idLength]!, MAX_EXEMPLAR_ID_BYTES);
    const value = this.#doubles[(slot >> 3) + VALUE_AT]!;
    const micros = this.#doubles[(slot >> 3) + MICROS_AT]!;
    const id = this.#bytes.slice(slot + ID_AT, slot + ID_AT + length);
    return Atomics.load(this.#words, word + Word.sequence) === before ? { value, micros, id } : undefined;
  }
}

/** Whose the observations are that come next, for a worker. */
export class ExemplarSubject {
  readonly #memory: ExemplarMemory;
  #micros = 0;
  #bytes: Uint8Array = new Uint8Array(0);
  #idOffset = 0;
  #idLength = 0;

  constructor(memory: ExemplarMemory) {
    this.#memory = memory;
  }

  /** What is observed from now on is of the call whose id is there; as long as the bytes are not given back. */
  set(micros: number, bytes: Uint8Array, idOffset: number, idLength: number): void {
    this.#micros = micros;
    this.#bytes = bytes;
    this.#idOffset = idOffset;
    this.#idLength = idLength;
  }

  /** Remembers an observation that was counted in a cell. */
  note(cell: number, value: number): void {
    if (this.#idLength === 0) return;
    this.#memory.write(cell, value, this.#micros, this.#bytes, this.#idOffset, this.#idLength);
  }
}
