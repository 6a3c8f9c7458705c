// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { join } from 'node:path';
import test from 'node:test';
import { Frame } from '../../../src/base/frame.ts';
import { SeededHash } from '../../../src/base/hash.ts';
import { PacketClock } from '../../../src/base/packet-clock.ts';
import { Datagram } from '../../../src/decode/datagram.ts';
import { DecodeResult } from '../../../src/decode/decode-result.ts';
import { decodeFrame } from '../../../src/decode/frame-decoder.ts';
import { startsLikeRtcp } from '../../../src/rtp/rtcp/parse-rtcp.ts';
import { roundTripResultNames } from '../../../src/rtp/rtcp/rtcp-events.ts';
import { RtcpResult } from '../../../src/rtp/rtcp/rtcp-result.ts';
import { RtcpSources } from '../../../src/rtp/rtcp/rtcp-sources.ts';
import { rtcpTypeNames } from '../../../src/rtp/rtcp/rtcp-type.ts';
import { SipMessage } from '../../../src/sip/message.ts';
import { parseMessage } from '../../../src/sip/parse-message.ts';
import { ParseResult } from '../../../src/sip/parse-result.ts';
import { defaultParserLimits } from '../../../src/sip/parser-limits.ts';
import { parseRtpStat, RtpStat } from '../../../src/sip/voice-reports/rtp-stat.ts';
import { lendBytes } from '../../support/lend-frame.ts';
import { readPcap } from '../../support/pcap.ts';

// Two baresip of Debian, recorded by record.sh: real RTCP and SRTCP, and X-RTP-Stat.

/** Counts what is in a recording, and what its RTP statistics say. */
function look(name: string, isEncrypted: boolean) {
  const counts: Record<string, number> = {};
  const add = (what: string): void => {
    counts[what] = (counts[what] ?? 0) + 1;
  };
  const trips: number[] = [];
  const expected: number[] = [];
  const stats: number[][] = [];
  const frame = new Frame();
  const datagram = new Datagram();
  const clock = new PacketClock();
  const message = new SipMessage();
  const stat = new RtpStat();
  const events = {
    rtcpDatagram: (_: number, result: RtcpResult) => add(Object.keys(RtcpResult)[result]!),
    rtcpPacket: (_: number, type: number) => add(rtcpTypeNames[type]!),
    feedback: () => {},
    extendedBlock: () => {},
    reportBlock: (_: number, result: number) => add(roundTripResultNames[result]!),
    roundTrip: (_: number, _datagram: Datagram, trip: { segmentMicros: number }) =>
      trips.push(trip.segmentMicros),
    farEnd: (_: number, _datagram: Datagram, report: { expected: number; lost: number }) =>
      expected.push(report.expected, report.lost),
    bye: () => add('left'),
    voipMetrics: () => {},
  };
  const rates = { clockRateOf: () => 48_000 };
  const sources = new RtcpSources({ maxSources: 10 }, clock, new SeededHash(1, 2), events, rates);
  for (const { micros, bytes } of readPcap(join(import.meta.dirname, 'recorded', `${name}.pcap`))) {
    lendBytes(frame, bytes);
    assert.equal(decodeFrame(frame, datagram), DecodeResult.datagram);
    clock.micros = micros;
    const { view, payloadOffset, payloadLength } = datagram;
    if (startsLikeRtcp(datagram.bytes, payloadOffset)) {
      sources.datagram(datagram, 0, isEncrypted);
      continue;
    }
    const result = parseMessage(
      datagram.bytes,
      view,
      payloadOffset,
      payloadLength,
      defaultParserLimits,
      message,
    );
    assert.equal(result, ParseResult.message);
    if (message.rtpStatLength === 0) continue;
    assert.ok(parseRtpStat(message.bytes, message.rtpStatOffset, message.rtpStatLength, stat));
    stats.push([stat.packetsSent, stat.packetsReceived, stat.packetsLost, stat.jitterMicros]);
  }
  return { counts, trips, expected, stats };
}

test('a call of baresip with RTCP beside RTP on one port: reports of both ends, and its RTP statistics', () => {
  const { counts, trips, expected, stats } = look('baresip-mux', false);
  assert.deepEqual(counts, {
    app: 2,
    compound: 12,
    sr: 8,
    no_sender_report: 1,
    sdes: 10,
    measured: 7,
    bye: 2,
    left: 2,
  });
  assert.equal(trips.length, 7);
  // Both are on one host.
  assert.ok(
    trips.every((micros) => micros < 2000),
    trips.join(),
  );
  assert.deepEqual(expected, [0, 0, 0, 0, 250, 0, 250, 0, 250, 0, 249, 0, 250, 0, 251, 0]);
  assert.deepEqual(stats, [
    [1000, 1001, 0, 69_900],
    [1001, 1000, 0, 80_900],
  ]);
});

test('a call of baresip with SRTP: what is encrypted is told from errors', () => {
  assert.deepEqual(look('baresip-srtp', true).counts, {
    app: 1,
    compound: 2,
    encrypted: 5,
    bye: 1,
    sdes: 1,
    left: 1,
  });
  const { counts } = look('baresip-srtp', false);
  assert.equal(counts['encrypted'], undefined);
  assert.equal(counts['compound'], 2);
});
