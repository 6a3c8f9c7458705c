// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { join } from 'node:path';
import test from 'node:test';
import { Frame } from '../../../src/base/frame.ts';
import { SeededHash } from '../../../src/base/hash.ts';
import { PacketClock } from '../../../src/base/packet-clock.ts';
import { Datagram } from '../../../src/decode/datagram.ts';
import { DecodeResult } from '../../../src/decode/decode-result.ts';
import { decodeFrame } from '../../../src/decode/frame-decoder.ts';
import { parseRtcp } from '../../../src/rtp/rtcp/parse-rtcp.ts';
import type { RtcpEvents } from '../../../src/rtp/rtcp/rtcp-events.ts';
import { RtcpResult } from '../../../src/rtp/rtcp/rtcp-result.ts';
import { RtcpSources } from '../../../src/rtp/rtcp/rtcp-sources.ts';
import { rtcpTypeNames } from '../../../src/rtp/rtcp/rtcp-type.ts';
import type { RtcpVisitor } from '../../../src/rtp/rtcp/rtcp-visitor.ts';
import { runCommand } from '../../support/command.ts';
import { assertCommitted } from '../../support/committed-captures.ts';
import { lendBytes } from '../../support/lend-frame.ts';
import { readPcap } from '../../support/pcap.ts';
import { captureFolder, generate, lossOfB, paths, rtcpPorts } from './generate.ts';

const pathOf = (name: string): string => join(captureFolder, `${name}.pcap`);

/** Calls back with each datagram of a capture at its time. */
function eachDatagram(name: string, take: (datagram: Datagram, clock: PacketClock) => void): void {
  const frame = new Frame();
  const datagram = new Datagram();
  const clock = new PacketClock();
  for (const { micros, bytes } of readPcap(pathOf(name))) {
    lendBytes(frame, bytes);
    assert.equal(decodeFrame(frame, datagram), DecodeResult.datagram);
    clock.micros = micros;
    take(datagram, clock);
  }
}

/** What tshark reads of a capture: a list of values for each frame and field. */
async function tshark(name: string, fields: readonly string[]): Promise<string[][][]> {
  const output = await runCommand('tshark', [
    ...['-n', '-r', pathOf(name), '-T', 'fields', '-E', 'separator=;'],
    ...['-o', 'rtcp.show_roundtrip_calculation:TRUE', '-o', 'rtcp.roundtrip_min_threshhold:0'],
    ...rtcpPorts.flatMap((port) => ['-d', `udp.port==${port},rtcp`]),
    ...fields.flatMap((field) => ['-e', field]),
  ]);
  return output
    .slice(0, -1)
    .split('\n')
    .map((line) => line.split(';').map((values) => (values === '' ? [] : values.split(','))));
}

test('the committed captures are what the generator writes', () => {
  assertCommitted(captureFolder, generate);
});

// Not the SSRC of a block: tshark has one field for it and for that of a chunk of SDES.
const blockFields = ['fraction', 'cum_nr', 'ext_high', 'jitter', 'lsr', 'dlsr'];
const voipFields = ['rtdelay', 'esdelay', 'rfactor', 'moscq', 'burstduration', 'signallevel', 'rerl', 'gmin'];

for (const { name } of paths) {
  test(`${name}: every packet, report block and VoIP metrics block is as tshark reads it`, async () => {
    const judged = await tshark(name, [
      'rtcp.pt',
      ...blockFields.map((field) => `rtcp.ssrc.${field}`),
      'rtcp.xr.bt',
      ...voipFields.map((field) => `rtcp.xr.voipmetrics.${field}`),
    ]);
    const types = [...rtcpTypeNames.keys()].map((type) => String(200 + type));
    let frame = 0;
    let blocks = 0;
    eachDatagram(name, ({ bytes, payloadOffset, payloadLength }) => {
      const row: string[][] = Array.from({ length: judged[0]!.length }, () => []);
      const xrType = 1 + blockFields.length;
      const visitor: RtcpVisitor = {
        packet: (type) => row[0]!.push(types[type]!),
        senderReport: () => {},
        reportBlock: (block) => {
          const { fractionLost, cumulativeLost, extendedHighestSequence, interarrivalJitter } = block;
          const { lastSenderReport, delaySinceLastSenderReport } = block;
          const values = [
            fractionLost,
            cumulativeLost,
            extendedHighestSequence >>> 0,
            interarrivalJitter,
            lastSenderReport >>> 0,
            delaySinceLastSenderReport,
          ];
          for (const [index, value] of values.entries()) row[1 + index]!.push(String(value));
          blocks++;
        },
        bye: () => {},
        feedback: () => {},
        extendedBlock: (block) => row[xrType]!.push(String(block)),
        voipMetrics: (metrics) => {
          const { roundTripMillis, endSystemMillis, rFactor, mosConversational, burstMillis } = metrics;
          const { signalLevel, residualEchoReturnLoss, gmin } = metrics;
          const levels = [burstMillis, signalLevel, residualEchoReturnLoss, gmin];
          const values = [roundTripMillis, endSystemMillis, rFactor, mosConversational / 10, ...levels];
          // tshark shows the loss rate of the block among those of report blocks.
          row[1]!.push(String(metrics.lossRate));
          for (const [index, value] of values.entries()) row[xrType + 1 + index]!.push(String(value));
        },
      };
      assert.equal(parseRtcp(bytes, payloadOffset, payloadLength, false, visitor), RtcpResult.compound);
      assert.deepEqual(row, judged[frame], `frame ${frame + 1}`);
      frame++;
    });
    assert.equal(frame, judged.length);
    assert.equal(blocks, 12 + 11);
  });
}

