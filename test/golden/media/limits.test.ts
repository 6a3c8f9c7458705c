// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import test from 'node:test';
import { randomSource } from '../../support/random.ts';
import { bye, receiverReport, senderReport } from '../../support/rtcp.ts';
import { add, differences, type Figures, rounded } from '../calls/figures.ts';
import { figuresAt } from './monitor.ts';
import { Scenario, START_MICROS } from './scenario.ts';

const CALLER = '192.0.2.1:4000';
const CALLEE = '192.0.2.2:5000';
const CALLER_RTCP = '192.0.2.1:4001';
const CALLEE_RTCP = '192.0.2.2:5001';
const MOVED = '192.0.2.1:4400';

/**
 * Seconds after which something ends: a stream behind BYE, an interval, probation, a call behind its BYE, an endpoint that is
 * no longer announced, a call that failed, a stream that is idle, a source of RTCP.
 */
const LIFETIMES = [1, 2, 10, 20, 32, 60, 120] as const;

/** A call whose media pauses for nearly a lifetime, or little longer, after each thing that may happen to it. */
function play(scenario: Scenario, random: (limit: number) => number): void {
  const pause = (): number => LIFETIMES[random(LIFETIMES.length)]! - 0.15 + random(300) / 1000;
  const later = (): number => 1 + random(1000) / 1000;
  let seconds = later();
  if (random(3) === 0) {
    scenario.sip(seconds - 1, 'c', { what: 'INVITE', voice: CALLER });
    scenario.sip(seconds, 'c', { what: 503, method: 'INVITE' });
    seconds += pause();
  }
  scenario.answered(seconds + 1, 'c', CALLER, CALLEE);
  seconds += 1;
  let caller = CALLER;
  for (let part = 0; part < 4; part++) {
    const begin = seconds + random(100) / 1000;
    if (random(2) === 0) scenario.talk(caller, CALLEE, begin, seconds + 1);
    else scenario.voice({ from: caller, to: CALLEE, begin, end: seconds + 1, ssrc: 0xa });
    scenario.rtcp(seconds + 0.4, CALLER_RTCP, CALLEE_RTCP, senderReport(0xa, 7 + part));
    seconds += 1 + random(1000) / 1000;
    const what = random(5);
    if (what === 0) scenario.rtcp(seconds, CALLER_RTCP, CALLEE_RTCP, receiverReport(0xa), bye(0xa));
    else if (what === 1) {
      caller = MOVED;
      scenario.sip(seconds, 'c', { what: 'INVITE', to: 'b', cseq: 20 + part, voice: MOVED });
      scenario.sip(seconds + 0.1, 'c', { what: 200, method: 'INVITE', cseq: 20 + part, voice: CALLEE });
    } else if (what === 2)
      scenario.voice({ from: CALLER, to: CALLEE, begin: seconds, end: seconds + 0.04, ssrc: 0xff });
    else if (what === 3) scenario.bye(seconds, 'c');
    seconds += pause();
    const answer = { ssrc: 0xa, lastSenderReport: 7 + part, delay: Math.round(65_536 * random(2)) };
    scenario.rtcp(seconds, CALLEE_RTCP, CALLER_RTCP, receiverReport(0xb, [answer]));
  }
  scenario.bye(seconds + pause(), 'c');
}

/** Others, of whom there is something to see all the time. */
function playOthers(scenario: Scenario, random: (limit: number) => number, endSeconds: number): void {
  for (let seconds = 0, i = 0; seconds < endSeconds; seconds += 0.005 + random(100) / 1000, i++) {
    if (i % 50 !== 0) {
      scenario.sip(seconds, `other${i}`, { what: 'OPTIONS' });
      continue;
    }
    const port = 10_000 + 2 * (i % 20_000);
    scenario.answered(seconds + 1, `call${i}`, `192.0.2.1:${port}`, `192.0.2.2:${port}`);
    if (i % 100 === 0) scenario.talk(`192.0.2.1:${port}`, `192.0.2.2:${port}`, seconds + 1, seconds + 2);
    scenario.bye(seconds + 3, `call${i}`);
  }
}

test('near every limit: what comes of media does not depend on what else there is to see', () => {
  const happenings =
    /^rtp_call_results|^rtp_streams_begun|^rtp_call_findings|^rtp_ssrc_changes|refused|^rtcp_round/;
  const results = new Set<string>();
  for (let seed = 1; seed <= 12; seed++) {
    const random = randomSource(seed * 7919);
    const scenario = new Scenario();
    play(scenario, random);
    const { records } = scenario;
    const seconds = (records.at(-1)!.micros - START_MICROS) / 1e6;
    const others = new Scenario({ number: 1, ssrcOffset: 0 });
    playOthers(others, random, seconds + 5);
    const mixture = [...records, ...others.records].sort((a, b) => a.micros - b.micros);
    const endMicros = mixture.at(-1)!.micros + 200e6;
    const alone = figuresAt(records, endMicros);
    const sum: Figures = new Map(alone);
    for (const [key, value] of figuresAt(others.records, endMicros)) add(sum, key, value);
    for (const batch of [1, 64]) {
      assert.deepEqual(differences(figuresAt(mixture, endMicros, batch), rounded(sum)), [], `seed ${seed}`);
    }
    for (const key of alone.keys()) if (happenings.test(key)) results.add(key);
  }
  assert.ok(results.size >= 8, `too little happens: ${[...results]}`);
});
