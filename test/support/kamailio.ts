// SPDX-License-Identifier: Apache-2.0
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { killAndWait, startCommand } from './command.ts';
import { waitUntil } from './deadline.ts';
import type { Host, ProxyNetwork } from './network.ts';
import { isBound } from './sipp.ts';

/** Ports of the two callees behind the proxy, in the order in which it tries them. */
export const branchPorts: readonly [number, number] = [5062, 5064];

const configurations = join(import.meta.dirname, '../e2e/kamailio');

/** Where the module siptrace sends what Kamailio sees: as node 2001, in HEP3 with the key "myHep". */
export type Siptrace = { readonly version: 2 | 3; readonly address: string; readonly port: number };

/** Starts Kamailio on the proxy's host, and returns when it listens. See proxy.cfg for what it does with a call. */
export async function startKamailio(network: ProxyNetwork, siptrace?: Siptrace): Promise<AsyncDisposable> {
  const { callee: proxyAbove } = network.above;
  const { caller: proxyBelow, callee } = network.below;
  const hep = siptrace && [
    ...['-A', 'WITH_SIPTRACE', ...define('HEP_VERSION', String(siptrace.version))],
    ...define('HEP_RECEIVER', `sip:${siptrace.address}:${siptrace.port}`),
  ];
  return await start(proxyAbove.namespace, 'proxy.cfg', 5060, () => [
    ...['-l', `udp:${proxyAbove.ipv4}:5060`, '-l', `udp:${proxyBelow.ipv4}:5060`],
    ...define('FIRST_CALLEE', `sip:${callee.ipv4}:${branchPorts[0]}`),
    ...define('SECOND_CALLEE', `sip:${callee.ipv4}:${branchPorts[1]}`),
    ...(hep ?? []),
  ]);
}

/** A HEP server; `seen` gives method or code, Call-ID and source of each message so far. */
export type HepServer = AsyncDisposable & { seen(): string[] };

/** Starts Kamailio as a HEP server on a host, and returns when it listens. See hep-server.cfg. */
export async function startHepServer({ namespace, ipv4 }: Host, port: number): Promise<HepServer> {
  const kamailio = await start(namespace, 'hep-server.cfg', port, (folder) => [
    ...['-l', `udp:${ipv4}:${port}`, ...define('DATABASE_FOLDER', folder)],
  ]);
  return {
    ...kamailio,
    seen: () => [...kamailio.log().matchAll(/ SEEN (.*)\n/g)].map((match) => match[1]!),
  };
}

const define = (name: string, value: string): string[] => ['--substdef', `!${name}!${value}!g`];

/** Starts Kamailio with a configuration and further arguments; `folder` is one of its own. */
async function start(
  namespace: string,
  configuration: string,
  port: number,
  argsIn: (folder: string) => readonly string[],
): Promise<AsyncDisposable & { log(): string }> {
  const folder = mkdtempSync(join(tmpdir(), 'ringtap-kamailio-'));
  // Kamailio is a family of processes; in a PID namespace of their own they end when the first one does.
  const running = await startCommand(
    'unshare',
    [
      ...['--pid', '--fork', '--kill-child=KILL', 'kamailio', '-f', join(configurations, configuration)],
      ...['-DD', '-E', '-T', '-S', '-n', '1', '-m', '16', '-M', '4', '-w', folder, '-Y', folder],
      ...argsIn(folder),
    ],
    { namespace, cwd: folder, timeoutMillis: 120_000 },
  );
  const end = async (): Promise<void> => {
    await killAndWait(running);
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await waitUntil('Kamailio listens', () => isBound(running, port), 15_000, running.stderr);
  } catch (error) {
    await end();
    throw error;
  }
  return { log: running.stderr, [Symbol.asyncDispose]: end };
}
