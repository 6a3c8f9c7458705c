// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import test from 'node:test';
import { MediaRecorder, sdp, withSdp } from '../../test/support/media-recorder.ts';
import { answer, invite, type Parts } from '../../test/support/state-recorder.ts';

const CALLER = '192.0.2.1:4000';
const CALLEE = '192.0.2.2:5000';

const offer = (place: string, parts: Parts = {}, lines: readonly string[] = []): string =>
  withSdp(invite(parts), sdp(place, lines));

test('who announces where the RTCP of a call goes gets that, and takes no media with it', () => {
  const recorder = new MediaRecorder();
  const ended: number[] = [];
  recorder.media.attach({ endOfLine: (_line, stream) => ended.push(stream) });
  recorder.take(offer(CALLER, {}, ['a=rtcp:4777']));
  recorder.take(withSdp(answer(200), sdp(CALLEE)));
  const mine = recorder.find(CALLER, CALLEE);
  recorder.stream(CALLER, CALLEE);
  recorder.stream(CALLEE, CALLER);
  recorder.take(offer('192.0.2.1:4777', { callId: 'forged' }));
  assert.deepEqual(ended, []);
  recorder.take(offer(CALLEE, { callId: 'forged again' }));
  assert.equal(recorder.find(CALLER, CALLEE).endpointKey, mine.endpointKey);
});

test('a line that takes the address of another one of its call ends the streams of that one only', () => {
  const recorder = new MediaRecorder();
  const ended: number[] = [];
  recorder.media.attach({ endOfLine: (_line, stream) => ended.push(stream) });
  recorder.take(offer(CALLER));
  recorder.take(withSdp(answer(200), sdp(CALLEE)));
  const mine = recorder.find(CALLER, CALLEE);
  recorder.stream(CALLER, CALLEE);
  recorder.stream(CALLEE, CALLER);
  recorder.take(offer('192.0.2.1:4200', { to: 'b', cseq: 2, branch: 'b2' }, ['m=audio 4000 RTP/AVP 0']));
  assert.deepEqual(ended, [2]);
  recorder.take(offer(CALLEE, { callId: 'forged' }));
  assert.equal(recorder.find(CALLER, CALLEE).endpointKey, mine.endpointKey);
});
