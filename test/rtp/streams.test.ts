// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Codec } from '../../src/rtp/codec.ts';
import { JoinedBy } from '../../src/rtp/media-directory.ts';
import { Refusal } from '../../src/rtp/refusal.ts';
import { Phase } from '../../src/rtp/stream-record.ts';
import { after, RtpMonitor, type TestPacket, voice } from './rtp-monitor.ts';

test('the same SSRC after a silence is no change of it, wherever its record stands', () => {
  const monitor = new RtpMonitor({ idleMicros: 5e6 });
  const spoken = (ssrc: number, micros: number): TestPacket[] =>
    voice(5, { ssrc, destinationPort: 20_000 + ssrc, micros });
  for (const micros of [1e6, 8e6]) monitor.takeAll([...spoken(1, micros), ...spoken(2, micros + 200_000)]);
  monitor.finish();
  assert.equal(monitor.began.length, 4);
  assert.deepEqual(
    monitor.began.map(({ isSsrcChange }) => isSsrcChange),
    [false, false, false, false],
  );
});

test('a stream that nothing happens to', () => {
  const monitor = new RtpMonitor().takeAll(voice(600)).finish();
  assert.equal(monitor.began.length, 1);
  assert.equal(monitor.began[0]?.received, 1);
  assert.deepEqual(
    monitor.intervals.map(({ received, lost, bytes }) => [received, lost, bytes]),
    [
      [500, 0, 80_000],
      [100, 0, 16_000],
    ],
  );
  const [whole] = monitor.ended;
  assert.equal(whole?.codec, Codec.pcmu);
  assert.equal(whole?.joinedBy, JoinedBy.destination);
  assert.equal(whole?.endpoint, 20_000);
  assert.equal(whole?.jitterMicros, 0);
  assert.equal(whole?.burstRatio, 1);
  assert.equal(whole?.gapMillis, 12_000);
  assert.equal(whole?.firstMicros, 1e6);
  assert.equal(whole?.lastMicros, 1e6 + 599 * 20_000);
  assert.equal(whole?.isSilent, false);
  const { tally } = monitor.streams;
  assert.equal(tally.packets[tally.cell(0, Codec.pcmu)], 600);
  assert.equal(tally.bytes[tally.cell(0, Codec.pcmu)], 96_000);
  assert.equal(monitor.streams.table.size, 0);
});

test('intervals are 10 s of packet time from the first packet, whoever else sends', () => {
  const monitor = new RtpMonitor().takeAll(voice(1100, { micros: 3_333_333 })).finish();
  const [first, second, third] = monitor.intervals;
  assert.deepEqual([first?.beginMicros, first?.endMicros], [3_333_333, 13_333_333]);
  assert.deepEqual([second?.beginMicros, second?.endMicros], [13_333_333, 23_333_333]);
  assert.deepEqual([third?.beginMicros, third?.endMicros], [23_333_333, 3_333_333 + 1099 * 20_000]);
});

test('late packets give their loss back, beyond the interval too, and nothing goes below 0', () => {
  const packets = voice(700);
  const [late] = packets.splice(480, 1);
  // 30 packets late, and in the next interval.
  packets.splice(510, 0, { ...late!, micros: packets[509]!.micros + 1 });
  const lost = packets.splice(600, 3).length;
  const monitor = new RtpMonitor().takeAll(packets).finish();
  assert.deepEqual(
    monitor.intervals.map((report) => report.lost),
    [1, lost - 1],
  );
  assert.equal(monitor.ended[0]?.outOfOrder, 1);
  assert.equal(monitor.ended[0]?.received, 697);
});

test('a packet of before the first is in no order, but nothing was lost', () => {
  const packets = voice(200);
  const [early] = packets.splice(0, 1);
  packets.splice(5, 0, { ...early!, micros: packets[4]!.micros + 1 });
  packets.splice(40, 0, {
    ...early!,
    sequenceNumber: early!.sequenceNumber - 3,
    micros: packets[39]!.micros + 1,
  });
  const monitor = new RtpMonitor().takeAll(packets).finish();
  const [whole] = monitor.ended;
  assert.deepEqual([whole?.received, whole?.lost, whole?.outOfOrder, whole?.duplicate], [201, 0, 2, 0]);
});

