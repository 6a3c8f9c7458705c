// SPDX-License-Identifier: Apache-2.0

/** What is kept of SCTP. */
export interface SctpLimits {
  /** Associations whose TSNs are known, each direction for itself. */
  readonly maxAssociations: number;
  /** Bytes of all pieces of user messages that wait for others. */
  readonly memoryBytes: number;
  /** Pieces of one message. */
  readonly maxFragments: number;
  /** How long a piece waits. */
  readonly fragmentMicros: number;
}

/** A message of 64 KiB in packets of 1200 bytes has 55 pieces. */
export const defaultSctpLimits: SctpLimits = {
  maxAssociations: 4096,
  memoryBytes: 2 ** 22,
  maxFragments: 64,
  fragmentMicros: 30e6,
};
