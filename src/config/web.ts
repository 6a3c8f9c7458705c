// SPDX-License-Identifier: Apache-2.0
import { parseListenAddress } from '../server/listen-address.ts';
import type { CommandLine } from './command-line.ts';
import { ConfigError, parseCount } from './values.ts';

/** What the web server is told. */
export interface WebOptions {
  readonly listenAddresses: readonly string[];
  /** The sockets that systemd opened are served instead. */
  readonly isSystemdSocket: boolean;
  readonly configFile: string | undefined;
  readonly telemetryPath: string;
  readonly maxRequests: number;
  readonly maxConnections: number;
}

/** Paths that are something else already. */
const TAKEN: readonly string[] = ['/', '/docs/metrics', '/-/healthy', '/-/ready', '/-/reload', '/-/quit'];

/** Options of the web server. Throws ConfigError. */
export function webOf(line: CommandLine): WebOptions {
  return {
    listenAddresses: listenAddressesOf(line),
    isSystemdSocket: line.isOn('web.systemd-socket'),
    configFile: line.one('web.config.file') || undefined,
    telemetryPath: telemetryPathOf(line),
    maxRequests: parseCount(line.place('web.max-requests'), line.one('web.max-requests'), 1, 10_000),
    maxConnections: parseCount(
      line.place('web.max-connections'),
      line.one('web.max-connections'),
      2,
      100_000,
    ),
  };
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
