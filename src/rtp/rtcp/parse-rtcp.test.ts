// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import {
  application,
  type BlockFields,
  bye,
  extendedReport,
  feedback,
  receiverReport,
  rtcpPacket,
  senderReport,
  sourceDescription,
  uint32,
  voipMetrics,
  xrBlock,
} from '../../../test/support/rtcp.ts';
import { bytesOf } from '../../../test/support/udp-frame.ts';
import { parseRtcp, startsLikeRtcp } from './parse-rtcp.ts';
import { RtcpResult } from './rtcp-result.ts';
import { feedbackKindNames, rtcpTypeNames, xrBlockNames } from './rtcp-type.ts';
import type { RtcpVisitor } from './rtcp-visitor.ts';

/** What the visitor was told, as text and copies. */
function recorder(): RtcpVisitor & { log: unknown[] } {
  const log: unknown[] = [];
  return {
    log,
    packet: (type) => log.push(rtcpTypeNames[type]),
    senderReport: (report) => log.push({ ...report }),
    reportBlock: (block) => log.push({ ...block }),
    bye: (ssrc) => log.push(`left ${ssrc >>> 0}`),
    feedback: (kind) => log.push(feedbackKindNames[kind]),
    extendedBlock: (block) => log.push(xrBlockNames[block]),
    voipMetrics: (metrics) => log.push({ ...metrics }),
  };
}

/** Reads a datagram that stands between other bytes. */
function parse(
  content: Iterable<number>,
  isEncrypted: boolean = false,
): { result: RtcpResult; log: unknown[] } {
  const data = [...content];
  const visitor = recorder();
  const buffer = Uint8Array.from([0x80, 200, 0, ...data, ...new Array(64).fill(0x80)]);
  const result = parseRtcp(buffer, 3, data.length, isEncrypted, visitor);
  return { result, log: visitor.log };
}

test('a compound packet is told in the order of the wire', () => {
  const block = {
    ssrc: 0xffffffff,
    fractionLost: 255,
    cumulativeLost: -1,
    highest: 0x0001fffe,
    jitter: 0xffffffff,
    lastSenderReport: 0x80000001,
    delay: 0xfffffffe,
  };
  const { result, log } = parse(
    bytesOf(
      senderReport(0x11223344, 0x89abcdef, [block]),
      sourceDescription(0x11223344),
      application(1),
      feedback(205, 15, [0, 0, 0, 0]),
      bye(7, 0xfffffff8),
    ),
  );
  assert.equal(result, RtcpResult.compound);
  assert.deepEqual(log, [
    'sr',
    { ssrc: 0x11223344, ntpMiddle: 0x89abcdef | 0 },
    {
      reporter: 0x11223344,
      ssrc: -1,
      fractionLost: 255,
      cumulativeLost: -1,
      extendedHighestSequence: 0x1fffe,
      interarrivalJitter: 0xffffffff,
      lastSenderReport: 0x80000001 | 0,
      delaySinceLastSenderReport: 0xfffffffe,
    },
    'sdes',
    'app',
    'rtpfb',
    'transport_cc',
    'bye',
    'left 7',
    `left ${0xfffffff8}`,
  ]);
});

test('31 blocks of a receiver report are read, with padding behind them', () => {
  const blocks = Array.from(
    { length: 31 },
    (_, index): BlockFields => ({ ssrc: index, cumulativeLost: index - 16 }),
  );
  const { result, log } = parse(receiverReport(9, blocks, 8));
  assert.equal(result, RtcpResult.compound);
  assert.deepEqual(
    log.slice(1).map((one) => (one as { cumulativeLost: number }).cumulativeLost),
    blocks.map(({ cumulativeLost }) => cumulativeLost),
  );
});

test('cumulative loss is signed, 24 bits', () => {
  for (const cumulativeLost of [-(2 ** 23), -1, 0, 1, 2 ** 23 - 1]) {
    const { log } = parse(receiverReport(1, [{ ssrc: 2, fractionLost: 0xab, cumulativeLost }]));
    const block = log[1] as { cumulativeLost: number; fractionLost: number };
    assert.deepEqual([block.cumulativeLost, block.fractionLost], [cumulativeLost, 0xab]);
  }
});

