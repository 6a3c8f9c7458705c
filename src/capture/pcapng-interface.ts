// SPDX-License-Identifier: Apache-2.0
import type { Frame } from '../base/frame.ts';
import { type LinkHeader, linkHeaderOf, setArrival } from './record-reader.ts';

/** Up to here, a remainder shifted by 16 bits is exact in a double. */
const MAX_EXACT_UNITS = 2 ** 37;
/** Above this, an offset in seconds is nonsense, but its product must stay a number. */
const MAX_OFFSET_SECONDS = 2 ** 40;
const DEFAULT_RESOLUTION = 6;

/** Codes of options (draft-ietf-opsawg-pcapng §3.5, §4.2, §4.3). */
export const PcapngOption = {
  end: 0,
  packetFlags: 2,
  interfaceName: 2,
  timestampResolution: 9,
  timestampOffset: 14,
} as const;

/** Called with each option: its code, where its value begins and how long it is. */
type OptionVisitor = (code: number, at: number, length: number) => void;

/**
 * Walks options between two places of a block: code and length of 16 bits, then the value, filled up to four bytes.
 * Returns whether they keep to it.
 */
export function visitOptions(
  view: DataView,
  start: number,
  end: number,
  isLittleEndian: boolean,
  visit: OptionVisitor,
): boolean {
  let at = start;
  while (at + 4 <= end) {
    const code = view.getUint16(at, isLittleEndian);
    const length = view.getUint16(at + 2, isLittleEndian);
    if (code === PcapngOption.end) return true;
    at += 4;
    if (at + length > end) return false;
    visit(code, at, length);
    at += (length + 3) & ~3;
  }
  return true;
}

/** One interface of a section of a pcapng file. */
export class PcapngInterface {
  readonly link: LinkHeader;
  /** The longest packet, 0 for any: a simple packet block has nothing else to go by. */
  readonly snapLength: number;
  /** Index for frames; set by the reader. */
  index = 0;
  #unitsPerSecond = 10 ** DEFAULT_RESOLUTION;
  #offsetSeconds = 0;

  constructor(linkNumber: number, snapLength: number) {
    this.link = linkHeaderOf(linkNumber);
    this.snapLength = snapLength;
  }

  /** `if_tsresol`: a negative power of ten, or with the highest bit set of two. */
  set resolution(value: number) {
    this.#unitsPerSecond = (value & 0x80) === 0 ? 10 ** value : 2 ** (value & 0x7f);
  }

  /** `if_tsoffset`: whole seconds to be added to each time. */
  set offsetSeconds(value: number) {
    this.#offsetSeconds = Math.max(-MAX_OFFSET_SECONDS, Math.min(value, MAX_OFFSET_SECONDS));
  }

  /** Gives a frame its time, from the two halves of the file's 64-bit number. */
  setArrival(frame: Frame, high: number, low: number): void {
    const units = this.#unitsPerSecond;
    if (units > MAX_EXACT_UNITS) {
      setArrival(frame, this.#offsetSeconds, (high * 2 ** 32 + low) * (1e6 / units));
      return;
    }
    // Long division, 16 bits at a time: nanoseconds since the epoch need 61 bits and a double has 53.
    const rest = (high % units) * 65536 + (low >>> 16);
    const lowRest = (rest % units) * 65536 + (low & 0xffff);
    const seconds =
      Math.floor(high / units) * 2 ** 32 + Math.floor(rest / units) * 65536 + Math.floor(lowRest / units);
    const fraction = lowRest % units;
    const micros = units >= 1e6 ? fraction / (units / 1e6) : fraction * (1e6 / units);
    setArrival(frame, seconds + this.#offsetSeconds, micros);
  }
}
