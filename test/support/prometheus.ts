// SPDX-License-Identifier: Apache-2.0
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { killAndWait, startCommand } from './command.ts';
import { waitUntil } from './deadline.ts';

/** One sample of an answer: labels, and a value or a native histogram. */
export type Sample = {
  readonly metric: Readonly<Record<string, string>>;
  readonly value?: readonly [number, string];
  readonly histogram?: unknown;
};

/** A real Prometheus, in a network namespace. */
export type Prometheus = AsyncDisposable & {
  /** What a query gives now. */
  query(promql: string): Promise<readonly Sample[]>;
  /** Asks until a query gives what is expected, and returns it. */
  queryUntil(promql: string, isRight: (samples: readonly Sample[]) => boolean): Promise<readonly Sample[]>;
  /** GET of a path of its API, parsed. */
  get(path: string): Promise<unknown>;
  log(): string;
};

const address = '127.0.0.1:9090';

/**
 * Starts Debian's Prometheus with one job; `job` is what scrape_configs says of it, as YAML lines. Without a job it takes what is
 * sent to it by remote write; a `program` of version 3 by OTLP.
 */
export async function startPrometheus(
  namespace: string,
  job: string | undefined,
  features: readonly string[] = [],
  program?: string,
): Promise<Prometheus> {
  const folder = mkdtempSync(join(tmpdir(), 'ringtap-prometheus-'));
  const jobs =
    job === undefined ? '[]' : `\n  - job_name: ringtap\n    ${job.trim().replaceAll('\n', '\n    ')}`;
  writeFileSync(
    join(folder, 'prometheus.yml'),
    `global:\n  scrape_interval: 500ms\n  scrape_timeout: 500ms\nscrape_configs: ${jobs}\n`,
  );
  const running = await startCommand(
    program ?? 'prometheus',
    [
      ...[`--config.file=${folder}/prometheus.yml`, `--storage.tsdb.path=${folder}/data`],
      ...[`--web.listen-address=${address}`, ...features.map((name) => `--enable-feature=${name}`)],
      ...(job === undefined && program === undefined ? ['--web.enable-remote-write-receiver'] : []),
      ...(program === undefined ? [] : ['--web.enable-otlp-receiver']),
    ],
    { namespace, timeoutMillis: 120_000 },
  );
  const get = async (path: string): Promise<unknown> => {
    const curl = await startCommand('curl', ['--silent', '--max-time', '5', `http://${address}${path}`], {
      namespace,
      timeoutMillis: 10_000,
    });
    const { stdout } = await curl.finished;
    return stdout.startsWith('{') ? JSON.parse(stdout) : undefined;
  };
  const query = async (promql: string): Promise<readonly Sample[]> => {
    const answer = await get(`/api/v1/query?query=${encodeURIComponent(promql)}`);
    return (answer as { data?: { result: Sample[] } } | undefined)?.data?.result ?? [];
  };
  return {
    query,
    queryUntil: async (promql, isRight) => {
      let last: readonly Sample[] = [];
      return await waitUntil(
        promql,
        async () => {
          last = await query(promql);
          return isRight(last) ? last : undefined;
        },
        30_000,
        () => `${JSON.stringify(last)}\n${running.stderr().slice(-3000)}`,
      );
    },
    get,
    log: running.stderr,
    [Symbol.asyncDispose]: async () => {
      await killAndWait(running);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
