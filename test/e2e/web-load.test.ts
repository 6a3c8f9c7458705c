// SPDX-License-Identifier: Apache-2.0
// Needs root: network namespaces, packet sockets. Clients of the web server that mean no good, while calls are captured.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { killAndWait, startCommand } from '../support/command.ts';
import { waitUntil } from '../support/deadline.ts';
import { figuresOf } from '../support/figures.ts';
import { openNetwork } from '../support/network.ts';
import { settle, startRingtap } from '../support/ringtap.ts';
import { startCalls } from '../support/sipp.ts';
import { expectedFigures, planOf } from './expected-figures.ts';
import { flows } from './flows.ts';

const CONNECTIONS = 10_000;
const script = join(import.meta.dirname, '../support/idle-connections.ts');

test('root: 10,000 idle connections and a reader that does not read change no figure and keep no scrape out', async () => {
  await using network = await openNetwork();
  await using ringtap = await startRingtap(network.callee);
  const run = { flow: flows.answered, calls: 600 };
  await using calls = await startCalls(network, planOf(run, { callsPerSecond: 100 }));
  const idle = await startCommand(process.execPath, [script, '10060', `${CONNECTIONS}`], {
    namespace: network.callee.namespace,
  });
  try {
    await waitUntil(
      'all were opened, with a scrape in between each time',
      async () => {
        assert.equal((await ringtap.get('/metrics')).status, 200);
        return idle.stdout().includes('done') || undefined;
      },
      50_000,
      () => `${idle.stdout()}${idle.stderr()}`,
    );
    await calls.succeed();
    const exposition = await settle(network, ringtap);
    const viewPoint = { side: 'callee', interfaceName: network.callee.interfaceName, keepAlives: 1 } as const;
    assert.deepEqual(figuresOf(exposition), expectedFigures([run], viewPoint));
    assert.equal(exposition.sum('ringtap_capture_drops_total'), 0);
    const count = (result: string): number => exposition.sum('ringtap_web_connections_total', { result });
    assert.ok(count('accepted') >= CONNECTIONS);
    assert.ok(count('displaced') >= CONNECTIONS - 300, `${count('displaced')} made room`);
    assert.equal(count('refused'), 0);
    assert.notEqual(
      exposition.sum('ringtap_web_requests_total', { outcome: 'busy' }),
      0,
      'the slow reader asked too much',
    );
  } finally {
    await killAndWait(idle);
  }
});
