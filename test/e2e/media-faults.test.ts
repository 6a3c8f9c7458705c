// SPDX-License-Identifier: Apache-2.0
// Needs root: network namespaces, packet sockets. Streams of a call that are sent with known faults: what is dropped, comes
// again, comes late or out of order is counted exactly, and the figures that time makes are those of the packets as tshark has
// them. RTCP with known delays beside.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { referenceIntervals } from '../rtp/reference.ts';
import { runCommand } from '../support/command.ts';
import { answer, calleePort, callerPort, inCall, patient } from '../support/in-call.ts';
import { type MediaFigures, mediaFiguresOf, noMedia } from '../support/media-figures.ts';
import { openBridgedNetwork } from '../support/network.ts';
import type { Exposition } from '../support/prometheus-text.ts';
import { startRingtap } from '../support/ringtap.ts';
import { extendedReport, receiverReport, senderReport, voipMetrics } from '../support/rtcp.ts';
import { type JudgedPacket, judgePackets, judgeStreams } from '../support/rtp-judge.ts';
import { rtpPacket } from '../support/rtp-packet.ts';
import { WireCall } from '../support/wire-call.ts';

const callerSsrc = 0xa11ce;
const calleeSsrc = 0xb0b;
const clockRate = 8000;
const packetMillis = 10;
const unitsPerPacket = 80;

/** A packet by its place in the stream. */
const packetOf = (index: number, ssrc: number, base: number): Uint8Array =>
  rtpPacket({
    sequenceNumber: base + index,
    timestamp: 0xffff_f000 + index * unitsPerPacket,
    ssrc,
    payloadBytes: unitsPerPacket,
  });

describe('root: media with faults', { concurrency: 5 }, () => {
  test('packets that are dropped, repeated, swapped and late', faults);
  test('a jump of the sequence, another SSRC, another codec', changes);
  test('packets that are sent twice at once: duplicates, however short the time', twice);
  test('packets that are seen twice, on a bridge: copies of the capture, and nothing else', bridged);
  test('RTCP: round trips, what receivers miss, VoIP metrics', reports);
});

/** The order in which the packets of a stream are sent, and when. */
function faultyOrder(): { indexes: number[]; timesMillis: number[] } {
  const dropped = new Set([20, 21, 50, 350, ...Array.from({ length: 10 }, (_, i) => 100 + i)]);
  const order = Array.from({ length: 400 }, (_, index) => index).filter((index) => !dropped.has(index));
  const move = (index: number, behind: number): void => {
    order.splice(order.indexOf(index), 1);
    order.splice(order.indexOf(behind) + 1, 0, index);
  };
  move(30, 31);
  move(200, 201);
  // Within the 16 packets in which what is missing may still come, and behind them.
  move(150, 160);
  move(250, 270);
  const repeat = (index: number, behind: number): void => {
    order.splice(order.lastIndexOf(behind) + 1, 0, index);
  };
  repeat(60, 70);
  repeat(80, 80);
  repeat(80, 80);
  repeat(300, 320);
  // Twelve packets wait for 100 ms in front of a bottleneck.
  const held = (place: number): number => (place >= 340 && place < 352 ? 100 : 0);
  const sendTimes = order.map((_, place) => place * packetMillis + held(place));
  return { indexes: order, timesMillis: sendTimes };
}

/** What a list of places in the stream means, by plain counting. */
function expectedCounts(indexes: readonly number[]): Pick<
  MediaFigures,
  'lost' | 'duplicate' | 'outOfOrder'
> & {
  received: number;
} {
  const seen = new Set<number>();
  let outOfOrder = 0;
  let highest = -1;
  for (const index of indexes) {
    if (!seen.has(index) && index < highest) outOfOrder++;
    seen.add(index);
    highest = Math.max(highest, index);
  }
  return {
    received: seen.size,
    lost: highest + 1 - seen.size,
    duplicate: indexes.length - seen.size,
    outOfOrder,
  };
}

