// SPDX-License-Identifier: Apache-2.0
// Needs root: loads the eBPF program and sends frames in a network namespace of its own.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LinkType, PacketType } from '../../src/base/frame.ts';
import { openCapture } from '../../src/capture/open-capture.ts';
import { getSocketOption, Packet } from '../../src/sys/socket.ts';
import { ascii, EtherType, ethernet, extension, frameId, ipv4, ipv6, Protocol, tcp, udp } from './frames.ts';
import {
  type CapturedFrame,
  captureOptions,
  collectUntil,
  createVethPair,
  enterTestNamespace,
  FrameSender,
  ip,
  openTun,
  withCapture,
} from './network.ts';

const LAST = 0xffff;
const { udp: UDP, tcp: TCP } = Protocol;
const { ipv4: IPV4, ipv6: IPV6 } = EtherType;
const q = { type: 0x8100, tci: 0x2064 };
const ad = { type: 0x88a8, tci: 0x0123 };
const sip = udp(4000, 5060);
const other = udp(4000, 5061);
const many = (count: number) => new Array(count).fill(extension(60));

type Case = readonly [
  name: string,
  passes: boolean,
  etherType: number,
  packet: readonly number[],
  tags?: (typeof q)[],
];

const CASES: readonly Case[] = [
  ['UDP to the port', true, IPV4, ipv4(UDP, sip)],
  ['UDP from the port', true, IPV4, ipv4(UDP, udp(5060, 9))],
  ['UDP to the neighbour port', false, IPV4, ipv4(UDP, other)],
  ['UDP to the port with its bytes swapped', false, IPV4, ipv4(UDP, udp(9, 0xc413))],
  ['UDP from port 65535', true, IPV4, ipv4(UDP, udp(65535, 9))],
  ['UDP to port 0', true, IPV4, ipv4(UDP, udp(9, 0))],
  ['TCP to the port', true, IPV4, ipv4(TCP, tcp(9, 5060))],
  ['TCP from the port', true, IPV4, ipv4(TCP, tcp(5060, 9))],
  ['TCP to another port', false, IPV4, ipv4(TCP, tcp(9, 80))],
  ['ICMP with the port where UDP has it', false, IPV4, ipv4(Protocol.icmp, sip)],
  ['SCTP', false, IPV4, ipv4(132, sip)],
  ['IPv4 with 4 bytes of options', true, IPV4, ipv4(UDP, sip, { options: [1, 1, 1, 0] })],
  ['IPv4 with 40 bytes of options', true, IPV4, ipv4(UDP, sip, { options: new Array(40).fill(1) })],
  ['IPv4 with options, other port', false, IPV4, ipv4(UDP, other, { options: new Array(8).fill(1) })],
  ['options that look like the port', false, IPV4, ipv4(UDP, other, { options: [0x13, 0xc4, 0x13, 0xc4] })],
  ['first IPv4 fragment', true, IPV4, ipv4(UDP, other, { fragment: 0x2000 })],
  ['middle IPv4 fragment', true, IPV4, ipv4(UDP, ascii('middle--'), { fragment: 0x20b9 })],
  ['last IPv4 fragment', true, IPV4, ipv4(UDP, ascii('tail----'), { fragment: 0x0172 })],
  ['do not fragment is no fragment', false, IPV4, ipv4(UDP, other, { fragment: 0x4000 })],
  ['do not fragment, the port', true, IPV4, ipv4(UDP, sip, { fragment: 0x4000 })],
  [
    'IPv4 with a header length of 16',
    false,
    IPV4,
    [0x44, ...ipv4(UDP, sip).slice(1, 16), 0x13, 0xc4, 0x13, 0xc4],
  ],
  ['version 5 under the type of IPv4', false, IPV4, [0x55, ...ipv4(UDP, sip).slice(1)]],
  ['IPv4 cut within its header', false, IPV4, ipv4(UDP, sip).slice(0, 11)],
  ['IPv4 cut within the ports', false, IPV4, ipv4(UDP, sip).slice(0, 23)],
  ['IPv6 UDP', true, IPV6, ipv6(UDP, sip)],
  ['IPv6 UDP from the port', true, IPV6, ipv6(UDP, udp(5060, 9))],
  ['IPv6 UDP, other port', false, IPV6, ipv6(UDP, other)],
  ['IPv6 TCP', true, IPV6, ipv6(TCP, tcp(9, 5060))],
  ['IPv6 hop-by-hop', true, IPV6, ipv6(UDP, sip, [extension(0)])],
  ['IPv6 routing of 24 bytes', true, IPV6, ipv6(UDP, sip, [extension(43, 24)])],
  ['IPv6 mobility', true, IPV6, ipv6(UDP, sip, [extension(135)])],
  ['IPv6 authentication', true, IPV6, ipv6(UDP, sip, [extension(51, 24)])],
  [
    'IPv6 chain',
    true,
    IPV6,
    ipv6(TCP, tcp(9, 5060), [extension(0), extension(60, 16), extension(43), extension(51, 16)]),
  ],
  ['IPv6 chain, other port', false, IPV6, ipv6(UDP, other, [extension(0), extension(60, 16), extension(43)])],
  ['IPv6 eight extension headers', true, IPV6, ipv6(UDP, sip, many(8))],
  ['IPv6 nine extension headers', false, IPV6, ipv6(UDP, sip, many(9))],
  ['IPv6 fragment', true, IPV6, ipv6(UDP, other, [extension(44)])],
  ['IPv6 fragment behind hop-by-hop', true, IPV6, ipv6(UDP, other, [extension(0), extension(44)])],
  ['IPv6 no next header', false, IPV6, ipv6(59, sip)],
  ['IPv6 ESP', false, IPV6, ipv6(50, sip)],
  ['IPv6 cut within an extension header', false, IPV6, ipv6(UDP, sip, [extension(0)]).slice(0, 41)],
  ['VLAN', true, IPV4, ipv4(UDP, sip), [q]],
  ['VLAN, other port', false, IPV4, ipv4(UDP, other), [q]],
  ['VLAN, IPv6', true, IPV6, ipv6(UDP, sip), [q]],
  ['QinQ', true, IPV4, ipv4(UDP, sip), [ad, q]],
  ['QinQ, other port', false, IPV4, ipv4(UDP, other), [ad, q]],
  ['QinQ, IPv6', true, IPV6, ipv6(UDP, sip), [q, q]],
  ['QinQ, fragment', true, IPV4, ipv4(UDP, other, { fragment: 1 }), [ad, q]],
  ['three tags: two in the data', true, IPV4, ipv4(UDP, sip), [ad, ad, q]],
  ['ARP', false, EtherType.arp, ipv4(UDP, sip)],
  ['INVITE on another port', false, IPV4, ipv4(UDP, udp(9, 9, ascii('INVITE sip:a@b SIP/2.0\r\n')))],
];

