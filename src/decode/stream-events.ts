// SPDX-License-Identifier: Apache-2.0

/** Why bytes of a stream were given up. */
export const StreamLoss = {
  /** Segments the sensor did not see: the receiver has them, or nobody sent them again in time. */
  gap: 0,
  /** More than one direction may keep waits, for a hole or for the end of a message. */
  bufferFull: 1,
  /** All memory for streams is in use. */
  memory: 2,
  /** The connection was idle while a message was incomplete. */
  idle: 3,
  /** RST, or a new connection in place of the old one, amid a message. */
  reset: 4,
  /** FIN amid a message. */
  closed: 5,
  /** The table of connections was full. */
  evicted: 6,
  /** What stands where a message should begin is none: the capture began amid one, or this is no SIP. */
  notSip: 7,
} as const;
export type StreamLoss = (typeof StreamLoss)[keyof typeof StreamLoss];

/** `reason` label values, by `StreamLoss`. */
export const streamLossNames: readonly string[] = [
  'gap',
  'buffer_full',
  'memory',
  'idle',
  'reset',
  'closed',
  'evicted',
  'not_sip',
];

/** What a segment was to its stream. */
export const SegmentKind = {
  /** It had the next bytes. */
  inOrder: 0,
  /** It came before others that are missing, and is kept. */
  outOfOrder: 1,
  /** All its bytes were seen before: sent again, or captured twice. */
  repeated: 2,
  /** It had none: SYN, FIN, an acknowledgment; or it was a reset. */
  empty: 3,
} as const;
export type SegmentKind = (typeof SegmentKind)[keyof typeof SegmentKind];

/** `kind` label values, by `SegmentKind`. */
export const segmentKindNames: readonly string[] = ['in_order', 'out_of_order', 'repeated', 'empty'];

/** What becomes of streams, for the metrics. */
export interface StreamEvents {
  /** Bytes are given up. */
  lost(stream: number, reason: StreamLoss): void;
  /** So many bytes were given up for this reason; comes any number of times for each loss. */
  lostBytes(stream: number, reason: StreamLoss, lengthBytes: number): void;
  /** Bytes of a protocol that nobody reads. */
  unread(stream: number, lengthBytes: number): void;
  /** A message without Content-Length, which a stream needs (RFC 3261 §18.3); it is taken for one without a body. */
  noContentLength(stream: number): void;
}
