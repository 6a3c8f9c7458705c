// SPDX-License-Identifier: Apache-2.0
// Needs root: network namespaces, packet sockets. What is in a stream besides a voice of G.711: DTMF, as SIPp brings it and
// within a voice, comfort noise, SRTP, video beside the voice. Streams end with RTCP BYE, so that there is no verdict to wait for.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { referenceIntervals } from '../rtp/reference.ts';
import { calleePort, callerPort, inCall, patient } from '../support/in-call.ts';
import { beginMedia, firstPackets, mediaRun, voiceFile } from '../support/media-calls.ts';
import { type MediaFigures, mediaFiguresOf, noMedia } from '../support/media-figures.ts';
import { openNetwork } from '../support/network.ts';
import { startRingtap } from '../support/ringtap.ts';
import { bye, senderReport } from '../support/rtcp.ts';
import { judgePackets, judgeStreams } from '../support/rtp-judge.ts';
import { type RtpFields, rtpPacket } from '../support/rtp-packet.ts';
import { startCalls } from '../support/sipp.ts';
import type { Side, WireCall, WireMessage } from '../support/wire-call.ts';

/** One digit: eight packets, the last of them three times (RFC 4733 §2.5.1.4). */
const digitFile = '/usr/share/sip-tester/dtmf_2833_1.pcap';
const digitPackets = 8;
const digitRepeats = 2;
/** Packets of each voice, and of each video. */
const count = 40;
const packetMillis = 20;

const bothWays = (callerCodec = 'pcmu', calleeCodec = 'pcmu'): Partial<MediaFigures> => ({
  results: { both_ways: 1 },
  codecs: { [`caller ${callerCodec}`]: 1, [`callee ${calleeCodec}`]: 1 },
  answerDelays: { caller: 1, callee: 1 },
});

describe('root: kinds of media', { concurrency: 4 }, () => {
  test('DTMF of a capture that SIPp plays, the other side speaks', digitBySipp);
  test(
    'DTMF and comfort noise within a voice, and a silence: one stream, whose jitter is that of the voice',
    eventsInVoice,
  );
  test('SRTP: headers are read, the codec is known by the description alone', encrypted);
  test('voice and video on ports of their own', () =>
    withVideo(apart, [callerPort + 2, calleePort + 2], false));
  test('voice, video and retransmissions in a bundle', () => withVideo(bundle, voicePorts, false));
  test('the same over IPv6', () => withVideo(bundle, voicePorts, true));
});

