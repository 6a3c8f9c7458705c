// SPDX-License-Identifier: Apache-2.0
import { hostname } from 'node:os';
import type { OtlpOptions } from '../server/otlp.ts';
import type { PushTarget } from '../server/push.ts';
import type { RemoteWriteOptions } from '../server/remote-write.ts';
import type { CommandLine } from './command-line.ts';
import { ConfigError, parseDuration } from './values.ts';

/** Where metrics are sent. */
export interface PushOptions {
  readonly remoteWrite: RemoteWriteOptions | undefined;
  readonly otlp: OtlpOptions | undefined;
}

/** Behind the endpoint (OTLP Exporter Configuration, "Endpoint URLs for OTLP/HTTP"). */
const OTLP_PATH = '/v1/metrics';

/** Options of what is sent instead of being scraped. Throws ConfigError. */
export function pushOf(line: CommandLine): PushOptions {
  return { remoteWrite: remoteWriteOf(line), otlp: otlpOf(line) };
}

/** The files that are read while it runs. */
export function filesOf({ remoteWrite, otlp }: PushOptions): readonly string[] {
  return [
    remoteWrite?.bearerTokenFile,
    otlp?.headersFile,
    otlp?.certificateFile,
    otlp?.clientCertificateFile,
    otlp?.clientKeyFile,
  ].filter((file) => file !== undefined);
}

function remoteWriteOf(line: CommandLine): RemoteWriteOptions | undefined {
  const intervalMillis = intervalOf(line, 'remote-write.interval');
  const labels = namedOf(line, 'remote-write.label', /^(?!__)[a-zA-Z_]\w*$/);
  const url = urlOf(line, 'remote-write.url', 'https://metrics.example/api/v1/write');
  if (url === undefined) return undefined;
  return {
    url,
    intervalMillis,
    timeoutMillis: intervalMillis,
    labels:
      labels.size > 0
        ? labels
        : new Map([
            ['job', 'ringtap'],
            ['instance', hostname()],
          ]),
    bearerTokenFile: fileOf(line, 'remote-write.token-file'),
  };
}

function otlpOf(line: CommandLine): OtlpOptions | undefined {
  const compression = line.one('otlp.compression');
  if (compression !== 'none' && compression !== 'gzip') {
    throw new ConfigError(`${line.place('otlp.compression')} takes none or gzip, not "${compression}"`);
  }
  const target: Omit<PushTarget, 'url'> = {
    intervalMillis: intervalOf(line, 'otlp.interval'),
    timeoutMillis: parseDuration(line.place('otlp.timeout'), line.one('otlp.timeout')) / 1000,
  };
  const headers = namedOf(line, 'otlp.header', /^[a-zA-Z0-9][\w!#$%&'*+.^`|~-]*$/);
  const attributes = namedOf(line, 'otlp.resource-attribute', /^[a-zA-Z][\w./-]*$/);
  const clientCertificateFile = fileOf(line, 'otlp.client-certificate');
  const clientKeyFile = fileOf(line, 'otlp.client-key');
  if (clientCertificateFile !== undefined && clientKeyFile === undefined) {
    throw new ConfigError(`${line.place('otlp.client-certificate')} needs otlp.client-key too`);
  }
  if (clientKeyFile !== undefined && clientCertificateFile === undefined) {
    throw new ConfigError(`${line.place('otlp.client-key')} needs otlp.client-certificate too`);
  }
  const url = urlOf(line, 'otlp.endpoint', 'http://collector.example:4318');
  if (url === undefined) return undefined;
  if (!url.pathname.endsWith(OTLP_PATH)) url.pathname = url.pathname.replace(/\/$/, '') + OTLP_PATH;
  return {
    ...target,
    url,
    isCompressed: compression === 'gzip',
    headers: new Map([...headers].map(([name, value]) => [name.toLowerCase(), value])),
    headersFile: fileOf(line, 'otlp.headers-file'),
    certificateFile: fileOf(line, 'otlp.certificate'),
    clientCertificateFile,
    clientKeyFile,
    attributes,
  };
}

function intervalOf(line: CommandLine, name: string): number {
  const place = line.place(name);
  const intervalMillis = parseDuration(place, line.one(name)) / 1000;
  if (intervalMillis < 1000) throw new ConfigError(`${place} takes at least 1s`);
  return intervalMillis;
}

function urlOf(line: CommandLine, name: string, example: string): URL | undefined {
  const text = line.one(name);
  if (text === '') return undefined;
  const url = URL.parse(text);
  // Not the text itself: it may have a password.
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new ConfigError(`${line.place(name)} takes a URL such as ${example}`);
  }
  try {
    decodeURIComponent(url.username + url.password);
  } catch {
    throw new ConfigError(
      `${line.place(name)} has a user or password with a % that has to be written as %25`,
    );
  }
  return url;
}

function fileOf(line: CommandLine, name: string): string | undefined {
  return line.one(name) || undefined;
}

/** Values given as NAME=VALUE. Neither has control characters: header fields must not have them. */
function namedOf(line: CommandLine, name: string, pattern: RegExp): ReadonlyMap<string, string> {
  return new Map(
    line.all(name).map((text) => {
      const at = text.indexOf('=');
      const key = text.slice(0, Math.max(0, at));
      const value = text.slice(at + 1);
      if (pattern.test(key) && !/\p{Cc}/u.test(value)) return [key, value];
      throw new ConfigError(
        `${line.place(name)} takes NAME=VALUE; what was given for "${key}" is not of that form`,
      );
    }),
  );
}
