// SPDX-License-Identifier: Apache-2.0
import { setTimeout as sleep } from 'node:timers/promises';
import type { SeriesLayout } from '../exposition/series-layout.ts';
import { PushResult } from '../metrics/families/push.ts';
import { type ClientTls, type PostAnswer, Poster } from './post.ts';
import type { PushCounters } from './push-metrics.ts';

/** Where metrics are sent, and when. */
export interface PushTarget {
  /** User and password may stand in it. */
  readonly url: URL;
  readonly intervalMillis: number;
  /** For the answer to one request. */
  readonly timeoutMillis: number;
}

/** How all series become requests, and what answers to them mean. */
export interface PushProtocol {
  /** What it is called in the log. */
  readonly name: string;
  /** Of every request; files among them are read anew each time. */
  headers(): Readonly<Record<string, string>>;
  tls(): ClientTls;
  bodies(layout: SeriesLayout, nowMillis: number): Promise<readonly Uint8Array[]>;
  /** Whether a request that was answered with this may be sent again. */
  mayRetry(status: number): boolean;
  /** What was not taken of a request that was, or nothing. */
  refusalIn(answer: PostAnswer): string | undefined;
  /** What an answer says of why it is no success. */
  textOf(answer: PostAnswer): string;
}

/** What sends needs of the program. */
export interface PushSource extends PushCounters {
  readonly layout: SeriesLayout;
  /** Brings values up to date that are only read when somebody asks. */
  beforeScrape(): void;
  /** Told when sending begins to work, or to fail, and then why. */
  report(failure: string | undefined): void;
}

/** Of one request, the first among them. */
const MAX_TRIES = 4;
const FIRST_PAUSE_MILLIS = 1_000;
/** Whoever asks for more is asked again all the same. */
const MAX_PAUSE_MILLIS = 600_000;
const MAX_REASON_CHARACTERS = 300;

/** A request was not taken; for how long to send nothing. */
class PushError extends Error {
  override readonly name = 'PushError';
  readonly pauseMillis: number;

  constructor(message: string, pauseMillis: number) {
    super(message);
    this.pauseMillis = pauseMillis;
  }
}

/**
 * Sends all series at an interval. A request that nobody answers, or that the other side cannot take now, is tried again while
 * the interval lasts; then it is dropped: what comes next says the same and more, so nothing is ever kept. Returns what
 * ends it.
 */
export function startPush(target: PushTarget, protocol: PushProtocol, source: PushSource): () => void {
  const push = new Push(target, protocol, source);
  const timer = setInterval(() => void push.tick(), target.intervalMillis);
  timer.unref();
  return () => {
    clearInterval(timer);
    push.stop();
  };
}

/** Sends all series whenever it is told to. */
export class Push {
  readonly #target: PushTarget;
  readonly #protocol: PushProtocol;
  readonly #source: PushSource;
  readonly #stop = new AbortController();
  #isSending = false;
  #notBefore = 0;
  /** Undefined before the first time. */
  #wasSent: boolean | undefined;

  constructor(target: PushTarget, protocol: PushProtocol, source: PushSource) {
    this.#target = target;
    this.#protocol = protocol;
    this.#source = source;
  }

  /** Sends all, unless that is still going on, or the other side asked for time. */
  async tick(): Promise<void> {
    if (this.#isSending) return;
    if (performance.now() < this.#notBefore) {
      this.#source.counted(PushResult.deferred);
      return;
    }
    this.#isSending = true;
    let failure: string | undefined;
    let result: PushResult = PushResult.sent;
    try {
      failure = await this.#sendAll();
      if (failure !== undefined) result = PushResult.partial;
    } catch (error) {
      failure = reasonOf(error as Error);
      result = PushResult.failed;
      if (error instanceof PushError) this.#notBefore = performance.now() + error.pauseMillis;
    }
    this.#isSending = false;
    if (this.#stop.signal.aborted) return;
    this.#source.counted(result);
    const isSent = failure === undefined;
    if (isSent !== this.#wasSent) this.#source.report(failure);
    this.#wasSent = isSent;
  }

  stop(): void {
    this.#stop.abort();
  }

  /** Returns what of it was not taken, or nothing. */
  async #sendAll(): Promise<string | undefined> {
    const protocol = this.#protocol;
    const { layout } = this.#source;
    const endMillis = performance.now() + this.#target.intervalMillis;
    this.#source.beforeScrape();
    layout.refresh();
    // All of it at once: the layout is refreshed by scrapes too, and requests take their time.
    const bodies = await protocol.bodies(layout, Date.now());
    using poster = new Poster(this.#target.url, protocol.tls());
    const refusals: string[] = [];
    for (const body of bodies) {
      const refusal = protocol.refusalIn(await this.#send(poster, body, endMillis));
      if (refusal !== undefined) refusals.push(refusal);
    }
    return refusals[0] && `in part: ${shortened(refusals[0])}`;
  }

  async #send(poster: Poster, body: Uint8Array, endMillis: number): Promise<PostAnswer> {
    const protocol = this.#protocol;
    const headers = { ...credentialsIn(this.#target.url), ...protocol.headers() };
    for (let tries = 1; ; tries++) {
      let reason: string;
      let pauseMillis = pauseOf(tries);
      let askedForMillis = 0;
      try {
        const answer = await poster.post(headers, body, this.#target.timeoutMillis, this.#stop.signal);
        if (answer.status >= 200 && answer.status < 300) return answer;
        reason = `${answer.status} ${shortened(protocol.textOf(answer))}`.trim();
        if (!protocol.mayRetry(answer.status)) throw new PushError(reason, 0);
        askedForMillis = Math.min(answer.retryAfterMillis ?? 0, MAX_PAUSE_MILLIS);
        pauseMillis = Math.max(pauseMillis, askedForMillis);
      } catch (error) {
        if (error instanceof PushError || this.#stop.signal.aborted) throw error;
        reason = reasonOf(error as Error);
      }
      const isTooLate = performance.now() + pauseMillis >= endMillis;
      if (tries === MAX_TRIES || isTooLate) throw new PushError(reason, askedForMillis);
      this.#source.retried();
      await sleep(pauseMillis, undefined, { signal: this.#stop.signal, ref: false });
    }
  }
}

/** Twice as long each time, and not all senders at once. */
function pauseOf(tries: number): number {
  return FIRST_PAUSE_MILLIS * 2 ** (tries - 1) * (0.5 + Math.random() / 2);
}

/** Basic authorization (RFC 7617) of the user in a URL. */
function credentialsIn({ username, password }: URL): Record<string, string> {
  if (username === '') return {};
  const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { authorization: `Basic ${Buffer.from(credentials).toString('base64')}` };
}

const shortened = (text: string): string => text.trim().slice(0, MAX_REASON_CHARACTERS);

/** Where several addresses were tried, the error itself says nothing. */
function reasonOf({ message, code = 'no connection' }: Error & { readonly code?: string }): string {
  return message || code;
}
