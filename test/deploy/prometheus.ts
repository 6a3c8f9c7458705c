// SPDX-License-Identifier: Apache-2.0
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { killAndWait, runCommand, startCommand } from '../support/command.ts';
import { waitUntil } from '../support/deadline.ts';
import { deployFolder } from './files.ts';

/** What a query gave: a number for each series, or what Prometheus said against it. */
export type Answer = { readonly values: readonly number[]; readonly error?: string };

/** What Prometheus says of a rule. */
export type RuleState = { readonly name: string; readonly type: string; readonly health: string };

/** Debian's Prometheus with the configuration and rules of deploy/. */
export type DeployedPrometheus = AsyncDisposable & {
  /** What queries give now, in their order. */
  ask(queries: readonly string[]): Promise<Answer[]>;
  rules(): Promise<RuleState[]>;
  log(): string;
};

const address = '127.0.0.1:9090';

/**
 * Starts it in a network namespace where ringtap listens on 127.0.0.1:10060, as the configuration has it; only the times are
 * others, so that seconds suffice, and `otherAddress` is scraped as well.
 */
export async function startDeployedPrometheus(
  namespace: string,
  otherAddress: string,
): Promise<DeployedPrometheus> {
  const folder = mkdtempSync(join(tmpdir(), 'ringtap-deploy-'));
  cpSync(join(deployFolder, 'prometheus'), folder, { recursive: true });
  for (const [file, from, to] of [
    ['prometheus.yml', /interval: 15s/g, 'interval: 1s'],
    ['prometheus.yml', /targets: \["127/g, `targets: ["${otherAddress}", "127`],
    ['rules/ringtap-ratios.yml', /interval: 5m/g, 'interval: 1s'],
  ] as const) {
    const text = readFileSync(join(folder, file), 'utf8');
    if (!from.test(text)) throw new Error(`${file}: no ${from}`);
    writeFileSync(join(folder, file), text.replaceAll(from, to));
  }
  const running = await startCommand(
    'prometheus',
    [
      ...[`--config.file=${folder}/prometheus.yml`, `--storage.tsdb.path=${folder}/data`],
      `--web.listen-address=${address}`,
    ],
    { namespace, timeoutMillis: 120_000 },
  );
  const get = async (urls: readonly string[]): Promise<unknown[]> => {
    const config = urls.map((url) => `url = "http://${address}${url}"\n`).join('');
    const text = await runCommand('curl', ['--silent', '--write-out', '\n', '--config', '-'], {
      namespace,
      input: config,
    });
    return text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
  };
  const prometheus: DeployedPrometheus = {
    ask: async (queries) => {
      const urls = queries.map((query) => `/api/v1/query?query=${encodeURIComponent(query)}`);
      const answers = (await get(urls)) as {
        error?: string;
        data?: { result: { value: [number, string] }[] };
      }[];
      return answers.map(({ data, error }) => ({
        values: data?.result.map(({ value }) => Number(value[1])) ?? [],
        ...(error === undefined ? {} : { error }),
      }));
    },
    rules: async () => {
      const [answer] = (await get(['/api/v1/rules'])) as { data: { groups: { rules: RuleState[] }[] } }[];
      return answer!.data.groups.flatMap(({ rules }) => rules);
    },
    log: running.stderr,
    [Symbol.asyncDispose]: async () => {
      await killAndWait(running);
      rmSync(folder, { recursive: true, force: true });
    },
  };
  try {
    await waitUntil(
      'Prometheus has scraped ringtap',
      async () => {
        if (running.child.exitCode !== null) throw new Error(running.stderr());
        const [up] = await prometheus.ask(['up']).catch(() => []);
        return up?.values[0] === 1 || undefined;
      },
      30_000,
      running.stderr,
    );
  } catch (error) {
    await prometheus[Symbol.asyncDispose]();
    throw error;
  }
  return prometheus;
}
