// SPDX-License-Identifier: Apache-2.0
// Needs root: network namespaces, packet sockets. Calls over TLS between two real Kamailios, and telephones over WSS.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { makeCertificate } from '../support/certificates.ts';
import { killAndWait, startCommand } from '../support/command.ts';
import { waitUntil } from '../support/deadline.ts';
import { startSecureWebSocketProxy, webSocketPort } from '../support/kamailio.ts';
import { openNetwork } from '../support/network.ts';
import { startPacketJudge } from '../support/packet-judge.ts';
import type { Exposition } from '../support/prometheus-text.ts';
import { startRingtap } from '../support/ringtap.ts';
import type { SipCounts } from '../support/sip-counts.ts';
import { startClient, startServer, together } from '../support/sipp.ts';
import { countInStreams } from '../support/stream-judge.ts';
import { callerSide, startTlsProxies, tlsPort } from '../support/tls-proxies.ts';

const calls = 20;

/** What ringtap counted, as `countInStreams` does. */
const messagesOf = (exposition: Exposition): SipCounts => ({
  requests: exposition.byLabels('sip_requests_total', ['direction', 'method']),
  responses: exposition.byLabels('sip_responses_total', ['direction', 'code']),
});

const totalOf = ({ requests, responses }: SipCounts): number =>
  [requests, responses].flatMap(Object.values).reduce((sum, count) => sum + count, 0);

const transported = (exposition: Exposition, transport: string): number =>
  exposition.sum('sip_transport_messages_total', { transport });

for (const method of ['TLSv1.2', 'TLSv1.2+'] as const) {
  test(`calls over ${method}, read with a key log that grows, as tshark counts them`, async () => {
    using certificate = await makeCertificate();
    const keyLogFile = join(certificate.folder, 'keys.log');
    writeFileSync(keyLogFile, '');
    await using network = await openNetwork();
    await using ringtap = await startRingtap(network.callee, { args: ['--tls.keylog', keyLogFile] });
    await using packets = await startPacketJudge(network);
    await using _proxies = await startTlsProxies(network, { certificate, method, keyLogFile });
    await callOver(network);
    const { requests, responses } = await countInStreams(
      await packets.file(),
      network.callee,
      [tlsPort],
      keyLogFile,
    );
    const total = totalOf({ requests, responses });
    assert.equal(total, 6 * calls);
    const seen = await ringtap.scrapeUntil('all is counted', (scrape) => transported(scrape, 'tls') >= total);
    assert.deepEqual(messagesOf(seen), { requests, responses });
    assert.equal(transported(seen, 'tls'), total);
    assert.equal(seen.sum('sip_session_attempt_results_total', { result: 'answered' }), calls);
    assert.equal(seen.sum('sip_parse_errors_total'), 0);
    assert.equal(seen.sum('ringtap_tls_connections_total'), 1);
    assert.equal(seen.sum('ringtap_tls_connections_given_up_total'), 0);
    const records = seen.sum('ringtap_tls_records_opened_total');
    assert.ok(records > 0 && records <= total, `${records} records`);
    assert.equal(seen.sum('ringtap_stream_losses_total'), 0);
    // What waited for its key would have been answered at once.
    assert.ok(seen.sum('sip_post_dial_delay_seconds_sum') > 0);
  });
}

test('telephones over WSS, with the key log of their own side', async () => {
  using certificate = await makeCertificate();
  const keyLogFile = join(certificate.folder, 'keys.log');
  writeFileSync(keyLogFile, '');
  await using network = await openNetwork();
  const { caller, callee } = network;
  const args = ['--tls.keylog', keyLogFile, '--tls.ports', `${webSocketPort}`];
  await using ringtap = await startRingtap(callee, { args });
  await using packets = await startPacketJudge(network);
  await using _proxy = await startSecureWebSocketProxy(network, certificate.folder);
  const url = `wss://${callee.ipv4}:${webSocketPort}`;
  const phones = await startCommand(
    'env',
    [
      ...['NODE_TLS_REJECT_UNAUTHORIZED=0', process.execPath, `--tls-keylog=${keyLogFile}`],
      ...[join(import.meta.dirname, '../support/websocket-phones.ts'), url, `${calls}`],
    ],
    { namespace: caller.namespace, timeoutMillis: 60_000 },
  );
  try {
    const isDone = (): true | undefined => (phones.stdout() === 'done\n' ? true : undefined);
    await waitUntil('the calls are over', isDone, 40_000, phones.stderr);
  } finally {
    await killAndWait(phones);
  }
  const { requests, responses } = await countInStreams(
    await packets.file(),
    callee,
    [webSocketPort],
    keyLogFile,
  );
  const total = totalOf({ requests, responses });
  assert.ok(total >= calls * 13);
  await ringtap.scrapeUntil('all is counted', (scrape) => transported(scrape, 'wss') >= total);
  const seen = await ringtap.scrape();
  assert.deepEqual(messagesOf(seen), { requests, responses });
  assert.deepEqual(seen.byLabels('sip_transport_messages_total', ['transport']), { wss: total });
  assert.equal(seen.sum('sip_session_attempt_results_total', { result: 'answered' }), calls);
  assert.equal(seen.sum('sip_parse_errors_total'), 0);
  assert.equal(seen.sum('ringtap_tls_connections_total'), 2);
  assert.equal(seen.sum('ringtap_tls_connections_given_up_total'), 0);
});

test('calls over TLS whose keys nobody logs: one connection without a key, nothing else', async () => {
  using certificate = await makeCertificate();
  const keyLogFile = join(certificate.folder, 'keys.log');
  writeFileSync(keyLogFile, '# nothing\n');
  await using network = await openNetwork();
  await using ringtap = await startRingtap(network.callee, { args: ['--tls.keylog', keyLogFile] });
  await using _proxies = await startTlsProxies(network, { certificate, method: 'TLSv1.2+' });
  await callOver(network);
  const seen = await ringtap.scrapeUntil(
    'the connection is given up',
    (scrape) => scrape.sum('ringtap_tls_connections_given_up_total', { reason: 'no_key' }) === 1,
  );
  assert.equal(seen.sum('ringtap_tls_connections_given_up_total'), 1);
  assert.equal(transported(seen, 'tls'), 0);
  assert.equal(seen.sum('sip_parse_errors_total'), 0);
});

test('a key log that is not there is told in a sentence, before anything is captured', async () => {
  await using network = await openNetwork();
  await using ringtap = await startRingtap(network.callee, {
    args: ['--tls.keylog', '/nowhere/keys.log'],
    waitForReady: false,
  });
  const { code, stderr } = await ringtap.finished;
  assert.equal(code, 1);
  assert.match(stderr, /^ringtap: the key log \/nowhere\/keys\.log cannot be read: there is no such file/m);
});

async function callOver(network: Awaited<ReturnType<typeof openNetwork>>): Promise<void> {
  await using callee = await startServer(network.callee, { scenario: 'uas-call', calls });
  await using caller = await startClient(callerSide(network), {
    scenario: 'uac-call',
    calls,
    callsPerSecond: 20,
  });
  await together([caller, callee]).succeed();
}
