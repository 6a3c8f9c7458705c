// SPDX-License-Identifier: Apache-2.0
import type { BlockFields } from '../support/rtcp.ts';
import { ascii, uint16 } from '../support/udp-frame.ts';
import { chunk, hep3, uint32 } from './packets.ts';

/** RTCP as agents tell it; of a sender report the time since 1900, in seconds and 2^-32 s. */
export interface Report {
  readonly ssrc: number;
  readonly ntp?: readonly [seconds: number, fraction: number];
  readonly blocks?: readonly BlockFields[];
}

/** The NTP time of `senderReport` in support/rtcp.ts. */
export const ntpOf = (ntpMiddle: number): [number, number] => [
  (0xe8f0_0000 | (ntpMiddle >>> 16)) >>> 0,
  (ntpMiddle << 16) >>> 0,
];

const senderFields = { octets: 1600, rtp_timestamp: 160, packets: 10 };

function blockOf(block: BlockFields): Record<string, number> {
  return {
    source_ssrc: block.ssrc,
    highest_seq_no: block.highest ?? 0,
    fraction_lost: block.fractionLost ?? 0,
    ia_jitter: block.jitter ?? 0,
    packets_lost: (block.cumulativeLost ?? 0) & 0xffffff,
    lsr: block.lastSenderReport ?? 0,
    dlsr: block.delay ?? 0,
  };
}

const typeOf = ({ ntp }: Report): number => (ntp === undefined ? 201 : 200);

/** As rtpengine 11 writes it (daemon/rtcp.c), with a source description behind. */
export function rtpengineReport(report: Report): string {
  const { ssrc, ntp, blocks = [] } = report;
  const sender =
    ntp &&
    `"sender_information":{"ntp_timestamp_sec":${ntp[0]},"ntp_timestamp_usec":${ntp[1]},"octets":1600,"rtp_timestamp":160, "packets":10},`;
  const sdes = `"sdes_report_count":1,"sdes_information": [ {"sdes_chunk_ssrc":${ssrc},"type":1,"text":"a\\"b{"}]`;
  return `{ ${sender ?? ''}"ssrc":${ssrc},"type":${typeOf(report)},"report_count":${blocks.length},"report_blocks":[${blocks
    .map((block) => JSON.stringify(blockOf(block)))
    .join()}],${sdes} }`;
}

/** As heplify writes it (protos/rtcp.go): everything is there, and the type is that of the last packet. */
export function heplifyReport(
  { ssrc, ntp = [0, 0], blocks = [] }: Report,
  extended: Record<string, number> = {},
  type = 202,
): string {
  const [seconds, fraction] = ntp;
  const sender = seconds === 0 ? { octets: 0, rtp_timestamp: 0, packets: 0 } : senderFields;
  return JSON.stringify({
    sender_information: { ntp_timestamp_sec: seconds, ntp_timestamp_usec: fraction, ...sender },
    ssrc,
    type,
    report_count: 1,
    report_blocks: blocks.length === 0 ? null : blocks.map(blockOf),
    report_blocks_xr: { type: 0, id: 0, fraction_lost: 0, ...extended },
    sdes_ssrc: type === 202 ? ssrc : 0,
  });
}

/** As captagent writes it (parser_rtcp.c) on a machine that has the lowest byte first, with further members. */
export function captagentReport({ ssrc, ntp, blocks = [] }: Report, further = ''): string {
  const sender =
    ntp &&
    `"sender_information":{"ntp_timestamp_sec":${swapped(ntp[0])},"ntp_timestamp_usec":${swapped(ntp[1])},"octets":1600,"rtp_timestamp":${swapped(160)}, "packets":10},`;
  const [block] = blocks;
  const told =
    block &&
    `"ssrc":${ssrc},"type":${ntp ? 200 : 201}, "report_blocks":[${JSON.stringify(blockOf(block))}],"report_count":1,`;
  return `{ ${sender ?? ''}${told ?? ''}${further}`.replace(/,?$/, '}');
}

function swapped(word: number): number {
  const view = new DataView(new ArrayBuffer(4));
  view.setUint32(0, word);
  return view.getUint32(0, true);
}

/** As Asterisk writes it (main/rtp_engine.c): time since 1970 in microseconds, what has 32 bits in strings. */
export function asteriskReport(report: Report): string {
  const { ssrc, ntp, blocks = [] } = report;
  return JSON.stringify({
    ssrc,
    type: typeOf(report),
    report_count: blocks.length,
    sender_information: ntp
      ? {
          ntp_timestamp_sec: String(ntp[0] - 2_208_988_800),
          ntp_timestamp_usec: String(Math.floor((ntp[1] * 1e6) / 2 ** 32)),
          ...senderFields,
        }
      : null,
    report_blocks: blocks.map((block) => {
      const one = blockOf(block);
      return { ...one, lsr: String(one['lsr']) };
    }),
  });
}

/** What such a packet may differ in. */
export interface HepOfFields {
  readonly type?: number;
  readonly micros?: number;
  /** Goes the other way. */
  readonly isBack?: boolean;
  readonly nodeId?: number;
  readonly key?: string;
  readonly correlationId?: string;
}

/** A HEP3 packet with a payload of a protocol type, by default RTCP, between 192.0.2.1:4001 and 198.51.100.2:6001. */
export function hepOf(
  payload: string | Uint8Array,
  { type = 5, micros = 0, isBack = false, nodeId = 1, key = '', correlationId = '' }: HepOfFields = {},
): Uint8Array {
  const bytes = typeof payload === 'string' ? ascii(payload) : payload;
  const seconds = Math.floor(micros / 1e6);
  return hep3([
    chunk(1, [2]),
    chunk(2, [17]),
    chunk(isBack ? 4 : 3, [192, 0, 2, 1]),
    chunk(isBack ? 3 : 4, [198, 51, 100, 2]),
    chunk(7, uint16(isBack ? 6001 : 4001)),
    chunk(8, uint16(isBack ? 4001 : 6001)),
    chunk(9, uint32(seconds)),
    chunk(10, uint32(micros - seconds * 1e6)),
    chunk(11, [type]),
    chunk(12, uint32(nodeId)),
    ...(key === '' ? [] : [chunk(14, ascii(key))]),
    ...(correlationId === '' ? [] : [chunk(17, ascii(correlationId))]),
    chunk(15, bytes),
  ]);
}
