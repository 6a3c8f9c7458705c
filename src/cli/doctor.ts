// SPDX-License-Identifier: Apache-2.0
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, isIPv6 } from 'node:net';
import { release } from 'node:os';
import { ANY_INTERFACE } from '../capture/capture-handles.ts';
import { CaptureError, openCapture } from '../capture/open-capture.ts';
import type { Config } from '../config/config.ts';
import { formatPorts } from '../config/values.ts';
import { type HepAddress, hepAddressText } from '../pipeline/hep/hep-options.ts';
import { KeyLogError, KeyLogFile } from '../pipeline/key-log-file.ts';
import { parseListenAddress } from '../server/listen-address.ts';
import { type CapabilityName, hasCapability } from '../sys/capability.ts';
import { interfacesThatAreUp } from '../sys/network-interface.ts';
import { takeCapabilities } from '../sys/privilege.ts';

/** One line of the report; its text says what to do, where something is to be done. */
interface Finding {
  readonly verdict: 'ok' | 'note' | 'FAIL';
  readonly subject: string;
  readonly text: string;
}

const ok = (subject: string, text: string): Finding => ({ verdict: 'ok', subject, text });
const note = (subject: string, text: string): Finding => ({ verdict: 'note', subject, text });
const fail = (subject: string, text: string): Finding => ({ verdict: 'FAIL', subject, text });

/** The oldest kernel with CAP_BPF, the least privilege ringtap needs beside CAP_NET_RAW. */
const OLDEST_KERNEL = [5, 8] as const;

/** `ringtap doctor`: what is right and what to do, for the same options as `ringtap run`. Returns the exit code. */
export async function doctor(config: Config, print: (line: string) => void): Promise<number> {
  const isCapturing = config.interfaces.length > 0;
  if (isCapturing && process.platform === 'linux') takeCapabilities();
  const findings = [
    checkKernel(),
    ...(isCapturing ? [...checkCapabilities(config), checkCapture(config)] : []),
    ...(isCapturing ? [...checkInterfaces(config), ...checkSipPorts(config)] : []),
    ...checkKeyLog(config),
    ...(await checkWebConfig(config)),
    ...(await Promise.all(config.web.listenAddresses.map(checkListenAddress))),
    ...(await Promise.all((config.hepInput?.listenAddresses ?? []).map(checkHepAddress))),
  ];
  for (const { verdict, subject, text } of findings) print(`${verdict.padEnd(5)} ${subject}: ${text}`);
  const failures = findings.filter((finding) => finding.verdict === 'FAIL').length;
  print(failures === 0 ? 'ringtap can run here.' : `${failures} of ${findings.length} checks failed.`);
  return failures === 0 ? 0 : 1;
}

function checkKernel(): Finding {
  const text = release();
  if (process.platform !== 'linux')
    return fail('kernel', `${process.platform} cannot capture: ringtap needs Linux`);
  const [major = 0, minor = 0] = text.split('.').map((part) => Number.parseInt(part, 10));
  const [oldestMajor, oldestMinor] = OLDEST_KERNEL;
  if (major > oldestMajor || (major === oldestMajor && minor >= oldestMinor)) return ok('kernel', text);
  return fail(
    'kernel',
    `${text} is older than ${OLDEST_KERNEL.join('.')}, the first with CAP_BPF: update it`,
  );
}

function checkCapabilities({ workers }: Config): Finding[] {
  if (process.platform !== 'linux') return [];
  const purposes: readonly (readonly [CapabilityName, string])[] = [
    ['CAP_NET_RAW', 'to open packet sockets'],
    ['CAP_BPF', 'to load the packet filter'],
    ...(workers > 1 ? ([['CAP_PERFMON', 'to spread packets over workers']] as const) : []),
  ];
  return purposes.map(([name, purpose]) =>
    hasCapability(name)
      ? ok(name, `there, ${purpose}`)
      : fail(
          name,
          `missing, needed ${purpose}: run as root, or grant it (systemd: AmbientCapabilities=${name})`,
        ),
  );
}

