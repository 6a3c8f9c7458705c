// SPDX-License-Identifier: Apache-2.0
import type { PacketClock } from '../base/packet-clock.ts';
import type { Finding } from './abuse-events.ts';

/** What may be found: the numbers are those of `EvidenceKind`, and one more. */
export const FindingKind = {
  registrationScan: 0,
  inviteScan: 1,
  optionsScan: 2,
  password: 3,
  burst: 4,
  country: 5,
} as const;
export type FindingKind = (typeof FindingKind)[keyof typeof FindingKind];

/** `Finding.what`, by `FindingKind`. */
const texts: readonly string[] = [
  'registration scan',
  'INVITE scan',
  'OPTIONS scan',
  'password guessing',
  'burst of session attempts',
  'account in another country',
];

/** Findings of a kind told in a second of packet time: a log is for people. */
const MAX_PER_SECOND = 5;

/** Tells findings one by one, but not more than can be read: many of one kind do not hide those of another. */
export class Findings {
  readonly #clock: PacketClock;
  readonly #tell: (finding: Finding) => void;
  /** By kind: the second that was told in last, how many in it, and how many were not told since. */
  readonly #seconds = new Float64Array(texts.length);
  readonly #told = new Int32Array(texts.length);
  readonly #untold = new Int32Array(texts.length);

  constructor(clock: PacketClock, tell: (finding: Finding) => void) {
    this.#clock = clock;
    this.#tell = tell;
  }

  /** Whether there is room for one more of a kind; else it is counted. */
  hasRoom(kind: FindingKind): boolean {
    const second = Math.floor(this.#clock.micros / 1e6);
    // Packet time goes back a little now and then: that does not make room.
    if (second > this.#seconds[kind]!) {
      this.#seconds[kind] = second;
      this.#told[kind] = 0;
    }
    if (this.#told[kind]! < MAX_PER_SECOND) return true;
    this.#untold[kind]!++;
    return false;
  }

  /** Tells one, after `hasRoom` said that there is room. */
  tell(kind: FindingKind, finding: Omit<Finding, 'what' | 'untold'>): void {
    this.#told[kind]!++;
    this.#tell({ what: texts[kind]!, ...finding, untold: this.#untold[kind]! });
    this.#untold[kind] = 0;
  }
}
