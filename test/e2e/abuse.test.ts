// SPDX-License-Identifier: Apache-2.0
// Needs root: network namespaces, packet sockets. Three carriers, two kinds of user agents, two countries: one scans, one
// guesses passwords, one calls and calls, one is a scanner by its own word, and accounts move to another country.
import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { writeMmdb } from '../support/mmdb.ts';
import { addAddress, type Hosts, openNetwork } from '../support/network.ts';
import { settle, startRingtap } from '../support/ringtap.ts';
import { runCalls, startClient, startServer, together } from '../support/sipp.ts';
import { shortForkTimeout } from './check-flow.ts';
import { planOf } from './expected-figures.ts';
import { type Flow, registrationFlows } from './flows.ts';

/** Of the windows, which follow each other since the epoch, one takes in the whole test but for chance. */
const windows = ['--abuse.scan-window', '1h', '--abuse.burst-window', '1h'];

const args = [
  ...['--sip.ports', '5060-5066', ...shortForkTimeout, ...windows],
  ...['--labels.carrier', 'north=10.99.0.16/28', '--labels.carrier', 'south=10.99.0.32/28'],
  ...['--labels.carrier', 'east=10.99.0.48/28'],
  ...['--labels.user-agent', 'phone=phone*', '--labels.user-agent', 'scanner=sipcli*'],
  ...['--abuse.burst-attempts', '50', '--abuse.session-limit', 'east=100', '--abuse.log'],
];

/** Last numbers of addresses, by what who has them does. */
const hosts = { scans: 17, moves: 19, guesses: 33, isScanner: 34, isAtHome: 49, calls: 50 } as const;

/** 10.99.0.0 to 10.99.0.31 are in one country, the next 32 addresses in another. */
function countries(): Buffer {
  const bits = [10, 99, 0].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  return writeMmdb(
    [
      { bits: `${bits}000`, country: 'DE' },
      { bits: `${bits}001`, country: 'FR' },
    ],
    4,
    24,
  );
}

for (const workers of [1, 3]) {
  test(`root: what looks like abuse is counted, ${workers} workers`, async () => {
    await using network = await openNetwork();
    const { caller, callee } = network;
    for (const host of Object.values(hosts)) await addAddress(caller, `10.99.0.${host}`);
    const from = (who: keyof typeof hosts): Hosts => ({
      caller: { ...caller, ipv4: `10.99.0.${hosts[who]}` },
      callee,
    });
    const run = async (
      who: keyof typeof hosts,
      flow: Flow | undefined,
      calls: number,
      port: number,
    ): Promise<void> => {
      await runCalls(from(who), planOf({ flow: flow!, calls }, { port, callsPerSecond: 20 }));
    };
    const folder = mkdtempSync(join(tmpdir(), 'ringtap-abuse-'));
    try {
      chmodSync(folder, 0o755);
      const file = join(folder, 'countries.mmdb');
      writeFileSync(file, countries());
      await using ringtap = await startRingtap(callee, {
        args: [...args, '--labels.country-database', file, '--capture.workers', `${workers}`],
      });
      const { forbidden, registered, registeredWithWrongPassword } = registrationFlows;
      await Promise.all([
        run('scans', forbidden, 25, 5062),
        run('guesses', registeredWithWrongPassword, 31, 5063),
        // The same accounts, here and there; one of them fails nine times besides.
        run('isAtHome', registered, 20, 5064).then(async () => run('moves', registered, 20, 5064)),
        run('isAtHome', forbidden, 9, 5065),
        callFrom(from('calls'), from('isScanner')),
      ]);
      const scrape = await settle(network, ringtap);
      const counted = (name: string, ...labels: string[]): Record<string, number> =>
        scrape.byLabels(`sip_${name}`, ['direction', 'carrier', ...labels]);
      assert.deepEqual(counted('scans_total', 'kind'), {
        'inbound north registration': 1,
        'inbound south registration': 1,
        'inbound south password': 1,
      });
      assert.deepEqual(counted('scan_failures_total', 'kind'), {
        'inbound north registration': 25,
        'inbound south registration': 31,
        'inbound south password': 31,
      });
      assert.deepEqual(counted('session_attempt_bursts_total'), { 'inbound east': 1 });
      assert.deepEqual(counted('session_attempts_in_bursts_total'), { 'inbound east': 60 });
      assert.deepEqual(counted('account_country_changes_total', 'source_country'), {
        'inbound north DE': 20,
      });
      assert.deepEqual(counted('scanner_requests_total', 'ua_type', 'method'), {
        'inbound south scanner INVITE': 40,
      });
      assert.deepEqual(counted('short_sessions_total', 'ua_type'), {
        'inbound east phone': 60,
        'inbound south scanner': 40,
      });
      assert.deepEqual(counted('session_duration_seconds_count', 'ua_type', 'outcome'), {
        'inbound east phone success': 60,
        'inbound south scanner success': 40,
      });
      assert.equal(scrape.find('sip_session_limit', { carrier: 'east' }), 100);
      assert.equal(scrape.find('sip_session_limit_ratio', { carrier: 'east' }), 0);
      assert.equal(scrape.find('sip_session_attempts_over_limit_total', { carrier: 'east' }), 0);
      assert.equal(scrape.sum('ringtap_worker_handover_drops_total'), 0);
      for (const line of [
        'msg="registration scan" source=10.99.0.17',
        'msg="password guessing" source=10.99.0.33',
        'msg="burst of session attempts" source=10.99.0.50',
        'msg="account in another country" source=10.99.0.19 country=DE before=FR',
      ]) {
        assert.ok(ringtap.log().includes(line), `${line}\n${ringtap.log()}`);
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
}

/** Calls that end at once: 60 of one, and 40 of one that says that it is a scanner. */
async function callFrom(busy: Hosts, scanner: Hosts): Promise<void> {
  await using server = await startServer(busy.callee, { scenario: 'uas-call', calls: 100 });
  const keys = { from: 'alice', to: '+41441234567' };
  const plan = { scenario: 'uac-labelled', callsPerSecond: 20 };
  await using all = together([
    await startClient(busy, { ...plan, calls: 60, keys: { ...keys, agent: 'phone' } }),
    await startClient(scanner, { ...plan, calls: 40, keys: { ...keys, agent: 'sipcli/v1.8' } }),
    server,
  ]);
  await all.succeed();
}
