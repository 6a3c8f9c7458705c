// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import test from 'node:test';
import { MediaRecorder, mediaLimits, sdp, withSdp } from '../../test/support/media-recorder.ts';
import { answer, invite, type Parts, request, response } from '../../test/support/state-recorder.ts';
import { Codec } from '../rtp/codec.ts';
import { JoinedBy } from '../rtp/media-directory.ts';
import { Variant } from '../rtp/rated-codec.ts';
import { allocateMediaMemory } from './media-memory.ts';

const CALLER = '192.0.2.1:4000';
const CALLEE = '192.0.2.2:5000';

const offer = (place = CALLER, parts: Parts = {}, lines: readonly string[] = [], formats = '0'): string =>
  withSdp(invite(parts), sdp(place, lines, formats));
const accept = (place = CALLEE, parts: Parts = {}, lines: readonly string[] = [], formats = '0'): string =>
  withSdp(answer(200, parts), sdp(place, lines, formats));
const bye = (parts: Parts = {}): string => request('BYE', { to: 'b', cseq: 9, ...parts });

/** A call that is answered now. */
function begin(recorder: MediaRecorder): void {
  recorder.take(offer());
  recorder.seconds += 1;
  recorder.take(accept());
}

/** What is told of a call from its BYE on. */
const over = (recorder: MediaRecorder, callId = 'c1'): string[] => [
  ...recorder.take(bye({ callId })),
  ...recorder.wait(11),
];

test('both ways: judged some seconds behind the BYE', () => {
  const recorder = new MediaRecorder();
  begin(recorder);
  const there = recorder.stream(CALLER, CALLEE);
  const back = recorder.stream(CALLEE, CALLER);
  assert.deepEqual(recorder.events.splice(0), ['delay:caller:0', 'delay:callee:0']);
  there.flow(10);
  back.flow(0);
  assert.deepEqual(recorder.take(bye()), []);
  assert.deepEqual(recorder.wait(9), []);
  there.end();
  back.end();
  assert.deepEqual(recorder.wait(2), ['caller:pcmu', 'callee:pcmu', 'both_ways']);
  assert.deepEqual(recorder.gauges, [0, 0, 0]);
  assert.deepEqual(
    recorder.media.tables.map(({ size }) => size),
    [0, 0, 0],
  );
  assert.equal(recorder.ports.has(4000) || recorder.ports.has(5000), false);
});

test('one-way: each side', () => {
  for (const [from, to, expected] of [
    [CALLER, CALLEE, 'caller_only'],
    [CALLEE, CALLER, 'callee_only'],
  ] as const) {
    const recorder = new MediaRecorder();
    begin(recorder);
    const stream = recorder.stream(from, to);
    stream.flow(5);
    recorder.take(bye());
    stream.end();
    assert.equal(recorder.wait(11).at(-1), expected);
  }
});

test('no media: not seen where nothing proves that the sensor would see it, else missing', () => {
  const recorder = new MediaRecorder();
  begin(recorder);
  recorder.seconds += 10;
  assert.deepEqual(over(recorder), ['not_seen']);

  recorder.take(offer('192.0.2.1:4100', { callId: 'other' }));
  recorder.take(accept('192.0.2.3:5100', { callId: 'other' }));
  recorder.stream('192.0.2.3:5100', '192.0.2.1:4100').flow(5);
  recorder.events.splice(0);
  begin(recorder);
  recorder.seconds += 10;
  assert.deepEqual(over(recorder), ['missing']);
});

test('a call that is over before media had time to begin is no trouble', () => {
  const recorder = new MediaRecorder();
  begin(recorder);
  recorder.seconds += 1.9;
  assert.deepEqual(over(recorder), ['short']);
});

test('hold from the start, and one that an inactive answer makes', () => {
  for (const line of ['a=inactive', 'a=sendonly']) {
    const recorder = new MediaRecorder();
    recorder.take(offer(CALLER, {}, [line]));
    recorder.take(accept(CALLEE, {}, [line === 'a=sendonly' ? 'a=recvonly' : line]));
    recorder.seconds += 60;
    assert.deepEqual(over(recorder), ['held'], line);
  }
});

