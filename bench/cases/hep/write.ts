// SPDX-License-Identifier: Apache-2.0
import { ByteRing } from '../../../src/base/byte-ring.ts';
import { Datagram } from '../../../src/decode/datagram.ts';
import { HepEncoder } from '../../../src/hep/hep-encoder.ts';
import type { BenchCase } from '../../measure-case.ts';
import { sipOffsetBytes } from '../../traffic/call-templates.ts';
import { FrameSet } from '../../traffic/frame-set.ts';

/** The messages of 7000 frames as HEP packets into the queue to the thread that sends them, and out of it again. */
export default function prepare(): BenchCase {
  const { bytes, offsets, lengths } = new FrameSet(1000);
  const datagram = new Datagram();
  datagram.bytes = bytes;
  datagram.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const encoder = new HepEncoder(1, new TextEncoder().encode('a key'));
  const writer = ByteRing.allocate(2 ** 20);
  const reader = new ByteRing(writer.buffer);
  const arrivalMicros = Float64Array.of(1_767_225_600_123_456);
  return {
    units: offsets.length,
    pass() {
      for (let index = 0; index < offsets.length; index++) {
        datagram.payloadOffset = offsets[index]! + sipOffsetBytes;
        datagram.payloadLength = lengths[index]! - sipOffsetBytes;
        const at = writer.reserve(encoder.lengthFor(datagram));
        encoder.write(writer.view, at, datagram, arrivalMicros, 0);
        writer.commit();
        if (reader.next() !== at) throw new Error('another packet');
        reader.release();
      }
    },
  };
}