test('sequence numbers wrap, many times', () => {
  const packets = voice(200_000, { sequenceNumber: 65_530 }).filter((_, i) => i % 1000 !== 999);
  const monitor = new RtpMonitor().takeAll(packets).finish();
  assert.equal(monitor.sum('received'), 199_800);
  // The last one was never missed.
  assert.equal(monitor.sum('lost'), 199);
  assert.equal(monitor.sum('restarts'), 0);
});

test('a jump is a restart when two packets follow one another there (RFC 3550 A.1), and no loss', () => {
  const packets = voice(100);
  const far = after(packets, 100, { sequenceNumber: 40_000, timestamp: 7 });
  const monitor = new RtpMonitor().takeAll([...packets, ...far]).finish();
  const [whole] = monitor.ended;
  assert.deepEqual([whole?.received, whole?.lost, whole?.restarts], [200, 0, 1]);
  assert.equal(whole?.bytes, 32_000);
  assert.equal(whole?.maxJitterMicros, 0);
  assert.equal(monitor.streams.refused[Refusal.sequenceJump], 0);
});

test('a restart whose timestamps jump by half a second makes no jitter', () => {
  const packets = voice(100);
  const far = after(packets, 100, { sequenceNumber: 40_000, timestamp: packets.at(-1)!.timestamp + 4000 });
  const monitor = new RtpMonitor().takeAll([...packets, ...far]).finish();
  assert.equal(monitor.ended[0]?.maxJitterMicros, 0);
});

test('the sensor lost packets: the interval, and the next one within a second of its beginning', () => {
  for (const [lossAt, lossy] of [
    [400, [true, false, false]],
    [470, [true, true, false]],
    // The first interval was told before.
    [510, [false, true, false]],
    [600, [false, true, false]],
  ] as const) {
    const monitor = new RtpMonitor();
    const packets = voice(1200);
    monitor.takeAll(packets.slice(0, lossAt));
    monitor.streams.sensorLost(monitor.clock.micros);
    monitor.takeAll(packets.slice(lossAt)).finish();
    assert.deepEqual(
      monitor.intervals.map(({ isSensorLossy }) => isSensorLossy),
      lossy,
      `${lossAt}`,
    );
  }
});

test('the sensor stood still for longer than an interval: what is found missing behind it is unknown', () => {
  const packets = voice(1500);
  const monitor = new RtpMonitor().takeAll(packets.slice(0, 400));
  monitor.streams.sensorLost(packets[1250]!.micros);
  monitor.takeAll(packets.slice(1250)).finish();
  const [whole] = monitor.ended;
  assert.deepEqual([whole?.received, whole?.lost, whole?.unknown], [650, 0, 850]);
});

test('single packets from elsewhere in the sequence are refused', () => {
  const packets = voice(100).flatMap((packet, i) =>
    i % 10 === 9 ? [packet, { ...packet, sequenceNumber: (20_000 + i * 777) & 0xffff }] : [packet],
  );
  const monitor = new RtpMonitor().takeAll(packets).finish();
  assert.deepEqual(
    [monitor.ended[0]?.received, monitor.ended[0]?.lost, monitor.ended[0]?.restarts],
    [100, 0, 0],
  );
  assert.equal(monitor.streams.refused[Refusal.sequenceJump], 10);
});

test('a long loss: 2999 are lost, 3000 a restart', () => {
  for (const [missing, lost, restarts] of [
    [2998, 2998, 0],
    [3000, 0, 1],
  ]) {
    const packets = voice(20);
    const rest = after(packets, 20, { sequenceNumber: packets.at(-1)!.sequenceNumber + 1 + missing! });
    const monitor = new RtpMonitor().takeAll([...packets, ...rest]).finish();
    const [whole] = monitor.ended;
    assert.deepEqual([whole?.received, whole?.lost, whole?.restarts], [40, lost, restarts]);
  }
});

