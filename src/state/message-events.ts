// SPDX-License-Identifier: Apache-2.0
import type { SipMessage } from '../sip/message.ts';
import type { ParseResult } from '../sip/parse-result.ts';
import type { CallEvents } from './call-events.ts';

/** What becomes of each datagram on a SIP port, and what the state makes of it. */
export interface MessageEvents extends CallEvents {
  /** A message, retransmissions included, capture duplicates not; comes before the events it causes. */
  message(context: number, message: SipMessage): void;
  /** The message just told is one its transaction had seen on the same 5-tuple; comes after `message`. */
  retransmission(context: number, message: SipMessage): void;
  /** A frame that was captured before, on another interface or by a mirror; nothing else is told of it. */
  captureDuplicate(context: number, message: SipMessage): void;
  /** A keep-alive or an error. */
  notMessage(context: number, result: ParseResult): void;
}
