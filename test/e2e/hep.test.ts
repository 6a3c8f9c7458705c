// SPDX-License-Identifier: Apache-2.0
// Needs root: network namespaces, packet sockets. Real Kamailio, SIPp and ringtap; tshark as a second opinion.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { encode } from '../hep/packets.ts';
import { patientClock } from '../hep/receiver.ts';
import { runCommand } from '../support/command.ts';
import { waitUntil } from '../support/deadline.ts';
import { delaysOf, type Figures, figuresOf } from '../support/figures.ts';
import { branchPorts, startHepServer, startKamailio } from '../support/kamailio.ts';
import { type Network, openNetwork, openProxyNetwork } from '../support/network.ts';
import { countMessages, startPacketJudge } from '../support/packet-judge.ts';
import { Exposition } from '../support/prometheus-text.ts';
import { type Ringtap, settle, startRingtap } from '../support/ringtap.ts';
import { startCalls, startClient, startServer, together } from '../support/sipp.ts';
import { ascii } from '../support/udp-frame.ts';
import { shortForkTimeout, waitForFigures } from './check-flow.ts';
import { expectedFigures, planOf } from './expected-figures.ts';
import { flows } from './flows.ts';
import { type ProxiedFlow, proxiedFlows } from './proxied-flows.ts';

const hepPort = 9060;
const calls = 50;

/** What a scrape says of some interfaces, or of all, whatever the direction. */
function seenBy(exposition: Exposition, interfaces: RegExp = /^/): Exposition {
  return new Exposition(
    exposition.samples
      .filter(({ labels }) => labels['interface'] === undefined || interfaces.test(labels['interface']))
      .map((sample) => ({ ...sample, labels: { ...sample.labels, direction: 'any' } })),
  );
}

/** The figures that are of SIP, not of the capture. */
function sipFigures(
  exposition: Exposition,
): Omit<Figures, 'packets' | 'drops' | 'decodeSkipped' | 'keepAlives'> {
  const { packets, drops, decodeSkipped, keepAlives, ...figures } = figuresOf(exposition);
  return figures;
}

async function checkSiptrace(version: 2 | 3, flow: ProxiedFlow): Promise<void> {
  await using network = await openProxyNetwork();
  const { above, below } = network;
  const address = above.callee.ipv4;
  const ports = [5060, ...branchPorts];
  const key = version === 3 ? ['--hep.auth-key', 'myHep'] : [];
  await using ringtap = await startRingtap(above.callee, {
    interfaces: [above.callee.interfaceName, below.caller.interfaceName],
    args: [
      ...['--sip.ports', ports.join(','), '--hep.listen-address', `udp:${address}:${hepPort}`],
      ...['--hep.node', '2001=kamailio', '--hep.allow', address, ...key],
      // As patient as the wait for the early dialogs, which this makes longer, leaves room for.
      ...['--hep.clock-tolerance', '5s'],
    ],
  });
  await using judgeAbove = await startPacketJudge(above);
  await using judgeBelow = await startPacketJudge(below);
  await using _kamailio = await startKamailio(network, { version, address, port: hepPort });
  {
    await using callees = together(
      await Promise.all(
        flow.callees.map(({ scenario, keys }, branch) =>
          startServer(below.callee, { scenario, keys, calls, port: branchPorts[branch]! }),
        ),
      ),
    );
    await using callers = await startClient(above, {
      ...{ scenario: flow.caller, keys: flow.keys, calls, callsPerSecond: 20 },
    });
    await together([callers, callees]).succeed();
  }
  const scrape = await ringtap.scrapeUntil(
    'every call has ended for both sensors',
    (now) =>
      now.sum('sip_sessions_ended_total') === 2 * calls &&
      now.sum('sip_session_attempt_results_total') === 2 * calls &&
      now.sum('sip_dialogs') === 0,
    60_000,
  );
  const byHep = seenBy(scrape, /^hep:kamailio$/);
  const messages = [await judgeAbove.messages({ ports }), await judgeBelow.messages({ ports })].flat();
  const judged = countMessages(messages.map((message) => ({ ...message, direction: 'inbound' })));
  const anyDirection = (counts: Record<string, number>): Record<string, number> =>
    Object.fromEntries(
      Object.entries(counts).map(([name, count]) => [name.replace('inbound', 'any'), count]),
    );
  const { requests, responses } = figuresOf(byHep);
  assert.deepEqual(
    { requests, responses },
    { requests: anyDirection(judged.requests), responses: anyDirection(judged.responses) },
    'tshark',
  );
  const byInterfaces = seenBy(scrape, /^(callee|caller|proxy)\d$/);
  assert.deepEqual(sipFigures(byHep), sipFigures(byInterfaces));
  for (const name of ['errors', 'skipped', 'refused', 'clock_corrections', 'socket_drops']) {
    assert.equal(scrape.sum(`ringtap_hep_${name}_total`), 0, name);
  }
  assert.equal(scrape.sum('ringtap_hep_packets_total', { transport: 'udp' }), messages.length);
}

