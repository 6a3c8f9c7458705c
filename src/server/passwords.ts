// SPDX-License-Identifier: Apache-2.0
import { createHmac, randomBytes } from 'node:crypto';
import { Worker } from 'node:worker_threads';
import { TokenBucket } from './token-bucket.ts';

/** What the thread is asked, and what it answers. */
export interface PasswordQuestion {
  readonly id: number;
  readonly password: string;
  readonly hash: string;
}
export interface PasswordVerdict {
  readonly id: number;
  readonly isRight: boolean;
}

/** `later`: too many passwords are being checked, in all or of this client. */
export type Verdict = 'right' | 'wrong' | 'later';

/** Verdicts that are remembered, each of right and of wrong ones. */
const MAX_VERDICTS = 256;
/** Passwords that wait for the thread, 0.1 s each: less than the requests the server has at a time. */
const MAX_WAITING = 8;
/** What a client may try: 5 at once, then one a second. */
const TRY_INTERVAL_MILLIS = 1000;
const TRY_BURST = 5;
const MAX_CLIENTS = 1024;
/** bcrypt reads 72 bytes; whoever sends more is not hashed for. */
const MAX_PASSWORD_LENGTH = 256;

/**
 * Checks passwords against bcrypt hashes, which takes 0.1 s of computing: in a thread of its own, once for each password as
 * long as its verdict is remembered. What is remembered is a keyed hash: no password stays in memory.
 */
export class Passwords {
  readonly #key = randomBytes(32);
  readonly #right = new Map<string, true>();
  readonly #wrong = new Map<string, true>();
  readonly #waiting = new Map<string, Promise<boolean>>();
  readonly #questions = new Map<number, PromiseWithResolvers<boolean>>();
  readonly #clients = new Map<string, TokenBucket>();
  #worker: Worker | undefined;
  #nextId = 0;

  /** Hashes computed so far. */
  hashed = 0;

  /**
   * Whether `password` is that of `user`. A user who is not there costs what one costs who is, so that nobody learns names
   * from the time. `client` is the address that asks.
   */
  async check(
    users: ReadonlyMap<string, string>,
    user: string,
    password: string,
    client: string,
  ): Promise<Verdict> {
    if (password.length > MAX_PASSWORD_LENGTH) return 'wrong';
    const hash = users.get(user) ?? users.values().next().value ?? '';
    const name = createHmac('sha256', this.#key)
      .update(JSON.stringify([user, hash, password]))
      .digest('base64');
    // The hash may be that of somebody else.
    if (this.#right.has(name)) return users.has(user) ? 'right' : 'wrong';
    if (this.#wrong.has(name)) return 'wrong';
    let verdict = this.#waiting.get(name);
    if (verdict === undefined) {
      if (this.#waiting.size >= MAX_WAITING || !this.#mayTry(client)) return 'later';
      verdict = this.#ask(password, hash).finally(() => this.#waiting.delete(name));
      this.#waiting.set(name, verdict);
    }
    const isRight = await verdict;
    remember(isRight ? this.#right : this.#wrong, name, true, MAX_VERDICTS);
    return isRight && users.has(user) ? 'right' : 'wrong';
  }

  /** Ends the thread. */
  async close(): Promise<void> {
    await this.#worker?.terminate();
  }

  #mayTry(client: string): boolean {
    const nowMillis = performance.now();
    let bucket = this.#clients.get(client);
    if (bucket === undefined) {
      bucket = new TokenBucket(TRY_INTERVAL_MILLIS, TRY_BURST, nowMillis);
      remember(this.#clients, client, bucket, MAX_CLIENTS);
    }
    return bucket.take(nowMillis);
  }

  #ask(password: string, hash: string): Promise<boolean> {
    const id = this.#nextId++;
    const answer = Promise.withResolvers<boolean>();
    this.#questions.set(id, answer);
    this.#worker ??= this.#start();
    this.#worker.postMessage({ id, password, hash } satisfies PasswordQuestion);
    this.hashed++;
    return answer.promise;
  }

  #start(): Worker {
    const worker = new Worker(new URL('./password-worker.ts', import.meta.url), {
      resourceLimits: { maxOldGenerationSizeMb: 32, maxYoungGenerationSizeMb: 2 },
    });
    worker.unref();
    worker.on('message', ({ id, isRight }: PasswordVerdict) => {
      this.#questions.get(id)?.resolve(isRight);
      this.#questions.delete(id);
    });
    const fail = (error: unknown): void => {
      this.#worker = undefined;
      for (const question of this.#questions.values()) question.reject(error);
      this.#questions.clear();
    };
    worker.on('error', fail);
    worker.on('exit', () => fail(new Error('the thread that checks passwords ended')));
    return worker;
  }
}

/** Sets an entry; where there are too many, the oldest goes. */
function remember<Value>(map: Map<string, Value>, key: string, value: Value, limit: number): void {
  if (map.size >= limit) map.delete(map.keys().next().value!);
  map.set(key, value);
}
