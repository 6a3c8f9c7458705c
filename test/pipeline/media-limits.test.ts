// SPDX-License-Identifier: Apache-2.0
// Fixed limits of media: what is beyond is counted, by one worker and by several.
import assert from 'node:assert/strict';
import test from 'node:test';
import { PortCounts } from '../../src/base/port-counts.ts';
import { isSip, Scenario } from '../golden/media/scenario.ts';
import { parsePrometheusText } from '../support/prometheus-text.ts';
import { TestMonitor, testAnalysis } from './monitor.ts';
import { VirtualWorkers } from './virtual-workers.ts';

const analysis = { ...testAnalysis, rtp: { detect: false } };
const CALLER = '192.0.2.1:4000';
const CALLEE = '192.0.2.2:5000';

const hitsIn = (text: string): Record<string, number> =>
  parsePrometheusText(text).byLabels('ringtap_media_limit_hits_total', ['limit']);

/** A call whose caller sends as many streams. */
function scenarioOf(streams: number): Scenario {
  const scenario = new Scenario();
  scenario.answered(2, 'call', CALLER, CALLEE);
  for (let ssrc = 1; ssrc <= streams; ssrc++) {
    scenario.voice({ from: CALLER, to: CALLEE, begin: 3 + ssrc / 100, end: 5, ssrc });
  }
  return scenario;
}

function hitsOf(scenario: Scenario): Record<string, number> {
  const { records } = scenario;
  const one = new TestMonitor({}, analysis, 1, new PortCounts());
  for (const { bytes, micros } of records) one.take(bytes, micros);
  const text = one.text();
  assert.match(text, /^ringtap_media_limit_hits_total\{limit="line_streams"\} \d+$/m);
  assert.match(text, /^ringtap_media_limit_hits_total\{limit="nat_endpoints"\} \d+$/m);
  const several = new VirtualWorkers(3, analysis);
  for (let worker = 0; worker < 3; worker++) several.read(worker, records[0]!.micros);
  // Worker 0 has the calls, worker 1 gets their messages and worker 2 their media.
  for (const record of records) {
    const { micros, bytes } = record;
    several.push(isSip(record) ? 1 : 2, { micros, bytes, interfaceIndex: 0 });
    several.settle(micros + 1, (limit) => limit - 1);
  }
  several.settle(records.at(-1)!.micros + 1e6, (limit) => limit - 1);
  assert.deepEqual(hitsIn(several.text()), hitsIn(text));
  return hitsIn(text);
}

test('within the limits nothing counts', () => {
  assert.deepEqual(hitsOf(scenarioOf(4)), {});
});

test('a fifth stream of a media line counts', () => {
  assert.deepEqual(hitsOf(scenarioOf(5)), { line_streams: 1 });
});
