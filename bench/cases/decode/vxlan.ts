// SPDX-License-Identifier: Apache-2.0

import { Frame } from '../../../src/base/frame.ts';
import { Datagram } from '../../../src/decode/datagram.ts';
import { DecodeResult } from '../../../src/decode/decode-result.ts';
import { decodeFrame } from '../../../src/decode/frame-decoder.ts';
import { udpTunnel, vxlan } from '../../../test/support/tunnel-frames.ts';
import { ethernet, ipv4 } from '../../../test/support/udp-frame.ts';
import type { BenchCase } from '../../measure-case.ts';
import { FrameSet } from '../../traffic/frame-set.ts';

/** Ethernet, IPv4, UDP and VXLAN around Ethernet, IPv4 and UDP of 7000 frames. */
export default function prepare(): BenchCase {
  const { bytes, offsets, lengths } = new FrameSet(1000);
  const frames = Array.from(offsets, (offset, index) =>
    ethernet(0x0800, ipv4({}, udpTunnel(4789, vxlan(bytes.subarray(offset, offset + lengths[index]!))))),
  );
  const frame = new Frame();
  const datagram = new Datagram();
  frame.bytes = new Uint8Array(frames.reduce((total, { length }) => total + length, 0));
  const starts = new Uint32Array(frames.length);
  for (let index = 0, end = 0; index < frames.length; end += frames[index++]!.length) {
    frame.bytes.set(frames[index]!, end);
    starts[index] = end;
  }
  const wholeLengths = Uint32Array.from(frames, ({ length }) => length);
  return {
    units: starts.length,
    pass() {
      for (let index = 0; index < starts.length; index++) {
        frame.offset = starts[index]!;
        frame.capturedLength = wholeLengths[index]!;
        frame.originalLength = wholeLengths[index]!;
        const result = decodeFrame(frame, datagram);
        if (result !== DecodeResult.datagram || datagram.tunnelDepth !== 1) throw new Error(`${result}`);
      }
    },
  };
}
