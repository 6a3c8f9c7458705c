// SPDX-License-Identifier: Apache-2.0
// node bench/generate-calls.ts --calls 10000 --calls-in-flight 1000 --output calls.pcap
import { closeSync, openSync, writeSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { CallStream, frameLimitBytes } from './traffic/call-stream.ts';

const chunkBytes = 1 << 22;
const recordHeaderBytes = 16;
/** 2026-01-01 00:00:00 UTC; the times in a generated file depend on nothing but the frame's number. */
const firstSecond = 1_767_225_600;

/**
 * Writes a stream as a pcap file (LINKTYPE_ETHERNET, microseconds), `framesPerSecond` apart in its timestamps.
 * Returns the file's size in bytes. Memory use does not grow with the stream.
 * @throws when the file cannot be written.
 */
export function writeCapture(path: string, stream: CallStream, framesPerSecond: number): number {
  const file = openSync(path, 'wx');
  try {
    const chunk = new Uint8Array(chunkBytes);
    const view = new DataView(chunk.buffer);
    // Magic, version 2.4, zone, accuracy, snap length, link type: all in this machine's (little endian) order.
    [0xa1b2c3d4, 0x0004_0002, 0, 0, 65_535, 1].forEach((word, index) => {
      view.setUint32(index * 4, word, true);
    });
    let end = 24;
    let sizeBytes = 0;
    for (let frame = 0; ; frame++) {
      const length = stream.next(chunk, end + recordHeaderBytes);
      if (length === 0 || end + 2 * (recordHeaderBytes + frameLimitBytes) > chunkBytes) {
        const last = length === 0 ? end : writeRecord(view, end, frame, framesPerSecond, length);
        for (let done = 0; done < last; ) done += writeSync(file, chunk, done, last - done);
        sizeBytes += last;
        if (length === 0) return sizeBytes;
        end = 0;
      } else {
        end = writeRecord(view, end, frame, framesPerSecond, length);
      }
    }
  } finally {
    closeSync(file);
  }
}

function writeRecord(
  view: DataView,
  offset: number,
  frame: number,
  framesPerSecond: number,
  length: number,
): number {
  const second = Math.floor(frame / framesPerSecond);
  view.setUint32(offset, firstSecond + second, true);
  view.setUint32(offset + 4, ((frame - second * framesPerSecond) * 1e6) / framesPerSecond, true);
  view.setUint32(offset + 8, length, true);
  view.setUint32(offset + 12, length, true);
  return offset + recordHeaderBytes + length;
}

if (import.meta.main) {
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
}