test('hold and resume: what was wanted before and behind it counts', () => {
  const recorder = new MediaRecorder();
  begin(recorder);
  recorder.seconds += 1;
  recorder.take(offer(CALLER, { to: 'b', cseq: 2, branch: 'b2' }, ['a=sendonly']));
  recorder.take(accept(CALLEE, { to: 'b', cseq: 2, branch: 'b2' }, ['a=recvonly']));
  recorder.seconds += 60;
  assert.deepEqual(over(recorder), ['held']);

  begin(recorder);
  recorder.seconds += 1;
  recorder.take(offer('0.0.0.0:4000', { to: 'b', cseq: 2, branch: 'b2' }));
  recorder.take(accept(CALLEE, { to: 'b', cseq: 2, branch: 'b2' }));
  recorder.seconds += 60;
  recorder.take(offer(CALLER, { to: 'b', cseq: 3, branch: 'b3' }));
  recorder.take(accept(CALLEE, { to: 'b', cseq: 3, branch: 'b3' }));
  recorder.seconds += 1;
  assert.deepEqual(over(recorder), ['not_seen']);
});

test('a hold that is refused is none', () => {
  const recorder = new MediaRecorder();
  begin(recorder);
  recorder.take(offer('192.0.2.1:4400', { to: 'b', cseq: 2, branch: 'b2' }, ['a=inactive']));
  recorder.take(response(491, 'INVITE', { to: 'b', cseq: 2, branch: 'b2' }));
  recorder.seconds += 20;
  recorder.wait(1);
  assert.equal(recorder.find(CALLEE, CALLER).joinedBy, JoinedBy.destination);
  assert.equal(recorder.find('192.0.2.8:1', '192.0.2.1:4400').joinedBy, JoinedBy.none);
  assert.deepEqual(over(recorder), ['not_seen']);
});

test('a re-INVITE that changes the port: the old one is released after a while, media on it still is the call’s', () => {
  const recorder = new MediaRecorder();
  begin(recorder);
  recorder.take(offer('192.0.2.1:4400', { to: 'b', cseq: 2, branch: 'b2' }));
  recorder.take(accept(CALLEE, { to: 'b', cseq: 2, branch: 'b2' }));
  assert.equal(recorder.find('192.0.2.8:1', CALLER).joinedBy, JoinedBy.destination);
  recorder.wait(11);
  assert.equal(recorder.find('192.0.2.8:1', CALLER).joinedBy, JoinedBy.none);
  assert.equal(recorder.find('192.0.2.8:1', '192.0.2.1:4400').joinedBy, JoinedBy.destination);
  assert.deepEqual([recorder.ports.has(4000), recorder.ports.has(4400)], [false, true]);
});

test('hops that show one description with other addresses: all of them are the line’s', () => {
  const recorder = new MediaRecorder();
  recorder.take(offer());
  recorder.take(offer('198.51.100.9:30000', { hops: 1, branch: 'p1' }));
  recorder.take(accept(CALLEE, { hops: 1, branch: 'p1' }));
  recorder.take(accept('198.51.100.9:30002'));
  const places = [CALLER, '198.51.100.9:30000', CALLEE, '198.51.100.9:30002'];
  assert.deepEqual(
    places.map((place) => recorder.find('203.0.113.1:9', place).joinedBy),
    places.map(() => JoinedBy.destination),
  );
  recorder.stream(CALLER, '198.51.100.9:30002', 1).flow(10);
  recorder.stream('198.51.100.9:30000', CALLEE, 1);
  recorder.stream(CALLEE, '198.51.100.9:30000', 1);
  recorder.take(bye());
  assert.deepEqual(recorder.finish().slice(-3), ['caller:pcmu', 'callee:pcmu', 'both_ways']);
});

test('a relay that transcodes: one direction in two codecs at a time', () => {
  const recorder = new MediaRecorder();
  recorder.take(offer());
  recorder.take(offer('198.51.100.9:30000', { hops: 1, branch: 'p1' }, [], '8'));
  recorder.take(accept(CALLEE, { hops: 1, branch: 'p1' }, [], '8'));
  recorder.take(accept('198.51.100.9:30002'));
  const first = recorder.stream(CALLER, '198.51.100.9:30002', 1);
  const second = recorder.stream('198.51.100.9:30000', CALLEE, 2);
  first.flow(10);
  second.flow(0);
  recorder.events.splice(0);
  recorder.take(bye());
  assert.deepEqual(recorder.finish(), ['transcoded:caller', 'caller:pcma', 'caller_only']);
});

