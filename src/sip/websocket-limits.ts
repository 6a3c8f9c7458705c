// SPDX-License-Identifier: Apache-2.0

/** What is read of WebSocket connections. */
export interface WebSocketLimits {
  /** Bytes of the HTTP request or response that opens a connection, its empty line included. */
  readonly maxHeadBytes: number;
  /** Bytes of a message, over all its frames. */
  readonly maxMessageBytes: number;
}
