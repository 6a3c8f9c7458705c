// SPDX-License-Identifier: Apache-2.0
// node bench/generate-calls.ts --calls 10000 --calls-in-flight 1000 --output calls.pcap
import { parseArgs } from 'node:util';
import { CallStream } from './traffic/call-stream.ts';
import { writeCapture } from './traffic/capture-writer.ts';

const { values } = parseArgs({
  options: {
    calls: { type: 'string', default: '10000' },
    'calls-in-flight': { type: 'string', default: '1000' },
    'frames-per-second': { type: 'string', default: '10000' },
    output: { type: 'string' },
  },
});
if (values.output === undefined) throw new Error('say where to write: --output FILE.pcap');
const stream = new CallStream(Number(values.calls), Number(values['calls-in-flight']));
const started = performance.now();
const sizeBytes = writeCapture(values.output, stream, Number(values['frames-per-second']));
const seconds = (performance.now() - started) / 1000;
console.log(
  `${stream.frames} frames, ${(sizeBytes / 1e6).toFixed(1)} MB, ${Math.round(stream.frames / seconds)} frames/s`,
);
