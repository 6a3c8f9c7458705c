// SPDX-License-Identifier: Apache-2.0
import { Datagram } from '../../../src/decode/datagram.ts';
import { HepEncoder } from '../../../src/hep/hep-encoder.ts';
import { HepPacket } from '../../../src/hep/hep-packet.ts';
import { HepResult } from '../../../src/hep/hep-result.ts';
import { parseHep } from '../../../src/hep/parse-hep.ts';
import type { BenchCase } from '../../measure-case.ts';
import { sipOffsetBytes } from '../../traffic/call-templates.ts';
import { FrameSet } from '../../traffic/frame-set.ts';

/** HEP3 packets of the messages of 7000 frames, without the SIP inside. */
export default function prepare(): BenchCase {
  const { bytes: frames, offsets, lengths } = new FrameSet(1000);
  const encoder = new HepEncoder(1, new TextEncoder().encode('a key'));
  const datagram = new Datagram();
  datagram.bytes = frames;
  datagram.view = new DataView(frames.buffer, frames.byteOffset, frames.length);
  const ends: number[] = [];
  const bytes = new Uint8Array(frames.length * 2);
  const view = new DataView(bytes.buffer);
  let end = 0;
  for (const [index, offset] of offsets.entries()) {
    datagram.payloadOffset = offset + sipOffsetBytes;
    datagram.payloadLength = lengths[index]! - sipOffsetBytes;
    encoder.write(view, end, datagram, Float64Array.of(1e15), 0);
    end += encoder.lengthFor(datagram);
    ends.push(end);
  }
  const packet = new HepPacket();
  return {
    units: ends.length,
    pass() {
      let start = 0;
      for (let index = 0; index < ends.length; index++) {
        const result = parseHep(bytes, view, start, ends[index]! - start, packet, datagram);
        if (result !== HepResult.message) throw new Error(`not read: ${result}`);
        start = ends[index]!;
      }
    },
  };
}
