// SPDX-License-Identifier: Apache-2.0
// Needs root: network namespaces, packet sockets. Offers and answers in all the messages that may carry them, and media before,
// during and behind the call. Each step waits until the program has read the one before, so that no machine is too slow.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type MediaFigures, mediaFiguresOf, noMedia } from '../support/media-figures.ts';
import { openNetwork } from '../support/network.ts';
import { startPacketJudge } from '../support/packet-judge.ts';
import { type Ringtap, startRingtap } from '../support/ringtap.ts';
import { bye } from '../support/rtcp.ts';
import { judgeStreams } from '../support/rtp-judge.ts';
import { WireCall } from '../support/wire-call.ts';

const callerPort = 6000;
const calleePort = 7000;
const otherPort = 6010;
/** Packets of each voice. */
const count = 40;

type Case = {
  readonly name: string;
  readonly args?: readonly string[];
  /** Media may be late: by default, after 2 and 3 s. */
  readonly isHurried?: boolean;
  readonly play: (call: WireCall, step: Step) => Promise<void>;
  readonly expected: Partial<MediaFigures>;
  /** Streams by what joined them; the destination of all that were announced, if not given. */
  readonly joined?: Readonly<Record<string, number>>;
  /** Streams that tshark finds; 2 if not given. */
  readonly streams?: number;
  /** Ports that no description tells tshark of. */
  readonly ports?: readonly number[];
};

/** Waits until the program has read so many descriptions, and so many 2xx to INVITE. */
type Step = (descriptions: number, answers?: number) => Promise<void>;

/** What the clock must have no part in: media is as late as it likes, and there is one interval. */
const patient = ['--rtp.interval', '60s', '--media.late-after', '30s', '--media.false-answer-after', '60s'];

/** INVITE and 200 with descriptions, ACK. */
async function answer(call: WireCall, step: Step): Promise<void> {
  await call.sip('caller', { what: 'INVITE', voice: callerPort });
  await call.sip('callee', { what: 200, voice: calleePort });
  await call.sip('caller', { what: 'ACK' });
  await step(2, 1);
}

const twoStreams = (fromCaller: number, fromCallee: number): Partial<MediaFigures> => ({
  packets: { 'inbound pcmu': fromCaller, 'outbound pcmu': fromCallee },
  bytes: { 'inbound pcmu': 160 * fromCaller, 'outbound pcmu': 160 * fromCallee },
  streams: { 'inbound announced': 1, 'outbound announced': 1 },
  intervals: { complete: 2 },
  rated: { narrow: 2 },
});
const bothWays: Partial<MediaFigures> = {
  results: { both_ways: 1 },
  codecs: { 'caller pcmu': 1, 'callee pcmu': 1 },
  answerDelays: { caller: 1, callee: 1 },
};

