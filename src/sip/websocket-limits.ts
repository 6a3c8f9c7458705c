// SPDX-License-Identifier: Apache-2.0

/** What is read of WebSocket connections, beside the limits of SIP messages. */
export interface WebSocketLimits {
  /** Bytes of the HTTP request or response that opens a connection, its empty line included. */
  readonly maxHeadBytes: number;
}

/** What web servers take. */
export const defaultWebSocketLimits: WebSocketLimits = { maxHeadBytes: 8192 };
