// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { MAX_POINTS, OtlpRenderer } from '../exposition/otlp.ts';
import { partialSuccessOf, statusMessageOf } from '../exposition/otlp-answer.ts';
import type { PushProtocol, PushTarget } from './push.ts';

/** Where metrics are sent by OTLP, and as whose. */
export interface OtlpOptions extends PushTarget {
  /** Of the resource that sends, besides or instead of those that are known here. One without a value is none. */
  readonly attributes: ReadonlyMap<string, string>;
  readonly isCompressed: boolean;
  readonly headers: ReadonlyMap<string, string>;
  /** Lines of `Name: value`, read at each sending: a token may change. */
  readonly headersFile: string | undefined;
  /** PEM files, read at each sending: whom to trust, and who one is. */
  readonly certificateFile: string | undefined;
  readonly clientCertificateFile: string | undefined;
  readonly clientKeyFile: string | undefined;
}

const compressed = promisify(gzip);
const read = (file: string): string => readFileSync(file, 'utf8');

/** OTLP/HTTP with protobuf. `startMillis` is when counting began. */
export function otlp(
  options: OtlpOptions,
  version: string,
  startMillis: number,
  pointsRejected: (count: number) => void,
): PushProtocol {
  const { certificateFile, clientCertificateFile, clientKeyFile } = options;
  const renderer = new OtlpRenderer(resourceOf(options, version), startMillis);
  return {
    name: 'OTLP',
    headers: () => ({
      'content-type': 'application/x-protobuf',
      'user-agent': `ringtap/${version}`,
      ...(options.isCompressed && { 'content-encoding': 'gzip' }),
      ...Object.fromEntries(options.headers),
      ...(options.headersFile &&
        Object.fromEntries(parseHeaders(options.headersFile, read(options.headersFile)))),
    }),
    tls: () => ({
      ...(certificateFile && { ca: read(certificateFile) }),
      ...(clientCertificateFile && { cert: read(clientCertificateFile) }),
      ...(clientKeyFile && { key: read(clientKeyFile) }),
    }),
    bodies: async (layout, nowMillis) => {
      const bodies = [...renderer.render(layout, nowMillis)];
      // Off the main thread.
      return options.isCompressed ? await Promise.all(bodies.map((body) => compressed(body))) : bodies;
    },
    // OTLP, "Retryable Response Codes".
    mayRetry: (status) => status === 429 || (status >= 502 && status <= 504),
    refusalIn: ({ body }) => {
      const { rejectedPoints, message } = partialSuccessOf(body);
      if (rejectedPoints === 0) return undefined;
      const count = Math.min(rejectedPoints, MAX_POINTS);
      pointsRejected(count);
      return `${count} points were rejected: ${message}`;
    },
    textOf: ({ body }) => statusMessageOf(body),
  };
}

/** OpenTelemetry, "Resource Semantic Conventions". */
function resourceOf({ attributes }: OtlpOptions, version: string): ReadonlyMap<string, string> {
  const known = [
    ['service.name', 'ringtap'],
    ['service.version', version],
    ['service.instance.id', hostname()],
    ['host.name', hostname()],
  ] as const;
  return new Map([...new Map([...known, ...attributes])].filter(([, value]) => value !== ''));
}

/** Header fields in a file: `Name: value`, a line each; empty lines and those of # are left out. Throws where a line is none. */
function parseHeaders(file: string, text: string): [string, string][] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const colon = line.indexOf(':');
      if (colon < 1) throw new Error(`${file} has a line that is not of the form Name: value`);
      return [line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim()];
    });
}
