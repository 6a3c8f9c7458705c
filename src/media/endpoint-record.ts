// SPDX-License-Identifier: Apache-2.0

/** Fields of an endpoint's record. Slots are kept as slot + 1; 0 stands for none. */
export const EndpointField = {
  /** Four words, as in `Datagram`. */
  address: 0,
  port: 4,
  /** Slot of the line. */
  line: 5,
  nextOfLine: 6,
  previousOfLine: 7,
  /** Of the chain of endpoints behind NAT that this one is in. */
  nextBehindNat: 8,
  previousBehindNat: 9,
  /** Which of the line's descriptions named it last. */
  round: 10,
  /** `Rtcp`: what of RTCP is to be sent there. */
  rtcp: 11,
  /** Where that description came from: what the address of a NAT is. */
  senderAddress: 12,
} as const;
/** Fields of a record, an even number. */
export const ENDPOINT_FIELDS = 16;

/** Where RTCP goes: to a port of its own that is not known here, here alone, or to the port above this one. */
export const Rtcp = { elsewhere: 0, here: 1, above: 2 } as const;

/** An endpoint's queue: `stale` ones are no longer announced; what is on its way still comes. */
export const EndpointQueue = { stale: 0, announced: 1 } as const;
