// SPDX-License-Identifier: Apache-2.0
import { type Cast, Scenario } from './scenario.ts';

/** What one golden capture holds and must give. */
export interface MediaCase {
  readonly name: string;
  readonly about: string;
  play(scenario: Scenario): void;
  /** `rtp_call_results_total` by result, and `rtp_call_findings_total` as `finding/from`. */
  readonly results: Readonly<Record<string, number>>;
  readonly findings?: Readonly<Record<string, number>>;
  /** `rtp_answer_to_media_delay_seconds_sum` by side. */
  readonly delays?: Readonly<Record<string, number>>;
  /** Streams, which must be as many as tshark finds, with as many packets. */
  readonly streams: number;
  /** `rtp_packets_total` by codec, where they are several. */
  readonly packets?: Readonly<Record<string, number>>;
  /** `rtp_streams_joined_total` by `by`, where it is not the destination of all of them. */
  readonly joined?: Readonly<Record<string, number>>;
  /** Why tshark sees them otherwise. */
  readonly otherInTshark?: string;
}

const CALLER = '192.0.2.1:4000';
const CALLEE = '192.0.2.2:5000';
const RELAY_IN = '198.51.100.9:30002';
const RELAY_OUT = '198.51.100.9:30000';

/** Video with a tag, at a port. */
const video = (port: number, ...more: readonly string[]): string[] => [
  'a=mid:voice',
  `m=video ${port} RTP/AVP 96 97`,
  'a=mid:video',
  'a=rtpmap:96 VP8/90000',
  'a=rtpmap:97 rtx/90000',
  'a=fmtp:97 apt=96',
  ...more,
];
const bundle = ['a=group:BUNDLE voice video'];