test('codec of the directions, and that they differ', () => {
  const recorder = new MediaRecorder();
  begin(recorder);
  recorder.stream(CALLER, CALLEE, 1).flow(10);
  recorder.stream(CALLEE, CALLER, 2);
  recorder.events.splice(0);
  recorder.take(bye());
  const told = recorder.finish();
  assert.deepEqual(told, [
    'late:callee',
    'false_answer_suspected:callee',
    'caller:pcmu',
    'callee:pcma',
    'asymmetric_codecs:both',
    'both_ways',
  ]);
});

test('early media of a 183, and an answer in the ACK of a late offer', () => {
  const recorder = new MediaRecorder();
  recorder.take(offer());
  recorder.take(withSdp(answer(183), sdp(CALLEE)));
  const early = recorder.stream(CALLEE, CALLER);
  early.flow(5);
  recorder.take(answer(200));
  recorder.stream(CALLER, CALLEE);
  early.flow(5);
  assert.deepEqual(recorder.events.splice(0), ['delay:caller:0']);
  recorder.take(bye());
  assert.deepEqual(recorder.finish(), ['early:callee', 'caller:pcmu', 'callee:pcmu', 'both_ways']);

  recorder.take(invite());
  recorder.take(accept());
  recorder.take(withSdp(request('ACK', { to: 'b' }), sdp(CALLER)));
  recorder.seconds += 0.5;
  recorder.stream(CALLER, CALLEE).flow(3);
  assert.deepEqual(recorder.events.splice(0), ['delay:caller:0.5']);
  recorder.take(bye());
  assert.deepEqual(recorder.finish(), ['caller:pcmu', 'caller_only']);
});

test('media behind the BYE, and media that stopped long before it', () => {
  const recorder = new MediaRecorder();
  begin(recorder);
  const there = recorder.stream(CALLER, CALLEE);
  const back = recorder.stream(CALLEE, CALLER);
  there.flow(5);
  back.flow(0);
  recorder.take(bye());
  there.flow(1);
  back.flow(0.5);
  recorder.events.splice(0);
  there.end();
  back.end();
  assert.deepEqual(recorder.wait(11), ['after_bye:callee', 'caller:pcmu', 'callee:pcmu', 'both_ways']);

  begin(recorder);
  recorder.stream(CALLER, CALLEE).flow(5);
  recorder.stream(CALLEE, CALLER);
  recorder.seconds += 31;
  recorder.events.splice(0);
  recorder.take(bye());
  assert.ok(recorder.finish().includes('stopped:both'));
});

test('a fork: each branch answers with its own description; the BYE of a second answer ends nothing', () => {
  const recorder = new MediaRecorder();
  recorder.take(offer());
  recorder.take(withSdp(answer(183, { to: 'b1' }), sdp('192.0.2.2:5000')));
  recorder.take(withSdp(answer(183, { to: 'b2' }), sdp('192.0.2.3:5000')));
  recorder.take(accept('192.0.2.3:5000', { to: 'b2' }));
  recorder.take(accept('192.0.2.2:5000', { to: 'b1' }));
  recorder.take(bye({ to: 'b1' }));
  assert.deepEqual(recorder.gauges, [0, 1, 0]);
  recorder.stream(CALLER, '192.0.2.3:5000').flow(3);
  recorder.stream('192.0.2.3:5000', CALLER);
  recorder.events.splice(0);
  recorder.take(bye({ to: 'b2' }));
  assert.deepEqual(recorder.finish().at(-1), 'both_ways');
});

