// SPDX-License-Identifier: Apache-2.0
import { PortCounts } from '../../../src/base/port-counts.ts';
import { defaultFragmentLimits } from '../../../src/decode/fragment-limits.ts';
import { defaultSctpLimits } from '../../../src/decode/sctp-limits.ts';
import { defaultMediaLimits } from '../../../src/media/media-limits.ts';
import type { AnalysisOptions } from '../../../src/pipeline/analysis-options.ts';
import { TestMonitor, testLimits, testRtpLimits, testStreamLimits } from '../../pipeline/monitor.ts';
import type { PcapRecord } from '../../support/pcap.ts';
import { type Figures, figuresOf } from '../calls/figures.ts';

/** Figures that are sums: of SIP, of media, and of what ringtap could not tell of media. */
const names = /^(sip_|rtp_|rtcp_|ringtap_(rtp|rtcp|media|sdp)_(?!.*_limit))/;

/** Tables that none of this fills, and that are made quickly: there are hundreds of monitors. */
const analysis: Partial<AnalysisOptions> = {
  state: {
    ...testLimits,
    maxTransactions: 4000,
    maxAttempts: 1000,
    maxDialogs: 1000,
    maxRegistrationAttempts: 1000,
    maxRegistrations: 1000,
  },
  streams: { ...testStreamLimits, maxConnections: 10, memoryBytes: 2 ** 18, directionBytes: 2 ** 16 },
  sctp: { ...defaultSctpLimits, maxAssociations: 10, memoryBytes: 2 ** 18 },
  fragments: { ...defaultFragmentLimits, maxBytes: 2 ** 18 },
  media: { ...defaultMediaLimits, maxCalls: 1000, maxEndpoints: 2000 },
  rtp: { detect: true },
  rtpStreams: { ...testRtpLimits, isDetecting: true },
};

/** What frames in order of time leave behind at a later time, taken in batches of this size. */
export function figuresAt(records: readonly PcapRecord[], endMicros: number, batch = 1): Figures {
  const monitor = new TestMonitor({}, analysis, batch, new PortCounts());
  for (const { micros, bytes } of records) monitor.take(bytes, micros);
  monitor.wait(endMicros);
  monitor.pipeline.finish();
  monitor.pipeline.refreshGauges();
  monitor.layout.refresh();
  const lines: string[] = [];
  for (const { prefixes, values } of monitor.layout.families) {
    if (names.test(prefixes[0] ?? ''))
      for (const [i, value] of values.entries()) if (value !== 0) lines.push(`${prefixes[i]}${value}`);
  }
  return figuresOf(lines.join('\n'), names);
}
