// SPDX-License-Identifier: Apache-2.0
// Exemplars of media: of what call a stream is that was observed, while messages of other calls come in between.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { replayHere } from '../../replay/replay.ts';
import { writePcap } from '../../support/pcap.ts';
import { type Place, Scenario } from './scenario.ts';

const families = [
  'rtp_answer_to_media_delay_seconds',
  'rtp_interval_jitter_seconds',
  'rtp_interval_loss_ratio',
  'rtp_interval_r_factor',
  'rtp_interval_mos',
];

async function replayed(t: TestContext, scenario: Scenario, ...args: readonly string[]): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'ringtap-exemplars-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'a.pcap');
  writePcap(path, 1, scenario.records);
  return (await replayHere(...args, '--format', 'openmetrics', path)).stdout;
}

/** Call-IDs of the exemplars of a family, as they are between the quotes, by bound. */
function callsOf(text: string, family: string): Record<string, string> {
  const line = new RegExp(
    `^${family}_bucket\\{.*le="(.*?)"\\} \\d+ # \\{call_id="((?:[^"\\\\]|\\\\.)*)"\\} `,
    'gm',
  );
  return Object.fromEntries([...text.matchAll(line)].map(([, bound, id]) => [bound!, id!]));
}

/** A call that begins at 1 s, with media both ways so many seconds later, up to 25 s. */
function call(scenario: Scenario, callId: string, port: number, delay: number): void {
  const caller: Place = `192.0.2.1:${port}`;
  const callee: Place = `192.0.2.2:${port}`;
  scenario.answered(1, callId, caller, callee);
  scenario.talk(caller, callee, 1 + delay, 25);
  scenario.bye(25, callId);
}

test('media is exemplified by the call it belongs to', async (t) => {
  const scenario = new Scenario();
  call(scenario, 'quick', 4000, 0.05);
  call(scenario, 'slow', 4100, 0.75);
  // Others have their messages all the time, and no media.
  for (let i = 0; i < 200; i++) scenario.sip(1 + i / 8, `other${i}`, { what: 'OPTIONS' });
  const text = await replayed(t, scenario, '--metrics.exemplars');
  assert.deepEqual(callsOf(text, 'rtp_answer_to_media_delay_seconds'), { '0.05': 'quick', '1.0': 'slow' });
  for (const family of families) {
    const calls = Object.values(callsOf(text, family));
    assert.notEqual(calls.length, 0, family);
    for (const id of calls) assert.ok(id === 'quick' || id === 'slow', `${family}: ${id}`);
  }
  // What is told by messages stays theirs.
  const answered = Object.values(callsOf(text, 'sip_answer_delay_seconds'));
  assert.notEqual(answered.length, 0);
  for (const id of answered) assert.ok(id === 'quick' || id === 'slow', id);
  assert.doesNotMatch(await replayed(t, scenario), /# \{call_id/);
});

test('a Call-ID is shown as far as it may be, and never as anything else', async (t) => {
  const scenario = new Scenario();
  call(scenario, `"} 1 # {x="\\${'y'.repeat(200)}`, 4000, 0.05);
  const text = await replayed(t, scenario, '--metrics.exemplars');
  const shown = `\\"}?1?#?{x=\\"\\\\${'y'.repeat(121 - 12)}`;
  for (const family of families) {
    const calls = Object.values(callsOf(text, family));
    assert.notEqual(calls.length, 0, family);
    for (const id of calls) assert.equal(id, shown, family);
  }
});

test('media of no call has no exemplar', async (t) => {
  const scenario = new Scenario();
  scenario.answered(1, 'c', '192.0.2.1:4000', '192.0.2.2:4000');
  scenario.talk('203.0.113.1:6000', '203.0.113.2:6000', 1, 12);
  scenario.bye(12, 'c');
  const text = await replayed(t, scenario, '--metrics.exemplars', '--rtp.detect');
  assert.match(text, /^rtp_interval_jitter_seconds_count\{.*\} [1-9]/m);
  for (const family of families) assert.deepEqual(callsOf(text, family), {}, family);
});
