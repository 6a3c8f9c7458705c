// SPDX-License-Identifier: Apache-2.0
import type { Datagram } from '../decode/datagram.ts';
import type { Codec } from './codec.ts';

/** How a packet was joined to what signalling announced; the order of preference. */
export const JoinedBy = {
  /** Nobody announced it. */
  none: 0,
  /** Its destination is an address and port that a description names. */
  destination: 1,
  /** Its source is: symmetric RTP (RFC 4961). */
  source: 2,
  /** Only a port is, as behind NAT. */
  port: 3,
} as const;
export type JoinedBy = (typeof JoinedBy)[keyof typeof JoinedBy];

/** Names of how a packet was joined, by `JoinedBy`; those behind `none` are the label `by`. */
export const joinedByNames: readonly string[] = ['none', 'destination', 'source', 'port'];

/**
 * What signalling knows of where media flows: the calls' media, as the streams of RTP see it. An endpoint is what one party
 * announced for one media line. It is asked when a stream begins and when its payload type changes, not for each packet.
 */
export interface MediaDirectory {
  /** Looks for the endpoint a packet belongs to, and sets `endpoint` and `endpointKey`. */
  find(datagram: Datagram): JoinedBy;
  /** Slot of the endpoint last found, and the low half of its key: whoever keeps the slot asks `isStill`. */
  readonly endpoint: number;
  readonly endpointKey: number;
  isStill(endpoint: number, endpointKey: number): boolean;
  /** What a payload type, 0..127, means there; for -1, RFC 3551's static types and `Codec.other` for the rest. */
  codecOf(endpoint: number, payloadType: number): Codec;
  /** The same as `RatedCodec`, with `REDUNDANT`: by what its receiver asks for. */
  ratedCodecOf(endpoint: number, payloadType: number): number;
  /** Hz; 8000 where nothing is known. */
  clockRateOf(endpoint: number, payloadType: number): number;
  /** Packets of encrypted media say nothing about what is in them (SRTP). */
  isEncrypted(endpoint: number): boolean;
}
