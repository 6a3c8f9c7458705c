// SPDX-License-Identifier: Apache-2.0

/** What the reassembly of fragments may take. */
export interface FragmentLimits {
  /** Memory of fragments that wait for others, records and indexes included. */
  readonly maxBytes: number;
  /** Fragments of one datagram. */
  readonly maxFragments: number;
  /** How long the first fragment of a datagram waits for the last to come. */
  readonly timeoutMicros: number;
  /** Whether the checksum of a reassembled UDP datagram or TCP segment must be right. */
  readonly isVerifying: boolean;
}

/** What the command line has as defaults. */
export const defaultFragmentLimits: FragmentLimits = {
  maxBytes: 4 * 2 ** 20,
  maxFragments: 64,
  timeoutMicros: 30e6,
  isVerifying: true,
};

/** What became of a datagram that came in fragments: one result each. */
export const FragmentResult = {
  reassembled: 0,
  /** A fragment never came: it was lost, or goes another way. */
  timeout: 1,
  /** Two fragments hold the same place, and not the same data or not all of it (RFC 5722 §4). */
  overlap: 2,
  /** More than `maxFragments`. */
  tooManyFragments: 3,
  /** The oldest one gave way when `maxBytes` were used up. */
  evicted: 4,
  /** The whole packet would be longer than 65,535 bytes. */
  tooLong: 5,
  /** A fragment without data, one in the middle that is no multiple of 8 bytes, or two that disagree on the end. */
  badLength: 6,
  /** The checksum is wrong, as when fragments of two datagrams meet (RFC 4963). */
  badChecksum: 7,
  /** The sensor cut a fragment (snap length). */
  truncatedBySensor: 8,
} as const;
export type FragmentResult = (typeof FragmentResult)[keyof typeof FragmentResult];

/** Text of each `FragmentResult`: the label `result` of `ringtap_fragments_datagrams_total`. */
export const fragmentResultNames: readonly string[] = [
  'reassembled',
  'timeout',
  'overlap',
  'too_many_fragments',
  'evicted',
  'too_long',
  'bad_length',
  'bad_checksum',
  'truncated_by_sensor',
];

/** Is told what comes in fragments. `context` is what `FragmentTable.add` was given with the datagram's first fragment. */
export interface FragmentEvents {
  /** A fragment came. */
  fragment(context: number): void;
  /** So many fragments were copies of others (a mirror, a bridge) and left out. */
  duplicates(context: number, count: number): void;
  /** What became of a datagram. */
  ended(context: number, result: FragmentResult): void;
}