test('the next call on the same port has its media at once; the one before keeps what it had', () => {
  const recorder = new MediaRecorder();
  begin(recorder);
  const there = recorder.stream(CALLER, CALLEE);
  const back = recorder.stream(CALLEE, CALLER);
  there.flow(5);
  back.flow(0);
  const before = recorder.find(CALLER, CALLEE);
  recorder.events.splice(0);
  recorder.take(bye());
  recorder.take(offer(CALLER, { callId: 'next' }));
  recorder.take(accept(CALLEE, { callId: 'next' }));
  const now = recorder.find(CALLER, CALLEE);
  assert.notEqual(now.endpointKey, before.endpointKey);
  const { directory } = recorder.media;
  assert.equal(directory.isStill(before.endpoint, before.endpointKey), false);
  assert.equal(directory.isStill(now.endpoint, now.endpointKey), true);
  there.end();
  back.end();
  assert.equal(recorder.wait(11).at(-1), 'both_ways');
  assert.equal(recorder.find(CALLER, CALLEE).endpointKey, now.endpointKey);
});

test('two calls with one address while both live: nobody is blamed', () => {
  const recorder = new MediaRecorder();
  begin(recorder);
  recorder.take(offer(CALLER, { callId: 'leg' }));
  recorder.take(accept(CALLEE, { callId: 'leg' }));
  recorder.seconds += 5;
  assert.deepEqual(over(recorder), ['shared']);
  assert.deepEqual(over(recorder, 'leg'), ['not_seen']);
});

test('a call in which media flows keeps its addresses whatever others announce', () => {
  const recorder = new MediaRecorder();
  begin(recorder);
  const mine = recorder.find(CALLER, CALLEE);
  recorder.stream(CALLER, CALLEE);
  recorder.take(offer(CALLEE, { callId: 'forged' }));
  assert.equal(recorder.find(CALLER, CALLEE).endpointKey, mine.endpointKey);
  assert.equal(recorder.media.directory.isStill(mine.endpoint, mine.endpointKey), true);
});

test('behind NAT: by the source that is known, by the address the description came from, by no port alone', () => {
  const recorder = new MediaRecorder();
  recorder.take(offer('10.0.0.5:4000'), '203.0.113.5');
  recorder.take(accept());
  assert.equal(recorder.find(CALLEE, '203.0.113.7:7777').joinedBy, JoinedBy.source);
  assert.equal(recorder.find('198.51.100.1:9', '203.0.113.5:4000').joinedBy, JoinedBy.port);
  assert.equal(recorder.find('203.0.113.77:4000', '198.51.100.1:9').joinedBy, JoinedBy.none);
  recorder.take(offer('10.0.0.6:4000', { callId: 'second' }), '203.0.113.6');
  assert.equal(recorder.find('198.51.100.1:9', '203.0.113.5:4000').joinedBy, JoinedBy.port);
  assert.equal(recorder.find('198.51.100.1:9', '203.0.113.6:4000').joinedBy, JoinedBy.port);
});

test('RTCP, rtcp-mux and candidates are endpoints too', () => {
  const recorder = new MediaRecorder();
  recorder.take(
    offer(CALLER, {}, [
      'a=rtcp:4777',
      'a=candidate:1 1 UDP 2130706431 198.51.100.1 6000 typ host',
      'a=candidate:1 2 UDP 2130706430 198.51.100.1 6001 typ host',
    ]),
  );
  for (const place of [CALLER, '192.0.2.1:4777', '198.51.100.1:6000', '198.51.100.1:6001']) {
    assert.equal(recorder.find('203.0.113.1:9', place).joinedBy, JoinedBy.destination, place);
  }
  assert.equal(recorder.find('203.0.113.1:9', '192.0.2.1:4001').joinedBy, JoinedBy.none);
});

test('formats: what the line says, else the static table', () => {
  const recorder = new MediaRecorder();
  recorder.take(offer(CALLER, {}, ['a=rtpmap:96 opus/48000/2', 'a=rtpmap:0 PCMU/8000'], '96 0'));
  const { endpoint } = recorder.find(CALLEE, CALLER);
  const { directory } = recorder.media;
  assert.deepEqual([directory.codecOf(endpoint, 96), directory.clockRateOf(endpoint, 96)], [14, 48_000]);
  assert.deepEqual([directory.codecOf(endpoint, 8), directory.clockRateOf(endpoint, 8)], [2, 8000]);
  assert.deepEqual([directory.codecOf(-1, 96), directory.clockRateOf(-1, 96)], [0, 8000]);
});

