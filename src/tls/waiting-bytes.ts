// SPDX-License-Identifier: Apache-2.0

/** Arrivals that are told apart; what comes behind them counts as one with the last. */
const maxMarks = 128;

/**
 * When the bytes of a connection came that wait for a secret: both directions are to be read in the order of the wire,
 * or a response would be known before its request. One mark for each arrival.
 */
export class WaitingBytes {
  /** When the first of them came. */
  readonly sinceMicros: number;
  readonly #directions = new Uint8Array(maxMarks);
  /** Bytes of the direction that waited when these had come. */
  readonly #lengths = new Uint32Array(maxMarks);
  readonly #micros = new Float64Array(maxMarks);
  #count = 0;

  constructor(sinceMicros: number) {
    this.sinceMicros = sinceMicros;
  }

  /** So many bytes of a direction wait by now. */
  add(direction: number, lengthBytes: number, nowMicros: number): void {
    const last = this.#count - 1;
    const isSame = last >= 0 && this.#directions[last] === direction && this.#micros[last] === nowMicros;
    if (!isSame && this.#count < maxMarks) this.#count++;
    const mark = this.#count - 1;
    this.#directions[mark] = direction;
    this.#lengths[mark] = lengthBytes;
    this.#micros[mark] = nowMicros;
  }

  get count(): number {
    return this.#count;
  }

  directionAt(mark: number): number {
    return this.#directions[mark]!;
  }

  lengthAt(mark: number): number {
    return this.#lengths[mark]!;
  }

  microsAt(mark: number): number {
    return this.#micros[mark]!;
  }
}
