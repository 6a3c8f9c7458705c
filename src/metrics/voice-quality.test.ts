// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import test from 'node:test';
import {
  extendedReport,
  feedback,
  receiverReport,
  senderReport,
  voipMetrics,
} from '../../test/support/rtcp.ts';
import { bytesOf } from '../../test/support/udp-frame.ts';
import { SeededHash } from '../base/hash.ts';
import { PacketClock } from '../base/packet-clock.ts';
import { Datagram } from '../decode/datagram.ts';
import { Codec } from '../rtp/codec.ts';
import { REDUNDANT, Variant } from '../rtp/rated-codec.ts';
import { RtcpSources } from '../rtp/rtcp/rtcp-sources.ts';
import { StreamReport } from '../rtp/stream-events.ts';
import { SipMessage } from '../sip/message.ts';
import { parseMessage } from '../sip/parse-message.ts';
import { ParseResult } from '../sip/parse-result.ts';
import { defaultParserLimits } from '../sip/parser-limits.ts';
import { cellsPerContext, cellsPerTuple, labelTuples, Space } from './definition.ts';
import { families, familyId } from './families.ts';
import { QualityMetrics } from './quality-metrics.ts';
import { RtcpMetrics } from './rtcp-metrics.ts';
import { ShardMemory } from './shard-memory.ts';
import { ShardWriter } from './shard-writer.ts';
import { VoiceReportMetrics } from './voice-report-metrics.ts';

const budget = { maxSeriesPerFamily: 10_000, maxSeries: 100_000 };

/** A shard, a context, and a look at a family: by label values its count or, of a histogram, [values, sum]. */
function setUp() {
  const writer = new ShardWriter(ShardMemory.allocate(budget), budget);
  const context = writer.context(Space.traffic, ['eth0', 'inbound']);
  const counted = (name: string): Record<string, unknown> => {
    const definition = families[familyId(name)]!;
    const base = writer.base(familyId(name), context);
    const cells = [...writer.memory.cells.subarray(base, base + cellsPerContext(definition))];
    const size = cellsPerTuple(definition);
    return Object.fromEntries(
      labelTuples(definition).flatMap((tuple, i) => {
        const own = cells.slice(i * size, (i + 1) * size);
        const count = size === 1 ? own[0]! : own.slice(0, -1).reduce((sum, one) => sum + one, 0);
        return count === 0 ? [] : [[tuple.join(' '), size === 1 ? count : [count, own.at(-1)]]];
      }),
    );
  };
  return { writer, context, counted };
}

test('RTCP counts under its names', () => {
  const { writer, context, counted } = setUp();
  const clock = new PacketClock();
  const datagram = new Datagram();
  const rates = { clockRateOf: () => 8000 };
  const sources = new RtcpSources(
    { maxSources: 9 },
    clock,
    new SeededHash(1, 2),
    new RtcpMetrics(writer),
    rates,
  );
  const send = (isBack: boolean, millis: number, bytes: Uint8Array, isEncrypted = false): void => {
    clock.micros = 1_763_900_000_000_000 + millis * 1000;
    datagram.sourcePort = isBack ? 2 : 1;
    datagram.destinationPort = isBack ? 1 : 2;
    datagram.bytes = bytes;
    datagram.payloadLength = bytes.length;
    sources.datagram(datagram, context, isEncrypted);
  };
  send(false, 0, senderReport(1, 5));
  const first = { ssrc: 1, highest: 100, fractionLost: 64, jitter: 80, lastSenderReport: 5, delay: 32_768 };
  send(true, 530, bytesOf(receiverReport(2, [first]), feedback(206, 4)));
  send(true, 1530, receiverReport(2, [{ ssrc: 1, highest: 200, cumulativeLost: 7, jitter: 160 }]));
  const values = { lossRate: 128, discardRate: 64, roundTripMillis: 120, endSystemMillis: 80, rFactor: 88 };
  send(true, 1600, extendedReport(2, voipMetrics(1, { ...values, mosCq: 41 })));
  send(true, 1700, extendedReport(2, voipMetrics(1, { rFactor: 127, mosLq: 5 })));
  send(true, 1800, receiverReport(2).subarray(1));
  send(true, 1900, bytesOf(receiverReport(2).subarray(0, 8), new Uint8Array(18).fill(0x99)), true);
  assert.deepEqual(counted('rtcp_packets_total'), { sr: 1, rr: 2, psfb: 1, xr: 2 });
  assert.deepEqual(counted('rtcp_feedback_total'), { fir: 1 });
  assert.deepEqual(counted('rtcp_xr_blocks_total'), { voip_metrics: 2 });
  assert.deepEqual(counted('rtcp_parse_errors_total'), { bad_version: 1 });
  assert.deepEqual(counted('rtcp_datagrams_total'), { read: 5, encrypted: 1, malformed: 1 });
  assert.deepEqual(counted('rtcp_report_blocks_total'), { measured: 1, no_sender_report: 1 });
  assert.deepEqual(counted('rtcp_round_trip_seconds'), { segment: [1, 30_000] });
  assert.deepEqual(counted('rtcp_far_end_loss_ratio'), { '': [2, 250_000 + 70_000] });
  assert.deepEqual(counted('rtcp_far_end_jitter_seconds'), { '': [2, 30_000] });
  assert.deepEqual(counted('rtcp_xr_loss_ratio'), { '': [2, 500_000] });
  assert.deepEqual(counted('rtcp_xr_discard_ratio'), { '': [2, 250_000] });
  assert.deepEqual(counted('rtcp_xr_round_trip_seconds'), { '': [1, 120_000] });
  assert.deepEqual(counted('rtcp_xr_end_system_delay_seconds'), { '': [1, 80_000] });
  assert.deepEqual(counted('rtcp_xr_r_factor'), { '': [1, 880] });
  assert.deepEqual(counted('rtcp_xr_mos'), { cq: [1, 410] });
});

