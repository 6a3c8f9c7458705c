// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { messageKinds } from '../../support/packet-judge.ts';
import { writePcap } from '../../support/pcap.ts';
import { callCases } from './cases.ts';
import { add, type Figures, rounded, total } from './figures.ts';
import { replayFigures } from './monitor.ts';
import { play } from './scenario.ts';

const LINKTYPE_ETHERNET = 1;

/** All captures one behind the other: tshark is slow to start. */
async function judge(): Promise<(string | undefined)[]> {
  const folder = mkdtempSync(join(tmpdir(), 'ringtap-golden-tshark-'));
  try {
    const file = join(folder, 'all.pcap');
    writePcap(file, LINKTYPE_ETHERNET, callCases.flatMap(play));
    return await messageKinds(file);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** How often ringtap saw each kind; `other` stands for what it has no label for. */
function messagesOf(figures: Figures): Figures {
  const messages: Figures = new Map();
  for (const [key, value] of figures) {
    if (/^sip_(requests|responses)_total /.test(key)) add(messages, key, value);
  }
  return rounded(messages);
}

test('tshark finds the same messages, by method and code, in every capture', async () => {
  const verdicts = await judge();
  let position = 0;
  for (const callCase of callCases) {
    const frames = play(callCase);
    const kinds = verdicts.slice(position, position + frames.length);
    position += frames.length;
    assert.deepEqual(
      kinds,
      frames.map(({ kind }) => kind),
      callCase.name,
    );
    const judged: Figures = new Map();
    for (const [i, kind] of kinds.entries()) {
      if (kind === undefined || frames[i]!.isDuplicate) continue;
      const [method, code] = kind.replace('JUMP', 'other').replace('299', 'other').split(' ');
      if (code === undefined) add(judged, `sip_requests_total method=${method}`, 1);
      else add(judged, `sip_responses_total code=${code} method=${method}`, 1);
    }
    const figures = replayFigures(frames);
    assert.deepEqual(messagesOf(figures), rounded(judged), callCase.name);
    const all = kinds.filter((kind) => kind !== undefined).length;
    const seen = ['sip_requests_total', 'sip_responses_total', 'sip_capture_duplicates_total'];
    assert.equal(
      seen.reduce((sum, family) => sum + total(figures, family), 0),
      all,
      `${callCase.name}: every message of tshark is a message or a duplicate`,
    );
  }
  assert.equal(position, verdicts.length);
});
