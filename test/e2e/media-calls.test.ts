// SPDX-License-Identifier: Apache-2.0
// Needs root: network namespaces, packet sockets. SIPp plays the voice that comes with it; ringtap's figures of the streams
// are held against those of tshark, from a capture of the same interface.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { referenceIntervals } from '../rtp/reference.ts';
import { beginMedia, firstPackets, type MediaPlan, mediaRun, voiceFile } from '../support/media-calls.ts';
import { type MediaFigures, mediaFiguresOf, noMedia } from '../support/media-figures.ts';
import { openNetwork } from '../support/network.ts';
import { type PacketJudge, startPacketJudge } from '../support/packet-judge.ts';
import type { Exposition } from '../support/prometheus-text.ts';
import { startRingtap } from '../support/ringtap.ts';
import { judgePackets, judgeStreams } from '../support/rtp-judge.ts';
import { startCalls } from '../support/sipp.ts';

const packetMillis = 30;
const packetBytes = 240;
const clockRate = 8000;
/** The clock must have no part in what is late; what is one-way has to be wanted for so long, and so the call lasts longer. */
const patient = ['--media.late-after', '30s', '--media.false-answer-after', '60s'];
const lessPatient = ['--media.late-after', '4s'];

type Case = {
  readonly name: string;
  /** Packets that a side sends; it is silent without. */
  readonly fromCaller?: number;
  readonly fromCallee?: number;
  /** From the beginning of the media to the BYE, where nobody sends. */
  readonly talkMillis?: number;
  readonly ipv6?: boolean;
  readonly intervalSeconds?: number;
  readonly result: string;
};

const cases: readonly Case[] = [
  { name: 'both ways, seven seconds', fromCaller: 236, fromCallee: 236, result: 'both_ways' },
  {
    name: 'both ways over IPv6, in intervals of a second',
    ...{ fromCaller: 100, fromCallee: 90, ipv6: true, intervalSeconds: 1, result: 'both_ways' },
  },
  { name: 'one-way: only the caller is heard', fromCaller: 150, result: 'caller_only' },
  { name: 'one-way: only the callee is heard', fromCallee: 150, result: 'callee_only' },
  { name: 'nobody is heard, and nothing says that anybody could be', talkMillis: 4500, result: 'not_seen' },
];

const folder = mkdtempSync(join(tmpdir(), 'ringtap-media-'));
after(() => rmSync(folder, { recursive: true }));

// Most of the time is spent waiting for the end of the voice, and for the verdict ten seconds behind the BYE.
describe('root: media of calls', { concurrency: 6 }, () => {
  for (const { name, ...rest } of cases) test(name, () => checkCase(rest));

  test('nobody is heard, where media of the same host was before', async () => {
    await using network = await openNetwork();
    await using ringtap = await startRingtap(network.callee);
    for (const [run, callerFile] of [await partOf(30), undefined].entries()) {
      const plan = { ...(callerFile === undefined ? {} : { callerFile }), talkMillis: 2500 };
      await using calls = await startCalls(network, {
        caller: 'uac-media',
        callee: 'uas-media',
        ...mediaRun(plan, run),
      });
      await beginMedia(network, ringtap, { run, descriptions: 2 * (run + 1) });
      await calls.succeed();
    }
    const scrape = await ringtap.scrapeUntil(
      'both verdicts',
      (s) => s.sum('rtp_call_results_total') === 2,
      30_000,
    );
    assert.deepEqual(mediaFiguresOf(scrape).results, { caller_only: 1, missing: 1 });
  });
});

async function partOf(packets: number): Promise<string> {
  return await firstPackets(voiceFile, packets, folder);
}

async function checkCase(the: Omit<Case, 'name'>): Promise<void> {
  const { fromCaller = 0, fromCallee = 0, ipv6 = false, intervalSeconds = 10, result } = the;
  const plan: MediaPlan = {
    ...(fromCaller > 0 && { callerFile: await partOf(fromCaller) }),
    ...(fromCallee > 0 && { calleeFile: await partOf(fromCallee) }),
    talkMillis: the.talkMillis ?? packetMillis * Math.max(fromCaller, fromCallee) + 500,
  };
  await using network = await openNetwork();
  await using ringtap = await startRingtap(network.callee, {
    args: ['--rtp.interval', `${intervalSeconds}s`, ...(result === 'both_ways' ? patient : lessPatient)],
  });
  await using judge = await startPacketJudge(network);
  await using calls = await startCalls(network, {
    caller: 'uac-media',
    callee: 'uas-media',
    ipv6,
    ...mediaRun(plan),
  });
  await beginMedia(network, ringtap, { ipv6 });
  await calls.succeed();
  await ringtap.scrapeUntil('the verdict', (s) => s.sum('rtp_call_results_total') > 0, 30_000);
  const scrape = await ringtap.scrape();
  const judged = await judgeCall(judge, fromCaller, fromCallee, intervalSeconds, ipv6);
  assert.deepEqual(mediaFiguresOf(scrape), expectedFigures(the, judged.intervals));
  checkJitter(scrape, judged);
}

