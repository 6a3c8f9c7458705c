// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SeededHash } from '../../src/base/hash.ts';
import { PacketClock } from '../../src/base/packet-clock.ts';
import { Datagram } from '../../src/decode/datagram.ts';
import type { RtcpEvents } from '../../src/rtp/rtcp/rtcp-events.ts';
import { RtcpResult } from '../../src/rtp/rtcp/rtcp-result.ts';
import { RtcpSources } from '../../src/rtp/rtcp/rtcp-sources.ts';
import {
  parseVoiceQualityReport,
  VoiceReportResult,
} from '../../src/sip/voice-reports/parse-voice-quality-report.ts';
import { parseRtpStat, RtpStat } from '../../src/sip/voice-reports/rtp-stat.ts';
import { VoiceQualityReport } from '../../src/sip/voice-reports/voice-quality-report.ts';
import { randomSource } from '../support/random.ts';
import {
  bye,
  extendedReport,
  feedback,
  receiverReport,
  senderReport,
  sourceDescription,
  voipMetrics,
} from '../support/rtcp.ts';
import { ascii, bytesOf } from '../support/udp-frame.ts';

// FUZZ_SEED=n repeats a run; the seed is printed.

const datagramCount = 500_000;
const textCount = 200_000;
const maxLength = 1024;

function newRandom(diagnostic: (text: string) => void): (limit: number) => number {
  const seed = Number(process.env['FUZZ_SEED'] ?? Date.now() % 2 ** 31);
  diagnostic(`FUZZ_SEED=${seed}`);
  return randomSource(seed);
}

/** Writes noise or one of the seeds with a few changes into `target` and returns its length. */
function write(target: Uint8Array, seeds: readonly Uint8Array[], random: (limit: number) => number): number {
  if (random(8) === 0) {
    const length = random(maxLength);
    for (let index = 0; index < length; index++) target[index] = random(256);
    return length;
  }
  const seed = seeds[random(seeds.length)]!;
  target.set(seed);
  for (let edits = random(5); edits > 0; edits--) {
    const index = random(seed.length);
    const kind = random(3);
    target[index] =
      kind === 0 ? target[index]! ^ (1 << random(8)) : kind === 1 ? random(2) * 255 : random(64);
  }
  return random(4) === 0 ? random(seed.length + 1) : seed.length;
}

const blocks = [
  { ssrc: 1, highest: 5, lastSenderReport: 7, delay: 9 },
  { ssrc: 2, cumulativeLost: -5, fractionLost: 3 },
];
const packets = [
  senderReport(1, 7, blocks),
  bytesOf(receiverReport(2, blocks), sourceDescription(2), bye(2)),
  extendedReport(3, voipMetrics(1, { rFactor: 80, lossRate: 20 })),
  bytesOf(receiverReport(2, blocks, 4)),
  bytesOf(feedback(205, 15, [1, 2, 3, 4]), feedback(206, 1)),
];

