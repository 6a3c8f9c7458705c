// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { waitUntil } from './deadline.ts';
import type { Host } from './network.ts';
import { type Ringtap, type RingtapOptions, startRingtap } from './ringtap.ts';

/** Ringtaps with different numbers of workers that watch the same interfaces at the same time. */
export type RingtapWorkers = AsyncDisposable & {
  readonly ringtaps: readonly Ringtap[];
  /**
   * Waits until all have counted the same. Only what tells of workers may be different, and how long delays are: each
   * socket takes the time of a packet itself. Returns what they say.
   */
  agree(): Promise<string>;
  /** `ringtap_worker_NAME_total` of all workers of all. */
  sum(name: string): Promise<number>;
};

/** Numbers of workers that must make no difference. */
const workerCounts: readonly number[] = [1, 2, 4];

/**
 * Starts them on a host, each with arguments of its own beside those of all. Dispose of it (`await using`) to be sure that all
 * end. Needs root.
 */
export async function startRingtapWorkers(
  host: Pick<Host, 'namespace' | 'interfaceName'>,
  options: RingtapOptions = {},
  argsOf: (index: number) => readonly string[] = () => [],
): Promise<RingtapWorkers> {
  await using stack = new AsyncDisposableStack();
  const ringtaps: Ringtap[] = [];
  for (const [index, workers] of workerCounts.entries()) {
    const ringtap = await startRingtap(host, {
      ...options,
      args: [...(options.args ?? []), ...argsOf(index), '--capture.workers', `${workers}`],
      listenAddress: `127.0.0.1:${10_060 + index}`,
    });
    ringtaps.push(stack.use(ringtap));
  }
  const all = stack.move();
  return {
    ringtaps,
    agree: () => agree(ringtaps),
    sum: async (name) => {
      const scrapes = await Promise.all(ringtaps.map((ringtap) => ringtap.scrape()));
      return scrapes.reduce((sum, scrape) => sum + scrape.sum(`ringtap_worker_${name}_total`), 0);
    },
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}

async function agree(ringtaps: readonly Ringtap[]): Promise<string> {
  const read = (): Promise<string[]> =>
    Promise.all(ringtaps.map(async (ringtap) => comparable((await ringtap.get('/metrics')).body)));
  // Twice in a row, as the scrapes may have been made between two packets.
  let last = '';
  const isAgreed = async (): Promise<string | undefined> => {
    const [first = '', ...rest] = await read();
    const isStill = first === last && rest.every((other) => other === first);
    last = first;
    return isStill ? first : undefined;
  };
  try {
    return await waitUntil('all ringtaps agree', isAgreed, 20_000);
  } catch {
    const [first = [], ...rest] = (await read()).map((text) => text.split('\n'));
    for (const other of rest) assert.deepEqual(other, first);
    throw new Error('the ringtaps agree for moments only');
  }
}

/**
 * What does not count SIP: the process, its web server and configuration, what each worker does, times but their counts, and how full
 * tables are, which changes all the time and is told once a second, and limits that each worker rounds to blocks.
 */
const others = [
  /^#/,
  /^(process|nodejs)_/,
  /^ringtap_worker_|family="ringtap_worker_/,
  /^ringtap_(web|config)_/,
  /^ringtap_table_entries/,
  /^ringtap_(fragments_memory|stream_buffer)(_limit)?_bytes /,
  /^ringtap_table_limit\{table="(sctp_fragments|tls_secrets)"\}/,
  /_seconds(_sum|_bucket)?\{/,
];

function comparable(text: string): string {
  return text
    .split('\n')
    .filter((line) => !others.some((other) => other.test(line)))
    .join('\n');
}
