// SPDX-License-Identifier: Apache-2.0
// Needs root: network namespaces, packet sockets, bpf(2). How the program starts, stops and is killed.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { figuresBetween, figuresOf } from '../support/figures.ts';
import { newBpfObjects, readKernelObjects, waitForNothingLeft } from '../support/leftovers.ts';
import { openNetwork } from '../support/network.ts';
import type { Exposition } from '../support/prometheus-text.ts';
import { settle, startRingtap } from '../support/ringtap.ts';
import { runCalls, startCalls } from '../support/sipp.ts';
import { expectedFigures, planOf } from './expected-figures.ts';
import { flows } from './flows.ts';

const traffic = planOf({ flow: flows.answered, calls: 600 }, { callsPerSecond: 200 });

const hasCounted = (exposition: Exposition): boolean => exposition.sum('sip_requests_total') > 100;

const oneWorker: readonly string[] = [];
const twoWorkers: readonly string[] = ['--capture.workers', '2'];

for (const args of [oneWorker, twoWorkers]) {
  test(`root: kill -9 in traffic leaves nothing, and the next ringtap counts at once ${args.join(' ')}`, () =>
    killInTraffic(args));
}

async function killInTraffic(args: readonly string[]): Promise<void> {
  await using network = await openNetwork();
  const viewPoint = { side: 'callee', interfaceName: network.callee.interfaceName, keepAlives: 1 } as const;
  const before = await readKernelObjects(network.callee);
  await using first = await startRingtap(network.callee, { args });
  const during = await readKernelObjects(network.callee);
  const objects = newBpfObjects(before, during);
  assert.notEqual(objects.length, 0, 'ringtap runs without an eBPF program');
  assert.ok(during.packetSockets > 0);
  assert.equal(during.listeners, 1);
  {
    await using calls = await startCalls(network, traffic);
    await first.scrapeUntil('the first ringtap counts', hasCounted);
    assert.equal((await first.end('SIGKILL')).signal, 'SIGKILL');
    // No wait in between: the port and the interface are free at once.
    await using second = await startRingtap(network.callee, { args });
    await second.scrapeUntil('the second ringtap counts the rest of the traffic', hasCounted);
    await calls.succeed();
    const restStart = figuresOf(await settle(network, second));
    assert.deepEqual(restStart.dialogs, {}, 'calls it saw only in part are over too');
    const run = { flow: flows.answered, calls: 100 };
    await runCalls(network, planOf(run, { callsPerSecond: 200 }));
    const rest = figuresBetween(restStart, figuresOf(await settle(network, second)));
    assert.deepEqual(rest, expectedFigures([run], viewPoint));
    assert.equal((await second.end('SIGKILL')).signal, 'SIGKILL');
  }
  await waitForNothingLeft(network.callee, objects);
}

for (const [signal, args] of [
  ['SIGTERM', oneWorker],
  ['SIGTERM', twoWorkers],
  ['SIGINT', oneWorker],
] as const) {
  test(`root: ${signal} in traffic stops cleanly with exit code 0 ${args.join(' ')}`, async () => {
    await using network = await openNetwork();
    const before = await readKernelObjects(network.callee);
    await using ringtap = await startRingtap(network.callee, { args });
    const objects = newBpfObjects(before, await readKernelObjects(network.callee));
    await using calls = await startCalls(network, traffic);
    await ringtap.scrapeUntil('ringtap counts', hasCounted);
    const { code, signal: killedBy, stdout, stderr } = await ringtap.end(signal);
    assert.deepEqual({ code, killedBy, stdout }, { code: 0, killedBy: null, stdout: '' });
    // logfmt, one record a line: no stack trace, no warning of Node.
    for (const line of stderr.trimEnd().split('\n')) {
      assert.match(line, /^([a-z][\w.]*=("(\\.|[^"\\])*"|[^\s"=]*) ?)+$/);
    }
    await calls.succeed();
    await waitForNothingLeft(network.callee, objects);
  });
}

test('root: a second ringtap on the same port ends with one sentence and exit code 1', async () => {
  await using network = await openNetwork();
  await using first = await startRingtap(network.callee);
  await using second = await startRingtap(network.callee, { waitForReady: false });
  const { code, signal, stderr } = await second.finished;
  assert.deepEqual({ code, signal }, { code: 1, signal: null });
  assert.match(stderr, /10060/);
  assert.doesNotMatch(stderr, /^ +at /m, 'no stack trace');
  assert.equal((await first.get('/-/healthy')).status, 200);
});