test('parameters of formats: those of who receives, as they were said last', () => {
  const recorder = new MediaRecorder();
  const { directory } = recorder.media;
  const modes = (set: string): string[] => [
    'a=rtpmap:96 AMR/8000',
    'a=rtpmap:97 iLBC/8000',
    `a=fmtp:96 ${set}`,
  ];
  recorder.take(offer(CALLER, {}, [...modes('mode-set=0,7'), 'a=fmtp:97 mode=20'], '0 8 3 18 96 97'));
  recorder.take(accept(CALLEE, {}, modes('mode-set=0,4'), '96 97'));
  const rated = (from: string, to: string): number[] => {
    const { endpoint } = recorder.find(from, to);
    return [0, 96, 97, 4].map((payloadType) => directory.ratedCodecOf(endpoint, payloadType));
  };
  assert.deepEqual(rated(CALLEE, CALLER), [Codec.pcmu, Variant.amrMode + 7, Variant.ilbc20, Codec.g723]);
  assert.deepEqual(rated(CALLER, CALLEE), [Codec.pcmu, Variant.amrMode + 4, Codec.ilbc, Codec.g723]);
  recorder.take(offer(CALLER, { to: 'b', cseq: 2 }, modes('octet-align=1'), '96 97'));
  assert.deepEqual(rated(CALLEE, CALLER), [Codec.pcmu, Codec.amr, Codec.ilbc, Codec.g723]);
  assert.equal(directory.ratedCodecOf(-1, 96), Codec.other);
});

test('a start in mid-call: from the next re-INVITE on, without a word on how it was answered', () => {
  const recorder = new MediaRecorder();
  recorder.take(offer(CALLER, { to: 'b', cseq: 7 }));
  recorder.take(accept(CALLEE, { cseq: 7 }));
  recorder.seconds += 4;
  recorder.stream(CALLER, CALLEE).flow(1);
  recorder.stream(CALLEE, CALLER);
  recorder.take(bye());
  assert.deepEqual(recorder.finish(), ['caller:pcmu', 'callee:pcmu', 'both_ways']);
});

test('an answered call of which nothing is heard for long is given up', () => {
  const recorder = new MediaRecorder({ callMicros: 100e6 });
  begin(recorder);
  assert.deepEqual(recorder.wait(99), []);
  assert.deepEqual(recorder.wait(3), ['not_seen']);
  assert.deepEqual(recorder.gauges, [0, 0, 0]);
});

test('floods stay within the limits, and answered calls survive them', () => {
  const recorder = new MediaRecorder({ maxCalls: 50, maxEndpoints: 60 });
  begin(recorder);
  for (let i = 0; i < 500; i++) {
    recorder.take(offer(`198.51.100.${i % 250}:${10_000 + 2 * i}`, { callId: `flood${i}` }));
    for (const table of recorder.media.tables) assert.ok(table.size <= table.limit);
  }
  assert.equal(recorder.find('203.0.113.1:9', CALLER).joinedBy, JoinedBy.destination);
  assert.equal(recorder.gauges[1], 1);
  recorder.wait(300);
  assert.deepEqual(recorder.gauges, [0, 1, 0]);
});

test('a description with more than a call may have: the rest is left out and counted', () => {
  const recorder = new MediaRecorder();
  for (let i = 0; i < 40; i++)
    recorder.take(withSdp(answer(183, { to: `b${i}` }), sdp(`192.0.2.2:${6000 + 2 * i}`)));
  assert.equal(recorder.media.tables[1]!.size, 32);
});

/** A description of several media lines at one address; `session` stands before them. */
const lines = (address: string, session: readonly string[], ...media: readonly string[]): string =>
  ['v=0', 'o=- 1 1 IN IP4 x', 's=-', `c=IN IP4 ${address}`, 't=0 0', ...session, ...media, ''].join('\r\n');
const OPUS = ['a=rtpmap:111 opus/48000/2'];
const VP8 = ['a=rtpmap:96 VP8/90000', 'a=rtpmap:97 rtx/90000'];
const audio = (port: number, ...more: readonly string[]): string =>
  [`m=audio ${port} UDP/TLS/RTP/SAVPF 111 0`, ...OPUS, ...more].join('\r\n');
const video = (port: number, ...more: readonly string[]): string =>
  [`m=video ${port} UDP/TLS/RTP/SAVPF 96 97`, ...VP8, ...more].join('\r\n');
