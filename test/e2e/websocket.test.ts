// SPDX-License-Identifier: Apache-2.0
// Needs root: network namespaces, packet sockets. Telephones that reach each other over WebSocket through a real
// Kamailio, and HTTP that is no WebSocket.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { killAndWait, runCommand, startCommand } from '../support/command.ts';
import { waitUntil } from '../support/deadline.ts';
import { figuresOf } from '../support/figures.ts';
import { startWebSocketProxy, webSocketPort } from '../support/kamailio.ts';
import { openNetwork } from '../support/network.ts';
import { startPacketJudge } from '../support/packet-judge.ts';
import type { Exposition } from '../support/prometheus-text.ts';
import { startRingtap } from '../support/ringtap.ts';
import { countInStreams } from '../support/stream-judge.ts';

const calls = 20;

test('root: registrations and calls over WebSocket through Kamailio, as tshark counts them', async () => {
  await using network = await openNetwork();
  const { caller, callee } = network;
  await using ringtap = await startRingtap(callee, { args: ['--sip.ports', `5060,${webSocketPort}`] });
  await using judge = await startPacketJudge(network);
  await using _proxy = await startWebSocketProxy(network);
  const address = `${callee.ipv4}:${webSocketPort}`;
  const phones = await startCommand(
    process.execPath,
    [join(import.meta.dirname, '../support/websocket-phones.ts'), `ws://${address}`, `${calls}`],
    { namespace: caller.namespace, timeoutMillis: 60_000 },
  );
  try {
    await waitUntil('the calls are over', () => isDone(phones), 40_000, phones.stderr);
    // The telephones stay: Kamailio looks after both.
    await ringtap.scrapeUntil('both answered a ping', (scrape) => keepAlives(scrape, 'pong') >= 2);
  } finally {
    await killAndWait(phones);
  }
  const status = ['--silent', '--output', '/dev/null', '--write-out', '%{http_code}'];
  const refused = await runCommand('curl', [...status, `http://${address}/refused`], caller);
  assert.equal(refused, '403');

  const judged = await countInStreams(await judge.file(), callee, [webSocketPort]);
  const total = [judged.requests, judged.responses]
    .flatMap(Object.values)
    .reduce((sum, count) => sum + count, 0);
  assert.equal(total, 2 * 2 + calls * 13, 'what a registration and a call are');
  await ringtap.scrapeUntil(
    'all messages and the refusal are counted',
    (scrape) =>
      scrape.sum('sip_transport_messages_total', { transport: 'ws' }) === total &&
      scrape.sum('ringtap_websocket_unread_total', { reason: 'not_upgraded' }) === 2,
  );
  // The scrape that showed the last message may have read the other counters before it.
  const settled = await ringtap.scrape();
  const figures = figuresOf(settled);
  assert.deepEqual(figures.requests, judged.requests);
  assert.deepEqual(settled.byLabels('sip_responses_total', ['direction', 'code']), judged.responses);
  assert.deepEqual(settled.byLabels('sip_transport_messages_total', ['transport']), { ws: total });
  assert.deepEqual(
    settled.byLabels('sip_keepalives_total', ['direction', 'type']),
    Object.fromEntries(
      Object.entries(judged.control).map(([key, count]) => [
        key.replace(' 9', ' ping').replace(' 10', ' pong'),
        count,
      ]),
    ),
  );
  assert.deepEqual(figures.results, { 'inbound answered': calls });
  assert.deepEqual(figures.sessionsEnded, { 'inbound bye': calls });
  assert.deepEqual(figures.registrationResults, { 'inbound succeeded 200': 2 });
  assert.deepEqual(
    [figures.retransmissions, figures.parseErrors, figures.dialogs, figures.decodeErrors],
    [{}, {}, {}, {}],
  );
  assert.deepEqual(settled.byLabels('ringtap_websocket_unread_total', ['reason']), { not_upgraded: 2 });
  assert.deepEqual(settled.byLabels('ringtap_stream_losses_total', ['reason']), {});
});

function isDone(phones: { stdout(): string; child: { exitCode: number | null } }): true | undefined {
  if (phones.child.exitCode !== null) throw new Error('the telephones have ended');
  return phones.stdout().includes('done') ? true : undefined;
}

function keepAlives(scrape: Exposition, type: string): number {
  return scrape.sum('sip_keepalives_total', { type });
}