/** What `RtcpSources` tells of a capture: round trips by frame, and the rest. */
function tellOf(name: string) {
  const trips: { frame: number; reporter: number; segmentMicros: number; fullMicros: number }[] = [];
  const farEnds: { reporter: number; expected: number; lost: number; jitterMicros: number }[] = [];
  const byes: number[] = [];
  let frame = 0;
  const events: RtcpEvents = {
    rtcpDatagram: (_, result) => assert.equal(result, RtcpResult.compound),
    rtcpPacket: () => {},
    feedback: () => {},
    extendedBlock: () => {},
    reportBlock: () => {},
    roundTrip: (_, _datagram, { reporter, segmentMicros, fullMicros }) =>
      trips.push({ frame, reporter, segmentMicros, fullMicros }),
    farEnd: (_, _datagram, { reporter, expected, lost, jitterMicros }) =>
      farEnds.push({ reporter, expected, lost, jitterMicros }),
    bye: (_, _datagram, ssrc) => byes.push(ssrc >>> 0),
    voipMetrics: () => {},
  };
  let sources: RtcpSources | undefined;
  eachDatagram(name, (datagram, clock) => {
    const rates = { clockRateOf: () => 8000 };
    sources ??= new RtcpSources({ maxSources: 10 }, clock, new SeededHash(1, 2), events, rates);
    frame++;
    sources.datagram(datagram, 0, false);
  });
  return { trips, farEnds, byes };
}

for (const { name, toA, toB } of paths) {
  test(`${name}: round trips are those of the path, and tshark's where it has one`, async () => {
    const { trips } = tellOf(name);
    assert.equal(trips.length, 12 + 11);
    for (const { reporter, segmentMicros, fullMicros } of trips) {
      const isFromA = reporter >>> 0 === 0xa0000001;
      // DLSR counts in 15 us.
      assert.ok(Math.abs(segmentMicros - (isFromA ? toA : toB)) <= 16, `${segmentMicros}`);
      if (fullMicros >= 0) assert.ok(Math.abs(fullMicros - toA - toB) <= 32, `${fullMicros}`);
    }
    assert.equal(
      trips.filter(({ fullMicros }) => fullMicros < 0).length,
      1,
      'until the other end has answered',
    );
    const judged = await tshark(name, ['rtcp.roundtrip-delay']);
    let compared = 0;
    for (const [index, [delays]] of judged.entries()) {
      const own = trips.find(({ frame }) => frame === index + 1);
      if (delays!.length === 0) continue;
      compared++;
      // tshark counts in milliseconds, and cuts each of the times off before it subtracts.
      assert.ok(own && Math.abs(own.segmentMicros / 1000 - Number(delays![0])) <= 2, `frame ${index + 1}`);
    }
    assert.ok(compared >= 11, `tshark has ${compared} round trips`);
  });
}

test('what receivers miss is what was written down', () => {
  for (const { name } of paths) {
    const { farEnds, byes } = tellOf(name);
    const ofB = farEnds.filter(({ reporter }) => reporter >>> 0 === 0xb0000002);
    assert.deepEqual(
      ofB.map(({ expected, lost }) => [expected, lost]),
      lossOfB.map((lost, round) => (round === 0 ? [0, 0] : [250, Math.max(0, lost)])),
    );
    assert.equal(ofB[3]!.jitterMicros, 100_000);
    assert.deepEqual(byes, [0xa0000001]);
  }
});
