// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import test from 'node:test';
import { datagramOf, MediaRecorder, mediaLimits, sdp, withSdp } from '../../test/support/media-recorder.ts';
import { answer, invite } from '../../test/support/state-recorder.ts';
import { SeededHash } from '../base/hash.ts';
import { PacketClock } from '../base/packet-clock.ts';
import { SharedVersion } from '../base/shared-version.ts';
import { JoinedBy } from '../rtp/media-directory.ts';
import { FixedLimit } from './media-limits.ts';
import { allocateMediaMemory } from './media-memory.ts';
import { SeenAddresses } from './seen-addresses.ts';
import { SharedDirectory } from './shared-directory.ts';

const CALLER = '192.0.2.1:4000';
const CALLEE = '192.0.2.2:5000';
/** From where packets come that are looked for by their port. */
const SERVER = '198.51.100.1:9';

/** Phones behind NATs of their own that announce one port. */
function announce(recorder: MediaRecorder, from: number, to: number): void {
  for (let phone = from; phone <= to; phone++) {
    const offer = withSdp(invite({ callId: `phone ${phone}` }), sdp(`10.0.0.${phone}:4000`));
    recorder.take(offer, `203.0.113.${phone}`);
  }
}

test('of the endpoints with one port 16 are looked at; a search that ends there counts', () => {
  const recorder = new MediaRecorder();
  const { limitHits } = recorder.media.directory;
  announce(recorder, 1, 16);
  assert.equal(recorder.find(SERVER, '203.0.113.1:4000').joinedBy, JoinedBy.port);
  assert.equal(recorder.find(SERVER, '203.0.113.99:4000').joinedBy, JoinedBy.none);
  assert.equal(limitHits[FixedLimit.portEndpoints], 0, 'all were looked at');
  announce(recorder, 17, 17);
  assert.equal(recorder.find(SERVER, '203.0.113.2:4000').joinedBy, JoinedBy.port);
  assert.equal(limitHits[FixedLimit.portEndpoints], 0, 'found before');
  assert.equal(recorder.find(SERVER, '203.0.113.1:4000').joinedBy, JoinedBy.none);
  assert.equal(limitHits[FixedLimit.portEndpoints], 1);
  assert.equal(recorder.find('203.0.113.99:4000', SERVER).joinedBy, JoinedBy.none);
  assert.equal(recorder.media.directory.findOfRtcp(datagramOf(SERVER, '203.0.113.1:4000')), JoinedBy.none);
  assert.deepEqual([...limitHits], [0, 3, 0]);
});

test('what another thread looks for counts there, and once where it was written at the same time', () => {
  const memory = allocateMediaMemory(mediaLimits.maxEndpoints, [5, 6]);
  const recorder = new MediaRecorder({}, memory);
  const directory = new SharedDirectory(memory, new PacketClock());
  announce(recorder, 1, 17);
  assert.equal(directory.find(datagramOf(SERVER, '203.0.113.1:4000')), JoinedBy.none);
  assert.deepEqual([...directory.limitHits], [0, 1, 0]);
  const version = new SharedVersion(memory.version);
  for (const find of ['find', 'findOfRtcp'] as const) {
    // Written twice while it is looked at.
    let writes = 2;
    const datagram = datagramOf(SERVER, '203.0.113.1:4000');
    Object.defineProperty(datagram, 'destinationPort', {
      get: () => {
        if (writes-- > 0) {
          version.begin();
          version.end();
        }
        return 4000;
      },
    });
    assert.equal(directory[find](datagram), JoinedBy.none);
    assert.ok(writes < 0, 'looked at again');
  }
  assert.deepEqual([...directory.limitHits], [0, 3, 0]);
  assert.deepEqual([...recorder.media.directory.limitHits], [0, 0, 0]);
});

test('a line knows four streams; each time that another one tells of itself counts', () => {
  const recorder = new MediaRecorder();
  const { limitHits } = recorder.media.directory;
  recorder.take(withSdp(invite(), sdp(CALLER)));
  recorder.take(withSdp(answer(200), sdp(CALLEE)));
  const [first] = Array.from({ length: 4 }, () => recorder.stream(CALLER, CALLEE));
  first!.flow(10);
  assert.equal(limitHits[FixedLimit.lineStreams], 0);
  const fifth = recorder.stream(CALLER, CALLEE);
  assert.equal(limitHits[FixedLimit.lineStreams], 1);
  recorder.stream(CALLEE, CALLER);
  first!.flow(10);
  assert.equal(
    limitHits[FixedLimit.lineStreams],
    1,
    'the other line has room, and the first stream is known',
  );
  fifth.flow(10);
  assert.equal(limitHits[FixedLimit.lineStreams], 2);
  first!.end();
  fifth.flow(10);
  assert.deepEqual([...limitHits], [2, 0, 0], 'there is room now');
});

test('an address with media that takes the place of another one counts while that would be a proof', () => {
  const clock = new PacketClock();
  const limitHits = new Float64Array(3);
  const seen = new SeenAddresses(new SeededHash(1, 2), clock, 600e6, limitHits);
  const note = (number: number) => seen.note(Int32Array.of(0, 0, 0xffff, number), 0);
  const has = (number: number) => seen.has(Int32Array.of(0, 0, 0xffff, number), 0, clock.micros - 600e6);
  const hits = () => limitHits[FixedLimit.seenAddresses]!;
  clock.micros = 1_700_000_000e6;
  let count = 0;
  for (; count < 500; count++) note(count);
  assert.equal(hits(), 0, 'hundreds do not meet');
  for (; hits() === 0; count++) note(count);
  assert.ok(count < 8192);
  const numbers = Array.from({ length: count }, (_, number) => number);
  const forgotten = numbers.filter((number) => !has(number));
  assert.equal(forgotten.length, 1);
  clock.micros += 599e6;
  note(count - 1);
  assert.equal(hits(), 1, 'it has a place');
  note(forgotten[0]!);
  assert.equal(hits(), 2);
  assert.ok(has(forgotten[0]!) && has(count - 1));
  const other = numbers.find((number) => !has(number))!;
  clock.micros += 599e6;
  note(other);
  assert.equal(hits(), 2, 'what makes room proved nothing any more');
  assert.ok(has(other));
});