async function faults(): Promise<void> {
  const { indexes, timesMillis } = faultyOrder();
  const counts = expectedCounts(indexes);
  assert.deepEqual(counts, { received: 386, lost: 14, duplicate: 4, outOfOrder: 4 });
  // The sequence number wraps within.
  const base = 65_300;
  const payloads = indexes.map((index) => packetOf(index, callerSsrc, base));
  const clean = Array.from({ length: 100 }, (_, index) => packetOf(index, calleeSsrc, 7));
  await using run = await inCall({ args: ['--capture.duplicate-window', '0s'] }, async (call) => {
    await call.raw('callee', calleePort, callerPort, clean);
    await call.raw('caller', callerPort, calleePort, payloads, timesMillis);
  });
  const { received, ...rest } = counts;
  assert.deepEqual(run.figures, {
    ...noMedia,
    ...rest,
    packets: { 'inbound pcmu': received, 'outbound pcmu': 100 },
    bytes: { 'inbound pcmu': received * unitsPerPacket, 'outbound pcmu': 100 * unitsPerPacket },
    streams: { 'inbound announced': 1, 'outbound announced': 1 },
    intervals: { complete: 2 },
    rated: { narrow: 2 },
    results: { both_ways: 1 },
    codecs: { 'caller pcmu': 1, 'callee pcmu': 1 },
    answerDelays: { caller: 1, callee: 1 },
  });
  const ratio = Math.round((counts.lost / (counts.lost + received)) * 1e6) / 1e6;
  assert.equal(run.scrape.sum('rtp_interval_loss_ratio_sum', { direction: 'inbound' }), ratio);
  assert.equal(run.scrape.sum('rtp_interval_loss_ratio_sum', { direction: 'outbound' }), 0);
  // tshark takes what comes again for packets that were to come.
  const streams = await judgeStreams(run.file);
  assert.deepEqual(
    streams.map(({ packets, lost }) => [packets, lost]),
    [
      [indexes.length, 400 - indexes.length],
      [100, 0],
    ],
  );
  checkTimes(run.scrape, [...(await judgePackets(run.file)).values()]);
}

/** Jitter and what a buffer of 60 ms discards, of the packets and times that tshark has. */
function checkTimes(scrape: Exposition, streams: readonly JudgedPacket[][]): void {
  for (const [direction, of] of [
    ['inbound', callerPort],
    ['outbound', calleePort],
  ] as const) {
    const packets = streams.find(([first]) => first!.stream.split(' ')[2] === String(of))!;
    const options = { clockRate, intervalMicros: 60e6, settledBehind: 16 };
    const [{ jitterMicros } = { jitterMicros: Number.NaN }] = referenceIntervals(packets, options);
    const sumMicros = scrape.sum('rtp_interval_jitter_seconds_sum', { direction }) * 1e6;
    assert.ok(Math.abs(sumMicros - jitterMicros) <= 1, `${direction}: ${sumMicros} us, not ${jitterMicros}`);
    const fixed = scrape.sum('rtp_packets_discarded_total', { direction, buffer: 'fixed' });
    assert.equal(fixed, discardedByFixed(packets), `${direction}: discarded`);
  }
  assert.ok(scrape.sum('rtp_packets_discarded_total', { direction: 'inbound', buffer: 'fixed' }) > 0);
}

/** First arrivals that are more than 60 ms later than the fastest so far, by their timestamps. */
function discardedByFixed(packets: readonly JudgedPacket[]): number {
  const first = packets[0]!;
  const seen = new Set<number>();
  let fastest = Number.POSITIVE_INFINITY;
  let discarded = 0;
  for (const { micros, sequenceNumber, timestamp } of packets) {
    if (seen.has(sequenceNumber)) continue;
    seen.add(sequenceNumber);
    const units = (timestamp - first.timestamp) | 0;
    const transit = micros - first.micros - (units / clockRate) * 1e6;
    fastest = Math.min(fastest, transit);
    if (transit - fastest > 60_000) discarded++;
  }
  return discarded;
}

