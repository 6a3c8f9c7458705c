// SPDX-License-Identifier: Apache-2.0
// Needs root: loads the eBPF program and sends frames in a network namespace of its own.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Frame, LinkType, PacketType } from '../../src/base/frame.ts';
import { LiveCapture } from '../../src/capture/live-capture.ts';
import { LiveFilter } from '../../src/capture/live-filter.ts';
import { openCapture } from '../../src/capture/open-capture.ts';
import { SipFilter } from '../../src/decode/sip-filter.ts';
import { SipPorts } from '../../src/decode/sip-ports.ts';
import { allTunnels } from '../../src/decode/tunnel-kind.ts';
import { getSocketOption, Packet } from '../../src/sys/socket.ts';
import { lendBytes } from '../support/lend-frame.ts';
import { randomSource } from '../support/random.ts';
import { detectionCases, type FilterCase, filterPorts, portCases } from './filter-cases.ts';
import { EtherType, ethernet, frameId, ipv4, ipv6, Protocol, udp } from './frames.ts';
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
import { kindCases, tunnelCases, tunnelDetectionCases } from './tunnel-cases.ts';

const LAST = 0xffff;
const { udp: UDP } = Protocol;
const { ipv4: IPV4, ipv6: IPV6 } = EtherType;
const sip = udp(4000, 5060);
const other = udp(4000, 5061);

enterTestNamespace();
createVethPair('rtap0', 'rtap1');

/** Sends every case out of `rtap0` and returns the frames captured on `on`. */
function captureCases(
  cases: readonly FilterCase[],
  on: string,
  detect: boolean,
  tunnels: number = allTunnels.kinds,
): CapturedFrame[] {
  const sender = new FrameSender('rtap0');
  try {
    return withCapture(captureOptions([on], { ports: filterPorts, detect, tunnels }), (capture) => {
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

function assertCases(cases: readonly FilterCase[], frames: readonly CapturedFrame[]): void {
  assert.deepEqual(
    frames.map((frame) => cases[frameId(frame.bytes)]![0]),
    cases.filter(([, passes]) => passes).map(([name]) => name),
  );
}

test('received: every packet of the ports and every fragment passes whole, nothing else', () => {
  const frames = captureCases(portCases, 'rtap1', false);
  assertCases(portCases, frames);
  for (const frame of frames) {
    const [name, , etherType, packet, tags] = portCases[frameId(frame.bytes)]!;
    // The kernel took the outermost tag off, unless it is one of old; what is left is the frame as it was sent without it.
    const isOld = tags?.[0]?.type === 0x9100;
    const sent = ethernet(frameId(frame.bytes), etherType, packet, isOld ? tags : tags?.slice(1));
    assert.deepEqual(Buffer.from(frame.bytes), Buffer.from(sent), name);
    assert.equal(frame.originalLength, sent.length, name);
    assert.equal(frame.vlanTci, isOld ? -1 : (tags?.[0]?.tci ?? -1), name);
    assert.equal(frame.linkType, LinkType.ethernet, name);
    assert.equal(frame.packetType, PacketType.otherHost, name);
  }
});

test('sent: the same packets pass, up to two tags still in the data', () => {
  const cases = portCases.filter(([, , , , tags]) => (tags?.length ?? 0) <= 2);
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
  assertCases(detectionCases, captureCases(detectionCases, 'rtap1', true));
});

test('tunnels: the innermost packet decides', () => {
  assertCases(tunnelCases, captureCases(tunnelCases, 'rtap1', false));
  assertCases(tunnelCases, captureCases(tunnelCases, 'rtap0', false));
});

test('tunnels: detection looks into the innermost packet', () => {
  assertCases(tunnelDetectionCases, captureCases(tunnelDetectionCases, 'rtap1', true));
});

test('tunnels: each kind is looked into if, and only if, it is enabled', () => {
  for (const kind of new Set(kindCases.map(([bit]) => bit))) {
    for (const tunnels of [kind, allTunnels.kinds & ~kind]) {
      const cases = kindCases.map(
        ([bit, [name, , etherType, packet]]): FilterCase => [name, (tunnels & bit) !== 0, etherType, packet],
      );
      assertCases(cases, captureCases(cases, 'rtap1', false, tunnels));
    }
  }
  const none = kindCases.map(
    ([, [name, , etherType, packet]]): FilterCase => [name, false, etherType, packet],
  );
  assertCases(none, captureCases(none, 'rtap1', false, 0));
});

test('random frames: the kernel takes what SipFilter takes', (t) => {
  const seed = Number(process.env['FUZZ_SEED'] ?? Date.now() % 2 ** 31);
  t.diagnostic(`FUZZ_SEED=${seed}`);
  const random = randomSource(seed);
  const sound = [...portCases, ...tunnelCases, ...tunnelDetectionCases].filter(([, , , , tags]) => !tags);
  const sent = Array.from({ length: 3000 }, (): FilterCase => {
    const [name, , etherType, packet] = sound[random(sound.length)]!;
    // Never empty, or the kernel refuses to send it; what is cut is cut behind its first bytes.
    const bytes = packet.slice(0, random(4) === 0 ? 1 + random(packet.length) : packet.length);
    for (let edits = random(4); edits > 0; edits--) bytes[random(bytes.length)] = random(256);
    return [name, false, etherType, bytes];
  });
  for (const detect of [false, true]) {
    const filter = new SipFilter(new SipPorts(filterPorts, detect), allTunnels.kinds);
    const frame = new Frame();
    const cases = sent.map(([name, , etherType, packet], id): FilterCase => {
      lendBytes(frame, ethernet(id, etherType, packet));
      return [name, filter.wants(frame), etherType, packet];
    });
    const taken = cases.filter(([, passes]) => passes).length;
    assert.ok(taken > 500 && taken < 2500, `${taken}`);
    assertCases(cases, captureCases(cases, 'rtap1', detect));
  }
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
  const ignoresOutgoing = handles[0]!.rings.map(({ descriptor }) => {
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

test('ports and detection of an open capture change with the next packet', () => {
  const { handles, filters: filterHandles } = openCapture(captureOptions(['rtap0'], { ports: [5060] }));
  const filters = filterHandles.map((filter) => new LiveFilter(filter));
  const capture = new LiveCapture(handles[0]!);
  const sender = new FrameSender('rtap0');
  try {
    const invite = udp(4000, 4001, [...new TextEncoder().encode('INVITE sip:x SIP/2.0\r\n\r\n')]);
    const seen: number[] = [];
    const send = (ports: readonly number[], detect: boolean, first: number): void => {
      filters[0]!.set(ports, detect);
      for (const [i, payload] of [sip, other, invite].entries())
        sender.send(ethernet(first + i, IPV4, ipv4(UDP, payload)));
    };
    send([5061], false, 10);
    send([5060, 5061], true, 20);
    send([], true, 30);
    send([5060], false, 40);
    sender.send(ethernet(LAST, IPV4, ipv4(UDP, sip)));
    for (const { bytes } of collectUntil(capture, (frame) => frameId(frame.bytes) === LAST))
      seen.push(frameId(bytes));
    assert.deepEqual(seen, [11, 20, 21, 22, 32, 40]);
  } finally {
    sender.close();
    capture.close();
    for (const filter of filters) filter.close();
  }
});