test('duplicates of the network and of the capture', () => {
  const packets = voice(300).flatMap((packet, i) => {
    if (i % 3 === 1) return [packet, { ...packet, micros: packet.micros + 40 }];
    // Sent again: another datagram.
    return i % 3 === 2 ? [packet, { ...packet, micros: packet.micros + 40, identification: 7 }] : [packet];
  });
  const monitor = new RtpMonitor().takeAll(packets).finish();
  const [whole] = monitor.ended;
  assert.deepEqual([whole?.received, whole?.copies, whole?.duplicate, whole?.lost], [300, 100, 100, 0]);
  assert.equal(whole?.maxJitterMicros, 0);
  // The very datagram, but later than a capture would have it.
  const late = voice(100).flatMap((packet) => [packet, { ...packet, micros: packet.micros + 55_000 }]);
  const other = new RtpMonitor().takeAll(late.sort((a, b) => a.micros - b.micros)).finish();
  assert.deepEqual([other.ended[0]?.copies, other.ended[0]?.duplicate], [0, 100]);
});

test('copies and duplicates of packets in probation are those of the stream', () => {
  const twice = (identification?: number): TestPacket[] =>
    voice(100).flatMap((packet) => [
      packet,
      { ...packet, micros: packet.micros + 40, identification: identification ?? packet.sequenceNumber },
    ]);
  const run = (packets: readonly TestPacket[]): readonly (number | undefined)[] => {
    const monitor = new RtpMonitor({ isDetecting: true });
    monitor.directory.isAnnounced = () => false;
    const [whole] = monitor.takeAll(packets).finish().ended;
    const refused = monitor.streams.refused.reduce((sum, count) => sum + count, 0);
    return [monitor.began[0]?.copies, monitor.began[0]?.duplicate, whole?.copies, whole?.duplicate, refused];
  };
  // Five packets make a stream of what nobody announced.
  assert.deepEqual(run(twice()), [4, 0, 100, 0, 0]);
  assert.deepEqual(run(twice(7)), [0, 4, 0, 100, 0]);
  // Behind one another, as two rings of one bridge may bring them.
  const [a, b, ...rest] = voice(100);
  assert.deepEqual(run([a!, b!, a!, b!, ...rest]), [2, 0, 2, 0, 0]);
  // One that comes late, and not again, is no copy: the probation begins anew with it (RFC 3550 A.1).
  assert.deepEqual(run([b!, a!, ...rest]), [0, 0, 0, 0, 2]);
});

test('copies of what never becomes a stream are refused with it', () => {
  const monitor = new RtpMonitor();
  const [a] = voice(1);
  monitor.takeAll([a!, a!, { ...a!, identification: 7 }]).finish();
  assert.equal(monitor.began.length, 0);
  assert.equal(monitor.streams.refused[Refusal.probation], 3);
});

test('copies of the packet that a restart begins with', () => {
  const packets = voice(50);
  const [first, ...rest] = after(packets, 50, { sequenceNumber: 20_000 });
  const monitor = new RtpMonitor();
  monitor.takeAll([...packets, first!, first!, { ...first!, identification: 7 }, ...rest]).finish();
  const [whole] = monitor.ended;
  const { received, restarts, copies, duplicate } = whole!;
  assert.deepEqual(
    { received, restarts, copies, duplicate },
    { received: 100, restarts: 1, copies: 1, duplicate: 1 },
  );
  assert.equal(monitor.streams.refused[Refusal.sequenceJump], 0);
});