export const mediaCases: readonly MediaCase[] = [
  {
    name: 'both-ways',
    about: 'A call with media both ways from a fifth of a second behind the answer on.',
    play(s) {
      s.answered(1, 'c', CALLER, CALLEE);
      s.talk(CALLER, CALLEE, 1.2, 6);
      s.bye(6, 'c');
    },
    results: { both_ways: 1 },
    delays: { caller: 0.2, callee: 0.2 },
    streams: 2,
  },
  {
    name: 'one-way',
    about: 'The called side never sends.',
    play(s) {
      s.answered(1, 'c', CALLER, CALLEE);
      s.voice({ from: CALLER, to: CALLEE, begin: 1, end: 6 });
      s.bye(6, 'c');
    },
    results: { caller_only: 1 },
    delays: { caller: 0 },
    streams: 1,
  },
  {
    name: 'missing',
    about:
      'A call without media beside one that has some at the same gateway, and one of which nothing is known.',
    play(s) {
      s.answered(1, 'c', CALLER, CALLEE);
      s.talk(CALLER, CALLEE, 1, 4);
      s.bye(4, 'c');
      s.answered(2, 'missing', '192.0.2.1:4002', '192.0.2.2:5002');
      s.bye(7, 'missing');
      s.answered(2, 'unseen', '203.0.113.1:4002', '203.0.113.2:5002');
      s.bye(7, 'unseen');
    },
    results: { both_ways: 1, missing: 1, not_seen: 1 },
    delays: { caller: 0, callee: 0 },
    streams: 2,
  },
  {
    name: 'hold-resume',
    about: 'Media both ways, a hold of 40 s with sendonly and music, a resume at which the call ends.',
    play(s) {
      s.answered(1, 'c', CALLER, CALLEE);
      s.talk(CALLER, CALLEE, 1, 3);
      s.sip(3, 'c', { what: 'INVITE', to: 'b', cseq: 2, voice: CALLER, lines: ['a=sendonly'] });
      s.sip(3.1, 'c', { what: 200, method: 'INVITE', cseq: 2, voice: CALLEE, lines: ['a=recvonly'] });
      s.sip(43, 'c', { what: 'INVITE', to: 'b', cseq: 3, voice: CALLER });
      s.sip(43.1, 'c', { what: 200, method: 'INVITE', cseq: 3, voice: CALLEE });
      s.bye(44, 'c');
    },
    results: { both_ways: 1 },
    delays: { caller: 0, callee: 0 },
    streams: 2,
  },
  {
    name: 'held-from-start',
    about: 'Inactive from the start: no media, and none that is missed.',
    play(s) {
      s.sip(0, 'c', { what: 'INVITE', voice: CALLER, lines: ['a=inactive'] });
      s.sip(1, 'c', { what: 200, method: 'INVITE', voice: CALLEE, lines: ['a=inactive'] });
      s.bye(60, 'c');
    },
    results: { held: 1 },
    streams: 0,
  },
  {
    name: 're-invite-port',
    about: 'A re-INVITE moves the caller to another port; media goes on there.',
    play(s) {
      s.answered(1, 'c', CALLER, CALLEE);
      s.talk(CALLER, CALLEE, 1, 3);
      s.sip(3, 'c', { what: 'INVITE', to: 'b', cseq: 2, voice: '192.0.2.1:4400' });
      s.sip(3.1, 'c', { what: 200, method: 'INVITE', cseq: 2, voice: CALLEE });
      s.talk('192.0.2.1:4400', CALLEE, 3.2, 6);
      s.bye(6, 'c');
    },
    results: { both_ways: 1 },
    delays: { caller: 0, callee: 0 },
    streams: 4,
  },
  {
    name: 'nat',
    about:
      'The caller announces a private address; its media comes from the public one and is joined by the other end.',
    play(s) {
      s.answered(1, 'c', '10.0.0.5:4000', CALLEE);
      s.talk('192.0.2.1:61000', CALLEE, 1, 4);
      s.bye(4, 'c');
    },
    results: { both_ways: 1 },
    delays: { caller: 0, callee: 0 },
    streams: 2,
    joined: { destination: 1, source: 1 },
  },
  {
    name: 'nat-port',
    about:
      'Both announce private addresses; their NATs keep the ports, and the SIP comes from the same addresses.',
    play(s) {
      s.answered(1, 'c', '10.0.0.5:4000', '172.16.0.9:5000');
      s.talk(CALLER, CALLEE, 1, 4);
      s.bye(4, 'c');
    },
    results: { both_ways: 1 },
    delays: { caller: 0, callee: 0 },
    streams: 2,
    joined: { port: 2 },
    otherInTshark: 'addresses that nobody announced are no RTP there',
  },
  {
    name: 'fork',
    about: 'Two branches ring with early media, the second answers.',
    play(s) {
      s.sip(0, 'c', { what: 'INVITE', voice: CALLER });
      s.sip(0.5, 'c', { what: 183, method: 'INVITE', to: 'b1', voice: '192.0.2.2:5000' });
      s.sip(0.6, 'c', { what: 183, method: 'INVITE', to: 'b2', voice: '192.0.2.3:5000' });
      s.voice({ from: '192.0.2.2:5000', to: CALLER, begin: 0.7, end: 2, ssrc: 1 });
      s.sip(2, 'c', { what: 200, method: 'INVITE', to: 'b2', voice: '192.0.2.3:5000' });
      s.talk(CALLER, '192.0.2.3:5000', 2.5, 5);
      s.sip(5, 'c', { what: 'BYE', cseq: 9, to: 'b2' });
    },
    results: { both_ways: 1 },
    findings: { 'early/callee': 1 },
    delays: { caller: 0.5, callee: 0.5 },
    streams: 3,
  },
  {
    name: 'late-offer',
    about: 'An INVITE without offer: the 200 offers, the ACK answers.',
    play(s) {
      s.sip(0, 'c', { what: 'INVITE' });
      s.sip(1, 'c', { what: 200, method: 'INVITE', voice: CALLEE });
      s.sip(1.1, 'c', { what: 'ACK', voice: CALLER });
      s.talk(CALLER, CALLEE, 1.3, 4);
      s.bye(4, 'c');
    },
    results: { both_ways: 1 },
    delays: { caller: 0.3, callee: 0.3 },
    streams: 2,
  },
  {
    name: 'after-bye',
    about: 'The called side goes on for three seconds behind the BYE.',
    play(s) {
      s.answered(1, 'c', CALLER, CALLEE);
      s.voice({ from: CALLER, to: CALLEE, begin: 1, end: 4, ssrc: 0xa });
      s.voice({ from: CALLEE, to: CALLER, begin: 1, end: 7, ssrc: 0xb });
      s.bye(4, 'c');
    },
    results: { both_ways: 1 },
    findings: { 'after_bye/callee': 1 },
    delays: { caller: 0, callee: 0 },
    streams: 2,
  },
  {
    name: 'false-answer',
    about: 'The called side answers and is silent for five seconds, while the caller speaks.',
    play(s) {
      s.answered(1, 'c', CALLER, CALLEE);
      s.voice({ from: CALLER, to: CALLEE, begin: 1, end: 9, ssrc: 0xa });
      s.voice({ from: CALLEE, to: CALLER, begin: 6, end: 9, ssrc: 0xb });
      s.bye(9, 'c');
    },
    results: { both_ways: 1 },
    findings: { 'late/callee': 1, 'false_answer_suspected/callee': 1 },
    delays: { caller: 0, callee: 5 },
    streams: 2,
  },
  {
    name: 'relay-transcodes',
    about:
      'A proxy and its relay on the host: one call on two hops with other addresses, G.711 here and G.729 there.',
    play(s) {
      s.sip(0, 'c', { what: 'INVITE', voice: CALLER, destination: '198.51.100.9' });
      const out = { hops: 1, branch: 'p', source: '198.51.100.9', destination: '192.0.2.2' };
      s.sip(0.01, 'c', { ...out, what: 'INVITE', voice: RELAY_OUT, formats: '18' });
      const back = { hops: 1, branch: 'p', destination: '198.51.100.9' };
      s.sip(1, 'c', { ...back, what: 200, method: 'INVITE', voice: CALLEE, formats: '18' });
      s.sip(1.01, 'c', { what: 200, method: 'INVITE', voice: RELAY_IN, source: '198.51.100.9' });
      s.voice({ from: CALLER, to: RELAY_IN, begin: 1.1, end: 12, ssrc: 0xa });
      s.voice({ from: RELAY_OUT, to: CALLEE, begin: 1.12, end: 12, ssrc: 0xc, payloadType: 18 });
      s.voice({ from: CALLEE, to: RELAY_OUT, begin: 1.1, end: 12, ssrc: 0xb, payloadType: 18 });
      s.voice({ from: RELAY_IN, to: CALLER, begin: 1.12, end: 12, ssrc: 0xd });
      s.bye(12, 'c');
    },
    results: { both_ways: 1 },
    findings: { 'transcoded/caller': 1, 'transcoded/callee': 1 },
    delays: { caller: 0.1, callee: 0.1 },
    streams: 4,
  },
  {
    name: 'same-port-again',
    about: 'The next call has the same ports and, as SIPp sends, the same SSRC; only one side sends in it.',
    play(s) {
      s.answered(1, 'first', CALLER, CALLEE);
      s.talk(CALLER, CALLEE, 1, 4);
      s.bye(4, 'first');
      s.answered(6, 'second', CALLER, CALLEE);
      s.voice({ from: CALLER, to: CALLEE, begin: 6, end: 10, ssrc: 0xa });
      s.bye(10, 'second');
    },
    results: { both_ways: 1, caller_only: 1 },
    delays: { caller: 0, callee: 0 },
    streams: 3,
    otherInTshark: 'the same SSRC, addresses and ports are one stream there',
  },
  {
    name: 'mid-call',
    about: 'The capture begins in a call: media that nobody announced, then a re-INVITE that does.',
    play(s) {
      s.talk(CALLER, CALLEE, 0, 4);
      s.sip(2, 'c', { what: 'INVITE', to: 'b', cseq: 7, voice: CALLER });
      s.sip(2.1, 'c', { what: 200, method: 'INVITE', cseq: 7, voice: CALLEE });
      s.bye(4, 'c');
    },
    results: { both_ways: 1 },
    streams: 2,
    otherInTshark: 'what nobody announced is no RTP there without a guess',
  },
  {
    name: 'bundle',
    about:
      'Voice, video and its retransmissions at one port of each side; only the caller speaks, and both are seen.',
    play(s) {
      s.sip(0, 'c', {
        what: 'INVITE',
        voice: CALLER,
        formats: '18',
        session: bundle,
        lines: video(0, 'a=bundle-only'),
      });
      s.sip(1, 'c', {
        ...{ what: 200, method: 'INVITE', voice: CALLEE, formats: '18' },
        ...{ session: bundle, lines: video(5000) },
      });
      s.sip(1.01, 'c', { what: 'ACK' });
      s.voice({ from: CALLER, to: CALLEE, begin: 1, end: 6, ssrc: 0xa, payloadType: 18 });
      s.voice({ from: CALLER, to: CALLEE, begin: 1, end: 6, ssrc: 0xb, payloadType: 96 });
      s.voice({ from: CALLER, to: CALLEE, begin: 2, end: 3, ssrc: 0xc, payloadType: 97 });
      s.voice({ from: CALLEE, to: CALLER, begin: 1, end: 6, ssrc: 0xd, payloadType: 96 });
      s.bye(6, 'c');
    },
    results: { caller_only: 1 },
    delays: { caller: 0 },
    streams: 4,
    packets: { g729: 125, video: 250, rtx: 25 },
  },
  {
    name: 'back-to-back',
    about:
      'Two Call-IDs announce the same addresses, as a back-to-back user agent without media does: one is judged.',
    play(s) {
      s.answered(1, 'leg1', CALLER, CALLEE);
      s.answered(1.5, 'leg2', CALLER, CALLEE);
      s.talk(CALLER, CALLEE, 2, 5);
      s.bye(5, 'leg1');
      s.bye(5, 'leg2');
    },
    results: { both_ways: 1, shared: 1 },
    delays: { caller: 0.5, callee: 0.5 },
    streams: 2,
  },
];

/** The records of a case. */
export function recordsOf(mediaCase: MediaCase, cast?: Cast): Scenario['records'] {
  const scenario = new Scenario(cast);
  mediaCase.play(scenario);
  return scenario.records;
}
