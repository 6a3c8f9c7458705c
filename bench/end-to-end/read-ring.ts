// SPDX-License-Identifier: Apache-2.0
// node bench/end-to-end/read-ring.ts --interface NAME --rtp learned|off --ring-size BYTES --media-calls N
//
// What the kernel alone can do: a capture that only walks the ring. Ends with SIGTERM and prints one JSON line.
import { parseArgs } from 'node:util';
import type { Frame as FrameType } from '../../src/base/frame.ts';
import { Frame } from '../../src/base/frame.ts';
import { LiveCapture } from '../../src/capture/live-capture.ts';
import { openCapture } from '../../src/capture/open-capture.ts';
import { mediaFrameBytes, mediaPort } from '../traffic/media-set.ts';

const { values } = parseArgs({
  options: {
    interface: { type: 'string', default: '' },
    rtp: { type: 'string', default: 'learned' },
    'ring-size': { type: 'string', default: `${64 << 20}` },
    'media-calls': { type: 'string', default: '10000' },
  },
});
const { handles } = openCapture({
  interfaces: [values.interface],
  ports: [5060],
  detect: false,
  tunnels: 0x1ff,
  promiscuous: false,
  ringBytes: Number(values['ring-size']),
  ...(values.rtp === 'learned' && { rtp: 'learned' as const }),
});
const capture = new LiveCapture(handles[0]!);
for (let stream = 0; stream < 2 * Number(values['media-calls']); stream++) {
  capture.mediaPorts?.add(mediaPort(stream));
}

let rtpFrames = 0;
let otherFrames = 0;
let losses = 0;
const consumer = {
  packet(frame: FrameType): void {
    if (frame.originalLength === mediaFrameBytes) rtpFrames++;
    else otherFrames++;
    if (frame.isAfterLoss) losses++;
  },
  release(): void {},
};
const frame = new Frame();
let isStopped = false;
process.on('SIGTERM', () => {
  isStopped = true;
});
console.log('ready');
const before = process.cpuUsage();
while (!isStopped) {
  const until = performance.now() + 100;
  while (performance.now() < until) {
    if (capture.read(frame, consumer, 4) === 0) capture.wait(50);
  }
  await new Promise((done) => setImmediate(done));
}
const cpu = process.cpuUsage(before);
capture.readStatistics();
const { packets, drops } = capture.status[0]!;
console.log(
  JSON.stringify({ rtpFrames, otherFrames, packets, drops, losses, cpuMicros: cpu.user + cpu.system }),
);
capture.close();