const METHODS =
  'ACK BYE CANCEL INFO INVITE MESSAGE NOTIFY OPTIONS PRACK PUBLISH REFER REGISTER SUBSCRIBE UPDATE'.split(
    ' ',
  );
const onAnyPort = (text: string) => ipv4(UDP, udp(9, 9, ascii(text)));
const DETECTED: readonly Case[] = [
  ...METHODS.map((method): Case => [method, true, IPV4, onAnyPort(`${method} sip:a@b SIP/2.0\r\n`)]),
  ...METHODS.map((method): Case => [`${method}X`, false, IPV4, onAnyPort(`${method}X sip:a@b SIP/2.0\r\n`)]),
  ...METHODS.map((method): Case => [`x${method}`, false, IPV4, onAnyPort(`x${method} sip:a@b SIP/2.0\r\n`)]),
  ['lower case', false, IPV4, onAnyPort('invite sip:a@b SIP/2.0\r\n')],
  ['status line', true, IPV4, onAnyPort('SIP/2.0 200 OK\r\n')],
  ['SIP/2.1', false, IPV4, onAnyPort('SIP/2.1 200 OK\r\n')],
  ['SUBSCRIBE cut', false, IPV4, onAnyPort('SUBSCRIBE')],
  ['RTP', false, IPV4, onAnyPort('\x80\x08\x00\x01\x00\x00\x00\x01\x00\x00\x00\x01dddddddd')],
  ['keep-alive', false, IPV4, onAnyPort('\r\n\r\n')],
  ['empty', false, IPV4, onAnyPort('')],
  ['INVITE over TCP on another port', false, IPV4, ipv4(TCP, tcp(9, 9, ascii('INVITE sip:a@b SIP/2.0\r\n')))],
  [
    'TCP with INVITE where UDP has its payload',
    false,
    IPV4,
    ipv4(TCP, udp(9, 9, ascii('INVITE sip:a@b SIP'))),
  ],
  ['INVITE, IPv6', true, IPV6, ipv6(UDP, udp(9, 9, ascii('INVITE sip:a@b SIP/2.0\r\n')))],
  [
    'INVITE, IPv6 extension',
    true,
    IPV6,
    ipv6(UDP, udp(9, 9, ascii('INVITE sip:a@b SIP')), [extension(0, 16)]),
  ],
  ['INVITE, QinQ', true, IPV4, onAnyPort('INVITE sip:a@b SIP/2.0\r\n'), [ad, q]],
  ['the port without SIP', true, IPV4, ipv4(UDP, sip)],
];

