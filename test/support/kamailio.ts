// SPDX-License-Identifier: Apache-2.0
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { killAndWait, startCommand } from './command.ts';
import { waitUntil } from './deadline.ts';
import type { ProxyNetwork } from './network.ts';
import { isBound } from './sipp.ts';

/** Ports of the two callees behind the proxy, in the order in which it tries them. */
export const branchPorts: readonly [number, number] = [5062, 5064];

const configuration = join(import.meta.dirname, '../e2e/kamailio/proxy.cfg');

/** Starts Kamailio on the proxy's host, and returns when it listens. See proxy.cfg for what it does with a call. */
export async function startKamailio(network: ProxyNetwork): Promise<AsyncDisposable> {
  const folder = mkdtempSync(join(tmpdir(), 'ringtap-kamailio-'));
  const { callee: proxyAbove } = network.above;
  const { caller: proxyBelow, callee } = network.below;
  const define = (name: string, value: string): string[] => ['--substdef', `!${name}!${value}!g`];
  // Kamailio is a family of processes; in a PID namespace of their own they end when the first one does.
  const running = await startCommand(
    'unshare',
    [
      ...['--pid', '--fork', '--kill-child=KILL', 'kamailio', '-f', configuration, '-DD', '-E'],
      ...['-T', '-S', '-n', '1', '-m', '16', '-M', '4', '-w', folder, '-Y', folder],
      ...['-l', `udp:${proxyAbove.ipv4}:5060`, '-l', `udp:${proxyBelow.ipv4}:5060`],
      ...define('FIRST_CALLEE', `sip:${callee.ipv4}:${branchPorts[0]}`),
      ...define('SECOND_CALLEE', `sip:${callee.ipv4}:${branchPorts[1]}`),
    ],
    { namespace: proxyAbove.namespace, cwd: folder, timeoutMillis: 120_000 },
  );
  const end = async (): Promise<void> => {
    await killAndWait(running);
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await waitUntil('Kamailio listens', () => isBound(running, 5060), 15_000, running.stderr);
  } catch (error) {
    await end();
    throw error;
  }
  return { [Symbol.asyncDispose]: end };
}
