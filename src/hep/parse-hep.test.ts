// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { chunk, encode, hep3, hepJsPacket, options, sipChunks, uint32 } from '../../test/hep/packets.ts';
import { ascii, bytesOf, ipv6Address, uint16 } from '../../test/support/udp-frame.ts';
import { Datagram } from '../decode/datagram.ts';
import { SipTransport } from '../decode/sip-transport.ts';
import { HepEncoder } from './hep-encoder.ts';
import { HepPacket } from './hep-packet.ts';
import { HepResult } from './hep-result.ts';
import { protocolOf } from './hep-transport.ts';
import { parseHep } from './parse-hep.ts';

const packet = new HepPacket();
const datagram = new Datagram();

/** Reads a packet that stands between other bytes. */
function parse(bytes: Iterable<number>): HepResult {
  const content = [...bytes];
  const buffer = Uint8Array.from([0xff, 0x48, 0x45, ...content, ...new Array(64).fill(0x13)]);
  return parseHep(buffer, new DataView(buffer.buffer), 3, content.length, packet, datagram);
}

const payload = (): Uint8Array => {
  const { bytes, payloadOffset, payloadLength } = datagram;
  return bytes.slice(payloadOffset, payloadOffset + payloadLength);
};
const endpoints = (): unknown => [
  [...datagram.sourceAddress].map((word) => word >>> 0),
  datagram.sourcePort,
  [...datagram.destinationAddress].map((word) => word >>> 0),
  datagram.destinationPort,
];

const message = ascii(options);
const chunks = sipChunks(message);
const all = Object.values(chunks);
const without = (...names: string[]): Uint8Array[] =>
  Object.entries(chunks).flatMap(([name, one]) => (names.includes(name) ? [] : [one]));
const ipv4Endpoints = [[0, 0, 0xffff, 0xc0000201], 5060, [0, 0, 0xffff, 0xc6336402], 5062];

test('a packet of hep-js is read', () => {
  assert.equal(parse(hepJsPacket), HepResult.message);
  assert.deepEqual(endpoints(), ipv4Endpoints);
  assert.equal(datagram.ipVersion, 4);
  assert.deepEqual(payload(), message);
  assert.equal(packet.version, 3);
  assert.equal(packet.captureMicros, 1_767_225_600_123_456);
  assert.equal(packet.nodeId, 2001);
  const { keyOffset, keyLength } = packet;
  assert.equal(Buffer.from(datagram.bytes.subarray(keyOffset, keyOffset + keyLength)).toString(), 'myHep');
});

test('chunks of vendors, unknown chunks and bytes behind the packet are stepped over, in any order', () => {
  const more = [chunk(1, [99], 3), chunk(0xffff, [1, 2, 3]), chunk(31, []), chunk(17, ascii('id'))];
  const bytes = bytesOf(hep3([...more, ...all.toReversed(), ...more]), ascii('behind'));
  assert.equal(parse(bytes), HepResult.message);
  assert.deepEqual(endpoints(), ipv4Endpoints);
  assert.deepEqual(payload(), message);
});

test('the family decides which addresses count; without one, or 0, those that are there', () => {
  const ipv6 = [chunk(5, ipv6Address('2001:db8::1')), chunk(6, ipv6Address('2001:db8::2'))];
  const ipv6Endpoints = [[0x20010db8, 0, 0, 1], 5060, [0x20010db8, 0, 0, 2], 5062];
  for (const [expected, list] of [
    [ipv4Endpoints, [...all, ...ipv6]],
    [ipv6Endpoints, [...all, ...ipv6, chunk(1, [10])]],
    [ipv6Endpoints, [...without('family', 'source', 'destination'), ...ipv6]],
    [ipv6Endpoints, [...without('source', 'destination'), ...ipv6, chunk(1, [0])]],
    [ipv4Endpoints, without('family')],
  ] as const) {
    assert.equal(parse(hep3(list)), HepResult.message);
    assert.deepEqual(endpoints(), expected);
    assert.equal(datagram.ipVersion, expected === ipv6Endpoints ? 6 : 4);
  }
});

