// SPDX-License-Identifier: Apache-2.0
import { bytesOf, uint16 } from './udp-frame.ts';

// Builders of RTCP packets; each length is right unless the caller cuts or changes what they return.

/** Four bytes, most significant first. */
export const uint32 = (value: number): number[] => [...uint16(value >>> 16), ...uint16(value & 0xffff)];

/** A packet of a type: content whose length is a multiple of four, and padding bytes, the last one their number. */
export function rtcpPacket(
  type: number,
  count: number,
  content: Iterable<number>,
  paddingBytes: number = 0,
): Uint8Array {
  const data = [...content];
  const padding = new Array<number>(paddingBytes).fill(0);
  if (paddingBytes > 0) padding[paddingBytes - 1] = paddingBytes;
  const words = (data.length + paddingBytes) / 4;
  return bytesOf([0x80 | (paddingBytes > 0 ? 0x20 : 0) | count, type], uint16(words), data, padding);
}

/** Fields of a report block; what is absent is 0. */
export interface BlockFields {
  ssrc: number;
  fractionLost?: number;
  /** -2^23..2^23-1. */
  cumulativeLost?: number;
  highest?: number;
  jitter?: number;
  lastSenderReport?: number;
  /** In 1/65536 s. */
  delay?: number;
}

export function reportBlock(fields: BlockFields): number[] {
  return [
    ...uint32(fields.ssrc),
    fields.fractionLost ?? 0,
    ...uint32(fields.cumulativeLost ?? 0).slice(1),
    ...uint32(fields.highest ?? 0),
    ...uint32(fields.jitter ?? 0),
    ...uint32(fields.lastSenderReport ?? 0),
    ...uint32(fields.delay ?? 0),
  ];
}

/** SR; `ntpMiddle` is the middle of an NTP time, seconds and fractions of 16 bits each. */
export function senderReport(
  ssrc: number,
  ntpMiddle: number,
  blocks: readonly BlockFields[] = [],
  paddingBytes: number = 0,
): Uint8Array {
  const ntp = [...uint16(0xe8f0), ...uint32(ntpMiddle), ...uint16(0)];
  const info = [...uint32(ssrc), ...ntp, ...uint32(160), ...uint32(10), ...uint32(1600)];
  return rtcpPacket(200, blocks.length, [...info, ...blocks.flatMap(reportBlock)], paddingBytes);
}

export function receiverReport(
  ssrc: number,
  blocks: readonly BlockFields[] = [],
  paddingBytes: number = 0,
): Uint8Array {
  return rtcpPacket(201, blocks.length, [...uint32(ssrc), ...blocks.flatMap(reportBlock)], paddingBytes);
}

/** SDES with one chunk of one CNAME. */
export function sourceDescription(ssrc: number, name: string = 'a@example.com'): Uint8Array {
  const item = [1, name.length, ...[...name].map((c) => c.charCodeAt(0)), 0];
  while (item.length % 4 !== 0) item.push(0);
  return rtcpPacket(202, 1, [...uint32(ssrc), ...item]);
}

export function bye(...ssrcs: readonly number[]): Uint8Array {
  return rtcpPacket(203, ssrcs.length, ssrcs.flatMap(uint32));
}

export function application(ssrc: number): Uint8Array {
  return rtcpPacket(204, 0, [...uint32(ssrc), 0x74, 0x65, 0x73, 0x74]);
}

/** Feedback of type 205 or 206. */
export function feedback(type: 205 | 206, format: number, content: readonly number[] = []): Uint8Array {
  return rtcpPacket(type, format, [...uint32(1), ...uint32(2), ...content]);
}

export function xrBlock(type: number, content: readonly number[]): number[] {
  return [type, 0, ...uint16(content.length / 4), ...content];
}

export function extendedReport(ssrc: number, ...blocks: readonly number[][]): Uint8Array {
  return rtcpPacket(207, 0, [...uint32(ssrc), ...blocks.flat()]);
}

/** A VoIP metrics block (RFC 3611 §4.7) with these values at their places; what is absent is 0 or 127. */
export function voipMetrics(
  ssrc: number,
  values: Partial<
    Record<
      'lossRate' | 'discardRate' | 'roundTripMillis' | 'endSystemMillis' | 'rFactor' | 'mosLq' | 'mosCq',
      number
    >
  > = {},
): number[] {
  const { lossRate = 0, discardRate = 0, roundTripMillis = 0, endSystemMillis = 0 } = values;
  const { rFactor = 127, mosLq = 127, mosCq = 127 } = values;
  return xrBlock(7, [
    ...uint32(ssrc),
    ...[lossRate, discardRate, 11, 12],
    ...uint16(130),
    ...uint16(1400),
    ...uint16(roundTripMillis),
    ...uint16(endSystemMillis),
    ...[0xf0, 0xc0, 50, 16],
    ...[rFactor, 127, mosLq, mosCq],
    ...[0x70, 0],
    ...uint16(40),
    ...uint16(80),
    ...uint16(120),
  ]);
}
