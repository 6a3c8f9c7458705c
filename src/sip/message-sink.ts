// SPDX-License-Identifier: Apache-2.0
import type { SipTransport } from '../decode/sip-transport.ts';
import type { SipMessage } from './message.ts';
import type { ParseResult } from './parse-result.ts';

/** Takes what readers of streams find; the pipeline implements it. Never throws. */
export interface MessageSink {
  /** Where the next message is to be parsed into; another object after each `take`. */
  readonly message: SipMessage;
  /**
   * The message in `message` is whole. Its bytes must stay where and as they are until `settle`: the bytes of the frame do,
   * those of a buffer only if its owner calls `settle` before it writes there.
   */
  take(stream: number, transport: SipTransport): void;
  /** A keep-alive, or a message that cannot be used. */
  notMessage(stream: number, result: ParseResult): void;
  /** Takes one whole message that has a frame of its own, as in WebSocket (RFC 7118 §5): parses, then `take` or `notMessage`. */
  unit(
    stream: number,
    transport: SipTransport,
    bytes: Uint8Array,
    view: DataView,
    offset: number,
    length: number,
  ): void;
  /** What waits goes to the state: bytes of messages may be overwritten afterwards. Cheap when nothing waits. */
  settle(): void;
}
