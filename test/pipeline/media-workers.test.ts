// SPDX-License-Identifier: Apache-2.0
// Media of calls with several workers, where not everything goes as it should.
import assert from 'node:assert/strict';
import test from 'node:test';
import { PortCounts } from '../../src/base/port-counts.ts';
import { Spread } from '../../src/base/spread.ts';
import { renderOpenMetrics } from '../../src/exposition/open-metrics.ts';
import { Scenario, START_MICROS } from '../golden/media/scenario.ts';
import type { PcapRecord } from '../support/pcap.ts';
import { parsePrometheusText } from '../support/prometheus-text.ts';
import { randomSource } from '../support/random.ts';
import { TestMonitor, testAnalysis } from './monitor.ts';
import { VirtualWorkers, virtualSpreadKey } from './virtual-workers.ts';

const CALLS = 8;
/** Of a message that fills a ring. */
const FILLER = `a=x:${'x'.repeat(1000)}`;
const analysis = { ...testAnalysis, rtp: { detect: false } };

/** A Call-ID that belongs to one of two workers. */
function callIdOf(worker: number, prefix: string): string {
  const spread = new Spread(2, virtualSpreadKey);
  for (let number = 0; ; number++) {
    const callId = `${prefix}${number}`;
    if (spread.workerOf(Buffer.from(callId), 0, callId.length) === worker) return callId;
  }
}

const figures = (workers: VirtualWorkers) => parsePrometheusText(workers.text());

/** Lets a worker have records, and both read all there is. */
function give(workers: VirtualWorkers, worker: number, records: readonly PcapRecord[]): void {
  for (const { micros, bytes } of records) workers.push(worker, { micros, bytes, interfaceIndex: 0 });
  if (records.length > 0) workers.settle(records.at(-1)!.micros + 1, () => worker);
}

function wait(workers: VirtualWorkers, fromSeconds: number, toSeconds: number): void {
  for (let second = fromSeconds; second <= toSeconds; second++) {
    workers.settle(START_MICROS + second * 1e6, (limit) => limit - 1);
  }
}

/** Calls with media both ways that worker 1 sees, and one of the same hosts before them: so missing media would be missed. */
function play(isFull: boolean): VirtualWorkers {
  const workers = new VirtualWorkers(2, analysis, 1);
  const before = new Scenario();
  before.answered(1, 'before', '192.0.2.1:4444', '192.0.2.2:5555');
  before.talk('192.0.2.1:4444', '192.0.2.2:5555', 1.5, 2.5);
  before.bye(3, 'before');
  give(workers, 1, before.records);
  const begin = new Scenario();
  for (let call = 0; call < CALLS; call++) {
    begin.answered(20, `call-${call}`, `192.0.2.1:${4000 + 2 * call}`, `192.0.2.2:${5000 + 2 * call}`);
  }
  give(workers, 1, begin.records);

  // Worker 0 stands still for longer than worker 1 waits for it: what streams tell comes behind messages that fill the ring.
  const flood = new Scenario();
  for (let i = 0; i < (isFull ? 600 : 1); i++) {
    const lines = i < 500 ? [FILLER] : [];
    flood.sip(21, callIdOf(1, `flood-${i}-`), {
      what: 'INVITE',
      branch: `${i}`,
      voice: '203.0.113.1:9',
      lines,
    });
  }
  for (let call = 0; call < CALLS; call++) {
    flood.talk(`192.0.2.1:${4000 + 2 * call}`, `192.0.2.2:${5000 + 2 * call}`, 21.1 + call / 1000, 25);
  }
  for (const { micros, bytes } of flood.records) workers.push(1, { micros, bytes, interfaceIndex: 0 });
  while (workers.read(1, START_MICROS + 29e6) > 0);
  wait(workers, 29, 29);
  const end = new Scenario();
  for (let call = 0; call < CALLS; call++) end.bye(30, `call-${call}`);
  give(workers, 1, end.records);
  wait(workers, 31, 45);
  return workers;
}

test('what streams tell finds no room: of no call is said what it did not have', () => {
  const whole = figures(play(false));
  assert.deepEqual(whole.byLabels('rtp_call_results_total', ['result']), { both_ways: 1 + CALLS });
  assert.equal(whole.sum('ringtap_worker_handover_drops_total'), 0);
  const lossy = figures(play(true));
  assert.ok(lossy.sum('ringtap_worker_handover_drops_total', { worker: '1' }) > 100);
  const {
    both_ways: told = 0,
    not_seen: unknown = 0,
    ...others
  } = lossy.byLabels('rtp_call_results_total', ['result']);
  assert.deepEqual(others, {});
  assert.ok(unknown > 0);
  assert.equal(told + unknown, 1 + CALLS);
  // The streams themselves are counted where they came.
  for (const exposition of [whole, lossy]) {
    assert.deepEqual(exposition.byLabels('rtp_streams_begun_total', ['signalling']), {
      announced: 2 + 2 * CALLS,
    });
    assert.equal(exposition.sum('rtp_packets_lost_total'), 0);
  }
});

