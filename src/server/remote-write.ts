// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs';
import { RemoteWriteRenderer, snappyLiterals } from '../exposition/remote-write.ts';
import type { PushProtocol, PushTarget } from './push.ts';

/** Where metrics are sent by remote write, and as whose. */
export interface RemoteWriteOptions extends PushTarget {
  /** Labels of every series. */
  readonly labels: ReadonlyMap<string, string>;
  /** Read at each sending: a token may change. */
  readonly bearerTokenFile: string | undefined;
}

/** Prometheus remote write 1.0. */
export function remoteWrite({ labels, bearerTokenFile }: RemoteWriteOptions, version: string): PushProtocol {
  const renderer = new RemoteWriteRenderer(labels);
  return {
    name: 'remote write',
    headers: () => ({
      'content-encoding': 'snappy',
      'content-type': 'application/x-protobuf',
      'user-agent': `ringtap/${version}`,
      'x-prometheus-remote-write-version': '0.1.0',
      ...(bearerTokenFile && { authorization: `Bearer ${readFileSync(bearerTokenFile, 'utf8').trim()}` }),
    }),
    tls: () => ({}),
    bodies: async (layout, nowMillis) => [...renderer.render(layout, nowMillis)].map(snappyLiterals),
    mayRetry: (status) => status >= 500 || status === 429,
    refusalIn: () => undefined,
    textOf: ({ body }) => new TextDecoder().decode(body),
  };
}
