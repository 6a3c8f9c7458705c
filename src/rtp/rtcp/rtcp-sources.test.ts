// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { bye, receiverReport, senderReport } from '../../../test/support/rtcp.ts';
import { bytesOf } from '../../../test/support/udp-frame.ts';
import { SeededHash } from '../../base/hash.ts';
import { PacketClock } from '../../base/packet-clock.ts';
import { Datagram } from '../../decode/datagram.ts';
import { type RtcpEvents, roundTripResultNames } from './rtcp-events.ts';
import { RtcpResult } from './rtcp-result.ts';
import { RtcpSources } from './rtcp-sources.ts';

const START = 1_763_900_000_000_000;
/** LSR and DLSR count in 1/65536 s. */
const delayOf = (millis: number): number => Math.round((millis * 65_536) / 1000);

/** Two ends, `a` and `b`, with a sensor between them, and what it was told. */
function setUp({ maxSources = 100, clockRate = 8000 } = {}) {
  const log: unknown[] = [];
  const results: string[] = [];
  const events: RtcpEvents = {
    rtcpDatagram: (_, result) => result !== RtcpResult.compound && log.push(result),
    rtcpPacket: () => {},
    feedback: () => {},
    extendedBlock: () => {},
    reportBlock: (_, result) => results.push(roundTripResultNames[result]!),
    roundTrip: (_, _datagram, { ssrc, reporter, segmentMicros, fullMicros }) =>
      log.push({ ssrc, reporter, segmentMicros, fullMicros }),
    farEnd: (_, _datagram, { ssrc, expected, lost, fractionLost, jitterMicros }) =>
      log.push({ ssrc, expected, lost, fractionLost, jitterMicros }),
    bye: (_, datagram, ssrc) => log.push(`bye ${ssrc} from port ${datagram.sourcePort}`),
    voipMetrics: () => {},
  };
  const clock = new PacketClock();
  const datagram = new Datagram();
  const rates = { clockRateOf: () => clockRate };
  const sources = new RtcpSources({ maxSources }, clock, new SeededHash(1, 2), events, rates);
  /** One datagram, so many milliseconds after the start, from `a` to `b` or the other way. */
  const send = (
    from: 'a' | 'b',
    millis: number,
    bytes: Uint8Array,
    sourcePort: number = 5001,
  ): RtcpResult => {
    clock.micros = START + millis * 1000;
    const [source, destination] = from === 'a' ? [1, 2] : [2, 1];
    datagram.sourceAddress.set([0, 0, 0xffff, source]);
    datagram.destinationAddress.set([0, 0, 0xffff, destination]);
    datagram.sourcePort = from === 'a' ? sourcePort : 6001;
    datagram.destinationPort = from === 'a' ? 6001 : sourcePort;
    datagram.bytes = bytes;
    datagram.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    datagram.payloadOffset = 0;
    datagram.payloadLength = bytes.length;
    return sources.datagram(datagram, 7, false);
  };
  const trips = (): unknown[] =>
    log.filter((one) => typeof one === 'object' && one !== null && 'segmentMicros' in one);
  const farEnds = (): unknown[] =>
    log.filter((one) => typeof one === 'object' && one !== null && 'expected' in one);
  return { sources, send, log, results, trips, farEnds };
}

test('a receiver report gives the round trip to its end, both ends the full one', () => {
  const { send, trips, results } = setUp();
  // 10 ms from the sensor to a, 25 ms to b, there and back.
  send('a', 0, senderReport(1, 0x1000));
  send('b', 1025, senderReport(2, 0x2000, [{ ssrc: 1, lastSenderReport: 0x1000, delay: delayOf(1000) }]));
  send('a', 2035, senderReport(1, 0x3000, [{ ssrc: 2, lastSenderReport: 0x2000, delay: delayOf(1000) }]));
  send('b', 3060, senderReport(2, 0x4000, [{ ssrc: 1, lastSenderReport: 0x3000, delay: delayOf(1000) }]));
  assert.deepEqual(trips(), [
    { ssrc: 1, reporter: 2, segmentMicros: 25_000, fullMicros: -1 },
    { ssrc: 2, reporter: 1, segmentMicros: 10_000, fullMicros: 35_000 },
    { ssrc: 1, reporter: 2, segmentMicros: 25_000, fullMicros: 35_000 },
  ]);
  assert.deepEqual(results, ['measured', 'measured', 'measured']);
});

