// SPDX-License-Identifier: Apache-2.0
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { killAndWait, startCommand } from './command.ts';
import { waitUntil } from './deadline.ts';
import type { Host, Hosts, ProxyNetwork } from './network.ts';
import { isBound } from './sipp.ts';

/** Ports of the two callees behind the proxy, in the order in which it tries them. */
export const branchPorts: readonly [number, number] = [5062, 5064];

const configurations = join(import.meta.dirname, '../e2e/kamailio');

const define = (name: string, value: string): string[] => ['--substdef', `!${name}!${value}!g`];

/** Where the module siptrace sends what Kamailio sees: as node 2001, in HEP3 with the key "myHep". */
export type Siptrace = { readonly version: 2 | 3; readonly address: string; readonly port: number };

/** Starts Kamailio on the proxy's host, and returns when it listens. See proxy.cfg for what it does with a call. */
export async function startKamailio(network: ProxyNetwork, siptrace?: Siptrace): Promise<AsyncDisposable> {
  const { callee: proxyAbove } = network.above;
  const { caller: proxyBelow, callee } = network.below;
  return await runKamailio(proxyAbove, 'proxy.cfg', [
    ...['-l', `udp:${proxyAbove.ipv4}:5060`, '-l', `udp:${proxyBelow.ipv4}:5060`],
    ...define('FIRST_CALLEE', `sip:${callee.ipv4}:${branchPorts[0]}`),
    ...define('SECOND_CALLEE', `sip:${callee.ipv4}:${branchPorts[1]}`),
    ...(siptrace ? siptraceArgs(siptrace) : []),
  ]);
}

const siptraceArgs = ({ version, address, port }: Siptrace): string[] => [
  ...['-A', 'WITH_SIPTRACE', ...define('HEP_VERSION', String(version))],
  ...define('HEP_RECEIVER', `sip:${address}:${port}`),
];

/**
 * Starts Kamailio with rtpengine on the proxy's host: SIP and media go through it. See media.cfg. With `siptrace` both send HEP
 * there, rtpengine what it sees of RTCP, as node 2002; then there is room for one call.
 */
export async function startMediaProxy(network: ProxyNetwork, siptrace?: Siptrace): Promise<AsyncDisposable> {
  const { callee: proxyAbove } = network.above;
  const { caller: proxyBelow, callee } = network.below;
  const rtpengine = await startRtpengine(proxyAbove, proxyBelow, siptrace);
  try {
    const kamailio = await runKamailio(proxyAbove, 'media.cfg', [
      ...['-l', `udp:${proxyAbove.ipv4}:5060`, '-l', `udp:${proxyBelow.ipv4}:5060`],
      ...define('CALLEE', `sip:${callee.ipv4}:5060`),
      ...(siptrace ? siptraceArgs(siptrace) : []),
    ]);
    return {
      [Symbol.asyncDispose]: async () => {
        await kamailio[Symbol.asyncDispose]();
        await rtpengine[Symbol.asyncDispose]();
      },
    };
  } catch (error) {
    await rtpengine[Symbol.asyncDispose]();
    throw error;
  }
}

/** The first port that rtpengine takes for media; where it sends HEP the only one, with that of its RTCP, on each interface. */
export const rtpenginePort = 30_000;

/** Port of rtpengine's control protocol, ng, on the loopback. */
const controlPort = 2223;

/** Starts rtpengine without its kernel module (table -1), between two interfaces of one host. */
async function startRtpengine(above: Host, below: Host, homer?: Siptrace): Promise<AsyncDisposable> {
  const running = await startCommand(
    'rtpengine',
    [
      ...['--foreground', '--log-stderr', '--log-level=4', '--table=-1', '--config-file=none'],
      ...[`--interface=above/${above.ipv4}`, `--interface=below/${below.ipv4}`],
      ...[`--listen-ng=127.0.0.1:${controlPort}`, '--num-threads=1'],
      ...(homer ? [`--homer=${homer.address}:${homer.port}`, '--homer-protocol=udp', '--homer-id=2002'] : []),
      ...[`--port-min=${rtpenginePort}`, `--port-max=${rtpenginePort + (homer ? 1 : 999)}`],
    ],
    { namespace: above.namespace, timeoutMillis: 120_000 },
  );
  const end = async (): Promise<void> => {
    await killAndWait(running);
  };
  try {
    await waitUntil('rtpengine listens', () => isBound(running, controlPort), 15_000, running.stderr);
  } catch (error) {
    await end();
    throw error;
  }
  return { [Symbol.asyncDispose]: end };
}

/** Where Kamailio listens for WebSocket. Browsers, and Node as they do, refuse to connect to 5060. */
export const webSocketPort = 5066;

/** Starts Kamailio as a registrar and proxy for WebSocket on the callee's host. See websocket.cfg. */
export async function startWebSocketProxy({ callee }: Hosts): Promise<AsyncDisposable> {
  const args = ['-l', `tcp:${callee.ipv4}:${webSocketPort}`];
  return await runKamailio(callee, 'websocket.cfg', args, 'tcp', webSocketPort);
}

/** The same over TLS, with a certificate of `folder`. */
export async function startSecureWebSocketProxy({ callee }: Hosts, folder: string): Promise<AsyncDisposable> {
  const args = [
    ...['-A', 'WITH_TLS', '--substdef', `!LISTEN!tls:${callee.ipv4}:${webSocketPort}!g`],
    ...['--substdef', `!FOLDER!${folder}!g`],
  ];
  return await runKamailio(callee, 'websocket.cfg', args, 'tcp', webSocketPort);
}

/** A HEP server; `seen` gives method or code, Call-ID and source of each message so far. */
export type HepServer = AsyncDisposable & { seen(): string[] };

/** Starts Kamailio as a HEP server on a host, and returns when it listens. See hep-server.cfg. */
export async function startHepServer(host: Host, port: number): Promise<HepServer> {
  const argsIn = (folder: string): string[] => [
    ...['-l', `udp:${host.ipv4}:${port}`, ...define('DATABASE_FOLDER', folder)],
  ];
  const kamailio = await runKamailio(host, 'hep-server.cfg', argsIn, 'udp', port);
  return {
    ...kamailio,
    seen: () => [...kamailio.log().matchAll(/ SEEN (.*)\n/g)].map((match) => match[1]!),
  };
}

/** Starts Kamailio with a configuration and further arguments; a folder is made for it. */
async function runKamailio(
  { namespace }: Host,
  configuration: string,
  args: readonly string[] | ((folder: string) => readonly string[]),
  transport: 'udp' | 'tcp' = 'udp',
  port = 5060,
): Promise<AsyncDisposable & { log(): string }> {
  const folder = mkdtempSync(join(tmpdir(), 'ringtap-kamailio-'));
  // Kamailio is a family of processes; in a PID namespace of their own they end when the first one does.
  const running = await startCommand(
    'unshare',
    [
      ...['--pid', '--fork', '--kill-child=KILL'],
      ...['kamailio', '-f', join(configurations, configuration), '-DD', '-E'],
      ...[...(transport === 'udp' ? ['-T'] : []), '-S', '-n', '1', '-m', '16', '-M', '4'],
      ...['-w', folder, '-Y', folder, ...(typeof args === 'function' ? args(folder) : args)],
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
