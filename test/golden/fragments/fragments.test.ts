// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { replayHere } from '../../replay/replay.ts';
import { assertCommitted } from '../../support/committed-captures.ts';
import { messageKinds } from '../../support/packet-judge.ts';
import { parsePrometheusText } from '../../support/prometheus-text.ts';
import { type FragmentFigures, fragmentCases } from './cases.ts';
import { captureFolder, generate } from './generate.ts';

test('the committed captures are what the generator writes', () => {
  assertCommitted(captureFolder, generate);
});

/** What a replay of a capture says, in the shape of what is expected. */
async function figuresOf(path: string): Promise<Required<FragmentFigures>> {
  const exposition = parsePrometheusText((await replayHere(path)).stdout);
  const by = (name: string, ...labels: readonly string[]) => exposition.byLabels(name, labels);
  return {
    messages: { ...by('sip_requests_total', 'method'), ...by('sip_responses_total', 'method', 'code') },
    retransmissions: exposition.sum('sip_retransmissions_total'),
    captureDuplicates: exposition.sum('sip_capture_duplicates_total'),
    results: by('sip_session_attempt_results_total', 'result'),
    fragments: exposition.sum('ringtap_fragments_total'),
    fragmentDuplicates: exposition.sum('ringtap_fragments_duplicates_total'),
    datagrams: by('ringtap_fragments_datagrams_total', 'result'),
    notRead: {
      ...by('ringtap_decode_skipped_total', 'reason'),
      ...by('ringtap_decode_errors_total', 'reason'),
      ...by('sip_parse_errors_total', 'reason'),
    },
  };
}

for (const { name, meaning, expected, tshark } of fragmentCases) {
  const path = join(captureFolder, `${name}.pcap`);

  test(`${name}: ${meaning}`, async () => {
    assert.deepEqual(await figuresOf(path), {
      messages: {},
      retransmissions: 0,
      captureDuplicates: 0,
      results: {},
      fragmentDuplicates: 0,
      notRead: {},
      ...expected,
    });
  });

  test(`${name}: tshark ${tshark === undefined ? 'counts the same messages' : tshark.because}`, async () => {
    const counts: Record<string, number> = {};
    for (const kind of await messageKinds(path))
      if (kind !== undefined) counts[kind] = (counts[kind] ?? 0) + 1;
    assert.deepEqual(counts, tshark?.messages ?? expected.messages ?? {});
  });
}
