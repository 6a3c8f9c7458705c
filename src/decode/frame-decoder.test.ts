// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { goldenCaptures } from '../../test/golden/decode/cases.ts';
import { bytesOf, ethernet, extension, ipv4, ipv6, udp, vlanTag } from '../../test/support/udp-frame.ts';
import { Frame, LinkType } from '../base/frame.ts';
import { Datagram } from './datagram.ts';
import { DecodeResult, decodeReasonNames } from './decode-result.ts';
import { decodeFrame } from './frame-decoder.ts';

// What each link type and header gives is in test/golden/decode; here is what a capture file cannot hold.

function frameOf(bytes: Uint8Array, fields: Partial<Frame> = {}): Frame {
  const { length } = bytes;
  return Object.assign(new Frame(), { bytes, capturedLength: length, originalLength: length, ...fields });
}

const packet = ipv4({}, udp({}, [1, 2, 3]));
const dataTags = (inner: Uint8Array): Uint8Array => vlanTag(20, 0x8100, vlanTag(30, 0x0800, inner));

test('a tag the kernel took off is the outermost one', () => {
  const datagram = new Datagram();
  const frame = frameOf(ethernet(0x88a8, dataTags(packet)), { vlanTci: 10 });
  assert.equal(decodeFrame(frame, datagram), DecodeResult.datagram);
  assert.equal(datagram.vlanTci, 10);
  frame.vlanTci = 0;
  assert.equal(decodeFrame(frame, datagram), DecodeResult.datagram);
  assert.equal(datagram.vlanTci, 0);
  frame.vlanTci = -1;
  assert.equal(decodeFrame(frame, datagram), DecodeResult.datagram);
  assert.equal(datagram.vlanTci, 20);
});

test('no tag is left over from the frame before', () => {
  const datagram = new Datagram();
  decodeFrame(frameOf(ethernet(0x0800, packet), { vlanTci: 10 }), datagram);
  assert.equal(decodeFrame(frameOf(ethernet(0x0800, packet)), datagram), DecodeResult.datagram);
  assert.equal(datagram.vlanTci, -1);
});

test('LinkType.network takes the EtherType from the frame, VLAN tags included', () => {
  const datagram = new Datagram();
  const linkType = LinkType.network;
  const network = (bytes: Uint8Array, protocol: number): number =>
    decodeFrame(frameOf(bytes, { linkType, protocol }), datagram);
  assert.equal(network(packet, 0x0800), DecodeResult.datagram);
  assert.equal(datagram.payloadOffset, 28);
  assert.equal(network(dataTags(packet), 0x8100), DecodeResult.datagram);
  assert.equal(datagram.vlanTci, 20);
  assert.equal(network(packet, 0), DecodeResult.unsupportedEthertype);
  assert.equal(network(new Uint8Array(0), 0x0800), DecodeResult.truncatedIpv4);
});

test('every golden Ethernet frame gives the same without its link header', () => {
  const frames = goldenCaptures.find(({ file }) => file === 'ethernet.pcap')!.cases;
  const [whole, bare] = [new Datagram(), new Datagram()];
  let compared = 0;
  for (const { name, bytes, originalLength = bytes.length } of frames) {
    if (bytes.length < 14) continue;
    const result = decodeFrame(frameOf(bytes, { originalLength }), whole);
    const protocol = (bytes[12]! << 8) | bytes[13]!;
    const rest = { offset: 14, capturedLength: bytes.length - 14, originalLength: originalLength - 14 };
    const frame = frameOf(bytes, { ...rest, linkType: LinkType.network, protocol });
    assert.equal(decodeReasonNames[decodeFrame(frame, bare)], decodeReasonNames[result], name);
    if (result === DecodeResult.datagram) assert.deepEqual(bare, whole, name);
    compared++;
  }
  assert.ok(compared > 50);
});

test('a datagram above 65535 bytes has length 0 (RFC 2675 §4)', () => {
  const datagram = new Datagram();
  const linkType = LinkType.rawIp;
  const jumbo = (payloadBytes: number): Frame =>
    frameOf(ipv6({ payloadLength: 0 }, udp({ length: 0 }, new Uint8Array(payloadBytes))), { linkType });
  assert.equal(decodeFrame(jumbo(65528), datagram), DecodeResult.datagram);
  assert.equal(datagram.payloadLength, 65528);
  assert.equal(decodeFrame(jumbo(65527), datagram), DecodeResult.badUdpLength);

  const cut = jumbo(70_000);
  cut.capturedLength = 1000;
  assert.equal(decodeFrame(cut, datagram), DecodeResult.datagramHead);
  assert.deepEqual([datagram.payloadLength, datagram.wirePayloadLength], [952, 70_000]);
});

test('a cut by the sensor behind the datagram does no harm', () => {
  const datagram = new Datagram();
  const trailing = ipv4({}, bytesOf(udp({}, [1, 2, 3]), new Uint8Array(20)));
  const frame = frameOf(trailing, { linkType: LinkType.rawIp });
  frame.capturedLength = 31;
  assert.equal(decodeFrame(frame, datagram), DecodeResult.datagram);
  frame.capturedLength = 30;
  assert.equal(decodeFrame(frame, datagram), DecodeResult.datagramHead);
  frame.capturedLength = 28;
  assert.equal(decodeFrame(frame, datagram), DecodeResult.datagramHead);
  assert.deepEqual([datagram.payloadLength, datagram.wirePayloadLength], [0, 3]);
  frame.capturedLength = 27;
  assert.equal(decodeFrame(frame, datagram), DecodeResult.truncatedBySensor);
});

test('an original length below the captured one is not believed', () => {
  const frame = frameOf(packet, { linkType: LinkType.rawIp, originalLength: 0 });
  assert.equal(decodeFrame(frame, new Datagram()), DecodeResult.datagram);
  frame.capturedLength = 30;
  assert.equal(decodeFrame(frame, new Datagram()), DecodeResult.truncatedIpv4);
});

test('an IPv4 address stands in its IPv6-mapped form', () => {
  const datagram = new Datagram();
  decodeFrame(frameOf(ipv4({ source: '255.1.2.3' }, udp({}, [])), { linkType: LinkType.rawIp }), datagram);
  assert.deepEqual([...datagram.sourceAddress], [0, 0, 0xffff, 0xff010203 | 0]);
  const mapped = ipv6({ source: '::ffff:ff01:203' }, extension(17, 0, udp({}, [])));
  mapped[6] = 60;
  decodeFrame(frameOf(mapped, { linkType: LinkType.rawIp }), datagram);
  assert.deepEqual([...datagram.sourceAddress], [0, 0, 0xffff, 0xff010203 | 0]);
  assert.equal(datagram.ipVersion, 6);
});
