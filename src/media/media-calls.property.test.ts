// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import test from 'node:test';
import { MediaRecorder, type RecordedStream, sdp, withSdp } from '../../test/support/media-recorder.ts';
import { randomSource } from '../../test/support/random.ts';
import { answer, invite, request, response } from '../../test/support/state-recorder.ts';

const lines = ['a=sendonly', 'a=recvonly', 'a=inactive', 'a=sendrecv', 'a=rtcp-mux', 'a=rtcp:6000'];
const attributes = [
  ...['a=candidate:1 1 UDP 1 192.0.2.1 4000 typ host', 'a=candidate:2 1 UDP 1 10.0.0.1 4002 typ host'],
  ...['a=mid:1', 'a=mid:2', 'a=bundle-only'],
];

/** Few of everything, so that calls, tags, ports and times meet. */
test('whatever comes in whatever order: limits hold, nothing is left, and as many calls go as came', () => {
  for (let seed = 1; seed <= 100; seed++) {
    const pick = randomSource(seed * 7919);
    const recorder = new MediaRecorder({ maxCalls: 1 + pick(4), maxEndpoints: 2 + pick(10) });
    const streams: RecordedStream[] = [];
    for (let step = 0; step < 150; step++) {
      const place = `${['192.0.2.1', '10.0.0.1', '0.0.0.0'][pick(3)]}:${[0, 4000, 4002, 5000, 65_535][pick(5)]}`;
      const more = Array.from({ length: pick(4) }, () => [
        `m=${['audio', 'video'][pick(2)]} ${[0, 4000, 4002, 5000][pick(4)]} RTP/AVP ${96 + pick(4)}`,
        ...attributes.filter(() => pick(3) === 0),
      ]).flat();
      const first = sdp(place, [
        lines[pick(lines.length)]!,
        ...attributes.filter(() => pick(3) === 0),
        ...more,
      ]);
      const body = pick(2) === 0 ? first : first.replace('t=0 0', 't=0 0\r\na=group:BUNDLE 1 2');
      const parts = {
        callId: `c${pick(6)}`,
        from: ['a', 'b', 'x'][pick(3)]!,
        to: ['', 'b', 'a', 'y'][pick(4)]!,
        cseq: 1 + pick(3),
        branch: `b${pick(1000)}`,
      };
      const codes = [100, 180, 183, 200, 401, 486, 491];
      const kinds = [
        () => recorder.take(withSdp(invite(parts), body)),
        () => recorder.take(withSdp(answer(codes[pick(codes.length)]!, parts), body)),
        () => recorder.take(withSdp(request('ACK', parts), body)),
        () => recorder.take(withSdp(request('UPDATE', parts), body)),
        () => recorder.take(response(codes[pick(codes.length)]!, 'INVITE', parts)),
        () => recorder.take(request('BYE', parts)),
        () => streams.push(recorder.stream('192.0.2.9:7000', place, pick(21), 95 + pick(6))),
        () => streams.push(recorder.stream(place, '192.0.2.9:7000', pick(21), 95 + pick(6))),
        () => recorder.media.directory.codecOf(recorder.find('192.0.2.9:7000', place).endpoint, 95 + pick(6)),
        () => streams[pick(streams.length)]?.flow(pick(3)),
        () => streams.splice(pick(streams.length), 1)[0]?.end(),
        () => recorder.wait(pick(20)),
      ];
      kinds[pick(kinds.length)]!();
      for (const table of recorder.media.tables) assert.ok(table.size <= table.limit, `seed ${seed}`);
      const [calls] = recorder.media.tables;
      const counted = recorder.gauges.reduce((sum, count) => sum + count, 0);
      assert.equal(counted, calls!.size, `seed ${seed}`);
    }
    recorder.wait(3601);
    for (let i = 0; i < 20; i++) recorder.wait(1);
    assert.deepEqual(
      recorder.media.tables.map(({ size }) => size),
      [0, 0, 0],
      `seed ${seed}`,
    );
    assert.deepEqual(recorder.gauges, [0, 0, 0], `seed ${seed}`);
    const ports = Array.from({ length: 65_536 }, (_, port) => port).filter((port) =>
      recorder.ports.has(port),
    );
    assert.deepEqual(ports, [], `seed ${seed}`);
  }
});
