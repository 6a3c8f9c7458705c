// SPDX-License-Identifier: Apache-2.0
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Certificate } from './certificates.ts';
import { killAndWait, type Running, runCommand, startCommand } from './command.ts';
import { waitUntil } from './deadline.ts';
import type { Host, Hosts } from './network.ts';
import { isBound } from './sipp.ts';

/** What both proxies are told. */
export type TlsProxyOptions = {
  readonly certificate: Certificate;
  /** `tls_method` of Kamailio. */
  readonly method: 'TLSv1.2' | 'TLSv1.2+';
  /** Where the keys of all connections go; without it nobody knows them. */
  readonly keyLogFile?: string;
};

/** Address of each proxy on its own host, where SIPp talks to it over UDP. */
const proxyAddress = '127.0.0.2';
const configuration = join(import.meta.dirname, '../e2e/kamailio/tls.cfg');
const keyLogSource = join(import.meta.dirname, 'key-log.c');

/** Port of the callee's proxy for TLS. */
export const tlsPort = 5061;

/**
 * SIPp of Debian has no TLS: a Kamailio on each host speaks it for the SIPp there. What is sent to the caller's one comes
 * to the callee's host over one TLS connection.
 */
export async function startTlsProxies(hosts: Hosts, options: TlsProxyOptions): Promise<AsyncDisposable> {
  const { caller, callee } = hosts;
  await compileKeyLog(options.certificate.folder);
  const atCallee = await startProxy(callee, `sip:${callee.ipv4}:5060`, options);
  try {
    const atCaller = await startProxy(caller, `sip:${callee.ipv4}:${tlsPort};transport=tls`, options);
    return {
      [Symbol.asyncDispose]: async () => {
        await killAndWait(atCaller);
        await killAndWait(atCallee);
      },
    };
  } catch (error) {
    await killAndWait(atCallee);
    throw error;
  }
}

/** The wire between SIPp of the caller and its proxy, which is the caller's own host. */
export function callerSide({ caller }: Hosts): Hosts {
  return { caller, callee: { ...caller, ipv4: proxyAddress } };
}

async function compileKeyLog(folder: string): Promise<void> {
  await runCommand('gcc', ['-shared', '-fPIC', '-o', join(folder, 'key-log.so'), keyLogSource]);
}

async function startProxy(host: Host, nextHop: string, options: TlsProxyOptions): Promise<Running> {
  const { certificate, method, keyLogFile } = options;
  const folder = join(certificate.folder, host.interfaceName);
  mkdirSync(folder);
  const define = (name: string, value: string): string[] => ['--substdef', `!${name}!${value}!g`];
  const logKeys =
    keyLogFile === undefined
      ? []
      : ['env', `SSLKEYLOGFILE=${keyLogFile}`, `LD_PRELOAD=${join(certificate.folder, 'key-log.so')}`];
  const running = await startCommand(
    'unshare',
    [
      ...['--pid', '--fork', '--kill-child=KILL', ...logKeys, 'kamailio', '-f', configuration, '-DD', '-E'],
      ...['-S', '-n', '1', '-m', '16', '-M', '4', '-w', folder, '-Y', folder],
      ...define('LISTEN_UDP', `udp:${proxyAddress}:5060`),
      ...define('LISTEN_TLS', `tls:${host.ipv4}:${tlsPort}`),
      ...define('NEXT_HOP', nextHop),
      ...define('FOLDER', certificate.folder),
      ...define('METHOD', method),
    ],
    { namespace: host.namespace, cwd: folder, timeoutMillis: 120_000 },
  );
  try {
    await waitUntil('Kamailio listens', () => isBound(running, 5060), 15_000, running.stderr);
  } catch (error) {
    await killAndWait(running);
    throw error;
  }
  return running;
}
