// SPDX-License-Identifier: Apache-2.0
// node bench/end-to-end/send-calls.ts --interface NAME --passes N --frames-per-second R
//
// Sends generated calls at rates that tcpreplay cannot reach: the frames of some thousand calls are made once, get new
// Call-IDs for each pass, and the kernel is handed many with one sendmmsg(2). Prints one JSON line. Needs CAP_NET_RAW.
import { parseArgs } from 'node:util';
import { FrameSet } from '../traffic/frame-set.ts';
import { burstFrames, FrameHeaders, openSender } from './frame-headers.ts';

/** Sends a set so many times, each with calls of its own, at an even pace; returns the seconds that took. */
function sendSet(descriptor: number, set: FrameSet, passes: number, framesPerSecond: number): number {
  const headers = new FrameHeaders(set);
  const frames = set.offsets.length;
  const started = performance.now();
  for (let pass = 0; pass < passes; pass++) {
    set.nextGeneration();
    for (let first = 0; first < frames; first += burstFrames) {
      const count = Math.min(burstFrames, frames - first);
      for (let frame = first; frame < first + count; frame++) set.renew(frame);
      const due = started + ((pass * frames + first) * 1000) / framesPerSecond;
      // Sleeping is too coarse for gaps of a fraction of a millisecond.
      while (performance.now() < due);
      headers.send(descriptor, first, count);
    }
  }
  return (performance.now() - started) / 1000;
}

const { values } = parseArgs({
  options: {
    interface: { type: 'string', default: '' },
    passes: { type: 'string', default: '1' },
    'frames-per-second': { type: 'string', default: '1000' },
    'calls-in-a-pass': { type: 'string', default: '1000' },
    'calls-in-flight': { type: 'string', default: '100' },
    'first-generation': { type: 'string', default: '0' },
  },
});
const passes = Number(values.passes);
const set = new FrameSet(
  Number(values['calls-in-a-pass']),
  Number(values['calls-in-flight']),
  Number(values['first-generation']),
);
const seconds = sendSet(openSender(values.interface), set, passes, Number(values['frames-per-second']));
console.log(JSON.stringify({ frames: passes * set.offsets.length, seconds }));