enterTestNamespace();
createVethPair('rtap0', 'rtap1');

/** Sends every case out of `rtap0` and returns the frames captured on `on`. */
function captureCases(cases: readonly Case[], on: string, detect: boolean): CapturedFrame[] {
  const sender = new FrameSender('rtap0');
  try {
    return withCapture(captureOptions([on], { ports: [0, 5060, 65535], detect }), (capture) => {
      for (const [id, [, , etherType, packet, tags]] of cases.entries()) {
        sender.send(ethernet(id, etherType, packet, tags));
      }
      sender.send(ethernet(LAST, IPV4, ipv4(UDP, sip)));
      const frames = collectUntil(capture, (frame) => frameId(frame.bytes) === LAST);
      capture.readStatistics();
      assert.equal(capture.status[0]!.packets, frames.length + 1, 'the kernel counted no other packet');
      return frames;
    });
  } finally {
    sender.close();
  }
}

function assertCases(cases: readonly Case[], frames: readonly CapturedFrame[]): void {
  assert.deepEqual(
    frames.map((frame) => cases[frameId(frame.bytes)]![0]),
    cases.filter(([, passes]) => passes).map(([name]) => name),
  );
}

test('received: every packet of the ports and every fragment passes whole, nothing else', () => {
  const frames = captureCases(CASES, 'rtap1', false);
  assertCases(CASES, frames);
  for (const frame of frames) {
    const [name, , etherType, packet, tags] = CASES[frameId(frame.bytes)]!;
    // The kernel took the outermost tag off; what is left is the frame as it was sent without it.
    const sent = ethernet(frameId(frame.bytes), etherType, packet, tags?.slice(1));
    assert.deepEqual(Buffer.from(frame.bytes), Buffer.from(sent), name);
    assert.equal(frame.originalLength, sent.length, name);
    assert.equal(frame.vlanTci, tags?.[0]?.tci ?? -1, name);
    assert.equal(frame.linkType, LinkType.ethernet, name);
    assert.equal(frame.packetType, PacketType.otherHost, name);
  }
});

test('sent: the same packets pass, up to two tags still in the data', () => {
  const cases = CASES.filter(([, , , , tags]) => (tags?.length ?? 0) <= 2);
  const frames = captureCases(cases, 'rtap0', false);
  assertCases(cases, frames);
  for (const frame of frames) {
    const [name, , etherType, packet, tags] = cases[frameId(frame.bytes)]!;
    const sent = ethernet(frameId(frame.bytes), etherType, packet, tags);
    assert.deepEqual(Buffer.from(frame.bytes), Buffer.from(sent), name);
    assert.equal(frame.vlanTci, -1, name);
    assert.equal(frame.packetType, PacketType.outgoing, name);
  }
});

