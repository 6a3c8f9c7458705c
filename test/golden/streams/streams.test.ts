// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { replayHere } from '../../replay/replay.ts';
import { assertCommitted } from '../../support/committed-captures.ts';
import { streamMessages } from '../../support/packet-judge.ts';
import { parsePrometheusText } from '../../support/prometheus-text.ts';
import { addCount } from '../../support/sip-counts.ts';
import { type StreamFigures, streamCases } from './cases.ts';
import { captureFolder, generate } from './generate.ts';

test('the committed captures are what the generator writes', () => {
  assertCommitted(captureFolder, generate);
});

for (const { name, expected } of streamCases) {
  test(`ringtap replay ${name}.pcap`, async () => {
    const { stdout } = await replayHere(join(captureFolder, `${name}.pcap`));
    const { messages, keepAlives = 0, losses = {} } = expected;
    assert.deepEqual(figuresOf(stdout), { messages, keepAlives, losses });
    assert.doesNotMatch(stdout, /^sip_parse_errors_total.* [1-9]/m);
  });
}

test('tshark finds the same messages', async () => {
  for (const { name, expected, tsharkDiffers } of streamCases) {
    const file = join(captureFolder, `${name}.pcap`);
    const judged = await streamMessages(file, { ipv4: '', ipv6: '' });
    const counts: Record<string, number> = {};
    for (const [kind, count] of Object.entries(judged)) addCount(counts, kind.split(' ')[1]!, count);
    if (tsharkDiffers === undefined) assert.deepEqual(counts, expected.messages, name);
    else assert.notDeepEqual(counts, expected.messages, `${name}: ${tsharkDiffers}`);
  }
});

function figuresOf(text: string): Required<StreamFigures> {
  const messages: Record<string, number> = {};
  const losses: Record<string, number> = {};
  let keepAlives = 0;
  for (const { name, labels, value } of parsePrometheusText(text).samples) {
    if (value === 0) continue;
    if (name === 'sip_requests_total') addCount(messages, labels['method']!, value);
    if (name === 'sip_responses_total') addCount(messages, labels['code']!, value);
    if (name === 'ringtap_stream_losses_total') addCount(losses, labels['reason']!, value);
    if (name === 'sip_keepalives_total') keepAlives += value;
  }
  return { messages, keepAlives, losses };
}
