// SPDX-License-Identifier: Apache-2.0
import { uint32 } from './rtcp.ts';
import { bytesOf, uint16 } from './udp-frame.ts';

/** What makes an RTP packet (RFC 3550 §5.1). */
export type RtpFields = {
  readonly sequenceNumber: number;
  readonly timestamp: number;
  readonly ssrc: number;
  /** PCMU if not given. */
  readonly payloadType?: number;
  /** 160 if not given: 20 ms of G.711. */
  readonly payloadBytes?: number;
};

export function rtpPacket(fields: RtpFields): Uint8Array {
  const { sequenceNumber, timestamp, ssrc, payloadType = 0, payloadBytes = 160 } = fields;
  return bytesOf(
    [0x80, payloadType],
    uint16(sequenceNumber & 0xffff),
    uint32(timestamp >>> 0),
    uint32(ssrc),
    new Uint8Array(payloadBytes).fill(0x55),
  );
}
