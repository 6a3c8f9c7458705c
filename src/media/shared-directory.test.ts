// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import test from 'node:test';
import { datagramOf, MediaRecorder, mediaLimits, sdp, withSdp } from '../../test/support/media-recorder.ts';
import { answer, invite, request } from '../../test/support/state-recorder.ts';
import { PacketClock } from '../base/packet-clock.ts';
import { SharedVersion } from '../base/shared-version.ts';
import { Codec } from '../rtp/codec.ts';
import { JoinedBy } from '../rtp/media-directory.ts';
import { allocateMediaMemory } from './media-memory.ts';
import { SharedDirectory } from './shared-directory.ts';

const CALLER = '192.0.2.1:4000';
const CALLEE = '192.0.2.2:5000';
const PRIVATE = '10.0.0.9:6000';

/** The calls of one thread, and what another sees of them. */
function begin() {
  const memory = allocateMediaMemory(mediaLimits.maxEndpoints, [5, 6]);
  const recorder = new MediaRecorder({}, memory);
  return { memory, recorder, directory: new SharedDirectory(memory, new PacketClock()) };
}

test('what one thread announces another finds: by both ends, by the port alone, with codecs', () => {
  const { recorder, directory } = begin();
  const there = datagramOf(CALLER, CALLEE);
  assert.equal(directory.find(there), JoinedBy.none);
  assert.equal(directory.endpoint, -1);
  const { generation } = directory;
  recorder.take(withSdp(invite(), sdp(CALLER, ['a=rtpmap:96 opus/48000/2'], '96')), '203.0.113.7');
  assert.notEqual(directory.generation, generation);
  assert.equal(directory.find(there), JoinedBy.source);
  assert.equal(directory.codecOf(directory.endpoint, 96), Codec.opus);
  assert.equal(directory.clockRateOf(directory.endpoint, 96), 48_000);
  assert.equal(directory.isEncrypted(directory.endpoint), false);
  assert.equal(directory.findOfRtcp(datagramOf('192.0.2.1:4001', '192.0.2.2:9')), JoinedBy.source);
  recorder.take(withSdp(answer(200), sdp(PRIVATE)), '203.0.113.7');
  assert.equal(directory.find(datagramOf('203.0.113.7:6000', '192.0.2.77:9')), JoinedBy.port);
  const found = recorder.find(CALLER, CALLEE);
  directory.find(there);
  assert.deepEqual([directory.endpoint, directory.endpointKey], [found.endpoint, found.endpointKey]);
});

test('what the call no longer has is not found, and is not still what it was', () => {
  const { recorder, directory } = begin();
  recorder.take(withSdp(invite(), sdp(CALLER)));
  recorder.take(withSdp(answer(200), sdp(CALLEE)));
  assert.equal(directory.find(datagramOf(CALLER, CALLEE)), JoinedBy.destination);
  const { endpoint, endpointKey } = directory;
  assert.ok(directory.isStill(endpoint, endpointKey));
  recorder.take(request('BYE', { to: 'b', cseq: 9 }));
  recorder.wait(12);
  assert.equal(directory.find(datagramOf(CALLER, CALLEE)), JoinedBy.none);
  assert.ok(!directory.isStill(endpoint, endpointKey));
});

test('nobody waits for a writer that does not end; what may be there is asked for again', () => {
  const { memory, recorder, directory } = begin();
  recorder.take(withSdp(invite(), sdp(CALLER)));
  const writer = new SharedVersion(memory.version);
  writer.begin();
  for (let i = 0; i < 3; i++) {
    assert.equal(directory.find(datagramOf(CALLER, CALLEE)), JoinedBy.none);
    assert.equal(directory.endpoint, -1);
    assert.equal(directory.findOfRtcp(datagramOf(CALLER, CALLEE)), JoinedBy.none);
  }
  assert.ok(directory.isMissed);
  // What a payload type means without a description (RFC 3551).
  assert.equal(directory.codecOf(0, 8), Codec.pcma);
  assert.equal(directory.clockRateOf(0, 8), 8000);
  writer.end();
  assert.equal(directory.find(datagramOf(CALLER, CALLEE)), JoinedBy.source);
});
