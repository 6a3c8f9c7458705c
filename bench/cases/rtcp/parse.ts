// SPDX-License-Identifier: Apache-2.0
import { parseRtcp } from '../../../src/rtp/rtcp/parse-rtcp.ts';
import { RtcpResult } from '../../../src/rtp/rtcp/rtcp-result.ts';
import type { RtcpVisitor } from '../../../src/rtp/rtcp/rtcp-visitor.ts';
import { extendedReport, senderReport, sourceDescription, voipMetrics } from '../../../test/support/rtcp.ts';
import { bytesOf } from '../../../test/support/udp-frame.ts';
import type { BenchCase } from '../../measure-case.ts';

/** Compound packets as phones send them: SR with a block, SDES, every fourth with a VoIP metrics block. */
export default function prepare(): BenchCase {
  const datagrams = Array.from({ length: 1000 }, (_, index) =>
    bytesOf(
      senderReport(index, index * 7, [{ ssrc: index + 1, highest: index, lastSenderReport: index }]),
      sourceDescription(index),
      ...(index % 4 === 0 ? [extendedReport(index, voipMetrics(index + 1, { rFactor: 90 }))] : []),
    ),
  );
  const bytes = bytesOf(...datagrams);
  let sum = 0;
  const visitor: RtcpVisitor = {
    packet: (type) => (sum += type),
    senderReport: (report) => (sum += report.ntpMiddle),
    reportBlock: (block) => (sum += block.lastSenderReport),
    bye: () => {},
    feedback: () => {},
    extendedBlock: (block) => (sum += block),
    voipMetrics: (metrics) => (sum += metrics.rFactor),
  };
  return {
    units: datagrams.length,
    pass() {
      let offset = 0;
      sum = 0;
      for (let index = 0; index < datagrams.length; index++) {
        const { length } = datagrams[index]!;
        if (parseRtcp(bytes, offset, length, false, visitor) !== RtcpResult.compound)
          throw new Error('not read');
        offset += length;
      }
      if (sum === 0) throw new Error('nothing was told');
    },
  };
}