/** An interval of 500 packets without anything wrong. */
const interval = (context: number, values: Partial<StreamReport> = {}): StreamReport => {
  const { codec = Codec.pcma } = values;
  const usual = { context, codec, ratedCodec: codec, received: 500, expected: 500 };
  return Object.assign(new StreamReport(), usual, values);
};

test('an interval has its quality in its band', () => {
  const { writer, context, counted } = setUp();
  const metrics = new QualityMetrics(writer, true);
  assert.equal(metrics.interval(interval(context)), true);
  // 20 ms of network, 20 ms of packet, 60 ms of jitter buffer: 100 ms.
  assert.deepEqual([metrics.estimate.rFactor.toFixed(1), metrics.estimate.mos.toFixed(2)], ['90.7', '4.35']);
  assert.equal(metrics.interval(interval(context, { roundTripMicros: 240_000 })), true);
  assert.equal(metrics.estimate.rFactor.toFixed(1), '85.8');
  // Discards of the jitter buffer are as lost.
  metrics.interval(interval(context, { lost: 5, discardedFixed: 5 }));
  assert.equal(metrics.estimate.rFactor.toFixed(1), (90.664 - (95 * 2) / 27.1).toFixed(1));
  metrics.interval(interval(context, { lost: 500 }));
  assert.equal(metrics.estimate.mos.toFixed(1), '1.1');
  metrics.interval(interval(context, { codec: Codec.opus }));
  assert.deepEqual(counted('rtp_interval_mos')['wide'], [1, 446]);
  assert.equal((counted('rtp_interval_r_factor')['narrow'] as number[])[0], 4);
  assert.deepEqual(counted('rtp_intervals_without_quality_total'), {});
});

test('devices that do not conceal what is lost of G.711 suffer more', () => {
  const { writer, context } = setUp();
  const metrics = new QualityMetrics(writer, false);
  metrics.interval(interval(context, { lost: 10 }));
  assert.equal(metrics.estimate.rFactor.toFixed(1), (90.664 - (95 * 2) / 6.3).toFixed(1));
});

test('a codec is rated by the parameters of its format, and redundancy heals one packet of each run', () => {
  const { writer, context } = setUp();
  const metrics = new QualityMetrics(writer, true);
  const rFactor = (values: Partial<StreamReport>): string => {
    assert.equal(metrics.interval(interval(context, values)), true);
    return metrics.estimate.rFactor.toFixed(1);
  };
  const g723 = Number(rFactor({ codec: Codec.g723 }));
  assert.equal(rFactor({ codec: Codec.g723, ratedCodec: Variant.g723Low }), (g723 - 4).toFixed(1));
  const low = { codec: Codec.amr, ratedCodec: Variant.amrMode };
  assert.equal(rFactor(low), (Number(rFactor({ codec: Codec.amr })) - 16).toFixed(1));
  const red = { codec: Codec.red, ratedCodec: Codec.pcma | REDUNDANT };
  assert.equal(rFactor({ ...red, lost: 10, lossRuns: 10 }), '90.7');
  assert.equal(rFactor({ ...red, lost: 10, lossRuns: 5 }), rFactor({ lost: 5, lossRuns: 5 }));
  assert.equal(rFactor({ ...red, lossRuns: 9 }), '90.7');
  const bare = new QualityMetrics(writer, false);
  bare.interval(interval(context, { ...red, lost: 10, lossRuns: 0 }));
  assert.equal(bare.estimate.rFactor.toFixed(1), (90.664 - (95 * 2) / 6.3).toFixed(1));
});

test('an interval without quality says why', () => {
  const { writer, context, counted } = setUp();
  const metrics = new QualityMetrics(writer, true);
  for (const values of [
    { isSensorLossy: true, isSilent: true },
    { codec: Codec.other },
    { codec: Codec.l16 },
    { codec: Codec.other, isSilent: true },
    { isSilent: true },
    { received: 0, expected: 0, codec: Codec.other },
    { codec: Codec.video, isSensorLossy: true },
    { codec: Codec.rtx, isSilent: true },
    { codec: Codec.red },
  ]) {
    assert.equal(metrics.interval(interval(context, values)), false);
  }
  assert.deepEqual(counted('rtp_intervals_without_quality_total'), {
    sensor_loss: 1,
    no_codec: 3,
    encrypted: 1,
    silent: 2,
  });
  assert.deepEqual(counted('rtp_interval_mos'), {});
});

