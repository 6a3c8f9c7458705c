// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs';
import { RemoteWriteRenderer, snappyLiterals } from '../exposition/remote-write.ts';
import type { SeriesLayout } from '../exposition/series-layout.ts';
import type { WebMetrics } from './web-metrics.ts';

/** Where metrics are sent, and as whose. */
export interface RemoteWriteOptions {
  readonly url: URL;
  readonly intervalMillis: number;
  /** Labels of every series. */
  readonly labels: ReadonlyMap<string, string>;
  /** Read at each sending: a token may change. */
  readonly bearerTokenFile: string | undefined;
}

/** What sends needs of the program. */
export interface RemoteWriteSource {
  readonly layout: SeriesLayout;
  readonly metrics: WebMetrics;
  readonly version: string;
  /** Brings values up to date that are only read when somebody asks. */
  beforeScrape(): void;
  /** Told when sending begins to work, or to fail, and then why. */
  report(failure: string | undefined): void;
}

const MAX_ANSWER_CHARACTERS = 200;

/**
 * Sends all series at an interval by Prometheus remote write 1.0. What could not be sent is not kept: counters say the same a
 * little later. Returns what ends it.
 */
export function startRemoteWrite(options: RemoteWriteOptions, source: RemoteWriteSource): () => void {
  const renderer = new RemoteWriteRenderer(options.labels);
  let isSending = false;
  let wasSent: boolean | undefined;
  const stop = new AbortController();
  const sendAll = async (): Promise<void> => {
    source.beforeScrape();
    source.layout.refresh();
    // All of it at once: the layout is refreshed by scrapes too, and requests take their time.
    for (const request of [...renderer.render(source.layout, Date.now())])
      await send(options, source, request, stop.signal);
  };
  const timer = setInterval(async () => {
    // One at a time, however slow the other side is.
    if (isSending) return;
    isSending = true;
    let failure: string | undefined;
    try {
      await sendAll();
    } catch (error) {
      failure = reasonOf(error as Error);
    }
    isSending = false;
    source.metrics.remoteWrite(failure === undefined);
    const isSent = failure === undefined;
    if (stop.signal.aborted || isSent === wasSent) return;
    wasSent = isSent;
    source.report(failure);
  }, options.intervalMillis);
  timer.unref();
  return () => {
    clearInterval(timer);
    stop.abort();
  };
}

async function send(
  { url, intervalMillis, bearerTokenFile }: RemoteWriteOptions,
  { version }: RemoteWriteSource,
  request: Uint8Array,
  stop: AbortSignal,
): Promise<void> {
  const target = new URL(url);
  target.username = '';
  target.password = '';
  const response = await fetch(target, {
    method: 'POST',
    body: snappyLiterals(request),
    redirect: 'error',
    signal: AbortSignal.any([stop, AbortSignal.timeout(intervalMillis)]),
    headers: {
      'Content-Encoding': 'snappy',
      'Content-Type': 'application/x-protobuf',
      'User-Agent': `ringtap/${version}`,
      'X-Prometheus-Remote-Write-Version': '0.1.0',
      ...authorization(url, bearerTokenFile),
    },
  });
  if (response.ok) {
    await response.body?.cancel();
    return;
  }
  const text = (await response.text()).trim().slice(0, MAX_ANSWER_CHARACTERS);
  throw new Error(`${response.status} ${text}`);
}

function authorization(url: URL, bearerTokenFile: string | undefined): Record<string, string> {
  if (bearerTokenFile !== undefined)
    return { Authorization: `Bearer ${readFileSync(bearerTokenFile, 'utf8').trim()}` };
  if (url.username === '') return {};
  const credentials = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
  return { Authorization: `Basic ${Buffer.from(credentials).toString('base64')}` };
}

function reasonOf({ message, cause }: Error): string {
  return cause instanceof Error ? `${message}: ${cause.message}` : message;
}