test('packets of reduced size and of unknown types are read', () => {
  assert.deepEqual(parse(feedback(206, 1)), { result: RtcpResult.compound, log: ['psfb', 'pli'] });
  assert.deepEqual(parse(feedback(206, 31)).log, ['psfb', 'psfb_other']);
  assert.deepEqual(parse(bye()).log, ['bye']);
  assert.deepEqual(parse(receiverReport(1)).log, ['rr']);
  for (const type of [192, 199, 208, 223]) assert.deepEqual(parse(rtcpPacket(type, 3, [])).log, ['other']);
});

test('of an extended report the VoIP metrics are read whole, other blocks counted', () => {
  const metrics = voipMetrics(0xfeedbeef, {
    lossRate: 13,
    discardRate: 5,
    roundTripMillis: 300,
    rFactor: 80,
    mosCq: 38,
  });
  const { result, log } = parse(
    extendedReport(5, xrBlock(4, uint32(1)), metrics, xrBlock(99, []), xrBlock(0, [])),
  );
  assert.equal(result, RtcpResult.compound);
  assert.deepEqual(log, [
    'xr',
    'receiver_reference_time',
    'voip_metrics',
    {
      reporter: 5,
      ssrc: 0xfeedbeef | 0,
      lossRate: 13,
      discardRate: 5,
      burstDensity: 11,
      gapDensity: 12,
      burstMillis: 130,
      gapMillis: 1400,
      roundTripMillis: 300,
      endSystemMillis: 0,
      signalLevel: -16,
      noiseLevel: -64,
      residualEchoReturnLoss: 50,
      gmin: 16,
      rFactor: 80,
      externalRFactor: 127,
      mosListening: 127,
      mosConversational: 38,
      jitterBufferNominalMillis: 40,
      jitterBufferMaximumMillis: 80,
    },
    'other',
    'other',
  ]);
});

const rr = receiverReport(1, [{ ssrc: 2 }]);
const changed = (bytes: Uint8Array, index: number, value: number): Uint8Array => bytes.with(index, value);
const faults: readonly (readonly [RtcpResult, string, Iterable<number>])[] = [
  [RtcpResult.tooShort, 'nothing', []],
  [RtcpResult.tooShort, 'three bytes', [0x80, 201, 0]],
  [RtcpResult.badVersion, 'version 1', changed(rr, 0, 0x41)],
  [RtcpResult.badVersion, 'version 0 behind a good packet', bytesOf(rr, [0, 201, 0, 0])],
  [RtcpResult.notRtcp, 'RTP', changed(rr, 1, 0)],
  [RtcpResult.notRtcp, 'RTP with a marker', changed(rr, 1, 0x80 | 8)],
  [RtcpResult.badLength, 'a length beyond the end', changed(rr, 3, 8)],
  [RtcpResult.badLength, 'the largest length', changed(changed(rr, 2, 255), 3, 255)],
  [RtcpResult.badLength, 'a cut packet', rr.subarray(0, rr.length - 1)],
  [RtcpResult.badLength, 'bytes behind that are no packet', bytesOf(rr, [0x80, 201, 0])],
  [RtcpResult.badCount, 'more blocks than there is room for', changed(rr, 0, 0x82)],
  [RtcpResult.badCount, 'a sender report without sender info', rtcpPacket(200, 0, uint32(1))],
  [RtcpResult.badCount, 'BYE of more sources than it has', rtcpPacket(203, 2, uint32(1))],
  [
    RtcpResult.badCount,
    'SDES with more chunks than there is room for',
    changed(sourceDescription(1), 0, 0x84),
  ],
  [RtcpResult.badCount, 'APP without a name', rtcpPacket(204, 0, uint32(1))],
  [RtcpResult.badCount, 'feedback without its source', rtcpPacket(205, 1, uint32(1))],
  [RtcpResult.badCount, 'an extended report without SSRC', rtcpPacket(207, 0, [])],
  [RtcpResult.badCount, 'blocks within the padding', receiverReport(1, [{ ssrc: 2 }], 8).with(35 + 4, 12)],
  [RtcpResult.badPadding, 'padding of 0', receiverReport(1, [], 4).with(11, 0)],
  [RtcpResult.badPadding, 'padding of 3', receiverReport(1, [], 4).with(11, 3)],
  [RtcpResult.badPadding, 'padding larger than the packet', receiverReport(1, [], 4).with(11, 12)],
  [RtcpResult.badPadding, 'padding before the last packet', bytesOf(receiverReport(1, [], 4), rr)],
  [RtcpResult.badBlock, 'a block beyond its report', rtcpPacket(207, 0, [...uint32(1), 4, 0, 0, 1])],
  [RtcpResult.badBlock, 'VoIP metrics that are too short', extendedReport(1, xrBlock(7, uint32(1)))],
];
for (const [reason, name, bytes] of faults) {
  test(`${name}: ${Object.keys(RtcpResult)[reason]}, and nothing is told`, () => {
    assert.deepEqual(parse(bytes), { result: reason, log: [] });
  });
}

