// SPDX-License-Identifier: Apache-2.0
import type { SessionLimit } from '../abuse/abuse-options.ts';
import { Counter } from './counter.ts';
import { Space, spaceLabels } from './definition.ts';
import { CONTEXT_SIZE, MAX_CONTEXTS } from './shard-memory.ts';
import type { ShardWriter } from './shard-writer.ts';

const CARRIER = 1 + spaceLabels[Space.traffic]!.indexOf('carrier');
/** In place of a limit's number: the context's carrier has none, or was not looked for yet. */
const NO_LIMIT = -1;
const NOT_KNOWN = -2;

/** Tells what the limits are: once for all shards, whose sums are shown. */
export function tellSessionLimits(writer: ShardWriter, limits: readonly SessionLimit[]): void {
  const limit = new Counter(writer, 'sip_session_limit');
  const ratio = new Counter(writer, 'sip_session_limit_ratio');
  for (const { carrier, sessions } of limits) {
    const context = writer.context(Space.carrier, [carrier]);
    writer.openAll(Space.carrier, context);
    limit.set(context, 0, sessions);
    ratio.set(context, 1, sessions);
  }
}

/** Sessions of carriers that have a limit. */
export class SessionLimitMetrics {
  readonly #writer: ShardWriter;
  readonly #limits: readonly SessionLimit[];
  /** By limit: sessions now, of all workers. */
  readonly #sessions: Int32Array;
  readonly #contexts: readonly number[];
  /** By context of traffic: number of the limit of its carrier. */
  readonly #limitOfContext = new Int16Array(MAX_CONTEXTS).fill(NOT_KNOWN);
  readonly #ratio: Counter;
  readonly #attemptsOver: Counter;

  /** `sessions` has a place for each limit; workers that share the traffic share it. */
  constructor(writer: ShardWriter, limits: readonly SessionLimit[], sessions: Int32Array) {
    this.#writer = writer;
    this.#limits = limits;
    this.#sessions = sessions;
    this.#contexts = limits.map(({ carrier }) => writer.context(Space.carrier, [carrier]));
    for (const context of this.#contexts) writer.openAll(Space.carrier, context);
    this.#ratio = new Counter(writer, 'sip_session_limit_ratio');
    this.#attemptsOver = new Counter(writer, 'sip_session_attempts_over_limit_total');
  }

  /** So many sessions came (positive) or went (negative) in a context of traffic. */
  sessionsChanged(context: number, change: number): void {
    const limit = this.#limitOf(context);
    if (limit < 0) return;
    Atomics.add(this.#sessions, limit, change);
    this.#ratio.add(this.#contexts[limit]!, 0, change);
  }

  /** A session attempt begins. */
  attemptBegun(context: number): void {
    const limit = this.#limitOf(context);
    if (limit < 0 || Atomics.load(this.#sessions, limit) < this.#limits[limit]!.sessions) return;
    this.#attemptsOver.add(this.#contexts[limit]!, 0, 1);
  }

  #limitOf(context: number): number {
    const known = this.#limitOfContext[context]!;
    return known === NOT_KNOWN ? this.#findLimit(context) : known;
  }

  #findLimit(context: number): number {
    const { memory } = this.#writer;
    const name = memory.text(memory.contexts[context * CONTEXT_SIZE + CARRIER]!);
    const limit = this.#limits.findIndex(({ carrier }) => carrier === name);
    this.#limitOfContext[context] = limit < 0 ? NO_LIMIT : limit;
    return limit;
  }
}
