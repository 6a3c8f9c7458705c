// SPDX-License-Identifier: Apache-2.0
import { killAndWait, startCommand } from './command.ts';
import { waitUntil } from './deadline.ts';

/** One sample of an answer: labels, and a value or a native histogram. */
export type PromqlSample = {
  readonly metric: Readonly<Record<string, string>>;
  readonly value?: readonly [number, string];
  readonly histogram?: unknown;
};

/** A real program that stores metrics and answers queries as Prometheus does, in a network namespace. */
export type PromqlServer = AsyncDisposable & {
  /** What a query gives now. */
  query(promql: string): Promise<readonly PromqlSample[]>;
  /** Asks until a query gives what is expected, and returns it. */
  queryUntil(
    promql: string,
    isRight: (samples: readonly PromqlSample[]) => boolean,
  ): Promise<readonly PromqlSample[]>;
  /** GET of a path of its API, parsed. */
  get(path: string): Promise<unknown>;
  log(): string;
};

/** Starts it by the words of its command; it is to listen on an address, such as `127.0.0.1:9090`. */
export async function startPromqlServer(
  namespace: string,
  address: string,
  [program, ...args]: readonly string[],
): Promise<PromqlServer> {
  const running = await startCommand(program!, args, { namespace, timeoutMillis: 120_000 });
  const get = async (path: string): Promise<unknown> => {
    const curl = await startCommand('curl', ['--silent', '--max-time', '5', `http://${address}${path}`], {
      namespace,
      timeoutMillis: 10_000,
    });
    const { stdout } = await curl.finished;
    return stdout.startsWith('{') ? JSON.parse(stdout) : undefined;
  };
  const query = async (promql: string): Promise<readonly PromqlSample[]> => {
    const answer = await get(`/api/v1/query?query=${encodeURIComponent(promql)}`);
    return (answer as { data?: { result: PromqlSample[] } } | undefined)?.data?.result ?? [];
  };
  return {
    query,
    queryUntil: async (promql, isRight) => {
      let last: readonly PromqlSample[] = [];
      let targets: unknown;
      return await waitUntil(
        promql,
        async () => {
          last = await query(promql);
          if (isRight(last)) return last;
          targets = await get('/api/v1/targets');
          return undefined;
        },
        30_000,
        () => `${JSON.stringify(last)}\n${JSON.stringify(targets)}\n${running.stderr().slice(-3000)}`,
      );
    },
    get,
    log: running.stderr,
    [Symbol.asyncDispose]: async () => {
      await killAndWait(running);
    },
  };
}