test('the protocol number tells what carried the message; one that is not known counts as UDP', () => {
  for (const [protocol, transport] of [
    [17, SipTransport.udp],
    [6, SipTransport.tcp],
    [22, SipTransport.tls],
    [132, SipTransport.sctp],
    [99, SipTransport.udp],
  ] as const) {
    assert.equal(parse(hep3([...all, chunk(2, [protocol])])), HepResult.message);
    assert.equal(datagram.transport, transport);
    assert.equal(parse([2, 16, 2, protocol, ...new Array(24).fill(0)]), HepResult.message);
    assert.equal(datagram.transport, transport);
  }
  assert.equal(parse(hep3(without('protocol'))), HepResult.message);
  assert.equal(datagram.transport, SipTransport.udp);
  const carried = [SipTransport.udp, SipTransport.tcp, SipTransport.tls, SipTransport.wss, SipTransport.sctp];
  assert.deepEqual(carried.map(protocolOf), [17, 6, 6, 6, 132]);
});

test('time, node and key may be missing', () => {
  assert.equal(parse(hepJsPacket), HepResult.message);
  assert.equal(parse(hep3(without('seconds', 'micros', 'nodeId'))), HepResult.message);
  assert.deepEqual([packet.captureMicros, packet.nodeId, packet.keyLength], [0, 0, 0]);
});

const reasons: readonly (readonly [HepResult, string, Iterable<number>])[] = [
  [HepResult.rtcp, 'RTCP', hep3([...all, chunk(11, [5])])],
  [HepResult.otherProtocol, 'a log', hep3([...all, chunk(11, [100])])],
  [HepResult.otherProtocol, 'a keep-alive of an agent', hep3([chunk(11, [0])])],
  [HepResult.missingChunk, 'RTCP without a payload', hep3([...without('payload'), chunk(11, [5])])],
  [HepResult.compressed, 'a compressed payload', hep3([...without('payload'), chunk(16, [1, 2])])],
  [HepResult.notHep, 'no byte at all', []],
  [HepResult.notHep, 'plain SIP', message],
  [HepResult.notHep, 'HEP4', bytesOf(ascii('HEP4'), hepJsPacket.subarray(4))],
  [HepResult.notHep, 'a header that is cut', ascii('HEP3\0')],
  [HepResult.badLength, 'a length below the header', hep3(all, 5)],
  [HepResult.badLength, 'a length beyond the end', hep3([], 7)],
  [HepResult.badChunk, 'a chunk shorter than its header', hep3([chunk(15, message, 0, 5)])],
  [HepResult.badChunk, 'a chunk of length 0', hep3([chunk(15, message, 0, 0)])],
  [HepResult.badChunk, 'a chunk beyond the end', hep3([chunk(15, message, 0, 7 + message.length)])],
  [HepResult.badChunk, 'a chunk of a vendor beyond the end', hep3([chunk(99, [1], 7, 8)])],
  [HepResult.badChunk, 'a chunk header that is cut', hep3([...all, [0, 0, 0, 1, 0]])],
  [HepResult.badChunk, 'a port of one byte', hep3([...all, chunk(7, [1])])],
  [HepResult.badChunk, 'a node of two bytes', hep3([...all, chunk(12, [1, 2])])],
  [HepResult.badFamily, 'a family that is not known', hep3([...all, chunk(1, [3])])],
  [HepResult.missingChunk, 'no chunks', hep3([])],
  [HepResult.missingChunk, 'another family than that of the addresses', hep3([...all, chunk(1, [10])])],
  ...['protocolType', 'payload', 'source', 'destination', 'sourcePort', 'destinationPort'].map(
    (name) => [HepResult.missingChunk, `no ${name}`, hep3(without(name))] as const,
  ),
  [HepResult.badLength, 'HEP2 that is cut', [2, 16, 2, 17, 0, 80, 0]],
  [HepResult.badLength, 'HEP2 without room for the time', [2, 16, 2, 17, ...new Array(23).fill(0)]],
  [HepResult.badLength, 'HEP1 with another header length', [1, 17, 2, 17, ...new Array(40).fill(0)]],
  [HepResult.badFamily, 'HEP1 of no family', [1, 16, 7, 17, ...new Array(40).fill(0)]],
];
for (const [reason, name, bytes] of reasons) {
  test(`${name}: ${Object.keys(HepResult)[reason]}`, () => assert.equal(parse(bytes), reason));
}

