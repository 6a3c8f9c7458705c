// SPDX-License-Identifier: Apache-2.0
// node bench/end-to-end/send-media.ts --media-calls N --rtp-rate R --sip-rate R --seconds S
//
// Signals calls, sends the RTP of all of them in turn with other calls' SIP beside, and ends them. Prints one JSON line.
// All comes in on lo. Needs root.
import { parseArgs } from 'node:util';
import { FrameSet } from '../traffic/frame-set.ts';
import { mediaSignalling } from '../traffic/media-set.ts';
import { burstFrames, FrameHeaders, type Frames, openSender } from './frame-headers.ts';
import { RtpSource } from './rtp-source.ts';

/** Messages a second that begin and end the calls with media. */
const signallingRate = 50_000;
/**
 * Packets of RTP made by one call. They come as fast as the core goes; then the kernel waits some 20 ms for all cores to
 * have seen the end of the run, in which time SIP is sent.
 */
const rtpBurstFrames = 100_000;
/** Frames of SIP handed over by one call, a divisor of those of a `FrameSet`. */
const sipBurstFrames = 8;
/** What the receiver has between signalling and media, as the way of an answer takes it. */
const pauseMillis = 1000;

const { values } = parseArgs({
  options: {
    'media-calls': { type: 'string', default: '10000' },
    'rtp-rate': { type: 'string', default: '1000000' },
    'sip-rate': { type: 'string', default: '20000' },
    seconds: { type: 'string', default: '10' },
  },
});
const mediaCalls = Number(values['media-calls']);
const rtpRate = Number(values['rtp-rate']);
const sipRate = Number(values['sip-rate']);
const seconds = Number(values.seconds);
const descriptor = openSender('lo');

function sendAll(frames: Frames, framesPerSecond: number): void {
  const headers = new FrameHeaders(frames);
  const started = performance.now();
  for (let first = 0; first < frames.offsets.length; first += burstFrames) {
    while (performance.now() < started + (first * 1000) / framesPerSecond);
    headers.send(descriptor, first, Math.min(burstFrames, frames.offsets.length - first));
  }
}

/** Sends bursts at an even rate. */
class Turn {
  sent = 0;
  readonly #rate: number;
  readonly #burst: number;
  readonly #send: (sent: number, count: number) => void;

  constructor(rate: number, burst: number, send: (sent: number, count: number) => void) {
    this.#rate = rate;
    this.#burst = burst;
    this.#send = send;
  }

  /** Sends the bursts that are due at a time in milliseconds since the start. */
  sendDue(millis: number): void {
    while (this.#rate > 0 && (this.sent * 1000) / this.#rate <= millis) {
      this.#send(this.sent, this.#burst);
      this.sent += this.#burst;
    }
  }
}

sendAll(mediaSignalling(mediaCalls, 'begin'), signallingRate);
await new Promise((done) => setTimeout(done, pauseMillis));
const source = new RtpSource(2 * mediaCalls);
const calls = new FrameSet(4000, 2000);
const headers = new FrameHeaders(calls);
const turns = [
  new Turn(rtpRate, rtpBurstFrames, (_, count) => source.send(count)),
  new Turn(sipRate, sipBurstFrames, (sent, count) => {
    const first = sent % calls.offsets.length;
    if (first === 0) calls.nextGeneration();
    for (let frame = first; frame < first + count; frame++) calls.renew(frame);
    headers.send(descriptor, first, count);
  }),
] as const;
const cpuBefore = process.cpuUsage();
const started = performance.now();
let millis = 0;
while (millis < seconds * 1000) {
  for (const turn of turns) {
    millis = performance.now() - started;
    turn.sendDue(Math.min(millis, seconds * 1000));
  }
}
const cpu = process.cpuUsage(cpuBefore);
await new Promise((done) => setTimeout(done, pauseMillis));
sendAll(mediaSignalling(mediaCalls, 'end'), signallingRate);
console.log(
  JSON.stringify({
    rtpFrames: turns[0].sent,
    sipFrames: turns[1].sent,
    seconds: millis / 1000,
    userMicros: cpu.user,
    systemMicros: cpu.system,
  }),
);
