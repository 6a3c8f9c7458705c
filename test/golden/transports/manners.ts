// SPDX-License-Identifier: Apache-2.0
import type { SeenFrame } from '../calls/monitor.ts';
import { overSctp, type SctpManner } from './over-sctp.ts';
import { overWebSocket, type WebSocketManner } from './over-websocket.ts';
import type { UdpMessage } from './udp-message.ts';

/** A way in which messages are sent. */
export interface Manner {
  readonly name: string;
  readonly meaning: string;
  /** The value of the label. */
  readonly transport: 'ws' | 'sctp';
  carry(messages: readonly UdpMessage[]): Carried;
}

/** What comes of a capture: its frames, and how often there is what only this transport has. */
export interface Carried {
  readonly frames: SeenFrame[];
  readonly extras: Readonly<Record<string, number>>;
}

/** Sequence numbers, tags and cuts of their own for each. */
const seedOf = (name: string): number =>
  [...name].reduce((sum, letter) => (Math.imul(sum, 31) + letter.charCodeAt(0)) | 0, 0);

const webSocket = (name: string, meaning: string, manner: Omit<WebSocketManner, 'seed'>): Manner => ({
  name: `websocket-${name}`,
  meaning,
  transport: 'ws',
  carry: (messages) => overWebSocket(messages, { ...manner, seed: seedOf(name) }),
});

const sctp = (name: string, meaning: string, manner: Omit<SctpManner, 'seed'>): Manner => ({
  name: `sctp-${name}`,
  meaning,
  transport: 'sctp',
  carry: (messages) => overSctp(messages, { ...manner, seed: seedOf(name) }),
});

/** Every way. */
export const manners: readonly Manner[] = [
  webSocket('masked', 'a frame for each message, masked by the client', {}),
  webSocket('cut', 'the same in segments of 1 to 60 bytes, the upgrade too', { isCut: true }),
  webSocket('fragmented', 'messages in up to four frames, with pings and pongs between them', {
    isFragmented: true,
  }),
  webSocket('fragmented-cut', 'both', { isFragmented: true, isCut: true }),
  webSocket('mid-stream', 'the capture begins after the upgrade', { isMidStream: true }),
  webSocket('deflate', 'permessage-deflate: a compressed message behind each other one', {
    hasCompressed: true,
  }),
  sctp('whole', 'a packet for each message', {}),
  sctp('bundled', 'SACK, copies of earlier chunks and the message in one packet', {
    isBundled: true,
    isRepeated: true,
  }),
  sctp('fragmented', 'messages in pieces of 200 bytes, each in a packet', { pieceBytes: 200 }),
  sctp('reordered', 'pieces of 100 bytes in any order', { pieceBytes: 100, isReordered: true }),
  sctp('retransmitted', 'pieces of 250 bytes, half of them sent again with the next message', {
    pieceBytes: 250,
    isRepeated: true,
  }),
  sctp('interleaved', 'I-DATA in pieces of 150 bytes, in any order', {
    pieceBytes: 150,
    isInterleaved: true,
    isReordered: true,
  }),
];
