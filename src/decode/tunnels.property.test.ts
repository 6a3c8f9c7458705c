// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { goldenCaptures } from '../../test/golden/decode/cases.ts';
import { lendBytes } from '../../test/support/lend-frame.ts';
import { type Carrier, carriers } from '../../test/support/tunnel-carriers.ts';
import { gtpu, mpls, udpTunnel } from '../../test/support/tunnel-frames.ts';
import { bytesOf, ethernet, extension, ipv4, ipv6, udp } from '../../test/support/udp-frame.ts';
import { Frame, LinkType } from '../base/frame.ts';
import { Datagram } from './datagram.ts';
import { DecodeResult, decodeReasonNames } from './decode-result.ts';
import { decodeFrame } from './frame-decoder.ts';
import { SipFilter } from './sip-filter.ts';
import { SipPorts } from './sip-ports.ts';
import { allTunnels } from './tunnel-kind.ts';
import { tunnelOfPort } from './udp-tunnel.ts';

const word = fc.nat(0xffff);
/** Carriers whose own packet is IPv4, so that they can be in another. */
const overIpv4 = carriers.filter(([, , etherType]) => etherType === 0x0800);
const chain = fc
  .tuple(fc.constantFrom(...carriers), fc.array(fc.constantFrom(...overIpv4), { maxLength: 6 }))
  .map(([outermost, others]) => [outermost, ...others]);

const sound = fc.record({
  chain,
  sourcePort: word,
  destinationPort: word.filter((port) => tunnelOfPort(port) === 0),
  identification: word,
  payload: fc.uint8Array({ maxLength: 40 }),
});

type Sound = typeof sound extends fc.Arbitrary<infer Value> ? Value : never;

function frameBytes({ chain: tunnels, payload, identification, ...ports }: Sound): Uint8Array {
  const packet = ipv4({ identification }, udp(ports, payload));
  return ethernet(tunnels[0]![2], wrap(tunnels, packet));
}

function wrap(tunnels: readonly Carrier[], packet: Uint8Array): Uint8Array {
  return tunnels.reduceRight((inner, [, , , carry]) => carry(inner), packet);
}

function decode(bytes: Uint8Array, datagram: Datagram, originalLength: number = bytes.length): DecodeResult {
  const frame = new Frame();
  lendBytes(frame, bytes);
  frame.originalLength = originalLength;
  return decodeFrame(frame, datagram);
}

test('tunnels in one another, up to the limit, give the innermost datagram', () => {
  fc.assert(
    fc.property(sound, fc.integer({ min: 1, max: 7 }), (given, maxDepth) => {
      const datagram = new Datagram({ kinds: allTunnels.kinds, maxDepth });
      const result = decode(frameBytes(given), datagram);
      if (given.chain.length > maxDepth) return assert.equal(result, DecodeResult.tooManyTunnels);
      assert.equal(decodeReasonNames[result], 'datagram');
      const { bytes, payloadOffset, payloadLength } = datagram;
      assert.equal(datagram.tunnelDepth, given.chain.length);
      assert.deepEqual([...datagram.sourceAddress], [0, 0, 0xffff, 0xc0000201 | 0]);
      assert.equal(datagram.sourcePort, given.sourcePort);
      assert.equal(datagram.destinationPort, given.destinationPort);
      assert.equal(datagram.ipIdentification, given.identification);
      assert.deepEqual(bytes.slice(payloadOffset, payloadOffset + payloadLength), given.payload);
    }),
    { numRuns: 2000 },
  );
});

test('a frame cut at any length says so', () => {
  fc.assert(
    fc.property(
      sound.filter(({ chain: tunnels }) => tunnels.length <= allTunnels.maxDepth),
      (given) => {
        const datagram = new Datagram();
        const whole = frameBytes(given);
        for (let length = 0; length < whole.length; length++) {
          const bytes = whole.subarray(0, length);
          const isInPayload = length >= whole.length - given.payload.length;
          assert.equal(
            decodeReasonNames[decode(bytes, datagram, whole.length)],
            isInPayload ? 'datagram_head' : 'truncated_by_sensor',
          );
          if (isInPayload) {
            assert.equal(datagram.wirePayloadLength, given.payload.length);
            assert.equal(datagram.payloadOffset + datagram.payloadLength, length);
          }
          assert.match(
            decodeReasonNames[decode(bytes, datagram)]!,
            /^truncated_(link|ipv4|ipv6|tunnel)$/,
            `${length} of ${whole.length}`,
          );
        }
      },
    ),
    { numRuns: 100 },
  );
});

