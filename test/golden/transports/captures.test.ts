// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { runCommand } from '../../support/command.ts';
import { assertCommitted } from '../../support/committed-captures.ts';
import { add, differences, type Figures, figuresOf } from '../calls/figures.ts';
import { replay } from '../calls/monitor.ts';
import { captureFolder, generate, udpFrames } from './generate.ts';
import { manners } from './manners.ts';

const program = join(import.meta.dirname, '../../../bin/ringtap.js');

test('the committed captures are what the generator writes', () => {
  assertCommitted(captureFolder, generate);
});

/** Messages by method or code: of requests and responses apart. */
const messagesOf = (figures: Figures): Figures => {
  const messages: Figures = new Map();
  for (const [key, value] of figures) {
    const [, method, code] =
      /^sip_(?:requests_total method=(\w+)|responses_total code=(\d+) )/.exec(key) ?? [];
    const kind = method ?? code;
    if (kind !== undefined) add(messages, kind, value);
  }
  return messages;
};

const own = /^sip_(transport_messages|keepalives)_total /;
const meaningOf = (figures: Figures): Figures => new Map([...figures].filter(([key]) => !own.test(key)));
const expected = figuresOf(replay(udpFrames));

for (const { name, meaning } of manners) {
  const file = join(captureFolder, `${name}.pcap`);

  test(`ringtap replay ${name}.pcap: ${meaning}`, async () => {
    const exposition = await runCommand(process.execPath, [program, 'replay', '--no-rtp.capture', file]);
    assert.deepEqual(differences(meaningOf(figuresOf(exposition)), meaningOf(expected)), []);
  });

  // Without an upgrade tshark does not look for WebSocket.
  if (name === 'websocket-mid-stream') continue;
  test(`tshark finds the same messages in ${name}.pcap`, async () => {
    const output = await runCommand('tshark', [
      ...['-n', '-r', file, '-d', 'tcp.port==5060,http', '-T', 'fields', '-E', 'occurrence=a'],
      ...['-e', 'sip.Method', '-e', 'sip.Status-Code'],
    ]);
    const judged: Figures = new Map();
    for (const [kind] of output.matchAll(/\w+/g)) add(judged, kind, 1);
    assert.deepEqual(differences(messagesOf(expected), judged), []);
    assert.ok(judged.size > 8);
  });
}
