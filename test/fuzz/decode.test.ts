// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Frame, LinkType } from '../../src/base/frame.ts';
import { Datagram } from '../../src/decode/datagram.ts';
import { DecodeResult, decodeReasonNames } from '../../src/decode/decode-result.ts';
import { decodeFrame } from '../../src/decode/frame-decoder.ts';
import { goldenCaptures } from '../golden/decode/cases.ts';
import { randomSource } from '../support/random.ts';

// FUZZ_SEED=n repeats a run; the seed is printed.

const frameCount = 1_000_000;
const maxFrameLength = 256;
const linkTypes = Object.values(LinkType);
const etherTypes = [0x0800, 0x86dd, 0x8100, 0x88a8, 0];
const seeds = goldenCaptures.flatMap(({ cases }) => cases.map(({ bytes }) => bytes));

/** Writes one frame into `target` and returns its length: noise, or a golden frame with a few changes. */
function writeFrame(target: Uint8Array, random: (limit: number) => number): number {
  if (random(8) === 0) {
    const length = random(maxFrameLength);
    for (let index = 0; index < length; index++) target[index] = random(256);
    return length;
  }
  const seed = seeds[random(seeds.length)]!.subarray(0, maxFrameLength);
  target.set(seed);
  for (let edits = random(4); edits > 0; edits--) {
    const index = random(seed.length);
    // A flipped bit, a boundary value or any byte.
    const kind = random(3);
    target[index] =
      kind === 0 ? target[index]! ^ (1 << random(8)) : kind === 1 ? random(2) * 255 : random(256);
  }
  return random(4) === 0 ? random(seed.length + 1) : seed.length;
}

test('random and mutated frames give a code and stay in bounds, for every link type', (t) => {
  const seed = Number(process.env['FUZZ_SEED'] ?? Date.now() % 2 ** 31);
  t.diagnostic(`FUZZ_SEED=${seed}`);
  const random = randomSource(seed);
  const counts = new Float64Array(decodeReasonNames.length);
  const frame = new Frame();
  const datagram = new Datagram();
  // The frame ends where its buffer does or leaves a gap, so that a read beyond it would not go unseen.
  const buffer = new Uint8Array(maxFrameLength * 2);

  for (let count = 0; count < frameCount; count++) {
    frame.offset = random(maxFrameLength);
    const end = frame.offset + writeFrame(buffer.subarray(frame.offset), random);
    frame.bytes = random(2) === 0 ? buffer : buffer.subarray(0, end);
    frame.capturedLength = end - frame.offset;
    frame.originalLength = frame.capturedLength + (random(4) === 0 ? random(3000) : 0);
    frame.protocol = etherTypes[random(etherTypes.length)]!;
    frame.vlanTci = random(4) === 0 ? random(65536) : -1;
    for (const linkType of linkTypes) {
      frame.linkType = linkType;
      const result = decodeFrame(frame, datagram);
      if (!(result in counts)) assert.fail(`no such code: ${result}`);
      counts[result]!++;
      if (result === DecodeResult.datagram && !isInBounds(datagram, frame, end)) {
        assert.fail(`out of bounds: ${JSON.stringify({ ...datagram, bytes: [...frame.bytes] })}`);
      }
    }
  }

  const total = counts.reduce((sum, count) => sum + count, 0);
  assert.equal(total, frameCount * linkTypes.length);
  for (const [code, name] of decodeReasonNames.entries()) {
    t.diagnostic(`${name} ${counts[code]}`);
    // The pipeline says these, or the decoder to itself.
    const others: readonly number[] = [
      DecodeResult.otherPort,
      DecodeResult.tunnel,
      DecodeResult.nestedFragment,
    ];
    if (others.includes(code)) continue;
    assert.ok(counts[code]! > 0, `${name} never came: the fuzzer does not reach it`);
  }
});

function isInBounds(datagram: Datagram, frame: Frame, end: number): boolean {
  const { payloadOffset, payloadLength, sourcePort, destinationPort, vlanTci } = datagram;
  return (
    datagram.bytes === frame.bytes &&
    payloadOffset >= frame.offset + 28 &&
    payloadLength >= 0 &&
    payloadOffset + payloadLength <= end &&
    isUint16(sourcePort) &&
    isUint16(destinationPort) &&
    isUint16(datagram.udpChecksum) &&
    isUint16(datagram.ipIdentification) &&
    (vlanTci === -1 || isUint16(vlanTci))
  );
}

function isUint16(value: number): boolean {
  return (value & 0xffff) === value;
}