async function changes(): Promise<void> {
  const run = (count: number, ssrc: number, base: number, payloadType = 0): Uint8Array[] =>
    Array.from({ length: count }, (_, i) =>
      rtpPacket({
        sequenceNumber: base + i,
        timestamp: base * 80 + i * 80,
        ssrc,
        payloadType,
        payloadBytes: 80,
      }),
    );
  await using judged = await inCall({}, async (call) => {
    await call.raw('caller', callerPort, calleePort, [
      ...run(50, callerSsrc, 100),
      ...run(50, callerSsrc, 5150),
      ...run(50, callerSsrc, 5200, 8),
    ]);
    await call.raw('callee', calleePort, callerPort, [
      ...run(50, calleeSsrc, 1),
      ...run(50, calleeSsrc + 1, 40_000),
    ]);
  });
  const { figures } = judged;
  assert.deepEqual(
    {
      packets: figures.packets,
      streams: figures.streams,
      results: figures.results,
      changes: [figures.restarts, figures.ssrcChanges, figures.codecChanges],
      faults: [figures.lost, figures.duplicate, figures.outOfOrder],
      findings: figures.findings,
    },
    {
      packets: { 'inbound pcmu': 100, 'inbound pcma': 50, 'outbound pcmu': 100 },
      streams: { 'inbound announced': 1, 'outbound announced': 2 },
      results: { both_ways: 1 },
      changes: [1, 1, 1],
      faults: [0, 0, 0],
      findings: { 'asymmetric_codecs both': 1 },
    },
  );
  // tshark takes the jump for a loss.
  const lost = (await judgeStreams(judged.file)).map((stream) => stream.lost);
  assert.deepEqual(
    lost.sort((a, b) => a - b),
    [0, 0, 5000],
  );
}

async function twice(): Promise<void> {
  const payloads = Array.from({ length: 100 }, (_, i) => packetOf(i, callerSsrc, 1));
  await using run = await inCall({}, async (call) => {
    await call.raw(
      'caller',
      callerPort,
      calleePort,
      payloads.flatMap((payload) => [payload, payload]),
    );
  });
  // Linux gives each datagram an identification of its own.
  assert.equal(run.scrape.sum('rtp_capture_duplicates_total'), 0);
  assert.equal(run.figures.duplicate, 100);
  assert.deepEqual(run.figures.refused, {});
  assert.deepEqual(run.figures.packets, { 'inbound pcmu': 100 });
}

/** On a bridge each datagram passes two interfaces. */
async function bridged(): Promise<void> {
  await using network = await openBridgedNetwork();
  const { namespace, ports } = network.bridge;
  await using ringtap = await startRingtap(
    { namespace, interfaceName: ports[0] },
    { interfaces: ports, args: patient },
  );
  await using call = await WireCall.open(network);
  await answer(call, ringtap);
  await call.both(100);
  await call.bye();
  await ringtap.scrapeUntil('the verdict', (s) => s.sum('rtp_call_results_total') > 0, 30_000);
  const scrape = await ringtap.scrape();
  const { packets, duplicate, streams, intervals, results, refused } = mediaFiguresOf(scrape);
  assert.equal(
    Object.values(packets).reduce((sum, count) => sum + count),
    200,
  );
  assert.deepEqual([scrape.sum('rtp_capture_duplicates_total'), duplicate], [200, 0]);
  assert.deepEqual(
    { intervals, results, refused },
    { intervals: { complete: 2 }, results: { both_ways: 1 }, refused: {} },
  );
  assert.equal(
    Object.values(streams).reduce((sum, count) => sum + count),
    2,
  );
}

