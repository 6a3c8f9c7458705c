// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import test from 'node:test';
import { testRtpLimits } from '../../test/pipeline/monitor.ts';
import { datagramOf, MediaRecorder, type Place, sdp, withSdp } from '../../test/support/media-recorder.ts';
import { answer, invite, type Parts, request } from '../../test/support/state-recorder.ts';
import { SeededHash } from '../base/hash.ts';
import { RtpHeader } from '../rtp/rtp-header.ts';
import { RtpStreams } from '../rtp/streams.ts';
import { StreamsHere } from './joined-streams.ts';

const CALLER = '192.0.2.1:4000';
const CALLEE = '192.0.2.2:5000';
/** Where the caller sends to: nobody announced it at first. */
const RELAY = '192.0.2.9:7000';

const offer = (place: Place, parts: Parts = {}): string => withSdp(invite(parts), sdp(place));

/** The media of calls, with the streams of RTP that tell of it. */
class Media extends MediaRecorder {
  readonly streams: RtpStreams;
  readonly #header = new RtpHeader();

  constructor() {
    super();
    const { directory, flows } = this.media;
    this.streams = new RtpStreams(testRtpLimits, directory, new SeededHash(1, 2), this.clock, flows);
    this.media.attach(new StreamsHere(this.streams));
    this.take(offer(CALLER));
    this.take(withSdp(answer(200), sdp(CALLEE)));
  }

  /** Takes a packet from the caller to the relay, now. */
  send(ssrc: number, sequenceNumber: number): void {
    const header = this.#header;
    header.ssrc = ssrc;
    header.payloadType = 0;
    header.sequenceNumber = sequenceNumber;
    header.timestamp = sequenceNumber * 160;
    header.payloadBytes = 160;
    this.streams.packet(datagramOf(CALLER, RELAY), header, 0);
  }
}

test('a stream that turns out to be another call’s is no longer one of the first: that is over with its BYE', () => {
  const media = new Media();
  // Five, which is more than a line knows at a time.
  for (let ssrc = 1; ssrc <= 5; ssrc++) {
    for (let i = 0; i < 3; i++) media.send(ssrc, i);
    media.take(offer(RELAY, { callId: `other ${ssrc}` }));
    media.wait(11);
    media.send(ssrc, 3);
    // Over before the next stream begins: that one is the first call's again.
    media.take(withSdp(answer(200, { callId: `other ${ssrc}` }), sdp('192.0.2.3:6000')));
    media.take(request('BYE', { to: 'b', cseq: 9, callId: `other ${ssrc}` }));
    media.wait(15);
  }
  assert.equal(media.take(request('BYE', { to: 'b', cseq: 9 })).at(-1), 'caller_only');
});

test('a stream that is no call’s any more is none of the call it was joined to', () => {
  const media = new Media();
  for (let i = 0; i < 3; i++) media.send(1, i);
  // The caller goes elsewhere; what still comes from its old address is not told to be anybody's.
  media.take(offer('192.0.2.1:4400', { to: 'b', cseq: 2, branch: 'b2' }));
  media.take(withSdp(answer(200, { to: 'b', cseq: 2, branch: 'b2' }), sdp(CALLEE)));
  for (let i = 3; i < 12; i++) {
    media.wait(11);
    media.send(1, i);
  }
  assert.equal(media.find(CALLER, RELAY).endpoint, -1);
  assert.equal(media.take(request('BYE', { to: 'b', cseq: 9 })).at(-1), 'caller_only');
});