const goldenFrames = goldenCaptures.flatMap(({ linktype, cases }) =>
  linktype === 1 ? cases.map(({ bytes }) => bytes) : [],
);
/** Any bytes, most of them near to tunnels in one another. */
const anyBytes = fc
  .record({
    base: fc.oneof(sound.map(frameBytes), fc.constantFrom(...goldenFrames)),
    edits: fc.array(fc.tuple(fc.nat(300), fc.nat(255)), { maxLength: 4 }),
    kept: fc.oneof(fc.constant(1e6), fc.nat(300)),
  })
  .map(({ base, edits, kept }) => {
    const bytes = base.slice(0, kept);
    for (const [index, value] of edits) if (index < bytes.length) bytes[index] = value;
    return bytes;
  });

/** `bytes` with others around, and what reads them: throws for a read outside, counts those inside. */
function watch(bytes: Uint8Array): { frame: Frame; reads: () => number } {
  const before = 5;
  let reads = 0;
  const frame = new Frame();
  lendBytes(frame, bytesOf(new Uint8Array(before), bytes, new Uint8Array(80)));
  frame.bytes = new Proxy(frame.bytes, {
    get(target, key) {
      const index = Number(key);
      assert.ok(index >= before && index < before + bytes.length, `reads ${String(key)}`);
      reads++;
      return target[index];
    },
  });
  frame.offset = before;
  frame.capturedLength = bytes.length;
  frame.originalLength = bytes.length;
  return { frame, reads: () => reads };
}

test('no byte outside of a frame is read, by the decoder or the filter', () => {
  const filter = new SipFilter(new SipPorts([5060], false), allTunnels.kinds);
  fc.assert(
    fc.property(anyBytes, fc.constantFrom(...Object.values(LinkType)), (bytes, linkType) => {
      const { frame } = watch(bytes);
      frame.linkType = linkType;
      frame.protocol = 0x0800;
      decodeFrame(frame, new Datagram());
      filter.wants(frame);
    }),
    { numRuns: 4000 },
  );
});

test('what the decoder finds, the filter lets through', () => {
  const ports = new SipPorts([5060, 5061], true);
  const options = { kinds: allTunnels.kinds, maxDepth: 16 };
  fc.assert(
    fc.property(anyBytes, fc.nat(allTunnels.kinds), (bytes, kinds) => {
      const datagram = new Datagram({ ...options, kinds });
      const result = decode(bytes, datagram);
      const isForUs = result === DecodeResult.datagram && ports.takes(datagram);
      if (!isForUs && result !== DecodeResult.fragment) return;
      const frame = new Frame();
      lendBytes(frame, bytes);
      assert.ok(new SipFilter(ports, kinds).wants(frame));
    }),
    { numRuns: 10_000 },
  );
});

test('work is bounded, however long a frame and whatever is in it', () => {
  const filter = new SipFilter(new SipPorts([5060], true), allTunnels.kinds);
  const times = (count: number, wrapOnce: (inner: Uint8Array) => Uint8Array): Uint8Array => {
    let packet: Uint8Array = ipv4({}, udp({}, [1]));
    for (let index = 0; index < count; index++) packet = wrapOnce(packet);
    return packet;
  };
  const longExtensions = new Array(200).fill([0x85, new Uint8Array(2)] as const);
  const hostile = [
    ...carriers.map(([, , etherType, carry]) =>
      ethernet(etherType, etherType === 0x0800 ? times(40, carry) : carry(times(1, (inner) => inner))),
    ),
    ethernet(0x8847, mpls(new Array(2000).fill(16), [])),
    ethernet(
      0x86dd,
      ipv6(
        { nextHeader: 60 },
        times(100, (inner) => extension(60, 0, inner)),
      ),
    ),
    ethernet(0x0800, ipv4({}, udpTunnel(2152, gtpu({ extensions: longExtensions }, [])))),
    ethernet(0x0800, new Uint8Array(65_000).fill(0x45)),
  ];
  for (const bytes of hostile) {
    for (const maxDepth of [4, 16]) {
      const { frame, reads } = watch(bytes);
      decodeFrame(frame, new Datagram({ kinds: allTunnels.kinds, maxDepth }));
      assert.ok(reads() < 64 * maxDepth, `${reads()} reads of the decoder`);
    }
    const { frame, reads } = watch(bytes);
    filter.wants(frame);
    assert.ok(reads() < 400, `${reads()} reads of the filter`);
  }
});