const cases: readonly Case[] = [
  {
    name: 'early media: 183 with a description, and the callee is heard before the 200',
    play: async (call, step) => {
      await call.sip('caller', { what: 'INVITE', voice: callerPort });
      await call.sip('callee', { what: 183, voice: calleePort });
      await step(2);
      await call.talk({ side: 'callee', packets: count });
      await call.sip('callee', { what: 200, voice: calleePort });
      await call.sip('caller', { what: 'ACK' });
      await step(3, 1);
      await call.both(count);
      await call.bye();
    },
    expected: {
      ...twoStreams(count, 2 * count),
      ...bothWays,
      findings: { 'early callee': 1 },
      answerDelays: { caller: 1 },
    },
  },
  {
    name: 'a late offer: the 200 offers, the ACK answers',
    play: async (call, step) => {
      await call.sip('caller', { what: 'INVITE' });
      await call.sip('callee', { what: 200, voice: calleePort });
      await call.sip('caller', { what: 'ACK', voice: callerPort });
      await step(2, 1);
      await call.both(count);
      await call.bye();
    },
    expected: { ...twoStreams(count, count), ...bothWays },
  },
  {
    name: 'an offer in PRACK, the answer in its 200',
    play: async (call, step) => {
      await call.sip('caller', { what: 'INVITE' });
      await call.sip('callee', { what: 183, voice: calleePort, headers: ['Require: 100rel', 'RSeq: 1'] });
      await call.sip('caller', { what: 'PRACK', cseq: 2, voice: callerPort, headers: ['RAck: 1 1 INVITE'] });
      await call.sip('callee', { what: 200, method: 'PRACK', cseq: 2 });
      await call.sip('callee', { what: 200 });
      await call.sip('caller', { what: 'ACK' });
      await step(2, 1);
      await call.both(count);
      await call.bye();
    },
    expected: { ...twoStreams(count, count), ...bothWays },
  },
  {
    name: 'hold with music, and resume',
    play: async (call, step) => {
      await answer(call, step);
      await call.both(count);
      const hold = ['a=sendonly'];
      await call.sip('caller', { what: 'INVITE', cseq: 2, voice: callerPort, lines: hold });
      await call.sip('callee', { what: 200, cseq: 2, voice: calleePort, lines: ['a=recvonly'] });
      await call.sip('caller', { what: 'ACK', cseq: 2 });
      await step(4, 2);
      await call.talk({ side: 'caller', packets: 2 * count });
      await call.sip('callee', { what: 'INVITE', cseq: 1, voice: calleePort });
      await call.sip('caller', { what: 200, voice: callerPort });
      await call.sip('callee', { what: 'ACK', cseq: 1 });
      await step(6, 3);
      await call.both(count);
      await call.bye('callee');
    },
    expected: { ...twoStreams(4 * count, 2 * count), ...bothWays },
  },
  {
    name: 'a re-INVITE moves the caller to another port',
    play: async (call, step) => {
      await answer(call, step);
      await call.both(count);
      await call.sip('caller', { what: 'INVITE', cseq: 2, voice: otherPort });
      await call.sip('callee', { what: 200, cseq: 2, voice: calleePort });
      await call.sip('caller', { what: 'ACK', cseq: 2 });
      await step(4, 2);
      await call.both(count);
      await call.bye();
    },
    expected: {
      ...twoStreams(2 * count, 2 * count),
      ...bothWays,
      streams: { 'inbound announced': 2, 'outbound announced': 2 },
      intervals: { complete: 4 },
      rated: { narrow: 4 },
    },
    streams: 4,
  },
  {
    name: 'the next call has the same ports and the same SSRC: no change of it',
    play: async (call, step) => {
      await answer(call, step);
      await call.both(count);
      await call.bye();
      call.next();
      await call.sip('caller', { what: 'INVITE', voice: callerPort });
      await call.sip('callee', { what: 200, voice: calleePort });
      await call.sip('caller', { what: 'ACK' });
      await step(4, 2);
      await call.both(count);
      await call.bye();
    },
    expected: {
      ...twoStreams(2 * count, 2 * count),
      streams: { 'inbound announced': 2, 'outbound announced': 2 },
      intervals: { complete: 4 },
      rated: { narrow: 4 },
      results: { both_ways: 2 },
      codecs: { 'caller pcmu': 2, 'callee pcmu': 2 },
      answerDelays: { caller: 2, callee: 2 },
    },
  },
  {
    name: 'media behind the BYE',
    play: async (call, step) => {
      await answer(call, step);
      await call.both(count);
      await call.bye();
      await call.talk({ side: 'callee', packets: count, millis: 40 });
    },
    expected: { ...twoStreams(count, 2 * count), ...bothWays, findings: { 'after_bye callee': 1 } },
  },
  {
    name: 'the callee answers, and speaks more than three seconds later',
    isHurried: true,
    play: async (call, step) => {
      await call.sip('caller', { what: 'INVITE', voice: callerPort });
      // The caller's port is that of both directions: what comes behind the 200 is heard at once.
      await step(1);
      await call.sip('callee', { what: 200, voice: calleePort });
      await call.sip('caller', { what: 'ACK' });
      await call.talk({ side: 'caller', packets: 32, millis: 100 });
      await call.both(count);
      await call.bye();
    },
    expected: {
      ...twoStreams(32 + count, count),
      ...bothWays,
      findings: { 'late callee': 1, 'false_answer_suspected callee': 1 },
    },
  },
  {
    name: 'both are behind NAT: private addresses are announced, the media comes from where the SIP came from',
    play: async (call, step) => {
      await call.sip('caller', { what: 'INVITE', voice: callerPort, address: '192.168.77.5' });
      await call.sip('callee', { what: 200, voice: calleePort, address: '172.20.3.9' });
      await call.sip('caller', { what: 'ACK' });
      await step(2, 1);
      await call.both(count);
      await call.bye();
    },
    expected: { ...twoStreams(count, count), ...bothWays },
    joined: { port: 2 },
    ports: [callerPort, calleePort],
  },
  {
    name: 'the caller is behind NAT that changes its port: the other end is known',
    play: async (call, step) => {
      await call.sip('caller', { what: 'INVITE', voice: callerPort, address: '192.168.77.5' });
      await call.sip('callee', { what: 200, voice: calleePort });
      await call.sip('caller', { what: 'ACK' });
      await step(2, 1);
      await call.talk(
        { side: 'caller', packets: count, from: 33_333 },
        { side: 'callee', packets: count, to: 33_333 },
      );
      await call.bye();
    },
    expected: { ...twoStreams(count, count), ...bothWays },
    joined: { destination: 1, source: 1 },
    ports: [33_333],
  },
  {
    name: 'RTP nobody announced, with --rtp.detect: a stream behind its probation, ended by RTCP',
    args: ['--rtp.detect'],
    play: async (call) => {
      await call.talk({ side: 'caller', packets: count, from: 20_000, to: 20_002 });
      await call.raw('caller', 20_001, 20_003, [bye(0xa)]);
    },
    expected: {
      packets: { 'inbound pcmu': count },
      bytes: { 'inbound pcmu': 160 * count },
      streams: { 'inbound none': 1 },
      intervals: { complete: 1 },
      rated: { narrow: 1 },
    },
    streams: 1,
    ports: [20_000],
  },
  {
    name: 'RTP nobody announced, without --rtp.detect: it stays in the kernel',
    play: async (call) => {
      await call.talk({ side: 'caller', packets: count, from: 20_000, to: 20_002 });
      await call.raw('caller', 20_001, 20_003, [bye(0xa)]);
    },
    expected: {},
    streams: 1,
    ports: [20_000],
  },
];

