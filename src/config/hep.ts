// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs';
import { isIPv4, isIPv6 } from 'node:net';
import type { HepAddress, HepInputOptions, HepOutputOptions, Subnet } from '../pipeline/hep/hep-options.ts';
import type { CommandLine } from './command-line.ts';
import { ConfigError, parseCount, parseDuration, parseSizeWithin } from './values.ts';

const MAX_NODE_ID = 2 ** 32 - 1;
const MAX_NODES = 64;
const MAX_SUBNETS = 1024;
const MAX_KEY_BYTES = 1024;
const MAX_PACKET_BYTES = 65_535;

/** What receiving HEP is told; undefined when no address is given. Throws ConfigError. */
export function hepInputOf(line: CommandLine): HepInputOptions | undefined {
  const addresses = line.all('hep.listen-address');
  const duration = (name: string): number => parseDuration(line.place(name), line.one(name));
  const tolerance = 'hep.clock-tolerance';
  const options = {
    listenAddresses: addresses.map((text) => parseHepAddress(line.place('hep.listen-address'), text, 0)),
    allowed: parseSubnets(line.place('hep.allow'), line.all('hep.allow')),
    authKey: parseKey(line.place('hep.auth-key'), line.one('hep.auth-key')),
    nodes: parseNodes(line.place('hep.node'), line.all('hep.node')),
    maxConnections: parseCount(line.place('hep.max-connections'), line.one('hep.max-connections'), 1, 10_000),
    maxPacketBytes: parseSizeWithin(
      line.place('hep.max-packet-size'),
      line.one('hep.max-packet-size'),
      1024,
      MAX_PACKET_BYTES,
    ),
    idleMicros: duration('hep.idle-timeout'),
    packetMicros: duration('hep.packet-timeout'),
    clockToleranceMicros: parseDuration(line.place(tolerance), line.one(tolerance), true),
  };
  return addresses.length > 0 ? options : undefined;
}

/** What sending HEP is told; undefined when no target is given. Throws ConfigError. */
export function hepOutputOf(line: CommandLine): HepOutputOptions | undefined {
  const target = line.one('hep.send');
  const options = {
    nodeId: parseCount(line.place('hep.send-node-id'), line.one('hep.send-node-id'), 0, MAX_NODE_ID),
    authKey: parseKey(line.place('hep.send-auth-key'), line.one('hep.send-auth-key')),
    queueBytes: parseSizeWithin(line.place('hep.send-queue'), line.one('hep.send-queue'), 2 ** 18, 2 ** 30),
  };
  return target === ''
    ? undefined
    : { ...options, target: parseHepAddress(line.place('hep.send'), target, 1) };
}

/** Reads `udp:HOST:PORT` or `tcp:HOST:PORT`; the host may be left out, which is 127.0.0.1. */
function parseHepAddress(option: string, text: string, lowestPort: number): HepAddress {
  const match = /^(udp|tcp):(?:(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9._-]+)):)?(\d{1,5})$/.exec(text);
  const port = Number(match?.[4]);
  if (match === null || !(port >= lowestPort && port <= 65_535)) {
    throw new ConfigError(
      `${option} takes udp:HOST:PORT or tcp:HOST:PORT, such as udp:127.0.0.1:9060 or tcp:[::1]:9060, not "${text}"`,
    );
  }
  return { transport: match[1] as 'udp' | 'tcp', host: match[2] ?? match[3] ?? '127.0.0.1', port };
}

/** Reads addresses and `ADDRESS/LENGTH`, separated by commas. */
function parseSubnets(option: string, texts: readonly string[]): Subnet[] {
  const subnets = texts.flatMap((text) => text.split(',')).map((text) => parseSubnet(option, text.trim()));
  if (subnets.length > MAX_SUBNETS) throw new ConfigError(`${option} takes at most ${MAX_SUBNETS} networks`);
  return subnets;
}

function parseSubnet(option: string, text: string): Subnet {
  const [address = '', length, ...rest] = text.split('/');
  const bits = isIPv4(address) ? 32 : isIPv6(address) && !address.includes('%') ? 128 : -1;
  const prefixLength = length === undefined ? bits : /^\d{1,3}$/.test(length) ? Number(length) : Number.NaN;
  if (bits < 0 || !(prefixLength <= bits) || rest.length > 0) {
    throw new ConfigError(
      `${option} takes addresses and networks, such as 192.0.2.1,198.51.100.0/24,2001:db8::/32; "${text}" is neither`,
    );
  }
  return { family: bits === 32 ? 'ipv4' : 'ipv6', address, prefixLength };
}

/** The bytes of a key, or of the first line of the file behind `@`. */
function parseKey(option: string, text: string): Uint8Array {
  const key = new TextEncoder().encode(text.startsWith('@') ? firstLine(option, text.slice(1)) : text);
  if (key.length > MAX_KEY_BYTES) throw new ConfigError(`${option} takes at most ${MAX_KEY_BYTES} bytes`);
  return key;
}

function firstLine(option: string, file: string): string {
  let line: string | undefined;
  try {
    [line] = readFileSync(file, 'utf8').split(/\r?\n/);
  } catch (error) {
    throw new ConfigError(`${option} cannot read ${file} (${(error as NodeJS.ErrnoException).code})`);
  }
  if (!line) throw new ConfigError(`${option}: the first line of ${file} is empty`);
  return line;
}

/** Reads `ID=NAME`, once for each agent. */
function parseNodes(option: string, texts: readonly string[]): (readonly [number, string])[] {
  if (texts.length > MAX_NODES) throw new ConfigError(`${option} may be given at most ${MAX_NODES} times`);
  const names = new Map<number, string>();
  for (const text of texts) {
    const match = /^(\d{1,10})=([A-Za-z0-9_.-]{1,59})$/.exec(text);
    const nodeId = Number(match?.[1]);
    if (match === null || nodeId > MAX_NODE_ID) {
      throw new ConfigError(
        `${option} takes ID=NAME, such as 2001=proxy, with a node id of 0 to ${MAX_NODE_ID} and a name of letters, ` +
          `digits, "_", "." and "-" (at most 59), not "${text}"`,
      );
    }
    if (names.has(nodeId)) throw new ConfigError(`${option} names node ${nodeId} twice`);
    names.set(nodeId, match[2]!);
  }
  return [...names];
}
