// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { join } from 'node:path';
import test from 'node:test';
import { PortCounts } from '../../../src/base/port-counts.ts';
import { defaultFragmentLimits } from '../../../src/decode/fragment-limits.ts';
import { defaultSctpLimits } from '../../../src/decode/sctp-limits.ts';
import { defaultMediaLimits } from '../../../src/media/media-limits.ts';
import type { AnalysisOptions } from '../../../src/pipeline/analysis-options.ts';
import { TestMonitor, testLimits, testRtpLimits, testStreamLimits } from '../../pipeline/monitor.ts';
import { type PcapRecord, readPcap } from '../../support/pcap.ts';
import { randomSource } from '../../support/random.ts';
import { callCases } from '../calls/cases.ts';
import { add, differences, type Figures, figuresOf, rounded } from '../calls/figures.ts';
import { play } from '../calls/scenario.ts';
import { paths, captureFolder as rtcpFolder } from '../rtcp/generate.ts';
import { rtpCases } from '../rtp/cases.ts';
import { recordsOf as recordsOfRtp } from '../rtp/generate.ts';
import { mediaCases, recordsOf } from './cases.ts';

const START_MICROS = 1_700_000_000_000_000;
/** In a frame of Ethernet: the second byte of each address of IPv4. */
const SOURCE_BYTE = 14 + 13;
const DESTINATION_BYTE = 14 + 17;

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

interface Capture {
  readonly name: string;
  readonly records: readonly PcapRecord[];
}

/** Streams that nobody announced, between addresses of their own. */
function unannounced(name: string, records: readonly PcapRecord[], number: number): Capture {
  const moved = records.map(({ micros, bytes }) => {
    const copy = Uint8Array.from(bytes);
    copy[SOURCE_BYTE]! += number;
    copy[DESTINATION_BYTE]! += number;
    return { micros, bytes: copy };
  });
  return { name: `${name} ${number}`, records: moved };
}

/** All golden captures of calls with media, played by others each time, with the same SSRCs or with others. */
function calls(number: number, ssrcOffset: number): Capture[] {
  return mediaCases.map((mediaCase, i) => {
    const cast = { number: number * mediaCases.length + i + 1, ssrcOffset };
    return { name: `${mediaCase.name} ${number}`, records: recordsOf(mediaCase, cast) };
  });
}

/** Calls of signalling alone, and streams of RTP and reports of RTCP alone. */
function others(): Capture[] {
  const ipv4Paths = paths.filter(({ isIpv6 }) => !isIpv6);
  return [
    ...callCases
      .filter(({ peer }) => peer === undefined)
      .map((callCase) => ({ name: callCase.name, records: play(callCase) })),
    ...rtpCases.map((rtpCase, i) => unannounced(rtpCase.name, recordsOfRtp(rtpCase), 150 + i)),
    ...ipv4Paths.map(({ name }, i) => unannounced(name, readPcap(join(rtcpFolder, `${name}.pcap`)), 180 + i)),
  ];
}

/** What frames leave behind at a later time. */
function figuresAt(records: readonly PcapRecord[], endMicros: number, batch = 1): Figures {
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

/** Begins each capture at a time of its own, and compares the mixture with the sum of the captures, each followed by silence. */
function compareMixture(captures: readonly Capture[], spreadMicros: number, seed: number): void {
  const random = randomSource(seed);
  const moved = captures.map(({ records }) => {
    const laterMicros = START_MICROS - records[0]!.micros + random(spreadMicros);
    return records.map(({ micros, bytes }) => ({ micros: micros + laterMicros, bytes }));
  });
  const mixture = moved
    .flatMap((records, turn) =>
      records.map((record, place) => ({ ...record, turn: turn ^ random(64), place })),
    )
    .sort((a, b) => a.micros - b.micros || a.place - b.place || a.turn - b.turn);
  const endMicros = mixture.at(-1)!.micros + 10e6;
  const sum: Figures = new Map();
  for (const records of moved) for (const [key, value] of figuresAt(records, endMicros)) add(sum, key, value);
  const expected = rounded(sum);
  assert.deepEqual(differences(figuresAt(mixture, endMicros), expected), []);
  assert.deepEqual(differences(figuresAt(mixture, endMicros, 64), expected), []);
  assert.ok(expected.get('rtp_call_results_total result=both_ways')! >= 10, 'there is something to compare');
}

for (const seed of [1, 2, 3]) {
  test(`calls with media, at nearly the same time, are the sum of them alone (seed ${seed})`, () => {
    compareMixture([...calls(0, 0), ...calls(1, 0), ...calls(2, 0x100)], 2e6, seed);
  });
}

test('calls with media beside calls and streams without are the sum of all', () => {
  compareMixture([...calls(0, 0), ...calls(1, 0x100), ...others()], 30e6, 4);
});

test('the same over an hour, with silence in between', () => {
  compareMixture([...calls(0, 0), ...others()], 3600e6, 5);
});
