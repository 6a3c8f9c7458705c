// SPDX-License-Identifier: Apache-2.0
// Needs root: network namespaces, packet sockets. Interfaces that go, come back, are not there yet, or are many.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runCommand } from '../support/command.ts';
import { sendDatagrams } from '../support/datagrams.ts';
import { figuresBetween, figuresOf } from '../support/figures.ts';
import { type Host, type Hosts, openNetwork } from '../support/network.ts';
import { settle, startRingtap } from '../support/ringtap.ts';
import { runCalls, startCalls } from '../support/sipp.ts';
import { expectedFigures, planOf } from './expected-figures.ts';
import { flows } from './flows.ts';

const run = { flow: flows.answered, calls: 100 };
const fast = { callsPerSecond: 200 };

for (const workers of ['1', '2']) {
  test(`root: an interface removed under load and made again is captured again, --capture.workers ${workers}`, () =>
    removeUnderLoad(['--capture.workers', workers]));
}

async function removeUnderLoad(args: readonly string[]): Promise<void> {
  await using network = await openNetwork();
  const { interfaceName } = network.callee;
  await using ringtap = await startRingtap(network.callee, { args });
  {
    await using _calls = await startCalls(network, planOf({ ...run, calls: 5000 }, fast));
    await ringtap.scrapeUntil('traffic is counted', (scrape) => scrape.sum('sip_requests_total') > 100);
    await network.unplug();
    await ringtap.scrapeUntil(
      'the interface is reported down',
      (scrape) => scrape.find('ringtap_interface_up', { interface: interfaceName }) === 0,
    );
    assert.equal((await ringtap.get('/-/healthy')).status, 200);
  }
  await network.plug();
  await ringtap.scrapeUntil(
    'the interface is reported up',
    (scrape) => scrape.find('ringtap_interface_up', { interface: interfaceName }) === 1,
  );
  const before = figuresOf(await settle(network, ringtap));
  await runCalls(network, planOf(run, fast));
  const after = figuresOf(await settle(network, ringtap));
  const expected = expectedFigures([run], { side: 'callee', interfaceName, keepAlives: 1 });
  // Calls cut off by the removal are still there: nothing ended them.
  assert.deepEqual(figuresBetween(before, after), { ...expected, dialogs: before.dialogs });
}

test('root: an interface that is not there yet is waited for', async () => {
  await using network = await openNetwork();
  const { interfaceName } = network.callee;
  await network.unplug();
  await using ringtap = await startRingtap(network.callee, { waitForReady: false });
  await ringtap.waitForStatus('/-/healthy', 200);
  await ringtap.scrapeUntil(
    'the interface is reported missing',
    (scrape) => scrape.find('ringtap_interface_up', { interface: interfaceName }) === 0,
  );
  assert.equal((await ringtap.get('/-/ready')).status, 503, 'ready although nothing can be captured');
  await network.plug();
  await ringtap.waitForStatus('/-/ready', 200);
  await runCalls(network, planOf(run, fast));
  const figures = figuresOf(await settle(network, ringtap));
  assert.deepEqual(figures, expectedFigures([run], { side: 'callee', interfaceName, keepAlives: 1 }));
});

test('root: seen from the caller, requests are outbound', async () => {
  await using network = await openNetwork();
  const { interfaceName } = network.caller;
  await using ringtap = await startRingtap(network.caller);
  await runCalls(network, planOf(run, fast));
  const figures = figuresOf(await settle(network, ringtap));
  assert.deepEqual(figures, expectedFigures([run], { side: 'caller', interfaceName, keepAlives: 1 }));
});

test('root: without -i every interface that is up is captured', async () => {
  await using network = await openNetwork();
  const { interfaceName } = network.callee;
  await using ringtap = await startRingtap(network.callee, { interfaces: [] });
  const loopbackRun = { flow: flows.options, calls: 50 };
  await runCalls(network, planOf(run, fast));
  await runCalls(loopbackHosts(network.callee), planOf(loopbackRun, fast));
  const exposition = await settle(network, ringtap);
  const onWire = expectedFigures([run], { side: 'callee', interfaceName, keepAlives: 1 });
  assert.deepEqual(figuresOf(exposition), {
    ...onWire,
    requests: { ...onWire.requests, 'inbound OPTIONS': 50 },
    responses: { ...onWire.responses, 'inbound OPTIONS 200': 50 },
    delays: { ...onWire.delays, options_response_delay: 50 },
    packets: { ...onWire.packets, lo: 100 },
  });
  const gauges = exposition.samples.filter(({ name }) => name === 'ringtap_interface_up');
  assert.deepEqual(
    gauges.filter(({ value }) => value !== 1),
    [],
    'an interface that packets come from is not reported up',
  );
  assert.notEqual(gauges.length, 0);
});

test('root: on the loopback interface each packet counts once', async () => {
  await using network = await openNetwork();
  const inside = loopbackHosts(network.callee);
  await using ringtap = await startRingtap(inside.callee);
  await runCalls(inside, planOf(run, fast));
  const figures = figuresOf(await settle(inside, ringtap));
  const expected = expectedFigures([run], { side: 'callee', interfaceName: 'lo', keepAlives: 1 });
  const arriving = (counts: Record<string, number>): Record<string, number> =>
    Object.fromEntries(
      Object.entries(counts).map(([key, count]) => [key.replace('outbound', 'inbound'), count]),
    );
  // The sending half is left out (PACKET_IGNORE_OUTGOING), so both sides' messages arrive.
  assert.deepEqual(figures, { ...expected, responses: arriving(expected.responses) });
});

test('root: frames for other hosts, as on a mirror port, have no direction', async () => {
  await using network = await openNetwork();
  const { caller, callee } = network;
  const elsewhere = { caller, callee: { ...callee, ipv4: '10.99.0.9' } };
  await runCommand('ip', [
    ...['-n', caller.namespace, 'neighbour', 'replace', elsewhere.callee.ipv4],
    ...['lladdr', '02:00:5e:10:00:09', 'nud', 'permanent', 'dev', caller.interfaceName],
  ]);
  await using ringtap = await startRingtap(callee, { args: ['--capture.promiscuous'] });
  const ping = (branch: number): Uint8Array =>
    new TextEncoder().encode(
      `OPTIONS sip:a@b SIP/2.0\r\nVia: SIP/2.0/UDP c;branch=z9hG4bK${branch}\r\nFrom: <sip:c@d>;tag=1\r\n` +
        'To: <sip:a@b>\r\nCall-ID: x\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n',
    );
  await sendDatagrams(elsewhere, 5060, [ping(1), ping(2), ping(3)]);
  const { requests, packets } = figuresOf(await settle(network, ringtap));
  assert.deepEqual(
    { requests, packets },
    { requests: { 'unknown OPTIONS': 3 }, packets: { [callee.interfaceName]: 4 } },
  );
});

/** Two hosts that are both this one, on its loopback interface. */
function loopbackHosts(host: Host): Hosts {
  const loopback = { ...host, interfaceName: 'lo', ipv6: '::1' };
  return { caller: { ...loopback, ipv4: '127.0.0.1' }, callee: { ...loopback, ipv4: '127.0.0.2' } };
}
