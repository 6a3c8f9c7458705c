// SPDX-License-Identifier: Apache-2.0

/** Limits of TCP streams: everything that could grow with what peers send, and how long it is kept. */
export interface StreamLimits {
  /** Connections known at a time. */
  readonly maxConnections: number;
  /** Bytes of one direction that wait for a hole or for the end of their message. */
  readonly directionBytes: number;
  /** Bytes of all connections that wait. */
  readonly memoryBytes: number;
  /** What waits of a connection is given up when there was no segment for this time. */
  readonly idleMicros: number;
  /** How long a connection is known after that. */
  readonly connectionMicros: number;
  /** How long missing bytes are waited for that nobody has acknowledged. */
  readonly gapMicros: number;
}

/** A message as large as UDP has them for each direction; idle and gap times are well above those of TCP's own timers. */
export const defaultStreamLimits: StreamLimits = {
  maxConnections: 65_536,
  directionBytes: 2 ** 16,
  memoryBytes: 2 ** 26,
  idleMicros: 60e6,
  connectionMicros: 86_400e6,
  gapMicros: 5e6,
};