/** SRTCP around packets: what is behind the first eight bytes as noise, then E and index, then a tag of ten bytes. */
const srtcp = (packets: Uint8Array, isEncrypted: boolean): Uint8Array => {
  const body = isEncrypted ? packets.map((byte, index) => (index < 8 ? byte : byte ^ 0xa5 ^ index)) : packets;
  return bytesOf(body, [isEncrypted ? 0x80 : 0, 0, 0, 1], new Array(10).fill(0x5a));
};

test('SRTCP is told from errors where the session is encrypted', () => {
  const packets = bytesOf(senderReport(1, 2, [{ ssrc: 3 }]), sourceDescription(1));
  assert.deepEqual(parse(srtcp(packets, true), true), { result: RtcpResult.encrypted, log: [] });
  assert.notEqual(parse(srtcp(packets, true), false).result, RtcpResult.encrypted);
  // Authenticated only, or not protected at all.
  assert.deepEqual(parse(srtcp(packets, false), true), parse(packets));
  assert.deepEqual(parse(packets, true), parse(packets));
  // What is not even the beginning of RTCP stays an error.
  assert.equal(parse(srtcp(packets, true).with(1, 5), true).result, RtcpResult.notRtcp);
  assert.equal(parse(rr.subarray(0, 11), true).result, RtcpResult.badLength);
});

test('RTCP is told from RTP by its first two bytes', () => {
  for (const [version, payloadType, expected] of [
    [0x80, 200, true],
    [0xbf, 192, true],
    [0x80, 223, true],
    [0x80, 191, false],
    [0x80, 224, false],
    [0x80, 8, false],
    [0x40, 200, false],
  ] as const) {
    assert.equal(
      startsLikeRtcp(Uint8Array.of(0, version, payloadType), 1),
      expected,
      `${version} ${payloadType}`,
    );
  }
});

test('whatever fields are built are read back', () => {
  const word = fc.integer({ min: 0, max: 2 ** 32 - 1 });
  const block = fc.record({
    ssrc: word,
    fractionLost: fc.nat(255),
    cumulativeLost: fc.integer({ min: -(2 ** 23), max: 2 ** 23 - 1 }),
    highest: word,
    jitter: word,
    lastSenderReport: word,
    delay: word,
  });
  fc.assert(
    fc.property(word, fc.array(block, { maxLength: 31 }), fc.nat(3), (reporter, blocks, padding) => {
      const { result, log } = parse(receiverReport(reporter, blocks, padding * 4));
      assert.equal(result, RtcpResult.compound);
      assert.deepEqual(
        log.slice(1),
        blocks.map((one) => ({
          reporter: reporter | 0,
          ssrc: one.ssrc | 0,
          fractionLost: one.fractionLost,
          cumulativeLost: one.cumulativeLost,
          extendedHighestSequence: one.highest | 0,
          interarrivalJitter: one.jitter,
          lastSenderReport: one.lastSenderReport | 0,
          delaySinceLastSenderReport: one.delay,
        })),
      );
    }),
  );
});