const group = ['a=group:BUNDLE 0 v'];

/** Codecs of 111, 96, 97 and 0 of what comes to a place, and whether each is the call's voice. */
function codecsAt(recorder: MediaRecorder, from: string, to: string): number[] {
  const { endpoint, joinedBy } = recorder.find(from, to);
  assert.equal(joinedBy, JoinedBy.destination);
  const { directory } = recorder.media;
  return [111, 96, 97, 0].map((payloadType) => directory.codecOf(endpoint, payloadType));
}
const allCodecs = [Codec.opus, Codec.video, Codec.rtx, Codec.pcmu];

/** Offers and answers; then what is told of the call when so much of it has flowed, by payload types. */
function bundled(offered: string, answered: string, payloadTypes: readonly number[]): string[] {
  const recorder = new MediaRecorder();
  recorder.take(withSdp(invite(), offered));
  recorder.take(withSdp(answer(200), answered));
  assert.deepEqual(codecsAt(recorder, CALLER, CALLEE), allCodecs);
  assert.deepEqual(codecsAt(recorder, CALLEE, CALLER), allCodecs);
  const streams = payloadTypes.flatMap((payloadType) => {
    const codec = payloadType === 96 ? Codec.video : Codec.opus;
    return [
      recorder.stream(CALLER, CALLEE, codec, payloadType),
      recorder.stream(CALLEE, CALLER, codec, payloadType),
    ];
  });
  recorder.events.splice(0);
  streams[0]!.flow(5);
  for (const stream of streams.slice(1)) stream.flow(0);
  return over(recorder);
}

const bundles: readonly (readonly [name: string, offered: string, answered: string])[] = [
  [
    'one port in both',
    lines('192.0.2.1', group, audio(4000, 'a=mid:0'), video(4000, 'a=mid:v')),
    lines('192.0.2.2', group, audio(5000, 'a=mid:0'), video(5000, 'a=mid:v')),
  ],
  [
    'two ports in the offer, of which the answer takes one',
    lines('192.0.2.1', group, audio(4000, 'a=mid:0'), video(4002, 'a=mid:v')),
    lines('192.0.2.2', group, audio(5000, 'a=mid:0'), video(5000, 'a=mid:v')),
  ],
  [
    'video with port 0 and bundle-only',
    lines('192.0.2.1', group, audio(4000, 'a=mid:0'), video(0, 'a=mid:v', 'a=bundle-only')),
    lines('192.0.2.2', group, audio(5000, 'a=mid:0'), video(5000, 'a=mid:v')),
  ],
  [
    'voice with port 0 and bundle-only, behind the video',
    lines('192.0.2.1', group, video(4000, 'a=mid:v'), audio(0, 'a=bundle-only', 'a=mid:0')),
    lines('192.0.2.2', group, video(5000, 'a=mid:v'), audio(5000, 'a=mid:0')),
  ],
  [
    'one port for both lines, and no word of a bundle',
    lines('192.0.2.1', [], audio(4000), video(4000)),
    lines('192.0.2.2', [], audio(5000), video(5000)),
  ],
];

for (const [name, offered, answered] of bundles) {
  test(`media lines that share an address: ${name}`, () => {
    assert.deepEqual(bundled(offered, answered, [111, 96]), ['caller:opus', 'callee:opus', 'both_ways']);
    // Video is no voice.
    assert.deepEqual(bundled(offered, answered, [96]), ['missing']);
  });
}

test('a line that is rejected is in no bundle', () => {
  const recorder = new MediaRecorder();
  recorder.take(withSdp(invite(), lines('192.0.2.1', group, audio(0, 'a=mid:0'), video(4000, 'a=mid:v'))));
  assert.deepEqual(codecsAt(recorder, CALLEE, CALLER), [Codec.other, Codec.video, Codec.rtx, Codec.pcmu]);
});