test('detect: UDP that begins like SIP passes on any port', () => {
  assertCases(DETECTED, captureCases(DETECTED, 'rtap1', true));
});

test('a device without Ethernet header: packets begin with the network header', () => {
  const tun = openTun('rtun0');
  const reversed = [...sip].reverse();
  // 8.0.69.0 and 8.0.64.0 put 08 00 45 and 08 00 40 where Ethernet has its type and IPv4 its first byte.
  const sources = [
    [192, 0, 2, 1],
    [8, 0, 69, 0],
    [8, 0, 64, 0],
  ];
  const wanted = [...sources.map((source) => ipv4(UDP, sip, { source })), ipv6(UDP, sip)];
  const unwanted = [...sources.map((source) => ipv4(UDP, other, { source })), ipv6(UDP, other)];
  const last = ipv4(UDP, udp(5060, 5060, reversed));
  const frames = withCapture(captureOptions(['rtun0']), (capture) => {
    for (const packet of [...unwanted, ...wanted, last]) tun.receive(Uint8Array.from(packet));
    return collectUntil(capture, (frame) => Buffer.from(frame.bytes).equals(Buffer.from(last)));
  });
  tun.close();
  const ip4 = [LinkType.network, IPV4];
  assert.deepEqual(
    frames.map((frame) => [[...frame.bytes], frame.originalLength, frame.linkType, frame.protocol]),
    wanted.map((packet) => [
      [...packet],
      packet.length,
      ...(packet[0] === 0x60 ? [LinkType.network, IPV6] : ip4),
    ]),
  );
});

for (const on of ['lo', 'any']) {
  test(`loopback traffic comes once with ${on}`, () => {
    const sender = new FrameSender('lo');
    const frames = withCapture(captureOptions([on]), (capture) => {
      for (let id = 0; id < 10; id++) sender.send(ethernet(id, IPV4, ipv4(UDP, sip)));
      sender.send(ethernet(LAST, IPV4, ipv4(UDP, sip)));
      return collectUntil(capture, (frame) => frameId(frame.bytes) === LAST);
    });
    sender.close();
    assert.deepEqual(
      frames.map((frame) => [frameId(frame.bytes), frame.packetType === PacketType.outgoing, frame.linkType]),
      Array.from({ length: 10 }, (_, id) => [id, false, LinkType.ethernet]),
    );
  });
}

test('the kernel does not offer what lo sends', () => {
  const { handles, close } = openCapture(captureOptions(['lo', 'rtap0']));
  const ignoresOutgoing = handles.rings.map(({ descriptor }) => {
    const value = new Uint32Array(1);
    getSocketOption(descriptor, Packet.SOL_PACKET, Packet.PACKET_IGNORE_OUTGOING, value, 'read the option');
    return value[0];
  });
  close();
  assert.deepEqual(ignoresOutgoing, [1, 0]);
});

test('with any, both ways of another interface and an interface made later are seen', () => {
  withCapture(captureOptions(['any']), (capture) => {
    createVethPair('rlate0', 'rlate1');
    const sender = new FrameSender('rlate0');
    for (const id of [1, LAST]) sender.send(ethernet(id, IPV4, ipv4(UDP, sip)));
    const frames = collectUntil(
      capture,
      (frame) => frameId(frame.bytes) === LAST && frame.packetType !== PacketType.outgoing,
    );
    sender.close();
    assert.deepEqual(
      frames.map((frame) => [frameId(frame.bytes), frame.packetType]),
      [
        [1, PacketType.outgoing],
        [1, PacketType.otherHost],
        [LAST, PacketType.outgoing],
      ],
    );
    ip('link del rlate0');
  });
});
