// SPDX-License-Identifier: Apache-2.0
// Needs root: network namespaces, packet sockets. What the program does not see is never told as lost: because it was killed, or
// because its ring was full.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { calleePort, callerPort, patient } from '../support/in-call.ts';
import { whenDescriptionsAreRead } from '../support/media-calls.ts';
import { mediaFiguresOf, noMedia } from '../support/media-figures.ts';
import { openNetwork } from '../support/network.ts';
import { type Ringtap, startRingtap } from '../support/ringtap.ts';
import { rtpPacket } from '../support/rtp-packet.ts';
import { WireCall } from '../support/wire-call.ts';

const count = 40;

/** INVITE and 200 with descriptions, ACK; the second time a refresh of the session. */
async function agree(call: WireCall, ringtap: Ringtap, cseq = 1): Promise<void> {
  await call.sip('caller', { what: 'INVITE', cseq, voice: callerPort });
  await call.sip('callee', { what: 200, cseq, voice: calleePort });
  await call.sip('caller', { what: 'ACK', cseq });
  await whenDescriptionsAreRead(ringtap, 2);
}

// Most of the time is spent waiting for the verdict ten seconds behind the BYE.
describe('root: media that is not seen', { concurrency: 3 }, () => {
  test(
    'killed amid media and started again: the call is found by its next descriptions, and nothing was lost',
    killed,
  );
  test('a ring that is full: what is missing is the loss of the program, and no quality is told', full);
  test(
    'a program that stands still for several intervals: what it missed is found behind them, and is its own loss',
    stoodStill,
  );
});

async function killed(): Promise<void> {
  await using network = await openNetwork();
  await using call = await WireCall.open(network);
  {
    await using killed = await startRingtap(network.callee, { args: patient });
    await agree(call, killed);
    await call.both(count);
    await killed.scrapeUntil('the media is counted', (s) => s.sum('rtp_packets_total') === 2 * count);
    await Promise.all([call.both(count), killed.end('SIGKILL')]);
  }
  await using ringtap = await startRingtap(network.callee, { args: patient });
  // Nobody has told the new one of these ports.
  await call.both(count);
  await agree(call, ringtap, 2);
  assert.deepEqual(mediaFiguresOf(await ringtap.scrape()), noMedia);
  await call.both(count);
  await call.bye();
  await ringtap.scrapeUntil('the verdict', (s) => s.sum('rtp_call_results_total') > 0, 30_000);
  assert.deepEqual(mediaFiguresOf(await ringtap.scrape()), {
    ...noMedia,
    packets: { 'inbound pcmu': count, 'outbound pcmu': count },
    bytes: { 'inbound pcmu': 160 * count, 'outbound pcmu': 160 * count },
    streams: { 'inbound announced': 1, 'outbound announced': 1 },
    intervals: { complete: 2 },
    rated: { narrow: 2 },
    results: { both_ways: 1 },
    codecs: { 'caller pcmu': 1, 'callee pcmu': 1 },
  });
}

async function full(): Promise<void> {
  const fillers = 1500;
  const burst = 200;
  const before = 20;
  const behind = 100;
  const packets = (first: number, length: number): Uint8Array[] =>
    Array.from({ length }, (_, i) =>
      rtpPacket({ sequenceNumber: first + i, timestamp: 160 * (first + i), ssrc: 0xf00d }),
    );
  // More bytes than the smallest ring has, a MiB, on a port of which all passes.
  const filler = new Uint8Array(1000);
  await using network = await openNetwork();
  await using ringtap = await startRingtap(network.callee, {
    args: [...patient, '--capture.ring-size', '1B'],
  });
  await using call = await WireCall.open(network);
  await agree(call, ringtap);
  await call.talk({ side: 'callee', packets: count });
  await call.raw('caller', callerPort, calleePort, packets(0, before));
  const { sum } = await seen(ringtap, 3 + count + before);
  assert.equal(sum('ringtap_capture_drops_total'), 0);
  process.kill(ringtap.pid, 'SIGSTOP');
  await call.raw('caller', 5060, 5060, new Array<Uint8Array>(fillers).fill(filler));
  await call.raw('caller', callerPort, calleePort, packets(before, burst));
  process.kill(ringtap.pid, 'SIGCONT');
  await seen(ringtap, 3 + count + before + fillers + burst);
  await call.raw('caller', callerPort, calleePort, packets(before + burst, behind));
  await call.bye();
  await ringtap.scrapeUntil('the verdict', (s) => s.sum('rtp_call_results_total') > 0, 30_000);
  const scrape = await ringtap.scrape();
  assert.ok(scrape.sum('ringtap_capture_drops_total') > burst);
  const received = before + behind;
  assert.deepEqual(mediaFiguresOf(scrape), {
    ...noMedia,
    packets: { 'inbound pcmu': received, 'outbound pcmu': count },
    bytes: { 'inbound pcmu': 160 * received, 'outbound pcmu': 160 * count },
    unknown: burst,
    streams: { 'inbound announced': 1, 'outbound announced': 1 },
    intervals: { sensor_lossy: 2 },
    unrated: { sensor_loss: 2 },
    results: { both_ways: 1 },
    codecs: { 'caller pcmu': 1, 'callee pcmu': 1 },
    answerDelays: { caller: 1, callee: 1 },
  });
  for (const name of [
    'rtp_interval_loss_ratio',
    'rtp_interval_jitter_seconds',
    'rtp_interval_burst_seconds',
  ]) {
    assert.equal(scrape.sum(`${name}_count`), 0, name);
  }
}

async function stoodStill(): Promise<void> {
  const fillers = 1500;
  const burst = 130;
  const packets = (first: number, length: number): Uint8Array[] =>
    Array.from({ length }, (_, i) =>
      rtpPacket({ sequenceNumber: first + i, timestamp: 160 * (first + i), ssrc: 0xf00d }),
    );
  await using network = await openNetwork();
  const args = ['--rtp.interval', '1s', '--capture.ring-size', '1B'];
  await using ringtap = await startRingtap(network.callee, { args });
  await using call = await WireCall.open(network);
  await agree(call, ringtap);
  await call.raw('caller', callerPort, calleePort, packets(0, 20));
  await seen(ringtap, 3 + 20);
  process.kill(ringtap.pid, 'SIGSTOP');
  await call.raw('caller', 5060, 5060, new Array<Uint8Array>(fillers).fill(new Uint8Array(1000)));
  const times = Array.from({ length: burst }, (_, i) => 30 * i);
  await call.raw('caller', callerPort, calleePort, packets(20, burst), times);
  process.kill(ringtap.pid, 'SIGCONT');
  await seen(ringtap, 3 + 20 + fillers + burst);
  await call.raw('caller', callerPort, calleePort, packets(20 + burst, 20));
  await call.bye();
  await ringtap.scrapeUntil('the verdict', (s) => s.sum('rtp_call_results_total') > 0, 30_000);
  const { packets: received, lost, unknown } = mediaFiguresOf(await ringtap.scrape());
  assert.deepEqual(
    { received, lost, unknown },
    { received: { 'inbound pcmu': 40 }, lost: 0, unknown: burst },
  );
}

/** Waits until so many packets were read or dropped. */
async function seen(ringtap: Ringtap, packets: number): Promise<{ sum: (name: string) => number }> {
  return await ringtap
    .scrapeUntil(
      `${packets} packets are read or dropped`,
      (s) => s.sum('ringtap_capture_packets_total') + s.sum('ringtap_capture_drops_total') >= packets,
    )
    .then((scrape) => ({ sum: (name) => scrape.sum(name) }));
}
