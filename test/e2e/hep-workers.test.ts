// SPDX-License-Identifier: Apache-2.0
// Needs root: network namespaces, packet sockets. Calls told by HEP beside calls captured here: 1, 2 and 4 workers make the same of them.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { callInTurn } from '../support/calls-in-turn.ts';
import { figuresOf } from '../support/figures.ts';
import { mediaFiguresOf } from '../support/media-figures.ts';
import { type Host, openNetwork } from '../support/network.ts';
import type { Exposition } from '../support/prometheus-text.ts';
import { startRingtap } from '../support/ringtap.ts';
import { startRingtapWorkers } from '../support/ringtap-workers.ts';
import { runCalls } from '../support/sipp.ts';
import { shortForkTimeout } from './check-flow.ts';
import { planOf } from './expected-figures.ts';
import { flows } from './flows.ts';

/** SIP of this port is told by HEP, and not captured here. */
const TOLD = 5060;
/** SIP of this port is captured here, and told by nobody. */
const CAPTURED = 5070;
/** Of the first ringtap; the others listen on the next ones. */
const HEP_PORT = 9060;

/**
 * One after the other, the callee's voice at port 6000. By the caller's port the kernel gives the voice to one of 4 workers, and of
 * 2: 3 and 1, 0 and 0, 2 and 0. Worker 0 has the calls. The ports of the first call are the next one's.
 */
const mediaCalls = [
  { sipPort: TOLD, callerMediaPort: 7000, isCallerHeard: true, isCalleeHeard: true },
  { sipPort: CAPTURED, callerMediaPort: 7000, isCallerHeard: true, isCalleeHeard: true },
  { sipPort: TOLD, callerMediaPort: 7010, isCallerHeard: true, isCalleeHeard: false },
  { sipPort: CAPTURED, callerMediaPort: 7006, isCallerHeard: false, isCalleeHeard: true },
] as const;
const PACKETS = 120;
/** What is one-way has to be wanted for so long, and so the calls last longer. */
const LATE_SECONDS = 4;

/** Without media, all at once. */
const shortRuns = [
  { sipPort: TOLD, flow: flows.answered, calls: 30 },
  { sipPort: TOLD + 1, flow: flows.busy, calls: 20 },
  { sipPort: CAPTURED, flow: flows.answered, calls: 25 },
  { sipPort: CAPTURED + 1, flow: flows.canceled, calls: 15 },
];

const expected = {
  attempts: { 'hep:sensor': 52, callee0: 42 },
  results: {
    'hep:sensor answered': 32,
    'hep:sensor busy': 20,
    'callee0 answered': 27,
    'callee0 canceled': 15,
  },
  sessionsEnded: { 'hep:sensor bye': 32, 'callee0 bye': 27 },
  media: {
    'hep:sensor both_ways': 1,
    'hep:sensor caller_only': 1,
    'hep:sensor short': 30,
    'callee0 both_ways': 1,
    'callee0 callee_only': 1,
    'callee0 short': 25,
  },
  // One for each voice, on the interface where it is seen, whoever told of its call.
  joined: { 'callee0 destination': 6 },
  packets: { 'callee0 pcma': 6 * PACKETS },
};

/** What both sensors, interface and HEP, make of the calls; in `expected` as it has to be. */
function callsOf(scrape: Exposition): typeof expected {
  const by = (name: string, ...labels: string[]) => scrape.byLabels(name, ['interface', ...labels]);
  return {
    attempts: by('sip_session_attempts_total'),
    results: by('sip_session_attempt_results_total', 'result'),
    sessionsEnded: by('sip_sessions_ended_total', 'reason'),
    media: by('rtp_call_results_total', 'result'),
    joined: by('rtp_streams_joined_total', 'by'),
    packets: by('rtp_packets_total', 'codec'),
  } as typeof expected;
}

const sumOf = (counts: Readonly<Record<string, number>>): number =>
  Object.values(counts).reduce((sum, count) => sum + count, 0);

/** Starts ringtaps on the caller's host, each of which tells one of `count` receivers what it captures. */
async function startSensors(host: Host, receiver: Host, count: number): Promise<AsyncDisposable> {
  await using stack = new AsyncDisposableStack();
  for (let index = 0; index < count; index++) {
    stack.use(
      await startRingtap(host, {
        listenAddress: `127.0.0.1:${10_060 + index}`,
        args: [
          ...['--sip.ports', `${TOLD},${TOLD + 1}`, '--no-sip.detect', '--no-rtp.capture'],
          ...['--hep.send', `udp:${receiver.ipv4}:${HEP_PORT + index}`, '--hep.send-node-id', '2001'],
        ],
      }),
    );
  }
  return stack.move();
}

describe('root: HEP beside several workers', { concurrency: 1 }, () => {
  test('calls told by HEP and calls captured here, the media of both captured here', async () => {
    await using network = await openNetwork();
    const { caller, callee } = network;
    const args = [
      ...['--sip.ports', `${CAPTURED},${CAPTURED + 1}`, '--no-sip.detect'],
      ...['--hep.allow', caller.ipv4, '--hep.node', '2001=sensor', '--hep.clock-tolerance', '5s'],
      ...['--media.late-after', `${LATE_SECONDS}s`, ...shortForkTimeout],
    ];
    await using workers = await startRingtapWorkers(callee, { args }, (index) => [
      ...['--hep.listen-address', `udp:${callee.ipv4}:${HEP_PORT + index}`],
    ]);
    const { ringtaps } = workers;
    await using _sensors = await startSensors(caller, callee, ringtaps.length);
    const talkMillis = LATE_SECONDS * 1000 + 500;
    await callInTurn(network, ringtaps, mediaCalls, { packets: PACKETS, talkMillis });
    await Promise.all(
      shortRuns.map(({ sipPort, flow, calls }) =>
        runCalls(network, planOf({ flow, calls }, { port: sipPort, callsPerSecond: 30 })),
      ),
    );
    const figures = [];
    for (const [index, ringtap] of ringtaps.entries()) {
      // The latest is what was told to be busy: HEP waits for a better branch as long as its clock is patient.
      const isOver = (now: Exposition): boolean =>
        now.sum('sip_session_attempt_results_total') === sumOf(expected.results) &&
        now.sum('rtp_call_results_total') === sumOf(expected.media);
      const scrape = await ringtap.scrapeUntil('all is over', isOver, 60_000);
      assert.deepEqual(callsOf(scrape), expected, `ringtap ${index}`);
      for (const name of ['errors', 'skipped', 'unread', 'refused', 'clock_corrections', 'socket_drops']) {
        assert.equal(scrape.sum(`ringtap_hep_${name}_total`), 0, name);
      }
      assert.ok(scrape.sum('ringtap_worker_handovers_total', { worker: 'hep' }) >= 5 * 32);
      figures.push({ sip: figuresOf(scrape), media: mediaFiguresOf(scrape) });
    }
    const [one, ...several] = figures;
    for (const other of several) assert.deepEqual(other, one);
    assert.ok((await workers.sum('media_handovers')) > 100);
    assert.equal(await workers.sum('handover_drops'), 0);
  });
});