test('random and mutated RTCP gives a code, keeps the limit and figures that can be', (t) => {
  const random = newRandom((text) => t.diagnostic(text));
  const counts = new Float64Array(Object.keys(RtcpResult).length);
  const maxSources = 64;
  let trips = 0;
  const events: RtcpEvents = {
    rtcpDatagram: (_, result) => {
      if (!(result in counts)) assert.fail(`no such code: ${result}`);
      counts[result]!++;
    },
    rtcpPacket: (_, type) => type <= 8 || assert.fail(`no such type: ${type}`),
    feedback: (_, kind) => kind <= 10 || assert.fail(`no such kind: ${kind}`),
    extendedBlock: (_, block) => block <= 7 || assert.fail(`no such block: ${block}`),
    reportBlock: () => {},
    roundTrip: (_, _datagram, { segmentMicros, fullMicros }) => {
      trips++;
      if (!(segmentMicros >= 0 && segmentMicros <= 60e6)) assert.fail(`${segmentMicros}`);
      if (!(fullMicros === -1 || (fullMicros >= segmentMicros && fullMicros <= 120e6)))
        assert.fail(`${fullMicros}`);
    },
    farEnd: (_, _datagram, { expected, lost, jitterMicros }) => {
      if (!(lost >= 0 && lost <= expected && jitterMicros >= 0 && jitterMicros < 2 ** 31)) {
        assert.fail(`${lost} of ${expected}, ${jitterMicros}`);
      }
    },
    bye: () => {},
    voipMetrics: () => {},
  };
  const clock = new PacketClock();
  const datagram = new Datagram();
  const rates = { clockRateOf: () => random(3) * 8000 };
  const sources = new RtcpSources({ maxSources }, clock, new SeededHash(3, 4), events, rates);
  const buffer = new Uint8Array(maxLength * 2);
  for (let count = 0; count < datagramCount; count++) {
    const offset = random(maxLength);
    const end = offset + write(buffer.subarray(offset), packets, random);
    clock.micros = 1_763_900_000_000_000 + count * random(20_000);
    // It ends where its buffer does or leaves a gap, so that a read beyond it would not go unseen.
    datagram.bytes = random(2) === 0 ? buffer : buffer.subarray(0, end);
    datagram.payloadOffset = offset;
    datagram.payloadLength = end - offset;
    datagram.sourcePort = random(2);
    datagram.destinationPort = 1 - datagram.sourcePort;
    sources.datagram(datagram, 0, random(2) === 0);
    if (sources.table.size > maxSources) assert.fail('beyond the limit');
  }
  for (const [result, count] of counts.entries())
    assert.ok(count > 0, `${Object.keys(RtcpResult)[result]} never`);
  assert.ok(trips > 0);
});

const texts = [
  'VQSessionReport: CallTerm\r\nLocalMetrics:\r\nPacketLoss:NLR=5.0 JDR=2.0\r\nQualityEst:RLQ=90 MOSLQ=3.4\r\nRemoteMetrics:\r\nDelay:RTD=200 IAJ=2\r\n',
  'VQAlertReport: Type=NLR Severity=Critical Dir=local\r\n LocalMetrics:\n BurstGapLoss: BLD=0 BD=0 GLD=2.0 GD=500 GMIN=16\n',
  'PS=207;OS=49680;;PR=314;OR=50240;PL=0,3;JI=600.5;LA=40;',
].map(ascii);

test('random and mutated reports and header fields give a code and figures in range', (t) => {
  const random = newRandom((text) => t.diagnostic(text));
  const counts = new Float64Array(Object.keys(VoiceReportResult).length);
  const report = new VoiceQualityReport();
  const stat = new RtpStat();
  const buffer = new Uint8Array(maxLength * 2);
  let stats = 0;
  for (let count = 0; count < textCount; count++) {
    const offset = random(maxLength);
    const length = write(buffer.subarray(offset), texts, random);
    const bytes = random(2) === 0 ? buffer : buffer.subarray(0, offset + length);
    counts[parseVoiceQualityReport(bytes, offset, length, report)]!++;
    for (const { thousandths } of [report.local, report.remote]) {
      for (const value of thousandths) if (!(value >= -1)) assert.fail(`${value}`);
      if (Math.max(...thousandths.subarray(0, 2)) > 100_000) assert.fail('more than all is lost');
    }
    if (parseRtpStat(bytes, offset, length, stat)) stats++;
    for (const value of Object.values(stat)) {
      if (!(Number.isInteger(value) && value >= -1 && value < 2 ** 31)) assert.fail(`${value}`);
    }
  }
  assert.ok(stats > 0 && counts.every((count) => count > 0), `${stats} ${counts}`);
});

// Quadratic time would take hours, linear time takes seconds.
test('a body of the largest size takes linear time', { timeout: 120_000 }, () => {
  const report = new VoiceQualityReport();
  const hostile = [' ', '\n ', ':\n', '=', 'NLR=', '"', 'Delay:\n', 'a:'].map((unit) =>
    ascii(`VQSessionReport\nLocalMetrics:\nDelay:${unit.repeat(Math.floor(2 ** 20 / unit.length))}`),
  );
  for (const body of hostile) {
    parseVoiceQualityReport(body, 0, body.length, report);
    parseRtpStat(body, 0, body.length, new RtpStat());
  }
});
