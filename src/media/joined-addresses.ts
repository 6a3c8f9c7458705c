// SPDX-License-Identifier: Apache-2.0
const WORDS = 4;

/** At which address packets of lines of media were seen last: by the slot of the line. */
export class JoinedAddresses {
  /** Four words of each line, as in `Datagram`. */
  readonly words: Int32Array;

  /** For slots 0 to `limit` - 1. */
  constructor(limit: number) {
    this.words = new Int32Array(limit * WORDS);
  }

  /** Notes the address in the four words from `offset`. */
  note(line: number, address: Int32Array, offset: number): void {
    const at = this.offsetOf(line);
    for (let i = 0; i < WORDS; i++) this.words[at + i] = address[offset + i]!;
  }

  /** Where the address of a line is in `words`. */
  offsetOf(line: number): number {
    return line * WORDS;
  }
}
