// SPDX-License-Identifier: Apache-2.0
import type { KeyedTable } from '../base/keyed-table.ts';
import type { Datagram } from '../decode/datagram.ts';
import type { MediaLookup } from '../media/joined-media.ts';
import type { MediaCalls } from '../media/media-calls.ts';
import type { StreamEvents } from '../rtp/stream-events.ts';
import type { RtpStreams } from '../rtp/streams.ts';
import type { SipMessage } from '../sip/message.ts';
import type { CallKey } from '../state/call-key.ts';
import type { Sighting } from '../state/transactions.ts';
import type { MediaExemplars } from './media-exemplars.ts';

/**
 * Where the media of calls is kept: here (`OwnDesk`), or by another worker (`FarDesk`). Of several workers one has it for all
 * calls, because an address and port may be announced by any of them, and be another's the next moment.
 *
 *     worker 0    OwnDesk <--- messages, reports ---- FarDesk    worker 1
 *                  ^  | '--- lines and endpoints, in ---> |
 *                  |  |         shared memory             |
 *        RTP ---> RtpStreams --- streams to end ---> RtpStreams <--- RTP
 */
export interface MediaDesk {
  /** The calls, where this worker has them. */
  readonly calls: MediaCalls | undefined;
  /** What streams ask where they belong. */
  readonly directory: MediaLookup;
  /** What streams tell of themselves. */
  readonly flows: StreamEvents;
  /** Names the calls of exemplars, where they are wanted. */
  readonly exemplars: MediaExemplars | undefined;
  /** Calls, lines and endpoints, in the order of `tableNames`; undefined where another worker has them. */
  readonly tables: readonly (KeyedTable | undefined)[];
  /** The streams of this worker, once they are there. */
  attach(streams: RtpStreams): void;
  /** Takes a message that the state has taken: its description, and what it means for the call. */
  message(key: CallKey, message: SipMessage, datagram: Datagram, sighting: Sighting, context: number): void;
  /** Takes what such a message says of its call, now: one of HEP, for whoever has the calls. */
  call(key: CallKey, message: SipMessage, datagram: Datagram, sighting: Sighting, context: number): void;
  /** Takes what a worker tells, at index `at`: a message, seen in a context of this worker, or a report of a stream. */
  told(bytes: Uint8Array, view: DataView, at: number, context: number): void;
  /** Takes an order, at index `at`: a stream of this worker is to end. */
  order(view: DataView, at: number): void;
  /** To be called now and then where there are several workers: looks what the others have done. */
  look(): void;
}
