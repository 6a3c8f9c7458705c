// SPDX-License-Identifier: Apache-2.0
// A worker for ring.test.ts: captures until the last frame came and says which did.
import { parentPort, workerData } from 'node:worker_threads';
import { LiveCapture } from '../../src/capture/live-capture.ts';
import { frameId } from './frames.ts';
import { collectUntil } from './network.ts';

const capture = new LiveCapture(workerData);
const frames = collectUntil(capture, (frame) => frameId(frame.bytes) === 0xffff);
capture.close();
parentPort?.postMessage(frames.map((frame) => frameId(frame.bytes)));
