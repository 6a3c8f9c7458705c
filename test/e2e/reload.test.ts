// SPDX-License-Identifier: Apache-2.0
// Needs root: network namespaces, packet sockets. The configuration is read again while calls go on.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { sendDatagrams } from '../support/datagrams.ts';
import { figuresOf } from '../support/figures.ts';
import { openNetwork } from '../support/network.ts';
import type { Exposition } from '../support/prometheus-text.ts';
import { type Ringtap, settle, startRingtap } from '../support/ringtap.ts';
import { startCalls } from '../support/sipp.ts';
import { expectedFigures, planOf } from './expected-figures.ts';
import { flows } from './flows.ts';

const isSuccessful = 'ringtap_config_last_reload_successful';
const successTime = 'ringtap_config_last_reload_success_timestamp_seconds';

/** A configuration file that goes with the test. */
class ConfigFile implements Disposable {
  readonly #folder = mkdtempSync(join(tmpdir(), 'ringtap-reload-'));
  readonly path: string = join(this.#folder, 'ringtap.yaml');

  constructor(text: string) {
    this.write(text);
  }

  write(text: string): void {
    writeFileSync(this.path, text);
  }

  [Symbol.dispose](): void {
    rmSync(this.#folder, { recursive: true });
  }
}

/** How often a log tells a message. */
const told = (ringtap: Ringtap, message: string): number => ringtap.log().split(`msg="${message}`).length - 1;

/** Has the configuration read again by SIGHUP, and waits until the log says what came of it. */
async function reload(ringtap: Ringtap): Promise<void> {
  const before = told(ringtap, 'configuration ');
  process.kill(ringtap.pid, 'SIGHUP');
  await ringtap.scrapeUntil('the reload is in the log', () => told(ringtap, 'configuration ') > before);
}

const peersOf = ({ samples }: Exposition): string[] =>
  samples.filter(({ name }) => name === 'sip_peer_flaps_total').map(({ labels }) => labels['peer']!);

const optionsRequest = new TextEncoder().encode(
  [
    'OPTIONS sip:callee@192.0.2.2 SIP/2.0',
    'Via: SIP/2.0/UDP 192.0.2.1:40000;branch=z9hG4bK-reload',
    'From: <sip:caller@192.0.2.1>;tag=1',
    'To: <sip:callee@192.0.2.2>',
    'Call-ID: reload@192.0.2.1',
    'CSeq: 1 OPTIONS',
    'Max-Forwards: 70',
    'Content-Length: 0',
    '\r\n',
  ].join('\r\n'),
);

for (const workers of [1, 2]) {
  test(`root: reloads under load lose no count, ${workers} workers`, async () => {
    await using network = await openNetwork();
    const { callee } = network;
    const versions = [
      'sip: { ports: 5060, peer: { callee: "192.0.2.2:5060" } }\n',
      'sip:\n  ports: [5060, 5070-5079]\n  max-headers: 100\n',
      'labels: { carrier: { a: 10.99.0.0/24 }, user-agent: { x: "*" }, number-country: true }\n',
      'sip: { ports: "5060,6000-7000", peer: { other: 192.0.2.9 }, detect: true }\nlog: { format: logfmt }\n',
    ];
    using file = new ConfigFile(versions[0]!);
    const args = ['--config.file', file.path, '--capture.workers', `${workers}`];
    await using ringtap = await startRingtap(callee, { args });
    const run = { flow: flows.answered, calls: 600 };
    const plan = planOf(run, { callsPerSecond: 200 });
    await using calls = await startCalls(network, plan);
    let reloads = 0;
    let isOver = false;
    const over = calls.succeed().finally(() => {
      isOver = true;
    });
    while (!isOver) {
      file.write(versions[++reloads % versions.length]!);
      await reload(ringtap);
    }
    await over;
    assert.ok(reloads > 5, `${reloads} reloads`);
    assert.equal(told(ringtap, 'configuration reloaded'), reloads);
    const scrape = await settle(network, ringtap);
    const viewPoint = { side: 'callee', interfaceName: callee.interfaceName, keepAlives: 1 } as const;
    assert.deepEqual(figuresOf(scrape), expectedFigures([run], viewPoint));
    assert.equal(scrape.sum(isSuccessful), 1);
  });

  test(`root: ports and peers change while it runs, ${workers} workers`, async () => {
    await using network = await openNetwork();
    const { callee } = network;
    using file = new ConfigFile('sip: { ports: 5060, peer: { a: 192.0.2.1 } }\n');
    const args = ['--config.file', file.path, '--capture.workers', `${workers}`];
    await using ringtap = await startRingtap(callee, { args });
    await sendDatagrams(network, 5070, [optionsRequest]);
    const before = await settle(network, ringtap);
    assert.equal(before.sum('sip_requests_total'), 0);
    assert.deepEqual(peersOf(before), ['a']);
    file.write(
      `sip:\n  ports: [5060, 5070]\n  peer: { b: "${callee.ipv4}:5070" }\ncapture: { ring-size: 8MiB }\n`,
    );
    await reload(ringtap);
    assert.match(ringtap.log(), /msg="configuration reloaded" changed="sip\.ports,sip\.peer"/);
    assert.match(ringtap.log(), /msg="a restart is needed for other values" options=capture\.ring-size/);
    await sendDatagrams(network, 5070, [optionsRequest]);
    const during = await settle(network, ringtap);
    assert.equal(during.sum('sip_requests_total', { method: 'OPTIONS' }), 1);
    assert.deepEqual(peersOf(during), ['a', 'b']);
    file.write('sip: { ports: 5060 }\n');
    await reload(ringtap);
    await sendDatagrams(network, 5070, [optionsRequest]);
    const after = await settle(network, ringtap);
    assert.equal(after.sum('sip_requests_total', { method: 'OPTIONS' }), 1);
    assert.equal(after.sum('ringtap_decode_skipped_total'), 0, 'the filter let nothing else through');
  });
}

test('root: a file that cannot be used changes nothing, and a metric and the log say so', async () => {
  await using network = await openNetwork();
  using file = new ConfigFile('sip: { ports: 5070 }\n');
  await using ringtap = await startRingtap(network.callee, {
    args: ['--config.file', file.path, '--web.enable-lifecycle'],
  });
  const start = await ringtap.scrape();
  assert.equal(start.sum(isSuccessful), 1);
  assert.ok(start.sum(successTime) > 0);
  file.write('sip:\n  prots: 5060\n');
  await reload(ringtap);
  assert.match(
    ringtap.log(),
    /level=error .*ringtap\.yaml:2:3: there is no option sip\.prots: did you mean sip\.ports\?/,
  );
  const { status, body } = await ringtap.post('/-/reload');
  assert.equal(status, 500);
  assert.match(body, /^failed to reload config: .*ringtap\.yaml:2:3: there is no option sip\.prots/);
  const failed = await ringtap.scrape();
  assert.equal(failed.sum(isSuccessful), 0);
  assert.equal(failed.sum(successTime), start.sum(successTime));
  await sendDatagrams(network, 5070, [optionsRequest]);
  await ringtap.scrapeUntil('the ports are those of before', (now) => now.sum('sip_requests_total') === 1);
  file.write('sip: { ports: 5060 }\n');
  assert.equal((await ringtap.post('/-/reload')).status, 200);
  const mended = await settle(network, ringtap);
  assert.equal(mended.sum(isSuccessful), 1);
  assert.ok(mended.sum(successTime) > start.sum(successTime));
  assert.equal((await ringtap.post('/-/quit')).status, 200);
  assert.deepEqual((({ code, signal }) => ({ code, signal }))(await ringtap.finished), {
    code: 0,
    signal: null,
  });
});

test('root: without --web.enable-lifecycle nobody reloads or ends it over HTTP', async () => {
  await using network = await openNetwork();
  await using ringtap = await startRingtap(network.callee);
  for (const path of ['/-/reload', '/-/quit']) {
    assert.equal((await ringtap.post(path)).status, 403);
    assert.equal((await ringtap.get(path)).status, 405);
  }
  await ringtap.waitForStatus('/-/healthy', 200);
});