test('both ends may use one SSRC', () => {
  const { send, trips } = setUp();
  send('a', 0, senderReport(1, 0x1000));
  send('b', 1025, senderReport(1, 0x2000, [{ ssrc: 1, lastSenderReport: 0x1000, delay: delayOf(1000) }]));
  send('a', 2035, senderReport(1, 0x3000, [{ ssrc: 1, lastSenderReport: 0x2000, delay: delayOf(1000) }]));
  assert.deepEqual(
    trips().map((trip) => (trip as { fullMicros: number }).fullMicros),
    [-1, 35_000],
  );
});

test('a receiver may answer one of the last four sender reports, none before', () => {
  const { send, trips, results } = setUp();
  for (let index = 0; index < 6; index++) send('a', index * 1000, senderReport(1, 100 + index));
  for (let index = 0; index < 6; index++) {
    send(
      'b',
      6000 + index,
      receiverReport(2, [{ ssrc: 1, lastSenderReport: 100 + index, delay: delayOf(500) }]),
    );
  }
  assert.deepEqual(results, ['unmatched', 'unmatched', 'measured', 'measured', 'measured', 'measured']);
  assert.equal((trips()[3] as { segmentMicros: number }).segmentMicros, 505_000);
});

test('without a sender report, with one not seen, or with an impossible time there is no round trip', () => {
  const { send, trips, results } = setUp();
  send('a', 0, senderReport(1, 5));
  send('b', 100, receiverReport(2, [{ ssrc: 1 }]));
  send('b', 200, receiverReport(2, [{ ssrc: 1, lastSenderReport: 6, delay: 1 }]));
  send('b', 300, receiverReport(2, [{ ssrc: 1, lastSenderReport: 5, delay: delayOf(302) }]));
  send('b', 61_000, receiverReport(2, [{ ssrc: 1, lastSenderReport: 5, delay: 0 }]));
  assert.deepEqual(results, ['no_sender_report', 'unmatched', 'implausible', 'implausible']);
  assert.deepEqual(trips(), []);
  // A little below zero is the rounding of DLSR.
  send('b', 61_001, receiverReport(2, [{ ssrc: 1, lastSenderReport: 5, delay: delayOf(61_001) + 30 }]));
  assert.deepEqual(trips(), [{ ssrc: 1, reporter: 2, segmentMicros: 0, fullMicros: -1 }]);
});

test('copies of the next hop count once, and time begins with the first', () => {
  const { send, trips, results, farEnds } = setUp();
  const answer = receiverReport(2, [{ ssrc: 1, highest: 9, lastSenderReport: 5, delay: delayOf(125) }]);
  send('a', 0, senderReport(1, 5));
  send('a', 3, senderReport(1, 5));
  send('b', 145, answer);
  send('b', 148, answer);
  assert.deepEqual(results, ['measured', 'copy']);
  assert.deepEqual(trips(), [{ ssrc: 1, reporter: 2, segmentMicros: 20_000, fullMicros: -1 }]);
  assert.equal(farEnds().length, 1);
});