/** Starts a ringtap on the caller's host that receives HEP and captures nothing. */
const startReceiver = (network: Network, transport: 'udp' | 'tcp'): Promise<Ringtap> =>
  startRingtap(network.caller, {
    interfaces: ['none'],
    args: [
      ...[...shortForkTimeout, ...patientClock],
      ...['--hep.listen-address', `${transport}:${network.caller.ipv4}:${hepPort}`],
    ],
  });

/** Starts a ringtap on the callee's host that sends what it captures to the caller's host. */
const startSensor = (
  network: Network,
  transport: 'udp' | 'tcp',
  args: readonly string[] = [],
): Promise<Ringtap> =>
  startRingtap(network.callee, {
    args: [...shortForkTimeout, '--hep.send', `${transport}:${network.caller.ipv4}:${hepPort}`, ...args],
  });

async function checkRelay(transport: 'udp' | 'tcp', ipv6: boolean, sipTransport?: 't1'): Promise<void> {
  const isTcp = sipTransport !== undefined;
  const run = { flow: isTcp ? flows.answered : flows.transferred, calls };
  await using network = await openNetwork();
  await using receiver = await startReceiver(network, transport);
  // What is sent passes the interface that is captured: none of it may be taken for SIP.
  await using sensor = await startSensor(network, transport, ['--sip.detect']);
  {
    await using sipp = await startCalls(
      network,
      planOf(run, { callsPerSecond: 100, ipv6, ...(isTcp && { transport: sipTransport }) }),
    );
    await sipp.succeed();
  }
  await settle(network, sensor);
  const { interfaceName } = network.callee;
  const expected = expectedFigures([run], { side: 'callee', interfaceName, keepAlives: 1 });
  const atSensor = await waitForFigures(sensor, expected);
  const sent = atSensor.sum('sip_requests_total') + atSensor.sum('sip_responses_total');
  const atReceiver = await receiver.scrapeUntil(
    'all is received and over',
    (now) =>
      now.sum('ringtap_hep_packets_total') === sent &&
      now.sum('sip_dialogs') === 0 &&
      now.sum('sip_session_attempt_results_total') === calls,
  );
  assert.deepEqual(sipFigures(seenBy(atReceiver)), sipFigures(seenBy(atSensor)));
  // The time of each message goes along, in whole microseconds.
  const sums = delaysOf(atReceiver, 'sum');
  for (const [name, seconds] of Object.entries(delaysOf(atSensor, 'sum'))) {
    const resolution = name.startsWith('session_duration') ? 1e-3 : 2e-6;
    assert.ok(Math.abs(sums[name]! - seconds) <= calls * resolution, `${name}: ${sums[name]} ${seconds}`);
  }
  const after = await sensor.scrape();
  assert.equal(after.sum('ringtap_hep_sent_packets_total'), sent);
  assert.equal(after.sum('ringtap_hep_send_drops_total'), 0);
  assert.equal(atReceiver.sum('ringtap_hep_clock_corrections_total'), 0);
  if (!isTcp) assert.equal(after.sum('ringtap_capture_packets_total'), sent + 1, 'no HEP is captured');
  for (const ringtap of [atSensor, atReceiver]) {
    const carried = ringtap.byLabels('sip_transport_messages_total', ['transport']);
    assert.deepEqual(carried, { [isTcp ? 'tcp' : 'udp']: sent });
  }
}