test('a re-INVITE takes the bundle apart', () => {
  const recorder = new MediaRecorder();
  recorder.take(withSdp(invite(), bundles[0]![1]));
  recorder.take(withSdp(answer(200), bundles[0]![2]));
  const apart = lines('192.0.2.1', [], audio(4000, 'a=mid:0'), video(4002, 'a=mid:v'));
  recorder.take(withSdp(invite({ to: 'b', cseq: 2 }), apart));
  assert.deepEqual(codecsAt(recorder, CALLEE, CALLER), [Codec.opus, Codec.other, Codec.other, Codec.pcmu]);
  assert.deepEqual(codecsAt(recorder, CALLEE, '192.0.2.1:4002'), [
    Codec.other,
    Codec.video,
    Codec.rtx,
    Codec.pcmu,
  ]);
});

/** As where other threads have streams: what they tell comes later. */
const withFarStreams = (): MediaRecorder =>
  new MediaRecorder({}, allocateMediaMemory(mediaLimits.maxEndpoints, [1, 2]));

test('streams elsewhere: what they tell within a second behind the BYE counts', () => {
  const recorder = withFarStreams();
  begin(recorder);
  const tellLater = recorder.seconds;
  recorder.seconds += 5;
  assert.deepEqual(recorder.take(bye()), []);
  assert.deepEqual(recorder.wait(0.5), []);
  recorder.seconds = tellLater;
  const there = recorder.stream(CALLER, CALLEE);
  there.flow(5);
  there.end();
  assert.deepEqual(recorder.wait(2), ['delay:caller:0', 'caller:pcmu', 'caller_only']);
});

test('streams elsewhere: they are ended 10 s behind the BYE, and the call is judged with what they told then', () => {
  const recorder = withFarStreams();
  const orders: number[][] = [];
  recorder.media.attach({ endOfLine: (line, stream, key) => orders.push([line, stream, key]) });
  begin(recorder);
  const there = recorder.stream(CALLER, CALLEE);
  const back = recorder.stream(CALLEE, CALLER);
  recorder.events.length = 0;
  there.flow(5);
  recorder.take(bye());
  assert.deepEqual(recorder.wait(9.5), []);
  assert.equal(orders.length, 0);
  assert.deepEqual(recorder.wait(1), []);
  // Each line knows the streams that come to it, by slot and key.
  assert.deepEqual(orders.map(([, stream, key]) => [stream, key]).sort(), [
    [1, 1],
    [2, 2],
  ]);
  there.end();
  back.end();
  assert.deepEqual(recorder.wait(1), ['caller:pcmu', 'callee:pcmu', 'both_ways']);
  assert.deepEqual(recorder.gauges, [0, 0, 0]);
  assert.equal(recorder.ports.has(4000) || recorder.ports.has(5000), false);
});

test('where something was lost of what others tell, nobody says what a call did not have', () => {
  for (const [isLost, expected] of [
    [false, ['caller:pcmu', 'caller_only']],
    [true, ['caller:pcmu', 'not_seen']],
  ] as const) {
    const recorder = withFarStreams();
    begin(recorder);
    if (isLost) recorder.media.knowledgeLost();
    const there = recorder.stream(CALLER, CALLEE);
    recorder.events.length = 0;
    there.flow(5);
    there.end();
    assert.deepEqual([...recorder.take(bye()), ...recorder.wait(12)], expected);
    // A call that begins long behind it is judged as ever.
    recorder.seconds += 300;
    recorder.take(offer(CALLER, { callId: 'later' }));
    recorder.take(accept(CALLEE, { callId: 'later' }));
    const again = recorder.stream(CALLER, CALLEE);
    recorder.events.length = 0;
    again.flow(5);
    again.end();
    assert.deepEqual(
      [...recorder.take(bye({ callId: 'later' })), ...recorder.wait(12)],
      ['caller:pcmu', 'caller_only'],
    );
  }
});

test('lost or not: what there was is told, as media both ways, and findings of it', () => {
  const recorder = withFarStreams();
  recorder.take(offer());
  recorder.stream(CALLEE, CALLER);
  recorder.seconds += 3;
  recorder.take(accept());
  recorder.media.knowledgeLost();
  recorder.seconds += 4;
  const there = recorder.stream(CALLER, CALLEE);
  const back = recorder.stream(CALLEE, CALLER);
  there.flow(5);
  back.flow(0);
  recorder.take(bye());
  // The caller's media was late, if nothing of it was lost: nobody knows.
  assert.deepEqual(recorder.wait(12), ['early:callee', 'caller:pcmu', 'callee:pcmu', 'both_ways']);
});