test('DTMF and comfort noise stay out of jitter and make no loss', () => {
  const packets = voice(100);
  const digit = after(packets, 8, { payloadType: 101, marker: true }).map((packet, i, all) => ({
    ...packet,
    timestamp: all[0]!.timestamp,
    marker: i === 0,
    payloadBytes: 4,
  }));
  const again = after(digit, 50, {
    payloadType: 0,
    timestamp: digit[0]!.timestamp + 8 * 160,
    payloadBytes: 160,
  });
  const [noise] = after(again, 1, { payloadType: 13, payloadBytes: 1 });
  // A silence of 3 s: the sequence goes on, the timestamp with the time.
  const speech = after([noise!], 100, {
    micros: noise!.micros + 3e6,
    timestamp: noise!.timestamp + 24_000,
    payloadType: 0,
    payloadBytes: 160,
  });
  const monitor = new RtpMonitor().takeAll([...packets, ...digit, ...again, noise!, ...speech]).finish();
  const [whole] = monitor.ended;
  assert.deepEqual([whole?.received, whole?.lost, whole?.codecChanges], [259, 0, 0]);
  assert.equal(whole?.codec, Codec.pcmu);
  assert.ok(whole!.maxJitterMicros < 1, `${whole?.maxJitterMicros}`);
  assert.equal(whole?.isSilent, false);
  const silent = new RtpMonitor().takeAll(voice(50, { payloadType: 101, timestamp: 1 })).finish();
  assert.equal(silent.intervals[0]?.isSilent, true);
});

test('a stream of DTMF or retransmissions alone is one of that, until voice comes', () => {
  for (const [payloadType, codec] of [
    [101, Codec.telephoneEvent],
    [97, Codec.rtx],
  ] as const) {
    // Retransmissions have the timestamps of what they repeat.
    const packets = voice(50, { payloadType }).map((packet, i) => ({ ...packet, timestamp: (i % 7) * 9000 }));
    const monitor = new RtpMonitor()
      .takeAll(packets)
      .takeAll(after(packets, 50, { payloadType: 0 }))
      .finish();
    const [whole] = monitor.ended;
    assert.equal(monitor.began[0]?.codec, codec);
    assert.deepEqual([whole?.codec, whole?.received, whole?.codecChanges], [Codec.pcmu, 100, 0]);
    assert.deepEqual([whole?.jitterMicros, whole?.discardedFixed, whole?.isSilent], [0, 0, false]);
  }
});

test('DTMF that is announced while it comes was none of a voice', () => {
  const monitor = new RtpMonitor({ isDetecting: true });
  monitor.directory.isAnnounced = () => false;
  const packets = voice(50, { payloadType: 101 });
  monitor.takeAll(packets);
  monitor.directory.isAnnounced = () => true;
  monitor.streams.rejoin();
  const digit = after(packets, 40, { payloadType: 101 });
  monitor
    .takeAll(digit)
    .takeAll(after(digit, 40, { payloadType: 0 }))
    .finish();
  assert.equal(monitor.began[0]?.codec, Codec.other);
  const [whole] = monitor.ended;
  assert.deepEqual([whole?.codec, whole?.codecChanges, whole?.received], [Codec.pcmu, 0, 130]);
});

test('hold: neither loss nor jitter, whether timestamps stand still or not', () => {
  for (const units of [0, 20 * 8000, 12_345_678]) {
    const packets = voice(100);
    const last = packets.at(-1)!;
    const rest = after(packets, 100, { micros: last.micros + 20e6, timestamp: last.timestamp + 160 + units });
    const monitor = new RtpMonitor().takeAll([...packets, ...rest]).finish();
    assert.equal(monitor.ended.length, 1);
    const [whole] = monitor.ended;
    assert.deepEqual([whole?.received, whole?.lost, whole?.restarts], [200, 0, 0]);
    assert.ok(whole!.maxJitterMicros < 1300, `${whole?.maxJitterMicros}`);
    assert.equal(whole?.discardedFixed, 0);
  }
});

test('a stream of another kind takes no SSRC’s place: voice, video and retransmissions in one bundle', () => {
  const packets = [0, 96, 97, 0, 96].flatMap((payloadType, i) =>
    voice(20, { payloadType, ssrc: 10 + i, micros: 1e6 + i * 1e6 }),
  );
  const monitor = new RtpMonitor().takeAll(packets).finish();
  // Of the latest stream it is told: voice behind retransmissions is none, either.
  assert.deepEqual(
    monitor.began.map(({ isSsrcChange }) => isSsrcChange),
    [false, false, false, false, false],
  );
  const again = [96, 96].flatMap((payloadType, i) =>
    voice(20, { payloadType, ssrc: 10 + i, micros: 1e6 + i * 1e6 }),
  );
  assert.equal(new RtpMonitor().takeAll(again).began[1]?.isSsrcChange, true);
});