test('loss is that between two reports, jitter in the clock of the stream', () => {
  const { send, farEnds } = setUp({ clockRate: 48_000 });
  const report = (
    millis: number,
    highest: number,
    cumulativeLost: number,
    fractionLost: number = 0,
  ): void => {
    send('b', millis, receiverReport(2, [{ ssrc: 1, highest, cumulativeLost, fractionLost, jitter: 480 }]));
  };
  report(0, 65_500, 10, 3);
  report(5000, 65_750, 15, 5);
  // Late packets give their loss back, then duplicates outnumber losses.
  report(10_000, 66_000, 5);
  report(15_000, 66_100, -3);
  report(20_000, 66_200, 97);
  // More lost than there was; nothing sent; numbers begin anew, forwards and backwards.
  report(25_000, 66_210, 200);
  report(30_000, 66_210, 200, 1);
  report(35_000, 0x7f000000, 0);
  report(40_000, 5, 0);
  const expected = [
    [0, 0, 3],
    [250, 5, 5],
    [250, 0, 0],
    [100, 0, 0],
    [100, 100, 0],
    [10, 10, 0],
    [0, 0, 0],
    [0, 0, 0],
  ];
  assert.deepEqual(
    farEnds(),
    expected.map(([packets, lost, fractionLost]) => ({
      ssrc: 1,
      expected: packets,
      lost,
      fractionLost,
      jitterMicros: 10_000,
    })),
  );
});

test('another reporter on the same flow begins anew', () => {
  const { send, farEnds } = setUp();
  send('b', 0, receiverReport(2, [{ ssrc: 1, highest: 100 }]));
  send('b', 1, receiverReport(3, [{ ssrc: 1, highest: 200, cumulativeLost: 50 }]));
  assert.deepEqual(
    farEnds().map((report) => (report as { expected: number }).expected),
    [0, 0],
  );
});

test('BYE is told with its datagram', () => {
  const { send, log } = setUp();
  send('a', 0, bytesOf(receiverReport(1), bye(1, 9)));
  assert.deepEqual(log, ['bye 1 from port 5001', 'bye 9 from port 5001']);
});

test('forged sources keep the limit and do not push out one that was answered', () => {
  const { sources, send, results } = setUp({ maxSources: 50 });
  send('a', 0, senderReport(1, 5));
  send('b', 10, receiverReport(2, [{ ssrc: 1, lastSenderReport: 5, delay: 1 }]));
  for (let ssrc = 100; ssrc < 1100; ssrc++) {
    send('a', 11, senderReport(ssrc, 5), 7000 + (ssrc % 7));
    assert.ok(sources.table.size <= 50);
  }
  send('b', 20, receiverReport(2, [{ ssrc: 1, lastSenderReport: 5, delay: 2 }]));
  assert.deepEqual(results, ['measured', 'measured']);
  assert.equal(sources.table.evictedOpen, 1000 - 49);
});

test('sources that are silent for two minutes are forgotten', () => {
  const { sources, send, results } = setUp();
  send('a', 0, senderReport(1, 5));
  send('a', 60_000, senderReport(3, 5));
  send('a', 121_000, senderReport(4, 5));
  while (sources.expire());
  assert.equal(sources.table.size, 2);
  send('b', 121_001, receiverReport(2, [{ ssrc: 1, lastSenderReport: 5, delay: 2 }]));
  assert.deepEqual(results, ['unmatched']);
});

test('whatever the delays, the sum of the segments is the round trip', () => {
  const delay = fc.integer({ min: 0, max: 2000 });
  fc.assert(
    fc.property(delay, delay, fc.integer({ min: 0, max: 20_000 }), (toA, toB, wait) => {
      const { send, trips } = setUp();
      // One-way delays from the sensor; a begins.
      send('a', 0, senderReport(1, 77));
      const answer = { ssrc: 1, lastSenderReport: 77, delay: delayOf(wait) };
      send('b', 2 * toB + wait, senderReport(2, 78, [answer]));
      const again = { ssrc: 2, lastSenderReport: 78, delay: delayOf(wait) };
      send('a', 2 * toB + wait + 2 * toA + wait, senderReport(1, 79, [again]));
      const last = trips().at(-1) as { fullMicros: number };
      assert.ok(Math.abs(last.fullMicros - 2000 * (toA + toB)) <= 32, `${last.fullMicros}`);
    }),
  );
});