type Judged = { readonly intervals: number; readonly jitterMicros: number; readonly maxJitterMillis: number };

/** tshark has the same number of packets in each stream, without loss; the rest follows from its packets. */
async function judgeCall(
  judge: PacketJudge,
  fromCaller: number,
  fromCallee: number,
  intervalSeconds: number,
  ipv6: boolean,
): Promise<Judged> {
  const file = await judge.file();
  const streams = await judgeStreams(file);
  const callerEnd = ipv6 ? 'fd00:99:1::1' : '10.99.0.1';
  const found = streams.map(({ source, packets, lost }) => ({
    isCaller: source === callerEnd,
    packets,
    lost,
  }));
  const expected = [
    { isCaller: true, packets: fromCaller, lost: 0 },
    { isCaller: false, packets: fromCallee, lost: 0 },
  ];
  assert.deepEqual(
    found,
    expected.filter(({ packets }) => packets > 0),
    'tshark',
  );
  const intervals = [...(await judgePackets(file)).values()].flatMap((packets) =>
    referenceIntervals(packets, { clockRate, intervalMicros: intervalSeconds * 1e6, settledBehind: 16 }),
  );
  return {
    intervals: intervals.length,
    jitterMicros: intervals.reduce((sum, { jitterMicros }) => sum + jitterMicros, 0),
    maxJitterMillis: Math.max(0, ...streams.map(({ maxJitterMillis }) => maxJitterMillis)),
  };
}

function expectedFigures(
  { fromCaller = 0, fromCallee = 0, result }: Omit<Case, 'name'>,
  intervals: number,
): MediaFigures {
  const directions = { inbound: fromCaller, outbound: fromCallee };
  const each = (suffix: string, value: (packets: number) => number): Record<string, number> =>
    Object.fromEntries(
      Object.entries(directions)
        .filter(([, packets]) => packets > 0)
        .map(([direction, packets]) => [`${direction} ${suffix}`, value(packets)]),
    );
  const sides = [...(fromCaller > 0 ? ['caller'] : []), ...(fromCallee > 0 ? ['callee'] : [])];
  const ofSides = (suffix: string): Record<string, number> =>
    Object.fromEntries(sides.map((side) => [`${side}${suffix}`, 1]));
  return {
    ...noMedia,
    packets: each('pcma', (packets) => packets),
    bytes: each('pcma', (packets) => packets * packetBytes),
    streams: each('announced', () => 1),
    intervals: intervals === 0 ? {} : { complete: intervals },
    rated: intervals === 0 ? {} : { narrow: intervals },
    results: { [result]: 1 },
    codecs: ofSides(' pcma'),
    answerDelays: ofSides(''),
  };
}

/**
 * The jitter at the end of each interval is that of the packets that tshark read: both captures have the kernel's one time of
 * each packet, and what differs is that ringtap's is whole microseconds. It is no more than the worst that tshark tells itself.
 */
function checkJitter(scrape: Exposition, { intervals, jitterMicros, maxJitterMillis }: Judged): void {
  const sumMicros = scrape.sum('rtp_interval_jitter_seconds_sum') * 1e6;
  assert.equal(scrape.sum('rtp_interval_jitter_seconds_count'), intervals);
  assert.equal(scrape.sum('rtp_interval_loss_ratio_count'), intervals);
  assert.equal(scrape.sum('rtp_interval_loss_ratio_sum'), 0);
  assert.ok(Math.abs(sumMicros - jitterMicros) <= intervals, `${sumMicros} us, by tshark ${jitterMicros} us`);
  assert.ok(
    sumMicros <= intervals * (maxJitterMillis * 1000 + 1),
    `${sumMicros} us, worst ${maxJitterMillis} ms`,
  );
  const discarded = scrape.sum('rtp_packets_discarded_total', { buffer: 'fixed' });
  // On a machine that stops for more than 60 ms a receiver would have heard it: then R is less, and rightly so.
  if (discarded > 0) return;
  // G.711 with 100 ms of delay in all, see docs/media-quality.md.
  const mean = (family: string): number => scrape.sum(`${family}_sum`) / Math.max(1, intervals);
  assert.equal(mean('rtp_interval_r_factor').toFixed(1), intervals === 0 ? '0.0' : '90.7');
  assert.equal(mean('rtp_interval_mos').toFixed(2), intervals === 0 ? '0.00' : '4.35');
}
