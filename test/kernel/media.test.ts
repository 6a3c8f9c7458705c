// SPDX-License-Identifier: Apache-2.0
// Needs root: loads the eBPF program and sends frames in a network namespace of its own.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Frame } from '../../src/base/frame.ts';
import { PortCounts } from '../../src/base/port-counts.ts';
import { LiveCapture } from '../../src/capture/live-capture.ts';
import { type CaptureOptions, openCapture } from '../../src/capture/open-capture.ts';
import { Datagram } from '../../src/decode/datagram.ts';
import { DecodeResult } from '../../src/decode/decode-result.ts';
import { decodeFrame } from '../../src/decode/frame-decoder.ts';
import { RtpPorts, rtpSnapshotLength } from '../../src/decode/rtp-ports.ts';
import { SipFilter } from '../../src/decode/sip-filter.ts';
import { SipPorts } from '../../src/decode/sip-ports.ts';
import { allTunnels } from '../../src/decode/tunnel-kind.ts';
import { lendBytes } from '../support/lend-frame.ts';
import { randomSource } from '../support/random.ts';
import { filterPorts } from './filter-cases.ts';
import { EtherType, ethernet, frameId, ipv4, Protocol, udp } from './frames.ts';
import { detectedCases, learn, learnedCases, type MediaCase } from './media-cases.ts';
import {
  type CapturedFrame,
  captureOptions,
  collectUntil,
  createVethPair,
  enterTestNamespace,
  FrameSender,
  ip,
  withCapture,
} from './network.ts';

const LAST = 0xffff;
const { ipv4: IPV4 } = EtherType;
const { udp: UDP } = Protocol;
const lastFrame = ethernet(LAST, IPV4, ipv4(UDP, udp(4000, 5060)));
const isLast = (frame: CapturedFrame): boolean => frameId(frame.bytes) === LAST;
const rtp = [0x80, 0, 0, 1, ...new Array<number>(168).fill(0x55)];

enterTestNamespace();
createVethPair('rtap0', 'rtap1');

/** Sends every case out of `rtap0` and returns the frames captured on `on`; the ports are learned after the start. */
function captureCases(
  cases: readonly MediaCase[],
  on: string,
  rtpOption: CaptureOptions['rtp'],
): CapturedFrame[] {
  const sender = new FrameSender('rtap0');
  const options = captureOptions([on], { ports: filterPorts, ...(rtpOption && { rtp: rtpOption }) });
  try {
    return withCapture(options, (capture) => {
      assert.equal(capture.mediaPorts === undefined, rtpOption === undefined);
      if (capture.mediaPorts) learn(capture.mediaPorts);
      for (const [id, [, , etherType, packet, tags]] of cases.entries()) {
        sender.send(ethernet(id, etherType, packet, tags));
      }
      sender.send(lastFrame);
      const frames = collectUntil(capture, isLast);
      capture.readStatistics();
      assert.equal(capture.status[0]!.packets, frames.length + 1, 'the kernel counted no other packet');
      return frames;
    });
  } finally {
    sender.close();
  }
}

/** Where the snapshot of a frame ends that was seen whole. */
function snapshotEnd(bytes: Uint8Array): number {
  const frame = new Frame();
  const datagram = new Datagram();
  lendBytes(frame, bytes);
  const decoded = decodeFrame(frame, datagram);
  assert.equal(decoded, DecodeResult.datagram);
  return datagram.payloadOffset + rtpSnapshotLength;
}

for (const [name, cases, option] of [
  ['learned', learnedCases, 'learned'],
  ['detected', detectedCases, 'detected'],
] as const) {
  for (const on of ['rtap1', 'rtap0']) {
    test(`${name}: RTP passes up to its payload, RTCP whole, nothing else, on ${on}`, () => {
      const frames = captureCases(cases, on, option);
      assert.deepEqual(
        frames.map((frame) => cases[frameId(frame.bytes)]![0]),
        cases.filter(([, passes]) => passes !== 'nothing').map(([caseName]) => caseName),
      );
      for (const frame of frames) {
        const [caseName, passes, etherType, packet, tags] = cases[frameId(frame.bytes)]!;
        // The kernel takes the outermost tag off what comes in.
        const sent = ethernet(
          frameId(frame.bytes),
          etherType,
          packet,
          on === 'rtap1' ? tags?.slice(1) : tags,
        );
        const end = passes === 'snapshot' ? snapshotEnd(sent) : sent.length;
        if (passes === 'snapshot') assert.ok(end < sent.length, caseName);
        assert.deepEqual(Buffer.from(frame.bytes), Buffer.from(sent.subarray(0, end)), caseName);
        assert.equal(frame.originalLength, sent.length, caseName);
      }
    });
  }
}

