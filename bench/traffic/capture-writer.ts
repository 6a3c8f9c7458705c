// SPDX-License-Identifier: Apache-2.0
import { closeSync, openSync, writeSync } from 'node:fs';
import { frameLimitBytes } from './call-stream.ts';

const chunkBytes = 1 << 22;
const recordHeaderBytes = 16;
/** 2026-01-01 00:00:00 UTC; the times in a generated file depend on nothing but the frame's number. */
const firstSecond = 1_767_225_600;

/** Where frames come from: `next` writes one at `offset` and returns its length, 0 at the end. */
export interface FrameStream {
  next(target: Uint8Array, offset: number): number;
}

/**
 * Writes a stream to a new file, as `writeCaptureTo` does.
 * @throws when the file cannot be written.
 */
export function writeCapture(path: string, stream: FrameStream, framesPerSecond: number): number {
  const file = openSync(path, 'wx');
  try {
    return writeCaptureTo(file, stream, framesPerSecond);
  } finally {
    closeSync(file);
  }
}

/**
 * Writes a stream as a pcap file (LINKTYPE_ETHERNET, microseconds), `framesPerSecond` apart in its timestamps, to a
 * descriptor. Returns the file's size in bytes. Memory use does not grow with the stream.
 * @throws when the file cannot be written.
 */
export function writeCaptureTo(file: number, stream: FrameStream, framesPerSecond: number): number {
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
    if (length > 0) end = writeRecord(view, end, frame, framesPerSecond, length);
    if (length > 0 && end + recordHeaderBytes + frameLimitBytes <= chunkBytes) continue;
    for (let done = 0; done < end; ) done += writeSync(file, chunk, done, end - done);
    sizeBytes += end;
    if (length === 0) return sizeBytes;
    end = 0;
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
