// SPDX-License-Identifier: Apache-2.0
// Needs root: a live capture in network namespaces.
import assert from 'node:assert/strict';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { killAndWait, startCommand } from '../support/command.ts';
import { sendDatagrams } from '../support/datagrams.ts';
import { waitUntil } from '../support/deadline.ts';
import { type Hosts, openNetwork } from '../support/network.ts';
import { CaptureFolder } from '../support/read-capture.ts';
import { settle, startRingtap } from '../support/ringtap.ts';
import { ascii } from '../support/udp-frame.ts';
import { replayHere, valuesOf } from './replay.ts';
import { message } from './traffic.ts';

const MARK = 'the last packet of this test';

/** What both must agree on: all of SIP and of decoding but the delays, whose clocks may be cut differently. */
const comparable = (text: string): string[] =>
  valuesOf(text)
    .filter((line) =>
      /^(sip_|ringtap_decode_|ringtap_fragments_|ringtap_capture_packets|ringtap_table_entries)/.test(line),
    )
    .filter((line) => !/_(sum|bucket)\{/.test(line))
    .map((line) => line.replace(/interface="(any|callee0)"/, 'interface=""'));

test('root: a live capture and the replay of a file of the same packets give the same figures', async () => {
  using folder = new CaptureFolder();
  await using network = await openNetwork();
  const back: Hosts = { caller: network.callee, callee: network.caller };
  const file = join(folder.path, 'live.pcapng');
  // The pseudo device: its cooked headers tell the way of each packet, as the ring does.
  const dumpcap = await startCommand('dumpcap', ['-q', '-i', 'any', '-w', file], {
    namespace: network.callee.namespace,
    timeoutMillis: 120_000,
  });
  try {
    await waitUntil(
      'dumpcap captures',
      () => dumpcap.stderr().includes('File:') || undefined,
      10_000,
      dumpcap.stderr,
    );
    await using ringtap = await startRingtap(network.callee, { interfaces: [] });
    const call = { call: 'a', method: 'INVITE' };
    await sendDatagrams(network, 5060, [message(call), message(call)]);
    await sendDatagrams(back, 5060, [message({ ...call, code: 100 }), message({ ...call, code: 180 })]);
    await sendDatagrams(back, 5060, [message({ ...call, code: 200 })]);
    await sendDatagrams(network, 5060, [
      message({ call: 'a', method: 'ACK', hasToTag: true }),
      message({ call: 'b', method: 'REGISTER', fields: ['Contact: <sip:a@b>'] }),
      message({ call: 'c', method: 'INVITE', fields: [`X-Long: ${'x'.repeat(3000)}`] }),
      ascii('no SIP at all'),
    ]);
    await sendDatagrams(back, 5060, [message({ call: 'b', method: 'REGISTER', code: 401 })]);
    await sendDatagrams(network, 4000, [message({ call: 'd', method: 'OPTIONS' }), ascii('RTP or so')]);
    await settle(network, ringtap);
    await sendDatagrams(network, 9, [ascii(MARK)]);
    await waitUntil(
      'the last packet is in the file',
      () => readFileSync(file).includes(MARK) || undefined,
      10_000,
      () => `${statSync(file).size} bytes`,
    );
    await killAndWait(dumpcap, 'SIGINT');
    const { stdout, warnings } = await replayHere('--no-sip.detect', file);
    assert.deepEqual(warnings, []);
    const figures = comparable(stdout);
    // Gauges of tables and windows are brought up to date once a second: they may take until then, and no longer.
    let live: string[] = [];
    const isSame = async (): Promise<true | undefined> => {
      live = comparable((await ringtap.get('/metrics')).body);
      return live.join() === figures.join() || undefined;
    };
    await waitUntil('live is as the replay', isSame).catch(() => assert.deepEqual(live, figures));
    const has = (text: string): boolean => figures.some((line) => line.startsWith(text));
    assert.ok(
      has('sip_requests_total{interface="",direction="inbound",method="INVITE"} 3'),
      figures.join('\n'),
    );
    assert.ok(has('sip_responses_total{interface="",direction="outbound",method="INVITE",code="180"} 1'));
    // The INVITE of 3 kB.
    assert.ok(has('ringtap_fragments_datagrams_total{interface="",result="reassembled"} 1'));
  } finally {
    await killAndWait(dumpcap);
  }
});
