// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { goldenCaptures } from '../../test/golden/decode/cases.ts';
import {
  bytesOf,
  ethernet,
  extension,
  ipv4,
  ipv6,
  linuxCooked,
  linuxCooked2,
  loopback,
  udp,
  vlanTag,
} from '../../test/support/udp-frame.ts';
import { Frame, LinkType } from '../base/frame.ts';
import { Datagram } from './datagram.ts';
import { DecodeResult, decodeReasonNames } from './decode-result.ts';
import { decodeFrame } from './frame-decoder.ts';
import { tunnelOfPort } from './udp-tunnel.ts';

interface Sample {
  linkType: LinkType;
  protocol: number;
  bytes: Uint8Array;
  originalLength: number;
}

const linkTypes = Object.values(LinkType);
const byte = fc.nat(255);
const word = fc.nat(0xffff);
const goldenFrames = goldenCaptures.flatMap(({ cases }) => cases.map(({ bytes }) => bytes));

/** A sound frame and the numbers it was built from. */
const soundFrame = fc
  .record({
    linkType: fc.constantFrom(...linkTypes),
    isIpv6: fc.boolean(),
    tcis: fc.array(word, { maxLength: 2 }),
    sourcePort: word,
    // One of a tunnel may have another datagram in it: see tunnels.property.test.ts.
    destinationPort: word.filter((port) => tunnelOfPort(port) === 0),
    checksum: word,
    identification: word,
    options: fc.nat(10),
    extensions: fc.array(fc.nat(3), { maxLength: 8 }),
    payload: fc.uint8Array({ maxLength: 40 }),
    trailer: fc.uint8Array({ maxLength: 9 }),
  })
  .map((fields) => {
    const { linkType, isIpv6, identification } = fields;
    const hasTags = linkType !== LinkType.rawIp && linkType !== LinkType.loopback;
    const tcis = hasTags ? fields.tcis : [];
    let content = udp(fields, fields.payload);
    if (isIpv6) {
      fields.extensions.forEach((units, index) => {
        content = extension(index === 0 ? 17 : 60, units, content);
      });
      content = ipv6({ nextHeader: fields.extensions.length === 0 ? 17 : 60 }, content);
    } else {
      content = ipv4({ identification, options: new Uint8Array(fields.options * 4).fill(1) }, content);
    }
    let etherType = isIpv6 ? 0x86dd : 0x0800;
    for (const tci of tcis.toReversed()) {
      content = vlanTag(tci, etherType, content);
      etherType = 0x8100;
    }
    const framed = bytesOf(linkHeader(linkType, etherType, content), fields.trailer);
    const datagramEnd = framed.length - fields.trailer.length;
    return { ...fields, tcis, bytes: framed, protocol: etherType, datagramEnd };
  });

function linkHeader(linkType: LinkType, etherType: number, content: Uint8Array): Uint8Array {
  if (linkType === LinkType.ethernet) return ethernet(etherType, content);
  if (linkType === LinkType.linuxCooked) return linuxCooked(etherType, content);
  if (linkType === LinkType.linuxCooked2) return linuxCooked2(etherType, content);
  if (linkType === LinkType.loopback) return loopback(etherType === 0x0800 ? 2 : 30, true, content);
  return content;
}

/** Any bytes, most of them near to a sound frame: built or golden, some bytes changed, some cut off. */
const anyFrame: fc.Arbitrary<Sample> = fc
  .record({
    base: fc.oneof(
      soundFrame.map(({ bytes }) => bytes),
      fc.constantFrom(...goldenFrames),
      fc.uint8Array({ maxLength: 90 }),
    ),
    edits: fc.array(fc.tuple(fc.nat(90), byte), { maxLength: 3 }),
    kept: fc.oneof(fc.constant(1e6), fc.nat(90)),
    lostLength: fc.oneof(fc.constant(0), fc.nat(2000)),
    linkType: fc.constantFrom(...linkTypes),
    protocol: fc.constantFrom(0x0800, 0x86dd, 0x8100, 0x0806),
  })
  .map(({ base, edits, kept, lostLength, linkType, protocol }) => {
    const bytes = base.slice(0, kept);
    for (const [index, value] of edits) if (index < bytes.length) bytes[index] = value;
    return { linkType, protocol, bytes, originalLength: bytes.length + lostLength };
  });

function decode(sample: Sample, bytes: Uint8Array, offset: number, datagram: Datagram): DecodeResult {
  const frame = new Frame();
  frame.bytes = bytes;
  frame.offset = offset;
  frame.capturedLength = sample.bytes.length;
  frame.originalLength = sample.originalLength;
  frame.linkType = sample.linkType;
  frame.protocol = sample.protocol;
  return decodeFrame(frame, datagram);
}