const littleEndian = (value: number): number[] => uint32(value).reverse();

test('HEP2 and HEP1 are read', () => {
  const ports = [uint16(5060), uint16(5062)].flat();
  const ipv4 = [192, 0, 2, 1, 198, 51, 100, 2];
  const time = [...littleEndian(1_767_225_600), ...littleEndian(123_456), 0xd1, 0x07, 0, 0];
  assert.equal(parse([2, 16, 2, 17, ...ports, ...ipv4, ...time, ...message]), HepResult.message);
  assert.deepEqual(endpoints(), ipv4Endpoints);
  assert.deepEqual(payload(), message);
  assert.deepEqual([packet.version, packet.captureMicros, packet.nodeId], [2, 1_767_225_600_123_456, 2001]);
  const ipv6 = [...ipv6Address('2001:db8::1'), ...ipv6Address('2001:db8::2')];
  assert.equal(parse([1, 40, 10, 17, ...ports, ...ipv6, ...message]), HepResult.message);
  assert.deepEqual(endpoints(), [[0x20010db8, 0, 0, 1], 5060, [0x20010db8, 0, 0, 2], 5062]);
  assert.deepEqual(payload(), message);
  assert.deepEqual([packet.version, packet.captureMicros, packet.nodeId], [1, 0, 0]);
});

test('what the encoder writes is read as it was', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 0, maxLength: 2000 }),
      fc.integer({ min: 0, max: 2 ** 32 * 1e6 - 1 }),
      fc.integer({ min: 0, max: 2 ** 32 - 1 }),
      fc.string({ unit: 'grapheme-ascii', maxLength: 40 }),
      fc.boolean(),
      (content, micros, nodeId, key, isIpv6) => {
        assert.equal(parse(encode(content, { micros, nodeId, key, isIpv6 })), HepResult.message);
        assert.deepEqual(payload(), content);
        assert.equal(packet.captureMicros, micros);
        assert.equal(packet.nodeId, nodeId);
        const { keyOffset, keyLength } = packet;
        assert.equal(Buffer.from(datagram.bytes.subarray(keyOffset, keyOffset + keyLength)).toString(), key);
        const host = (last: number): number[] =>
          isIpv6 ? [0x20010db8, 0, 0, last] : [0, 0, 0xffff, 0xc0000200 + last];
        assert.deepEqual(endpoints(), [host(1), 5060, host(2), 5060]);
      },
    ),
  );
});

test('the encoder has no packet for a message that does not fit into one', () => {
  const encoder = new HepEncoder(1, ascii('key'));
  datagram.ipVersion = 4;
  const fixed = encode(new Uint8Array(0), { key: 'key' }).length;
  datagram.payloadLength = 65_535 - fixed;
  assert.equal(encoder.lengthFor(datagram), 65_535);
  datagram.payloadLength++;
  assert.equal(encoder.lengthFor(datagram), 0);
});

test('of packets that are cut, changed or noise, none throws and none reaches beyond its end', () => {
  const ipv6 = encode(message, { isIpv6: true, key: 'key' });
  fc.assert(
    fc.property(
      fc.oneof(
        fc.uint8Array({ maxLength: 300 }),
        fc
          .tuple(
            fc.constantFrom(hepJsPacket, ipv6, Uint8Array.from([2, 16, 2, ...message])),
            fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { maxLength: 4 }),
            fc.nat(400),
          )
          .map(([seed, changes, length]) => {
            const bytes = seed.slice(0, Math.max(1, length));
            for (const [index, value] of changes) bytes[index % bytes.length] = value;
            return bytes;
          }),
      ),
      (content) => {
        const result = parse(content);
        assert.ok(Object.values(HepResult).includes(result));
        if (result !== HepResult.message) return;
        const { payloadOffset, payloadLength } = datagram;
        assert.ok(
          payloadOffset >= 3 && payloadLength >= 0 && payloadOffset + payloadLength <= 3 + content.length,
        );
        assert.ok(packet.keyLength === 0 || packet.keyOffset + packet.keyLength <= 3 + content.length);
      },
    ),
    { numRuns: 2000 },
  );
});
