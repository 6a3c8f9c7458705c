// SPDX-License-Identifier: Apache-2.0
// Needs root: network namespaces, packet sockets. Debian's Prometheus, with the configuration and rules of deploy/, scrapes the
// real program while there is traffic; every query of every dashboard and every rule must give what it is for.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { waitUntil } from '../support/deadline.ts';
import { openNetwork } from '../support/network.ts';
import { startRingtap } from '../support/ringtap.ts';
import { readPanelQueries, readRules } from './files.ts';
import { type Answer, type DeployedPrometheus, startDeployedPrometheus } from './prometheus.ts';
import { selectorsOf } from './selectors.ts';
import { countryFile, flappingPeer, sendTraffic, sipPorts } from './traffic.ts';

const noTime = 'takes half a minute or more (timers B and F, session timers)';
const noLoss = 'nothing is lost at this rate';

/** Queries, by panel and legend, that give nothing in this test, and why. */
const mayBeEmpty: Readonly<Record<string, string>> = {
  'overview: Alerts that fire | ': 'no alert has to fire: promtool tests them',
  'abuse: Attempts, and the same a day before | a day before': 'there was no day before',
};

/** Queries whose series are there and stay at 0 (or NaN, where it divides by them) in this test, and why. */
const mayBeZero: Readonly<Record<string, string>> = {
  'calls: Silence | Silence': noTime,
  'calls: Ended without BYE | Ended without BYE': noTime,
  'calls: Retransmissions and timeouts by method | {{method}} without answer': noTime,
  'overview: Sent again, not answered, not understood | timeouts': noTime,
  'overview: Lost by the sensor | Lost by the sensor': noLoss,
  'ringtap: Lost | ring full {{interface}} {{instance}}': noLoss,
  'ringtap: Lost | between workers {{instance}}': noLoss,
  'ringtap: Lost | HEP {{instance}}': noLoss,
  'ringtap: Ring freezes, cut packets | freezes {{instance}}': noLoss,
  'ringtap: Ring freezes, cut packets | cut {{instance}}': 'the ring takes whole packets',
  'ringtap: Records given up | {{table}} {{state}}': 'no table is full',
  'media-quality: Loss and discards | late for a buffer of 60 ms': 'nothing on this wire is late on purpose',
  'ringtap: Series beyond the budget | {{label}}': 'the budget is not used up',
};

/** What a query has given at best. */
const ranks = ['nothing', 'only NaN', 'only 0', 'numbers'] as const;
type Rank = (typeof ranks)[number];

function rankOf({ values, error }: Answer): Rank {
  assert.equal(error, undefined);
  if (values.some((value) => Number.isFinite(value) && value !== 0)) return 'numbers';
  if (values.includes(0)) return 'only 0';
  return values.length > 0 ? 'only NaN' : 'nothing';
}

/** The variables of the dashboards, for seconds instead of minutes. */
const filledIn = (expression: string): string =>
  expression
    .replaceAll(/\$(?:job|instance|interface)\b/g, '.*')
    .replaceAll('$__rate_interval', '5s')
    .replaceAll('$__range', '5m')
    .replaceAll('$window', '5m');

/** Captures of test/golden/abuse are to be of one window, whatever minute it is. */
const windows = ['--abuse.scan-window', '1h', '--abuse.burst-window', '1h'];
/** Where a second ringtap listens. */
const otherAddress = '127.0.0.1:10061';

test('root: a real Prometheus has data for every panel and every rule of deploy/', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'ringtap-deploy-'));
  try {
    await using network = await openNetwork();
    await using _ringtap = await startRingtap(network.callee, {
      args: [
        ...[
          '--sip.ports',
          sipPorts,
          '--capture.promiscuous',
          '--rtp.detect',
          '--rtp.interval',
          '1s',
          '--fragments.timeout',
          '1s',
        ],
        ...windows,
        ...['--sip.retry-timeout', '1s', '--sip.fork-timeout', '1s', '--rtp.idle-timeout', '2s'],
        ...['--sip.peer', `callee=${network.callee.ipv4}`, '--sip.peer', flappingPeer],
        // What is captured goes round once more, so that both ends of HEP have something to do.
        ...['--hep.listen-address', 'udp:127.0.0.1:9060', '--hep.send', 'udp:127.0.0.1:9060'],
      ],
    });
    // Labels of the configuration would take series that are 0 from the panels of everything else.
    await using _labelled = await startRingtap(network.callee, {
      listenAddress: otherAddress,
      args: [
        ...['--sip.ports', sipPorts, '--capture.promiscuous', ...windows],
        ...['--labels.carrier', 'telco=192.0.2.0/26', '--abuse.session-limit', 'telco=2'],
        ...['--labels.country-database', countryFile],
      ],
    });
    await using prometheus = await startDeployedPrometheus(network.callee.namespace, otherAddress);
    await Promise.all([sendTraffic(network, folder), checkPanels(prometheus)]);
    await checkRules(prometheus);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

async function checkPanels(prometheus: DeployedPrometheus): Promise<void> {
  const queries = readPanelQueries().map(({ panel, legend, expression }) => ({
    name: `${panel} | ${legend}`,
    query: filledIn(expression),
  }));
  const names = new Set(queries.map(({ name }) => name));
  for (const name of [...Object.keys(mayBeEmpty), ...Object.keys(mayBeZero)]) {
    assert.ok(names.has(name), `no query ${name}`);
  }
  const best = new Map(queries.map(({ name }) => [name, 'nothing' as Rank]));
  const isGood = (name: string): boolean => {
    const rank = best.get(name)!;
    return rank === 'numbers' || (name in mayBeZero && rank !== 'nothing') || name in mayBeEmpty;
  };
  await waitUntil(
    'every panel has data',
    async () => {
      const open = queries.filter(({ name }) => best.get(name) !== 'numbers');
      const answers = await prometheus.ask(open.map(({ query }) => query));
      answers.forEach((answer, i) => {
        const { name } = open[i]!;
        const rank = rankOf(answer);
        if (ranks.indexOf(rank) > ranks.indexOf(best.get(name)!)) best.set(name, rank);
      });
      return queries.every(({ name }) => isGood(name)) || undefined;
    },
    90_000,
    () =>
      queries
        .filter(({ name }) => !isGood(name))
        .map(({ name, query }) => `${name}: ${best.get(name)}\n    ${query}`)
        .join('\n'),
  );
}

async function checkRules(prometheus: DeployedPrometheus): Promise<void> {
  const rules = readRules();
  const states = await prometheus.rules();
  assert.equal(states.length, rules.length);
  assert.deepEqual(
    states.filter(({ health }) => health !== 'ok'),
    [],
  );
  // What rules record, and whatever the conditions of alerts select: the thresholds decide the rest, see promtool's tests.
  const queries = new Set(
    rules.flatMap(({ record, expr }) =>
      record === undefined ? selectorsOf(expr).map(({ text }) => text) : [record],
    ),
  );
  const open = new Set(queries);
  await waitUntil(
    'every rule has data',
    async () => {
      const asked = [...open];
      const answers = await prometheus.ask(asked);
      answers.forEach((answer, i) => {
        const rank = rankOf(answer);
        if (rank === 'numbers' || rank === 'only 0') open.delete(asked[i]!);
      });
      return open.size === 0 || undefined;
    },
    20_000,
    () => [...open].join('\n'),
  );
}
