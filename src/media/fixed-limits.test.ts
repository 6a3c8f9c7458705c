// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import test from 'node:test';
import { datagramOf, MediaRecorder, mediaLimits, sdp, withSdp } from '../../test/support/media-recorder.ts';
import { answer, invite } from '../../test/support/state-recorder.ts';
import { PacketClock } from '../base/packet-clock.ts';
import { SharedVersion } from '../base/shared-version.ts';
import { JoinedBy } from '../rtp/media-directory.ts';
import { FixedLimit } from './media-limits.ts';
import { allocateMediaMemory } from './media-memory.ts';
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
  assert.deepEqual([...limitHits], [0, 3]);
});

test('what another thread looks for counts there, and once where it was written at the same time', () => {
  const memory = allocateMediaMemory(mediaLimits.maxEndpoints, [5, 6]);
  const recorder = new MediaRecorder({}, memory);
  const directory = new SharedDirectory(memory, new PacketClock());
  announce(recorder, 1, 17);
  assert.equal(directory.find(datagramOf(SERVER, '203.0.113.1:4000')), JoinedBy.none);
  assert.deepEqual([...directory.limitHits], [0, 1]);
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
  assert.deepEqual([...directory.limitHits], [0, 3]);
  assert.deepEqual([...recorder.media.directory.limitHits], [0, 0]);
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
  assert.deepEqual([...limitHits], [2, 0], 'there is room now');
});