test('another SSRC on the same addresses and ports: a change where the first is over, none beside it', () => {
  const packets = voice(100);
  const next = after(packets, 100, { ssrc: 5 });
  const changed = new RtpMonitor().takeAll([...packets, ...next]).finish();
  assert.deepEqual(
    changed.began.map(({ isSsrcChange }) => isSsrcChange),
    [false, true],
  );
  const beside = voice(100, { ssrc: 5, micros: 1_500_000 });
  const bundled = new RtpMonitor()
    .takeAll([...packets, ...beside].sort((a, b) => a.micros - b.micros))
    .finish();
  assert.deepEqual(
    bundled.began.map(({ isSsrcChange }) => isSsrcChange),
    [false, false],
  );
});

test('behind the end of a call: whatever SSRC comes on its addresses and ports is no change', () => {
  for (const ssrc of [0x1234, 5]) {
    const packets = voice(100);
    const monitor = new RtpMonitor().takeAll(packets);
    monitor.streams.end(monitor.began[0]!.slot);
    monitor.takeAll(after(packets, 100, { ssrc })).finish();
    assert.deepEqual(
      monitor.began.map(({ isSsrcChange }) => isSsrcChange),
      [false, false],
    );
  }
});

test('a change of codec: counted once, and the clock rate goes with it', () => {
  const packets = voice(100);
  const opus = after(packets, 100, { payloadType: 111 }).map((packet, i) => ({
    ...packet,
    timestamp: 99 + i * 960,
  }));
  const monitor = new RtpMonitor().takeAll([...packets, ...opus]).finish();
  const [whole] = monitor.ended;
  assert.deepEqual([whole?.codec, whole?.codecChanges, whole?.lost], [Codec.opus, 1, 0]);
  assert.equal(whole?.maxJitterMicros, 0);
  const { tally } = monitor.streams;
  assert.equal(tally.packets[tally.cell(0, Codec.pcmu)], 100);
  assert.equal(tally.packets[tally.cell(0, Codec.opus)], 100);
});

test('the same SSRC in both directions, and to another destination, is a stream each', () => {
  const there = voice(50);
  const back = voice(50, { sourcePort: 20_000, destinationPort: 10_000, source: 2 });
  const elsewhere = voice(50, { destinationPort: 22_000 });
  const all = [...there, ...back, ...elsewhere].sort((a, b) => a.micros - b.micros);
  const monitor = new RtpMonitor().takeAll(all).finish();
  assert.deepEqual(
    monitor.ended.map(({ received, lost }) => [received, lost]),
    [
      [50, 0],
      [50, 0],
      [50, 0],
    ],
  );
});

test('jitter buffers: 60 ms late is in time, more is not; the adaptive one learns at once', () => {
  const packets = voice(400).map((packet, i) => ({
    ...packet,
    micros: packet.micros + (i === 100 ? 60_000 : i === 200 ? 60_100 : 0),
  }));
  packets.sort((a, b) => a.micros - b.micros);
  const monitor = new RtpMonitor().takeAll(packets).finish();
  assert.equal(monitor.ended[0]?.discardedFixed, 1);
  assert.equal(monitor.ended[0]?.discardedAdaptive, 2);
  // A route that takes 50 ms more: the first packet is late, the others are waited for.
  const slower = voice(400).map((packet, i) => ({
    ...packet,
    micros: packet.micros + (i >= 200 ? 50_000 : 0),
  }));
  const other = new RtpMonitor().takeAll(slower).finish();
  assert.deepEqual([other.ended[0]?.discardedFixed, other.ended[0]?.discardedAdaptive], [0, 1]);
  assert.ok(other.ended[0]!.gapDensity > 0, 'what is discarded is a loss in a gap');
});