// Most of the time is spent waiting for voices, and for the verdict ten seconds behind the BYE.
describe('root: dialogs with media', { concurrency: 6 }, () => {
  for (const { name, ...rest } of cases) test(name, () => checkCase(rest));
});

async function checkCase({
  args = [],
  isHurried = false,
  play,
  expected,
  joined,
  streams = 2,
  ports = [],
}: Omit<Case, 'name'>): Promise<void> {
  await using network = await openNetwork();
  await using ringtap = await startRingtap(network.callee, {
    args: [...(isHurried ? patient.slice(0, 2) : patient), ...args],
  });
  await using judge = await startPacketJudge(network);
  await using call = await WireCall.open(network);
  await play(call, stepOf(ringtap));
  const figures: MediaFigures = { ...noMedia, ...expected };
  const ended = sumOf(figures.intervals);
  await ringtap.scrapeUntil(
    'the verdict, the end of the streams, and the packets, which are told once a second',
    (s) =>
      s.sum('rtp_call_results_total') >= sumOf(figures.results) &&
      s.sum('rtp_intervals_total') >= ended &&
      s.sum('rtp_packets_total') >= sumOf(figures.packets),
    30_000,
  );
  const scrape = await ringtap.scrape();
  assert.deepEqual(mediaFiguresOf(scrape), figures);
  const announced =
    (figures.streams['inbound announced'] ?? 0) + (figures.streams['outbound announced'] ?? 0);
  const byDestination = announced > 0 ? { destination: announced } : {};
  assert.deepEqual(scrape.byLabels('rtp_streams_joined_total', ['by']), joined ?? byDestination);
  const judged = await judgeStreams(await judge.file(), ports);
  const packets = judged.reduce((sum, stream) => sum + stream.packets, 0);
  const lost = judged.reduce((sum, stream) => sum + stream.lost, 0);
  assert.deepEqual({ streams: judged.length, lost }, { streams, lost: 0 }, 'tshark');
  if (figures.intervals['complete'] !== undefined) assert.equal(scrape.sum('rtp_packets_total'), packets);
  else assert.equal(scrape.sum('ringtap_capture_packets_total'), 0);
}

function sumOf(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((sum, value) => sum + value, 0);
}

function stepOf(ringtap: Ringtap): Step {
  return async (descriptions, answers = 0) => {
    await ringtap.scrapeUntil(
      `${descriptions} descriptions and ${answers} answers are read`,
      (s) =>
        s.sum('sip_session_descriptions_total', { result: 'read' }) >= descriptions &&
        s.sum('sip_responses_total', { method: 'INVITE', code: '200' }) >= answers,
    );
  };
}
