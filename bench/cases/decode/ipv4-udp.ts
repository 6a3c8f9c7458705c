// SPDX-License-Identifier: Apache-2.0
import { Frame } from '../../../src/base/frame.ts';
import { Datagram } from '../../../src/decode/datagram.ts';
import { DecodeResult } from '../../../src/decode/decode-result.ts';
import { decodeFrame } from '../../../src/decode/frame-decoder.ts';
import type { BenchCase } from '../../measure-case.ts';
import { sipOffsetBytes } from '../../traffic/call-templates.ts';
import { FrameSet } from '../../traffic/frame-set.ts';

/** Ethernet, IPv4 and UDP of 7000 frames. */
export default function prepare(): BenchCase {
  const { bytes, offsets, lengths } = new FrameSet(1000);
  const frame = new Frame();
  const datagram = new Datagram();
  frame.bytes = bytes;
  return {
    units: offsets.length,
    pass() {
      let payloadBytes = 0;
      for (let index = 0; index < offsets.length; index++) {
        frame.offset = offsets[index]!;
        frame.capturedLength = lengths[index]!;
        frame.originalLength = lengths[index]!;
        const result = decodeFrame(frame, datagram);
        if (result !== DecodeResult.datagram) throw new Error(`not decoded: ${result}`);
        payloadBytes += datagram.payloadLength;
      }
      if (payloadBytes !== bytesOf(lengths)) throw new Error(`payloads of ${payloadBytes} bytes`);
    },
  };
}

function bytesOf(lengths: Uint32Array): number {
  return lengths.reduce((total, length) => total + length - sipOffsetBytes, 0);
}