test('without RTP nothing of it passes', () => {
  const cases = learnedCases.filter(([, , , packet]) => !packet.includes(0x13) || true);
  const frames = captureCases(cases, 'rtap1', undefined);
  assert.deepEqual(
    frames.map((frame) => cases[frameId(frame.bytes)]![0]),
    cases.filter(([name]) => /of SIP|of both|fragment/.test(name)).map(([name]) => name),
  );
});

test('random frames: the kernel takes what SipFilter takes', (t) => {
  const seed = Number(process.env['FUZZ_SEED'] ?? Date.now() % 2 ** 31);
  t.diagnostic(`FUZZ_SEED=${seed}`);
  const random = randomSource(seed);
  const sound = detectedCases.filter(([, , , , tags]) => !tags);
  const sent = Array.from({ length: 3000 }, (): MediaCase => {
    const [name, , etherType, packet] = sound[random(sound.length)]!;
    const bytes = packet.slice(0, random(4) === 0 ? 1 + random(packet.length) : packet.length);
    for (let edits = random(4); edits > 0; edits--) bytes[random(Math.min(60, bytes.length))] = random(256);
    return [name, 'nothing', etherType, bytes];
  });
  for (const option of ['learned', 'detected'] as const) {
    const ports = new PortCounts();
    learn(ports);
    const rtpPorts = new RtpPorts(ports, option === 'detected');
    const filter = new SipFilter(new SipPorts(filterPorts, false), allTunnels.kinds, rtpPorts);
    const frame = new Frame();
    const wanted = sent.flatMap(([, , etherType, packet], id) => {
      lendBytes(frame, ethernet(id, etherType, packet));
      return filter.wants(frame) ? [id] : [];
    });
    assert.ok(wanted.length > 500 && wanted.length < 2500, `${wanted.length}`);
    assert.deepEqual(
      captureCases(sent, 'rtap1', option).map(({ bytes }) => frameId(bytes)),
      wanted,
    );
  }
});

test('a port counts from the moment it is added to the moment it is removed, on every interface and in every worker', () => {
  createVethPair('rmed0', 'rmed1');
  const options = captureOptions(['rtap1', 'rmed1'], { rtp: 'learned' });
  const sharing = { workers: 3, key: { seed: 1, multiplier: 0x9e3779b1 } };
  for (const given of [options, { ...options, sharing }]) {
    const captures = openCapture(given).handles.map((handles) => new LiveCapture(handles));
    const senders = ['rtap0', 'rmed0'].map((name) => new FrameSender(name));
    const takenWhenSent = (): number => {
      for (const sender of senders) {
        sender.send(ethernet(1, IPV4, ipv4(UDP, udp(9000, 9002, rtp))));
        // What always passes says that what was sent before it has passed, or never will.
        sender.send(ethernet(2, IPV4, ipv4(UDP, udp(5060, 5060, rtp))));
      }
      let taken = 0;
      const lent = new Frame();
      const deadline = Date.now() + 10_000;
      for (let idle = 0; idle < 5 || taken < senders.length; idle++) {
        assert.ok(Date.now() < deadline, `${taken} of ${senders.length} marks came`);
        for (const capture of captures) {
          capture.wait(10);
          const more = capture.read(lent, { packet() {}, release() {} }, 8);
          taken += more;
          if (more > 0) idle = 0;
        }
      }
      return taken - senders.length;
    };
    try {
      const [first, last] = [captures[0]!.mediaPorts!, captures.at(-1)!.mediaPorts!];
      assert.equal(takenWhenSent(), 0);
      first.add(9002);
      assert.equal(takenWhenSent(), 2);
      last.add(9002);
      first.remove(9002);
      assert.equal(takenWhenSent(), 2);
      assert.ok(first.has(9002) && last.has(9002));
      last.remove(9002);
      assert.equal(takenWhenSent(), 0);
    } finally {
      for (const capture of captures) capture.close();
      for (const sender of senders) sender.close();
    }
  }
  ip('link del rmed0');
});