async function reports(): Promise<void> {
  const voice = (ssrc: number): Uint8Array[] => Array.from({ length: 20 }, (_, i) => packetOf(i, ssrc, 1));
  const delaySeconds = 0.125;
  const delay = delaySeconds * 65_536;
  const compound = (...packets: Uint8Array[]): Uint8Array => Buffer.concat(packets);
  await using run = await inCall({}, async (call) => {
    await call.raw('caller', callerPort, calleePort, voice(callerSsrc));
    await call.raw('callee', calleePort, callerPort, voice(calleeSsrc));
    const control = { caller: callerPort + 1, callee: calleePort + 1 };
    await call.raw('caller', control.caller, control.callee, [senderReport(callerSsrc, 0x1111_0000)]);
    // Not before DLSR and what the way takes is over: as a real receiver, which is never answered before it was asked.
    const block = { ssrc: callerSsrc, lastSenderReport: 0x1111_0000, delay, fractionLost: 64, jitter: 80 };
    await call.raw(
      'callee',
      control.callee,
      control.caller,
      [
        compound(
          senderReport(calleeSsrc, 0x2222_0000, [{ ...block, highest: 20 }]),
          extendedReport(
            calleeSsrc,
            voipMetrics(callerSsrc, {
              lossRate: 128,
              discardRate: 64,
              roundTripMillis: 40,
              rFactor: 80,
              mosLq: 41,
            }),
          ),
        ),
      ],
      [200],
    );
    const answered = { ssrc: calleeSsrc, lastSenderReport: 0x2222_0000, delay, highest: 20 };
    await call.raw('caller', control.caller, control.callee, [receiverReport(callerSsrc, [answered])], [300]);
  });
  const { scrape } = run;
  assert.deepEqual(scrape.byLabels('rtcp_packets_total', ['type']), { sr: 2, rr: 1, xr: 1 });
  assert.deepEqual(scrape.byLabels('rtcp_report_blocks_total', ['round_trip']), { measured: 2 });
  assert.deepEqual(scrape.byLabels('rtcp_xr_blocks_total', ['block']), { voip_metrics: 1 });
  const [first, second, third] = await reportTimes(run.file);
  const segments = [second! - first! - delaySeconds, third! - second! - delaySeconds];
  const sum = scrape.sum('rtcp_round_trip_seconds_sum', { path: 'segment' });
  assert.equal(scrape.sum('rtcp_round_trip_seconds_count', { path: 'segment' }), 2);
  assert.equal(scrape.sum('rtcp_round_trip_seconds_count', { path: 'full' }), 1);
  // Times of tshark have more digits than a double of seconds since 1970: a few tenths of a microsecond are theirs.
  assert.ok(Math.abs(sum - (segments[0]! + segments[1]!)) < 5e-6, `${sum} s, not ${segments}`);
  const full = scrape.sum('rtcp_round_trip_seconds_sum', { path: 'full' });
  assert.equal(full.toFixed(6), sum.toFixed(6));
  assert.equal(scrape.sum('rtcp_far_end_loss_ratio_sum'), 64 / 256);
  assert.equal(scrape.sum('rtcp_far_end_jitter_seconds_sum'), 0.01);
  assert.equal(scrape.sum('rtcp_xr_loss_ratio_sum'), 0.5);
  assert.equal(scrape.sum('rtcp_xr_discard_ratio_sum'), 0.25);
  assert.equal(scrape.sum('rtcp_xr_round_trip_seconds_sum'), 0.04);
  assert.equal(scrape.sum('rtcp_xr_r_factor_sum'), 80);
  assert.equal(scrape.sum('rtcp_xr_mos_sum', { mos: 'lq' }), 4.1);
}

/** When the datagrams of RTCP came, in seconds. */
async function reportTimes(file: string): Promise<number[]> {
  const text = await runCommand('tshark', [
    ...['-n', '-r', file, '-Y', `udp.port == ${callerPort + 1}`, '-T', 'fields', '-e', 'frame.time_relative'],
  ]);
  return text.trimEnd().split('\n').map(Number);
}
