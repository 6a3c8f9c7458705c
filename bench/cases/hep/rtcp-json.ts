// SPDX-License-Identifier: Apache-2.0
import { Datagram } from '../../../src/decode/datagram.ts';
import { RtcpJson } from '../../../src/hep/rtcp-json.ts';
import { heplifyReport, ntpOf, rtpengineReport } from '../../../test/hep/reports.ts';
import { ascii } from '../../../test/support/udp-frame.ts';
import type { BenchCase } from '../../measure-case.ts';

/** Reports as rtpengine and heplify write them, into RTCP. */
export default function prepare(): BenchCase {
  const block = {
    ssrc: 0x89abcdef,
    highest: 70_000,
    jitter: 160,
    lastSenderReport: 0x12345678,
    delay: 0x8000,
  };
  const report = { ssrc: 0x12345678, ntp: ntpOf(0x12345678), blocks: [block] };
  const texts = [rtpengineReport(report), heplifyReport(report)].map(ascii);
  const json = new RtcpJson();
  const datagram = new Datagram();
  return {
    units: 1000,
    pass() {
      for (let index = 0; index < 1000; index++) {
        datagram.bytes = texts[index & 1]!;
        datagram.payloadOffset = 0;
        datagram.payloadLength = datagram.bytes.length;
        if (!json.open(datagram, 1_790_000_000e6)) throw new Error('no report');
      }
    },
  };
}