/** The proof of all before: opens a capture as `run` does, on the interfaces named, and closes it again. */
function checkCapture(config: Config): Finding {
  try {
    openCapture({
      interfaces: config.interfaces,
      ports: config.analysis.ports,
      detect: config.analysis.detect,
      tunnels: config.analysis.tunnels.kinds,
      ...(config.analysis.rtp && { rtp: config.analysis.rtp.detect ? 'detected' : 'learned' }),
      promiscuous: config.promiscuous,
      ringBytes: config.ringBytes,
      ...(config.workers > 1 && { sharing: { workers: config.workers, key: { seed: 0, multiplier: 1 } } }),
    }).close();
    return ok('capture', `filter loaded, ring of ${config.ringBytes / 2 ** 20} MiB mapped and closed again`);
  } catch (error) {
    if (error instanceof CaptureError) return fail('capture', error.message);
    throw error;
  }
}

function checkInterfaces(config: Config): Finding[] {
  if (process.platform !== 'linux') return [];
  const up = interfacesThatAreUp();
  if (config.interfaces.includes(ANY_INTERFACE)) {
    if (up.length === 0) return [fail('interfaces', 'none is up: try "ip link set NAME up"')];
    return [ok('interfaces', `all that are up: ${up.join(' ')}`)];
  }
  return config.interfaces.map((name) =>
    up.includes(name)
      ? ok(name, 'is up')
      : note(name, `is missing or down; ringtap waits for it. Up are: ${up.join(' ') || 'none'}`),
  );
}

/** Whether programs on this host use the SIP ports: neither answer is wrong, but it tells what to expect. */
function checkSipPorts(config: Config): Finding[] {
  if (process.platform !== 'linux') return [];
  const used = new Set<number>();
  for (const file of ['/proc/net/udp', '/proc/net/udp6', '/proc/net/tcp', '/proc/net/tcp6']) {
    for (const port of portsInUse(readIfThere(file))) used.add(port);
  }
  const here = config.analysis.ports.filter((port) => used.has(port));
  if (here.length > 0) return [ok('SIP ports', `in use on this host: ${formatPorts(here)}`)];
  return [
    note(
      'SIP ports',
      `no program on this host uses ${formatPorts(config.analysis.ports)}: right on a mirror port, else look at --sip.ports`,
    ),
  ];
}

function checkKeyLog({ analysis: { tls } }: Config): Finding[] {
  if (tls === undefined) return [];
  try {
    KeyLogFile.check(tls.keyLogFile);
    return [ok('key log', `${tls.keyLogFile} can be read`)];
  } catch (error) {
    if (error instanceof KeyLogError) return [fail('key log', error.message)];
    throw error;
  }
}

/** Its libraries are loaded only where there is one. */
async function checkWebConfig({ web: { configFile } }: Config): Promise<Finding[]> {
  if (configFile === undefined) return [];
  const { WebConfigFile } = await import('../server/web-config-file.ts');
  try {
    const { tls, users } = new WebConfigFile(configFile).current.config;
    const who = users.size > 0 ? `${users.size} users` : 'no passwords';
    return [ok('web configuration', `${tls ? 'TLS' : 'no TLS'}, ${who}`)];
  } catch (error) {
    if ((error as Error).name !== 'WebConfigError') throw error;
    return [fail('web configuration', (error as Error).message)];
  }
}

function readIfThere(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

/** Local ports in the text of /proc/net/udp or /proc/net/tcp. */
export function portsInUse(text: string): number[] {
  const ports: number[] = [];
  for (const match of text.matchAll(/^\s*\d+: [0-9A-F]+:([0-9A-F]{4}) /gm)) {
    ports.push(Number.parseInt(match[1]!, 16));
  }
  return ports;
}

async function checkListenAddress(address: string): Promise<Finding> {
  const server = createServer();
  const failure = await new Promise<NodeJS.ErrnoException | undefined>((resolve) => {
    server.once('error', resolve);
    server.listen(parseListenAddress(address), () => resolve(undefined));
  });
  server.close();
  const subject = `address ${address}`;
  if (failure === undefined) return ok(subject, 'is free');
  if (failure.code === 'EADDRINUSE') {
    return fail(subject, 'is in use, perhaps by another ringtap: choose one with --web.listen-address');
  }
  return fail(subject, `cannot be used (${failure.code}): choose another with --web.listen-address`);
}

async function checkHepAddress(address: HepAddress): Promise<Finding> {
  const subject = `address ${hepAddressText(address)}`;
  const { host, port } = address;
  const socket =
    address.transport === 'udp'
      ? createSocket(isIPv6(host) ? 'udp6' : 'udp4').bind(port, host)
      : createServer().listen(port, host);
  try {
    await once(socket, 'listening');
    socket.close();
    return ok(subject, 'is free');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return fail(subject, `cannot be used (${code}): choose another with --hep.listen-address`);
  }
}
