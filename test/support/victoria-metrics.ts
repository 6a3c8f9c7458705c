// SPDX-License-Identifier: Apache-2.0
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { newerTool } from './newer-tool.ts';
import { type PromqlServer, startPromqlServer } from './promql-server.ts';

const address = '127.0.0.1:8428';
/** Where it takes OTLP. */
export const victoriaMetricsOtlpEndpoint: string = `http://${address}/opentelemetry`;

/** Starts Debian 13's VictoriaMetrics, which takes OTLP: Debian leaves that out of Prometheus. */
export async function startVictoriaMetrics(namespace: string): Promise<PromqlServer> {
  const folder = mkdtempSync(join(tmpdir(), 'ringtap-victoria-metrics-'));
  const server = await startPromqlServer(namespace, address, [
    ...newerTool('victoria-metrics'),
    ...[`-httpListenAddr=${address}`, `-storageDataPath=${folder}`, '-memory.allowedBytes=64MiB'],
    // Else names have no `_` for what Prometheus does not allow, and what is newer than 30 s is not shown.
    ...['-opentelemetry.usePrometheusNaming', '-search.latencyOffset=1ms'],
  ]);
  return {
    ...server,
    [Symbol.asyncDispose]: async () => {
      await server[Symbol.asyncDispose]();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