test('nobody announced it: nothing without detection; with it, five packets in a row', () => {
  const blind = new RtpMonitor();
  blind.directory.isAnnounced = () => false;
  blind.takeAll(voice(50)).finish();
  assert.equal(blind.began.length, 0);
  assert.equal(blind.streams.refused[Refusal.unannounced], 50);
  const detecting = new RtpMonitor({ isDetecting: true });
  detecting.directory.isAnnounced = () => false;
  detecting.takeAll(voice(4));
  assert.equal(detecting.began.length, 0);
  detecting.takeAll(after(voice(4), 46)).finish();
  assert.equal(detecting.began[0]?.joinedBy, JoinedBy.none);
  assert.equal(detecting.ended[0]?.received, 50);
  const { tally } = detecting.streams;
  assert.equal(tally.packets[tally.cell(0, Codec.pcmu)], 50);
});

test('signalling that comes after the packets is found by the next one', () => {
  const monitor = new RtpMonitor({ isDetecting: true });
  monitor.directory.isAnnounced = () => false;
  const packets = voice(300);
  monitor.takeAll(packets.slice(0, 100));
  const { asked } = monitor.directory;
  assert.ok(asked <= 2, `asked ${asked} times`);
  monitor.directory.isAnnounced = () => true;
  monitor.streams.rejoin();
  monitor.takeAll(packets.slice(100, 101));
  assert.equal(monitor.streams.table.sizeOf(Phase.signalled), 1);
  monitor.takeAll(packets.slice(101)).finish();
  assert.equal(monitor.began.length, 1);
  assert.equal(monitor.ended[0]?.joinedBy, JoinedBy.destination);
  assert.equal(monitor.ended[0]?.received, 300);
  assert.ok(monitor.directory.asked <= asked + 1);
});

test('signalling that comes during probation: two packets are enough, and nobody pushes them out', () => {
  const monitor = new RtpMonitor({ isDetecting: true });
  monitor.directory.isAnnounced = () => false;
  const packets = voice(20);
  monitor.takeAll(packets.slice(0, 1));
  assert.equal(monitor.streams.table.sizeOf(Phase.probation), 1);
  monitor.directory.isAnnounced = () => true;
  monitor.streams.rejoin();
  monitor.take({ ...packets[1]!, micros: packets[0]!.micros + 150_000 });
  assert.equal(monitor.streams.table.sizeOf(Phase.signalled), 1);
  assert.equal(monitor.began[0]?.joinedBy, JoinedBy.destination);
});

test('BYE ends a stream; what still comes is refused, and what goes on begins anew', () => {
  const monitor = new RtpMonitor();
  const packets = voice(400);
  monitor.takeAll(packets.slice(0, 100));
  const { sourceAddress, destinationAddress } = monitor.datagram;
  const slot = monitor.streams.find(sourceAddress, 10_000, destinationAddress, 20_000, 0x1234);
  assert.equal(monitor.streams.find(destinationAddress, 10_000, sourceAddress, 20_000, 0x1234), -1);
  monitor.streams.setRoundTrip(slot, 43_000);
  monitor.streams.bye(slot);
  assert.equal(monitor.ended[0]?.roundTripMicros, 43_000);
  assert.equal(monitor.streams.find(sourceAddress, 10_000, destinationAddress, 20_000, 0x1234), -1);
  monitor.takeAll(packets.slice(100)).finish();
  assert.ok(monitor.streams.refused[Refusal.afterBye]! >= 100);
  assert.equal(monitor.ended.length, 2);
  assert.equal(monitor.sum('lost'), 0);
});

test('without packets a stream is over, and its place is free', () => {
  const monitor = new RtpMonitor();
  monitor.takeAll(voice(100));
  monitor.wait(55e6);
  assert.equal(monitor.ended.length, 0);
  monitor.wait(75e6);
  assert.equal(monitor.ended.length, 1);
  assert.deepEqual(
    monitor.intervals.map(({ received }) => received),
    [100],
  );
  monitor.wait(200e6);
  assert.equal(monitor.streams.table.size, 0);
  assert.equal(monitor.streams.flows.table.size, 0);
});

test('encrypted media of an unknown codec has nothing to hear', () => {
  const monitor = new RtpMonitor();
  monitor.directory.isEncryptedMedia = true;
  monitor.takeAll(voice(100, { payloadType: 99 })).finish();
  assert.equal(monitor.intervals[0]?.isSilent, true);
  assert.equal(monitor.intervals[0]?.received, 100);
});
