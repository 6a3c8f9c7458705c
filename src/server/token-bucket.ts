// SPDX-License-Identifier: Apache-2.0

/** Lets through `burst` at once and then one each `intervalMillis`. */
export class TokenBucket {
  readonly #intervalMillis: number;
  readonly #burst: number;
  #tokens: number;
  #lastMillis: number;

  /** Full at first. `nowMillis` is of any clock that only goes forward, here and in `take`. */
  constructor(intervalMillis: number, burst: number, nowMillis: number) {
    this.#intervalMillis = intervalMillis;
    this.#burst = burst;
    this.#tokens = burst;
    this.#lastMillis = nowMillis;
  }

  /** Whether there was a token left, which is then taken. */
  take(nowMillis: number): boolean {
    const gained = (nowMillis - this.#lastMillis) / this.#intervalMillis;
    this.#tokens = Math.min(this.#burst, this.#tokens + Math.max(0, gained));
    this.#lastMillis = nowMillis;
    if (this.#tokens < 1) return false;
    this.#tokens--;
    return true;
  }
}
