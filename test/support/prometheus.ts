// SPDX-License-Identifier: Apache-2.0
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { newerTool } from './newer-tool.ts';
import { type PromqlServer, startPromqlServer } from './promql-server.ts';

const address = '127.0.0.1:9090';

/** How to start Prometheus. */
export type PrometheusOptions = {
  /** What `--enable-feature` names. */
  readonly features?: readonly string[];
  /** Debian 13's 2.53 rather than Debian 12's 2.42. */
  readonly isNewer?: boolean;
};

/**
 * Starts Debian's Prometheus with one job; `job` is what scrape_configs says of it, as YAML lines. Without a job it takes what is
 * sent to it by remote write.
 */
export async function startPrometheus(
  namespace: string,
  job: string | undefined,
  { features = [], isNewer = false }: PrometheusOptions = {},
): Promise<PromqlServer> {
  const folder = mkdtempSync(join(tmpdir(), 'ringtap-prometheus-'));
  const jobs =
    job === undefined ? '[]' : `\n  - job_name: ringtap\n    ${job.trim().replaceAll('\n', '\n    ')}`;
  // A scrape takes 0.1 s, on a machine that has much else to do several times that.
  writeFileSync(
    join(folder, 'prometheus.yml'),
    `global:\n  scrape_interval: 1s\n  scrape_timeout: 1s\nscrape_configs: ${jobs}\n`,
  );
  const server = await startPromqlServer(namespace, address, [
    ...(isNewer ? newerTool('prometheus') : ['prometheus']),
    ...[`--config.file=${folder}/prometheus.yml`, `--storage.tsdb.path=${folder}/data`],
    ...[`--web.listen-address=${address}`, ...features.map((name) => `--enable-feature=${name}`)],
    ...(job === undefined ? ['--web.enable-remote-write-receiver'] : []),
  ]);
  return {
    ...server,
    [Symbol.asyncDispose]: async () => {
      await server[Symbol.asyncDispose]();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
