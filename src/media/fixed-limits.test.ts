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
/** With whom who is behind NAT talks. */
const SERVER = '198.51.100.1:9';

/** The public address of a home, by number. */
const homeOf = (number: number): string => `203.0.${number >> 8}.${number & 0xff}`;

/** Phones announce one port from a NAT. */
function announce(recorder: MediaRecorder, phones: number, natOf: (phone: number) => string): void {
  for (let phone = 1; phone <= phones; phone++) {
    const offer = withSdp(
      invite({ callId: `phone ${phone}` }),
      sdp(`10.0.${phone >> 8}.${phone & 0xff}:4000`),
    );
    recorder.take(offer, natOf(phone));
  }
}

test('behind NATs of their own any number of phones may have one port', () => {
  const recorder = new MediaRecorder({ maxCalls: 1000, maxEndpoints: 4000 });
  announce(recorder, 1000, homeOf);
  for (let phone = 1; phone <= 1000; phone++) {
    assert.equal(recorder.find(SERVER, `${homeOf(phone)}:4000`).joinedBy, JoinedBy.port);
    assert.equal(recorder.find(`${homeOf(phone)}:4000`, SERVER).joinedBy, JoinedBy.port);
    assert.equal(recorder.find(SERVER, `${homeOf(phone)}:4002`).joinedBy, JoinedBy.none);
    assert.equal(recorder.find(SERVER, `${homeOf(phone + 1000)}:4000`).joinedBy, JoinedBy.none);
  }
  assert.deepEqual([...recorder.media.directory.limitHits], [0, 0, 0]);
});

test('who is announced from elsewhere is found there and no longer where it was', () => {
  const recorder = new MediaRecorder();
  announce(recorder, 3, () => homeOf(1));
  announce(recorder, 1, () => homeOf(2));
  assert.equal(recorder.find(SERVER, `${homeOf(2)}:4000`).joinedBy, JoinedBy.port);
  assert.equal(recorder.find(SERVER, `${homeOf(1)}:4000`).joinedBy, JoinedBy.port, 'of the other two');
  announce(recorder, 3, () => homeOf(3));
  assert.equal(recorder.find(SERVER, `${homeOf(1)}:4000`).joinedBy, JoinedBy.none);
  assert.equal(recorder.find(SERVER, `${homeOf(2)}:4000`).joinedBy, JoinedBy.none);
  assert.equal(recorder.find(SERVER, `${homeOf(3)}:4000`).joinedBy, JoinedBy.port);
});

/** An address that is looked for among phones of another NAT, found by trying. */
function addressAmongOthers(limitHits: Float64Array, find: (address: string) => unknown): string {
  for (let number = 0; number < 2e6; number++) {
    const address = `100.${number >> 16}.${(number >> 8) & 0xff}.${number & 0xff}:4000`;
    find(address);
    if (limitHits[FixedLimit.natEndpoints] !== 0) return address;
  }
  throw new Error('no address has that hash');
}

test('of a chain of endpoints behind NAT 32 are looked at; a search that ends there counts', () => {
  const recorder = new MediaRecorder();
  const { limitHits } = recorder.media.directory;
  announce(recorder, 33, () => homeOf(1));
  const address = addressAmongOthers(limitHits, (tried) => recorder.find(SERVER, tried));
  assert.deepEqual([...limitHits], [0, 1, 0]);
  assert.equal(recorder.find(SERVER, `${homeOf(1)}:4000`).joinedBy, JoinedBy.port, 'found before');
  assert.deepEqual([...limitHits], [0, 1, 0]);
  assert.equal(recorder.find(address, SERVER).joinedBy, JoinedBy.none);
  assert.equal(recorder.media.directory.findOfRtcp(datagramOf(SERVER, address)), JoinedBy.none);
  assert.deepEqual([...limitHits], [0, 3, 0]);

  const fewer = new MediaRecorder();
  announce(fewer, 32, () => homeOf(1));
  fewer.find(SERVER, address);
  assert.deepEqual([...fewer.media.directory.limitHits], [0, 0, 0], 'all were looked at');
});

test('what another thread looks for counts there, and once where it was written at the same time', () => {
  const memory = allocateMediaMemory(mediaLimits.maxEndpoints, [5, 6]);
  const recorder = new MediaRecorder({}, memory);
  const directory = new SharedDirectory(memory, new PacketClock());
  announce(recorder, 33, () => homeOf(1));
  const address = addressAmongOthers(directory.limitHits, (tried) =>
    directory.find(datagramOf(SERVER, tried)),
  );
  assert.deepEqual([...directory.limitHits], [0, 1, 0]);
  const version = new SharedVersion(memory.version);
  for (const find of ['find', 'findOfRtcp'] as const) {
    // Written twice while it is looked at.
    let writes = 2;
    const datagram = datagramOf(SERVER, address);
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
  assert.ok(count < 65_536);
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
