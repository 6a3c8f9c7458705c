// SPDX-License-Identifier: Apache-2.0
// node bench/end-to-end/send-media.ts --interface NAME --media-calls N --rtp-rate R --sip-rate R --seconds S
//
// Signals calls, sends the RTP of all of them in turn with other calls' SIP beside, and ends them. Prints one JSON line.
// Needs CAP_NET_RAW.
import { parseArgs } from 'node:util';
import { FrameSet } from '../traffic/frame-set.ts';
import { MediaSet, mediaSignalling } from '../traffic/media-set.ts';
import { burstFrames, FrameHeaders, type Frames, openSender } from './frame-headers.ts';

/** Messages a second that begin and end the calls with media. */
const signallingRate = 50_000;
/** Frames of SIP handed over by one call. */
const sipBurstFrames = 8;
/** What the receiver has between signalling and media, as the way of an answer takes it. */
const pauseMillis = 1000;

const { values } = parseArgs({
  options: {
    interface: { type: 'string', default: '' },
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
const descriptor = openSender(values.interface);

function sendAll(frames: Frames, framesPerSecond: number): void {
  const headers = new FrameHeaders(frames);
  const started = performance.now();
  for (let first = 0; first < frames.offsets.length; first += burstFrames) {
    while (performance.now() < started + (first * 1000) / framesPerSecond);
    headers.send(descriptor, first, Math.min(burstFrames, frames.offsets.length - first));
  }
}

/** Frames of a set in turn, as many as are due. */
class Turn {
  sent = 0;
  readonly #headers: FrameHeaders;
  readonly #count: number;
  readonly #rate: number;
  readonly #burst: number;
  readonly #renew: (frame: number, pass: number) => void;

  constructor(set: Frames, rate: number, burst: number, renew: (frame: number, pass: number) => void) {
    this.#headers = new FrameHeaders(set);
    this.#count = set.offsets.length;
    this.#rate = rate;
    this.#burst = burst;
    this.#renew = renew;
  }

  /** Sends a burst when one is due at a time in milliseconds since the start. */
  sendDue(millis: number): void {
    if ((this.sent * 1000) / this.#rate > millis || this.#rate === 0) return;
    const first = this.sent % this.#count;
    const pass = Math.floor(this.sent / this.#count);
    const count = Math.min(this.#burst, this.#count - first);
    for (let frame = first; frame < first + count; frame++) this.#renew(frame, pass);
    this.#headers.send(descriptor, first, count);
    this.sent += count;
  }
}

sendAll(mediaSignalling(mediaCalls, 'begin'), signallingRate);
await new Promise((done) => setTimeout(done, pauseMillis));
const media = new MediaSet(mediaCalls);
const calls = new FrameSet(4000, 2000, 0);
let lastPass = -1;
const turns = [
  new Turn(media, rtpRate, burstFrames, (frame, pass) => media.renew(frame, pass)),
  new Turn(calls, sipRate, sipBurstFrames, (frame, pass) => {
    if (pass !== lastPass) calls.nextGeneration();
    lastPass = pass;
    calls.renew(frame);
  }),
] as const;
const cpuBefore = process.cpuUsage();
const started = performance.now();
let millis = 0;
while (millis < seconds * 1000) {
  for (const turn of turns) turn.sendDue(millis);
  millis = performance.now() - started;
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