const message = new SipMessage();
/** A message with these header fields and body. */
function parse(startLine: string, method: string, fields: readonly string[], body: string = ''): SipMessage {
  const head = [
    startLine,
    'Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1',
    'From: <sip:a@example.com>;tag=1',
    'To: <sip:b@example.com>;tag=2',
    'Call-ID: 1',
    `CSeq: 1 ${method}`,
    ...fields,
  ].join('\r\n');
  const bytes = Uint8Array.from(Buffer.from(`${head}\r\nContent-Length: ${body.length}\r\n\r\n${body}`));
  const view = new DataView(bytes.buffer);
  assert.equal(parseMessage(bytes, view, 0, bytes.length, defaultParserLimits, message), ParseResult.message);
  return message;
}

test('voice quality reports count by kind and method, those of sessions with their measures', () => {
  const { writer, context, counted } = setUp();
  const metrics = new VoiceReportMetrics(writer);
  const type = ['Content-Type: application/vq-rtcpxr'];
  const body = (first: string): string =>
    `${first}\r\nLocalMetrics:\r\nPacketLoss:NLR=5.0 JDR=2.0\r\nDelay:RTD=200 IAJ=2\r\nQualityEst:MOSLQ=3.4 MOSCQ=3.3\r\nRemoteMetrics:\r\nQualityEst:MOSCQ=4.25 MOSLQ=0.0\r\n`;
  const publish = (fields: readonly string[], text: string): void =>
    metrics.message(context, parse('PUBLISH sip:c@example.com SIP/2.0', 'PUBLISH', fields, text));
  publish(type, body('VQSessionReport: CallTerm'));
  publish(type, body('VQIntervalReport'));
  publish(['c: application/vq-rtcpxr;v=1'], 'VQAlertReport: Severity=Critical\r\n');
  publish(type, 'v=0\r\n');
  publish(type, 'VQSessionReport\r\n');
  publish(['Content-Type: application/sdp'], body('VQSessionReport'));
  publish(type, '');
  publish([], body('VQSessionReport'));
  metrics.message(
    context,
    parse('NOTIFY sip:c@example.com SIP/2.0', 'NOTIFY', type, body('VQSessionReport')),
  );
  metrics.message(context, parse('SIP/2.0 200 OK', 'PUBLISH', type, body('VQSessionReport')));
  assert.deepEqual(counted('sip_voice_quality_reports_total'), {
    'session PUBLISH': 1,
    'session NOTIFY': 1,
    'interval PUBLISH': 1,
    'alert PUBLISH': 1,
  });
  assert.deepEqual(counted('sip_voice_quality_report_errors_total'), { not_report: 1, no_metrics: 1 });
  assert.deepEqual(counted('sip_voice_quality_alerts_total'), { critical: 1 });
  assert.deepEqual(counted('sip_voice_quality_mos'), {
    'local lq': [2, 680],
    'local cq': [2, 660],
    'remote cq': [2, 850],
  });
  assert.deepEqual(counted('sip_voice_quality_loss_ratio'), { local: [2, 100_000] });
  assert.deepEqual(counted('sip_voice_quality_discard_ratio'), { local: [2, 40_000] });
  assert.deepEqual(counted('sip_voice_quality_jitter_seconds'), { local: [2, 4000] });
  assert.deepEqual(counted('sip_voice_quality_round_trip_seconds'), { local: [2, 400_000] });
});

test('X-RTP-Stat counts in BYE and its responses only', () => {
  const { writer, context, counted } = setUp();
  const metrics = new VoiceReportMetrics(writer);
  const stat = ['X-RTP-Stat: PS=90;PR=90;PL=10;JI=12;LA=40'];
  metrics.message(context, parse('BYE sip:c@example.com SIP/2.0', 'BYE', stat));
  metrics.message(context, parse('SIP/2.0 200 OK', 'BYE', ['P-RTP-Stat: PS=1,PR=0,PL=0']));
  metrics.message(context, parse('BYE sip:c@example.com SIP/2.0', 'BYE', ['X-RTP-Stat: none']));
  metrics.message(context, parse('BYE sip:c@example.com SIP/2.0', 'BYE', []));
  metrics.message(context, parse('INFO sip:c@example.com SIP/2.0', 'INFO', stat));
  assert.deepEqual(counted('sip_rtp_stat_headers_total'), { request: 1, response: 1 });
  assert.deepEqual(counted('sip_rtp_stat_errors_total'), { '': 1 });
  assert.deepEqual(counted('sip_rtp_stat_loss_ratio'), { '': [1, 100_000] });
  assert.deepEqual(counted('sip_rtp_stat_jitter_seconds'), { '': [1, 12_000] });
  assert.deepEqual(counted('sip_rtp_stat_latency_seconds'), { '': [1, 40_000] });
});