async function digitBySipp(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'ringtap-media-'));
  try {
    await using network = await openNetwork();
    await using ringtap = await startRingtap(network.callee, {
      // Both voices are over before the BYE.
      args: [...patient, '--rtp.idle-timeout', '1s'],
    });
    const calleeFile = await firstPackets(voiceFile, count, folder);
    const run = mediaRun({ callerFile: digitFile, calleeFile, talkMillis: 4000 });
    await using calls = await startCalls(network, { caller: 'uac-media', callee: 'uas-media', ...run });
    await beginMedia(network, ringtap);
    await calls.succeed();
    const scrape = await ringtap.scrapeUntil(
      'the verdict, and all packets',
      (s) => s.sum('rtp_call_results_total') > 0 && s.sum('rtp_packets_total') >= digitPackets + count,
      30_000,
    );
    assert.deepEqual(mediaFiguresOf(scrape), {
      ...noMedia,
      packets: { 'inbound telephone_event': digitPackets, 'outbound pcma': count },
      bytes: { 'inbound telephone_event': 4 * digitPackets, 'outbound pcma': 240 * count },
      duplicate: digitRepeats,
      streams: { 'inbound announced': 1, 'outbound announced': 1 },
      intervals: { silent: 1, complete: 1 },
      rated: { narrow: 1 },
      unrated: { silent: 1 },
      results: { both_ways: 1 },
      codecs: { 'callee pcma': 1 },
      answerDelays: { caller: 1, callee: 1 },
    });
    assert.equal(scrape.sum('rtp_interval_jitter_seconds_count'), 1);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Payloads, and when they are sent: all at once, if not given. */
type Sending = { readonly payloads: readonly Uint8Array[]; readonly timesMillis?: readonly number[] };

/** Packets that follow one another, each `packetMillis` behind the one before, and when they are sent. */
class Sent implements Sending {
  readonly payloads: Uint8Array[] = [];
  readonly timesMillis: number[] = [];
  readonly #ssrc: number;
  #millis = 0;

  constructor(ssrc: number) {
    this.#ssrc = ssrc;
  }

  /** So many packets; without `timestamp` theirs goes with the time, by units of `perMilli`. */
  add(packets: number, fields: Partial<RtpFields> = {}, perMilli = 8): this {
    for (let i = 0; i < packets; i++) {
      const sequenceNumber = 500 + this.payloads.length;
      const timestamp = this.#millis * perMilli;
      this.payloads.push(rtpPacket({ sequenceNumber, timestamp, ssrc: this.#ssrc, ...fields }));
      this.timesMillis.push(this.#millis);
      this.#millis += packetMillis;
    }
    return this;
  }

  wait(millis: number): this {
    this.#millis += millis;
    return this;
  }

  get units(): number {
    return this.#millis * 8;
  }
}

type Ports = readonly [ofCaller: number, ofCallee: number];
const voicePorts: Ports = [callerPort, calleePort];
const controlPorts: Ports = [callerPort + 1, calleePort + 1];

/** Sends payloads of a side between two ports. */
async function send(call: WireCall, side: Side, [ofCaller, ofCallee]: Ports, sent: Sending): Promise<void> {
  const [from, to] = side === 'caller' ? [ofCaller, ofCallee] : [ofCallee, ofCaller];
  await call.raw(side, from, to, sent.payloads, sent.timesMillis);
}

/** Both sides speak. */
async function speak(call: WireCall, there: Sent, back: Sent): Promise<void> {
  await Promise.all([send(call, 'caller', voicePorts, there), send(call, 'callee', voicePorts, back)]);
}

/** Ends the streams of a side, so that they are told. */
async function endStreams(call: WireCall, side: Side, ports: Ports, ssrcs: number[]): Promise<void> {
  await send(call, side, ports, { payloads: [bye(...ssrcs)] });
}

/** Of a voice alone. */
async function endBoth(call: WireCall): Promise<void> {
  await endStreams(call, 'caller', controlPorts, [0xa]);
  await endStreams(call, 'callee', controlPorts, [0xb]);
}

async function eventsInVoice(): Promise<void> {
  const media = (port: number): string[] => [
    `m=audio ${port} RTP/AVP 0 101 13`,
    ...['a=rtpmap:101 telephone-event/8000', 'a=fmtp:101 0-16', 'a=rtpmap:13 CN/8000'],
  ];
  const speech = new Sent(0xa).add(30);
  speech.add(8, { payloadType: 101, payloadBytes: 4, timestamp: speech.units }).add(20);
  speech.add(1, { payloadType: 13, payloadBytes: 1 }).wait(600).add(20);
  const back = new Sent(0xb).add(count);
  await using run = await inCall(
    {
      packets: 79 + count,
      end: endBoth,
      offer: { media: media(callerPort) },
      answer: { media: media(calleePort) },
    },
    (call) => speak(call, speech, back),
  );
  assert.deepEqual(run.figures, {
    ...noMedia,
    packets: { 'inbound pcmu': 79, 'outbound pcmu': count },
    bytes: { 'inbound pcmu': 70 * 160 + 8 * 4 + 1, 'outbound pcmu': 160 * count },
    streams: { 'inbound announced': 1, 'outbound announced': 1 },
    intervals: { complete: 2 },
    rated: { narrow: 2 },
    ...bothWays(),
  });
  // The packets of the digit have one timestamp: with them it would be 10 ms more.
  for (const packets of (await judgePackets(run.file)).values()) {
    const direction = packets[0]!.stream.split(' ')[2] === String(callerPort) ? 'inbound' : 'outbound';
    const options = { clockRate: 8000, intervalMicros: 60e6, settledBehind: 16 };
    const [{ jitterMicros } = { jitterMicros: Number.NaN }] = referenceIntervals(packets, options);
    const micros = run.scrape.sum('rtp_interval_jitter_seconds_sum', { direction }) * 1e6;
    assert.ok(Math.abs(micros - jitterMicros) <= 1, `${direction}: ${micros} us, not ${jitterMicros}`);
  }
}

async function encrypted(): Promise<void> {
  const key = 'a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:d0RmdmcmVCspeEc3QGZiNWpVLFJhQX1cfHAwJSoj';
  const media = (port: number): string[] => [`m=audio ${port} RTP/SAVP 0`, key];
  // The tag of SRTP is ten bytes. The callee sends a payload type that nobody described.
  const there = new Sent(0xa).add(count, { payloadBytes: 170 });
  const back = new Sent(0xb).add(count, { payloadBytes: 170, payloadType: 120 });
  const report = senderReport(0xa, 1);
  const srtcp = Uint8Array.from([...report.subarray(0, 8), ...new Array<number>(34).fill(0xe5)]);
  await using run = await inCall(
    {
      packets: 2 * count,
      end: endBoth,
      offer: { media: media(callerPort) },
      answer: { media: media(calleePort) },
    },
    async (call) => {
      await speak(call, there, back);
      await send(call, 'caller', controlPorts, { payloads: [srtcp] });
    },
  );
  assert.deepEqual(run.figures, {
    ...noMedia,
    packets: { 'inbound pcmu': count, 'outbound other': count },
    bytes: { 'inbound pcmu': 170 * count, 'outbound other': 170 * count },
    streams: { 'inbound announced': 1, 'outbound announced': 1 },
    intervals: { complete: 1, silent: 1 },
    rated: { narrow: 1 },
    unrated: { encrypted: 1 },
    ...bothWays(),
    codecs: { 'caller pcmu': 1 },
  });
  assert.deepEqual(run.scrape.byLabels('rtcp_datagrams_total', ['result']), { encrypted: 1, read: 2 });
}

type Described = (side: Side, port: number) => Partial<WireMessage>;

const videoLines = ['a=rtpmap:96 VP8/90000', 'a=rtpmap:97 rtx/90000', 'a=fmtp:97 apt=96'];
const apart: Described = (_, port) => ({
  media: [`m=audio ${port} RTP/AVP 0`, `m=video ${port + 2} RTP/AVP 96 97`, ...videoLines],
});
const bundle: Described = (side, port) => ({
  session: ['a=group:BUNDLE a v'],
  media: [
    ...[`m=audio ${port} RTP/AVP 0`, 'a=mid:a', 'a=rtcp-mux'],
    ...(side === 'caller' ? ['m=video 0 RTP/AVP 96 97', 'a=bundle-only'] : [`m=video ${port} RTP/AVP 96 97`]),
    ...['a=mid:v', 'a=rtcp-mux', ...videoLines],
  ],
});

async function withVideo(described: Described, videoPorts: Ports, ipv6: boolean): Promise<void> {
  const ssrcs = { caller: [0xa, 0xa1, 0xa2], callee: [0xb, 0xb1, 0xb2] };
  const sendAll = async (call: WireCall, side: Side): Promise<void> => {
    const [ofVoice, ofVideo, ofRtx] = ssrcs[side] as [number, number, number];
    const voice = new Sent(ofVoice).add(count);
    const video = new Sent(ofVideo).add(count, { payloadType: 96, payloadBytes: 1000 }, 90);
    const again = new Sent(ofRtx).add(5, { payloadType: 97, payloadBytes: 1002, timestamp: 0 }, 90);
    await send(call, side, voicePorts, voice);
    const payloads = [...video.payloads, ...again.payloads];
    await send(call, side, videoPorts, { payloads, timesMillis: video.timesMillis });
  };
  // By the ports of the media (RFC 5761).
  const end = async (call: WireCall): Promise<void> => {
    for (const side of ['caller', 'callee'] as const) {
      await endStreams(call, side, voicePorts, ssrcs[side].slice(0, 1));
      await endStreams(call, side, videoPorts, ssrcs[side].slice(1));
    }
  };
  await using run = await inCall(
    {
      end,
      ipv6,
      packets: 4 * count + 10,
      offer: described('caller', callerPort),
      answer: described('callee', calleePort),
    },
    async (call) => {
      await Promise.all([sendAll(call, 'caller'), sendAll(call, 'callee')]);
    },
  );
  const each = (pcmu: number, video: number, rtx: number): Record<string, number> =>
    Object.fromEntries(
      ['inbound', 'outbound'].flatMap((direction) =>
        Object.entries({ pcmu, video, rtx }).map(([codec, value]) => [`${direction} ${codec}`, value]),
      ),
    );
  assert.deepEqual(run.figures, {
    ...noMedia,
    packets: each(count, count, 5),
    bytes: each(count * 160, count * 1000, 5 * 1002),
    streams: { 'inbound announced': 3, 'outbound announced': 3 },
    // Those of retransmissions have nothing to see by themselves.
    intervals: { complete: 4, silent: 2 },
    rated: { narrow: 2 },
    ...bothWays(),
  });
  const streams = await judgeStreams(run.file, [...voicePorts, ...videoPorts]);
  const packets = streams.reduce((sum, stream) => sum + stream.packets, 0);
  assert.deepEqual([streams.length, packets], [6, 4 * count + 10], 'tshark');
}
