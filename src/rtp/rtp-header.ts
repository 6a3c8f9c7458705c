// SPDX-License-Identifier: Apache-2.0

/**
 * The fixed header of one RTP packet and where its payload is. One object, reused.
 *
 *      0                   1                   2                   3
 *     |V=2|P|X|  CC   |M|     PT      |       sequence number         |
 *     |                           timestamp                           |
 *     |                             SSRC                              |
 *     | CC contributing sources, 4 bytes each | X: profile, length in words, extension |
 *
 * (RFC 3550 §5.1)
 */
export class RtpHeader {
  marker = false;
  /** 0..127. */
  payloadType = 0;
  /** 0..65535. */
  sequenceNumber = 0;
  /** As int32. */
  timestamp = 0;
  /** As int32. */
  ssrc = 0;
  /** Bytes of payload on the wire, padding left out where it could be read; 0 for an empty packet. */
  payloadBytes = 0;
}
