// SPDX-License-Identifier: Apache-2.0

/** What a packet's interface is called where its file does not say. */
const UNNAMED = 'file';
const UNNAMED_INDEX = 0;

/** Names kept; the metrics tell 256 apart. */
const MAX_NAMES = 1024;
const MAX_NAME_BYTES = 63;

/**
 * The interfaces of the files of a replay: the same name is the same interface. Names come from whoever made the file,
 * so they are cut and cleaned before they become label values.
 */
export class InterfaceNames {
  readonly #names: string[] = [UNNAMED];
  readonly #indexes = new Map<string, number>([[UNNAMED, UNNAMED_INDEX]]);

  /** The index of an interface, to be put into frames. `name` is the text in the file, empty where there is none. */
  indexOf(name: Uint8Array): number {
    const clean = cleanName(name);
    const known = this.#indexes.get(clean);
    if (known !== undefined) return known;
    if (this.#names.length === MAX_NAMES) return UNNAMED_INDEX;
    this.#indexes.set(clean, this.#names.length);
    return this.#names.push(clean) - 1;
  }

  /** The name of an index that `indexOf` gave. */
  nameOf(index: number): string {
    return this.#names[index] ?? UNNAMED;
  }
}

const decoder = new TextDecoder();
const encoder = new TextEncoder();

/** Letters, digits, punctuation and symbols of any script stay; the rest becomes "_". At most 63 bytes of UTF-8. */
function cleanName(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  const text = decoder.decode(bytes.subarray(0, Math.min(end < 0 ? bytes.length : end, MAX_NAME_BYTES * 4)));
  const clean = text.trim().replace(/[^\p{L}\p{M}\p{N}\p{P}\p{S} ]|\ufffd/gu, '_');
  const { read } = encoder.encodeInto(clean, new Uint8Array(MAX_NAME_BYTES));
  return clean.slice(0, read) || UNNAMED;
}