async function checkKilledReceiver(): Promise<void> {
  await using network = await openNetwork();
  await using first = await startReceiver(network, 'tcp');
  await using sensor = await startSensor(network, 'tcp');
  const run = { flow: flows.answered, calls: 400 };
  {
    await using sipp = await startCalls(network, planOf(run, { callsPerSecond: 200 }));
    await first.scrapeUntil('some is received', (now) => now.sum('ringtap_hep_packets_total') > 100);
    await first.end('SIGKILL');
    await sipp.succeed();
  }
  await settle(network, sensor);
  const { interfaceName } = network.callee;
  const expected = expectedFigures([run], { side: 'callee', interfaceName, keepAlives: 1 });
  assert.deepEqual(figuresOf(await waitForFigures(sensor, expected)), expected);
  await using second = await startReceiver(network, 'tcp');
  const atSensor = await sensor.scrapeUntil(
    'all is sent or lost',
    (now) =>
      now.sum('ringtap_hep_sent_packets_total') + now.sum('ringtap_hep_send_drops_total') ===
      now.sum('sip_requests_total') + now.sum('sip_responses_total'),
    60_000,
  );
  assert.ok(atSensor.sum('ringtap_hep_send_errors_total') > 0);
  assert.equal(atSensor.sum('ringtap_hep_send_up'), 1);
  await second.scrapeUntil('it goes on', (now) => now.sum('ringtap_hep_packets_total') > 0);
}

async function checkSocketDrops(): Promise<void> {
  await using network = await openNetwork();
  await using receiver = await startReceiver(network, 'udp');
  const sent = 20_000;
  const packet = encode(ascii('x'.repeat(1300)));
  process.kill(receiver.pid, 'SIGSTOP');
  try {
    await runCommand(
      process.execPath,
      [
        '-e',
        `const socket = require('node:dgram').createSocket('udp4');
         const packet = Buffer.from('${Buffer.from(packet).toString('hex')}', 'hex');
         socket.connect(${hepPort}, '${network.caller.ipv4}', () => {
           let left = ${sent};
           for (let i = 0; i < ${sent}; i++) socket.send(packet, () => { if (--left === 0) socket.close(); });
         });`,
      ],
      { namespace: network.caller.namespace },
    );
  } finally {
    process.kill(receiver.pid, 'SIGCONT');
  }
  const scrape = await receiver.scrapeUntil(
    'every packet is received or dropped',
    (now) => now.sum('ringtap_hep_packets_total') + now.sum('ringtap_hep_socket_drops_total') === sent,
  );
  assert.ok(scrape.sum('ringtap_hep_socket_drops_total') > 0);
}

async function checkHepServer(): Promise<void> {
  await using network = await openNetwork();
  await using server = await startHepServer(network.caller, hepPort);
  await using sensor = await startSensor(network, 'udp', [
    '--hep.send-node-id',
    '77',
    '--hep.send-auth-key',
    'k',
  ]);
  await using judge = await startPacketJudge(network);
  const run = { flow: flows.answered, calls: 10 };
  {
    await using sipp = await startCalls(network, planOf(run));
    await sipp.succeed();
  }
  await settle(network, sensor);
  const messages = await judge.messages();
  const seen = await waitUntil('Kamailio has read all', () => {
    const lines = server.seen();
    return lines.length >= messages.length ? lines : undefined;
  });
  const expected = messages.map(({ method, code, callId, path }) => {
    const [address, port] = path.split(' ');
    return `${code === '' ? method : code} ${callId} ${address}:${port}`;
  });
  assert.deepEqual(seen.toSorted(), expected.toSorted());
}

describe('root: HEP', { concurrency: 2 }, () => {
  test('Kamailio siptrace sends HEP3: the figures are those of its interfaces and of tshark', () =>
    checkSiptrace(3, proxiedFlows['a parallel fork: one callee is busy, the other answers']!));
  test('Kamailio siptrace sends HEP2', () => checkSiptrace(2, Object.values(proxiedFlows)[0]!));
  test('ringtap sends to ringtap by UDP: the same figures on both', () => checkRelay('udp', false));
  test('ringtap sends to ringtap by TCP, calls over IPv6: the same figures on both', () =>
    checkRelay('tcp', true));
  test('ringtap sends to ringtap what came by TCP', () => checkRelay('udp', false, 't1'));
  test('Kamailio sipcapture reads what ringtap sends', () => checkHepServer());
  test('a receiver that is killed amid calls costs no figure, and the next one is found', () =>
    checkKilledReceiver());
  test('what the kernel drops before it is read is counted', () => checkSocketDrops());
});
