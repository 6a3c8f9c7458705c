// SPDX-License-Identifier: Apache-2.0
import { hostname } from 'node:os';
import { parseListenAddress } from '../server/listen-address.ts';
import type { RemoteWriteOptions } from '../server/remote-write.ts';
import type { CommandLine } from './command-line.ts';
import { ConfigError, parseCount, parseDuration } from './values.ts';

/** What the web server is told. */
export interface WebOptions {
  readonly listenAddresses: readonly string[];
  /** The sockets that systemd opened are served instead. */
  readonly isSystemdSocket: boolean;
  readonly configFile: string | undefined;
  readonly telemetryPath: string;
  readonly maxRequests: number;
  readonly maxConnections: number;
  readonly remoteWrite: RemoteWriteOptions | undefined;
}

/** Paths that are something else already. */
const TAKEN: readonly string[] = ['/', '/docs/metrics', '/-/healthy', '/-/ready', '/-/reload', '/-/quit'];

/** Options of the web server. Throws ConfigError. */
export function webOf(line: CommandLine): WebOptions {
  return {
    listenAddresses: listenAddressesOf(line),
    isSystemdSocket: line.isOn('web.systemd-socket'),
    configFile: line.all('web.config.file').at(-1) || undefined,
    telemetryPath: telemetryPathOf(line),
    maxRequests: parseCount(line.place('web.max-requests'), line.one('web.max-requests'), 1, 10_000),
    maxConnections: parseCount(
      line.place('web.max-connections'),
      line.one('web.max-connections'),
      2,
      100_000,
    ),
    remoteWrite: remoteWriteOf(line),
  };
}

function remoteWriteOf(line: CommandLine): RemoteWriteOptions | undefined {
  const place = line.place('remote-write.interval');
  const intervalMillis = parseDuration(place, line.one('remote-write.interval')) / 1000;
  if (intervalMillis < 1000) throw new ConfigError(`${place} takes at least 1s`);
  const labels = externalLabels(line);
  const text = line.one('remote-write.url');
  if (text === '') return undefined;
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol)) {
    // Not the text itself: it may have a password.
    throw new ConfigError(
      `${line.place('remote-write.url')} takes a URL such as https://metrics.example/api/v1/write`,
    );
  }
  return {
    url,
    intervalMillis,
    labels,
    bearerTokenFile: line.all('remote-write.token-file').at(-1) || undefined,
  };
}

function externalLabels(line: CommandLine): ReadonlyMap<string, string> {
  const given = line.all('remote-write.label');
  if (given.length === 0)
    return new Map([
      ...([
        ['job', 'ringtap'],
        ['instance', hostname()],
      ] as const),
    ]);
  return new Map(
    given.map((text) => {
      const [, name, value] = /^([a-zA-Z_]\w*)=(.*)$/s.exec(text) ?? [];
      if (name === undefined || name.startsWith('__')) {
        throw new ConfigError(`${line.place('remote-write.label')} takes NAME=VALUE, not "${text}"`);
      }
      return [name, value!] as const;
    }),
  );
}

function telemetryPathOf(line: CommandLine): string {
  const text = line.one('web.telemetry-path');
  if (/^\/[\w./~-]+$/.test(text) && !TAKEN.includes(text)) return text;
  throw new ConfigError(
    `${line.place('web.telemetry-path')} takes a path such as /metrics, of letters, digits and -._~/ and none of ${TAKEN.join(' ')}; not "${text}"`,
  );
}

function listenAddressesOf(line: CommandLine): readonly string[] {
  const given = line.all('web.listen-address');
  const addresses = given.length > 0 ? given : [line.one('web.listen-address')];
  for (const address of addresses) {
    try {
      parseListenAddress(address);
    } catch (error) {
      throw new ConfigError(`${line.place('web.listen-address')}: ${(error as Error).message}`);
    }
  }
  return addresses;
}