/** Calls that overlap by milliseconds, all with the same addresses, as SIPp's are. */
function overlapping(random: (limit: number) => number): readonly PcapRecord[] {
  const scenario = new Scenario();
  for (let call = 0; call < 200; call++) {
    const seconds = 2 + call / 60;
    const callId = `call-${call}`;
    scenario.sip(seconds, callId, { what: 'INVITE', voice: '192.0.2.1:6000' });
    scenario.sip(seconds + 0.002, callId, { what: 200, method: 'INVITE', voice: '192.0.2.2:6000' });
    scenario.bye(seconds + 0.003 + random(20_000) / 1e6, callId);
  }
  return scenario.records;
}

test('whose the addresses are that calls have within milliseconds of one another is decided as by one worker', () => {
  for (const seed of [1, 2, 3]) {
    const records = overlapping(randomSource(seed));
    const one = new TestMonitor({}, analysis, 1, new PortCounts());
    for (const { bytes, micros } of records) one.take(bytes, micros);
    one.wait(records.at(-1)!.micros + 20e6);
    const expected = parsePrometheusText(one.text()).byLabels('rtp_call_results_total', ['result']);
    assert.ok(expected.shared! > 20 && expected.short! > 20, JSON.stringify(expected));
    for (const count of [2, 4]) {
      const random = randomSource(seed);
      const workers = new VirtualWorkers(count, analysis);
      for (let worker = 0; worker < count; worker++) workers.read(worker, records[0]!.micros);
      for (const { micros, bytes } of records) {
        workers.push(random(count), { micros, bytes, interfaceIndex: 0 });
        // None of them keeps up with the others all the time.
        for (let reads = 0; reads < count; reads++) workers.read(random(count), micros);
      }
      for (let second = 0; second <= 20; second++) {
        workers.settle(records.at(-1)!.micros + 1 + second * 1e6, random);
      }
      const found = figures(workers);
      assert.deepEqual(found.byLabels('rtp_call_results_total', ['result']), expected);
      assert.equal(found.sum('ringtap_worker_handover_drops_total'), 0);
    }
  }
});

test('intervals that another worker than the one with the calls has name their calls as exemplars', () => {
  const workers = new VirtualWorkers(2, analysis);
  const scenario = new Scenario();
  for (const [call, callId] of [callIdOf(0, 'ours'), callIdOf(1, 'theirs')].entries()) {
    scenario.answered(1, callId, `192.0.2.1:${4000 + call}`, `192.0.2.2:${5000 + call}`);
  }
  give(workers, 0, scenario.records);
  const talk = new Scenario();
  for (let call = 0; call < 2; call++) {
    talk.talk(`192.0.2.1:${4000 + call}`, `192.0.2.2:${5000 + call}`, 1.1 + call / 100, 22 + 20 * call);
  }
  give(workers, 1, talk.records);
  const text = workers.text((layout) => renderOpenMetrics(layout));
  for (const family of ['rtp_interval_mos', 'rtp_interval_jitter_seconds']) {
    const ids = [...text.matchAll(new RegExp(`^${family}_bucket.* # \\{call_id="(.*?)"\\}`, 'gm'))];
    assert.ok(ids.length > 0, family);
    for (const [, id] of ids) assert.match(id!, /^(ours|theirs)\d+$/);
  }
});

test('a stream that turns out to be another call’s, of whichever worker it is: the first call is over with its BYE', () => {
  for (const worker of [0, 1]) {
    const workers = new VirtualWorkers(2, analysis, 1);
    const scenario = new Scenario();
    scenario.answered(1, 'first', '192.0.2.1:4000', '192.0.2.2:5000');
    scenario.sip(5, 'other', { what: 'INVITE', voice: '192.0.2.9:7000' });
    // Of who sends at first; from the next interval on, of who is sent to.
    scenario.voice({ from: '192.0.2.1:4000', to: '192.0.2.9:7000', begin: 1.1, end: 25 });
    scenario.bye(24, 'first');
    const { records } = scenario;
    // Worker 0 keeps up: what it is told counts as of its time.
    for (let second = 0; second <= 27; second++) {
      const ofSecond = records.filter(({ micros }) => Math.floor((micros - START_MICROS) / 1e6) === second);
      give(workers, worker, ofSecond);
      wait(workers, second + 1, second + 1);
    }
    const results = figures(workers).byLabels('rtp_call_results_total', ['result']);
    assert.deepEqual(results, { caller_only: 1 }, `worker ${worker}`);
  }
});