/** All that a datagram says, apart from where its buffer lies; nothing where there is none. */
function outcome(result: DecodeResult, datagram: Datagram, offset: number): unknown[] {
  // Of segments and SCTP packets only.
  datagram.sequenceNumber = 0;
  datagram.acknowledgmentNumber = 0;
  datagram.tcpFlags = 0;
  datagram.verificationTag = 0;
  const { bytes, payloadOffset, innerStart, innerEnd, innerType, fragment, ...rest } = datagram;
  if (result === DecodeResult.fragment) {
    const { ipVersion, sourceAddress, destinationAddress, vlanTci } = datagram;
    const known = { ...fragment, dataOffset: fragment.dataOffset - offset };
    return [known, ipVersion, [...sourceAddress], [...destinationAddress], vlanTci];
  }
  if (result !== DecodeResult.datagram) return [decodeReasonNames[result]];
  return [
    payloadOffset - offset,
    bytes.slice(payloadOffset, payloadOffset + rest.payloadLength),
    { ...rest },
  ];
}

test('a sound frame gives back what it was built from', () => {
  fc.assert(
    fc.property(soundFrame, (sound) => {
      const datagram = new Datagram();
      const sample = { ...sound, originalLength: sound.bytes.length };
      assert.equal(decodeReasonNames[decode(sample, sound.bytes, 0, datagram)], 'datagram');
      assert.equal(datagram.ipVersion, sound.isIpv6 ? 6 : 4);
      assert.equal(datagram.sourcePort, sound.sourcePort);
      assert.equal(datagram.destinationPort, sound.destinationPort);
      assert.equal(datagram.udpChecksum, sound.checksum);
      assert.equal(datagram.ipIdentification, sound.isIpv6 ? 0 : sound.identification);
      assert.equal(datagram.vlanTci, sound.tcis[0] ?? -1);
      assert.equal(datagram.payloadOffset + datagram.payloadLength, sound.datagramEnd);
      assert.deepEqual(datagram.bytes.slice(datagram.payloadOffset, sound.datagramEnd), sound.payload);
    }),
    { numRuns: 2000 },
  );
});

test('the bytes before and behind a frame and the datagram before do not matter', () => {
  const leftovers = new Datagram();
  const surroundings = fc.uint8Array({ maxLength: 64 });
  fc.assert(
    fc.property(anyFrame, surroundings, surroundings, (sample, before, behind) => {
      const fresh = new Datagram();
      const alone = outcome(decode(sample, sample.bytes, 0, fresh), fresh, 0);
      const buffer = bytesOf(before, sample.bytes, behind);
      const surrounded = decode(sample, buffer, before.length, leftovers);
      assert.deepEqual(outcome(surrounded, leftovers, before.length), alone);
    }),
    { numRuns: 5000 },
  );
});

test('no byte outside of a frame is read', () => {
  fc.assert(
    fc.property(anyFrame, (sample) => {
      const before = 7;
      const buffer = bytesOf(new Uint8Array(before), sample.bytes, new Uint8Array(100));
      const watched = new Proxy(buffer, {
        get(target, key) {
          const index = Number(key);
          assert.ok(index >= before && index < before + sample.bytes.length, `reads ${String(key)}`);
          return target[index];
        },
      });
      decode(sample, watched, before, new Datagram());
    }),
    { numRuns: 5000 },
  );
});

test('a frame cut at any length says so, and tells the beginning of the datagram that it holds', () => {
  fc.assert(
    fc.property(soundFrame, (sound) => {
      const datagram = new Datagram();
      for (let length = 0; length <= sound.bytes.length; length++) {
        const bytes = sound.bytes.subarray(0, length);
        const bySensor = { ...sound, bytes, originalLength: sound.bytes.length };
        const onWire = { ...sound, bytes, originalLength: length };
        const sensorReason = decodeReasonNames[decode(bySensor, bytes, 0, datagram)]!;
        if (sensorReason === 'datagram_head' || sensorReason === 'datagram') {
          const missing = Math.max(0, sound.datagramEnd - length);
          assert.equal(datagram.payloadLength, sound.payload.length - missing);
          assert.equal(datagram.wirePayloadLength, sound.payload.length);
        }
        const wireReason = decodeReasonNames[decode(onWire, bytes, 0, datagram)]!;
        if (length >= sound.datagramEnd) {
          assert.deepEqual([sensorReason, wireReason], ['datagram', 'datagram']);
        } else {
          const isInPayload = length >= sound.datagramEnd - sound.payload.length;
          assert.equal(sensorReason, isInPayload ? 'datagram_head' : 'truncated_by_sensor');
          assert.match(wireReason, /^truncated_(link|ipv4|ipv6)$/);
        }
      }
    }),
    { numRuns: 200 },
  );
});
