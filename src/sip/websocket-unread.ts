// SPDX-License-Identifier: Apache-2.0

/** Why bytes of a WebSocket connection are not read. */
export const WebSocketUnread = {
  /** HTTP that does not become a WebSocket for SIP: this direction is not read on until another head begins. */
  notUpgraded: 0,
  /** The head of the HTTP message is longer than the limit: the same. */
  headTooLong: 1,
  /** No frame by RFC 6455 §5, or a message that begins inside another: read on where a frame with SIP begins. */
  badFrame: 2,
  /** A message is compressed (RFC 7692). */
  compressed: 3,
  /** A message is longer than the limit. */
  messageTooLarge: 4,
} as const;
export type WebSocketUnread = (typeof WebSocketUnread)[keyof typeof WebSocketUnread];

/** `reason` label values, by `WebSocketUnread`. */
export const webSocketUnreadNames: readonly string[] = [
  'not_upgraded',
  'head_too_long',
  'bad_frame',
  'compressed',
  'message_too_large',
];
