// SPDX-License-Identifier: Apache-2.0
import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { renderMetricsDocument } from '../exposition/metrics-document.ts';
import { openMetricsContentType, renderOpenMetrics } from '../exposition/open-metrics.ts';
import { renderText, textContentType } from '../exposition/prometheus-text.ts';
import { protobufContentType, renderProtobuf } from '../exposition/protobuf.ts';
import type { SeriesLayout } from '../exposition/series-layout.ts';
import { RequestOutcome } from '../metrics/families/web.ts';
import type { Refusal } from './access.ts';
import { acceptsGzip, type Format, preferredFormat } from './content-negotiation.ts';
import { landingPagePolicy, renderLandingPage } from './landing-page.ts';
import { type Lifecycle, lifecycleAnswer } from './lifecycle.ts';

/** Who is let in, and what their answers carry besides. */
export interface SiteAccess {
  /** Why a request gets no answer; undefined where it gets one. */
  check(request: IncomingMessage): Promise<Refusal | undefined>;
  headers(): OutgoingHttpHeaders;
}

/** What the server serves. */
export interface Site {
  /** Where the metrics are, such as `/metrics`. */
  readonly telemetryPath: string;
  /** Everybody, if not given. */
  readonly access?: SiteAccess;
  /** Shown on the landing page. */
  readonly version: string;
  readonly layout: SeriesLayout;
  /** Brings values up to date that are only read when somebody asks; right before each scrape. */
  beforeScrape(): void;
  /** Whether packets are being captured: the answer of `/-/ready`. */
  isReady(): boolean;
  /** Where clients may reload and end the program. */
  readonly lifecycle?: Lifecycle;
  /** Told a sentence when a request failed for a reason of ours. */
  reportError(sentence: string): void;
}

interface Answer {
  readonly status: number;
  readonly text: string | Uint8Array<ArrayBuffer>;
  readonly headers?: OutgoingHttpHeaders;
}

const plainText = 'text/plain; charset=utf-8';
/** Below this a compressed answer saves no packet. */
const MIN_GZIP_BYTES = 1400;
const gzipAsync = promisify(gzip);

function scrape(site: Site, request: IncomingMessage): Answer {
  site.beforeScrape();
  site.layout.refresh();
  const { contentType, render } = formats[preferredFormat(request.headers.accept)];
  return {
    status: 200,
    text: render(site.layout),
    headers: { 'Content-Type': contentType, Vary: 'Accept, Accept-Encoding' },
  };
}

const formats: Readonly<
  Record<Format, { contentType: string; render: (layout: SeriesLayout) => string | Uint8Array<ArrayBuffer> }>
> = {
  text: { contentType: textContentType, render: renderText },
  openMetrics: { contentType: openMetricsContentType, render: renderOpenMetrics },
  protobuf: { contentType: protobufContentType, render: renderProtobuf },
};

function landingPage(site: Site): Answer {
  site.layout.refresh();
  return {
    status: 200,
    text: renderLandingPage(site),
    headers: { 'Content-Type': 'text/html; charset=utf-8', 'Content-Security-Policy': landingPagePolicy },
  };
}

function readiness(site: Site): Answer {
  return site.isReady()
    ? { status: 200, text: 'ringtap is ready.\n' }
    : { status: 503, text: 'ringtap is not ready: no interface is being captured.\n' };
}

const routes: ReadonlyMap<string, (site: Site, request: IncomingMessage) => Answer> = new Map([
  ['/', landingPage],
  ['/docs/metrics', () => ({ status: 200, text: renderMetricsDocument() })],
  ['/-/healthy', () => ({ status: 200, text: 'ringtap is healthy.\n' })],
  ['/-/ready', readiness],
]);

/** The path of a request target in origin or absolute form (RFC 9112 §3.2), without the query. */
function pathOf(target: string): string {
  return target.replace(/^https?:\/\/[^/?]*/i, '').split('?', 1)[0] || '/';
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) !== 0;
}

function answerTo(site: Site, request: IncomingMessage): Answer {
  const path = pathOf(request.url ?? '/');
  const route = path === site.telemetryPath ? scrape : routes.get(path);
  if (!route) return { status: 404, text: 'Not found. See / for what there is.\n' };
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    return { status: 405, text: 'Only GET and HEAD.\n', headers: { Allow: 'GET, HEAD' } };
  }
  if (hasBody(request)) return { status: 413, text: 'A request has no body here.\n' };
  return route(site, request);
}

async function send(
  site: Site,
  request: IncomingMessage,
  response: ServerResponse,
  answer: Answer | Refusal,
): Promise<void> {
  const { text } = answer;
  let body =
    typeof text === 'string' ? Buffer.from(text) : Buffer.from(text.buffer, text.byteOffset, text.length);
  const headers: OutgoingHttpHeaders = {
    'Content-Type': plainText,
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
    Vary: 'Accept-Encoding',
    ...site.access?.headers(),
    ...answer.headers,
  };
  if (
    body.length >= MIN_GZIP_BYTES &&
    acceptsGzip(request.headers['accept-encoding'] as string | undefined)
  ) {
    // On a thread of the pool; the fastest level already makes a twentieth of it.
    body = await gzipAsync(body, { level: 1 });
    headers['Content-Encoding'] = 'gzip';
  }
  headers['Content-Length'] = body.length;
  // What follows on the connection would be the body, so the connection ends.
  if (hasBody(request)) headers['Connection'] = 'close';
  response.writeHead(answer.status, headers);
  response.end(request.method === 'HEAD' ? undefined : body);
}

/** Answers a request. Never throws nor rejects: what goes wrong becomes a 500 and a report. */
export async function handleRequest(
  site: Site,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<RequestOutcome> {
  try {
    const answer =
      (await site.access?.check(request)) ??
      (await lifecycleAnswer(site.lifecycle, pathOf(request.url ?? '/'), request)) ??
      answerTo(site, request);
    await send(site, request, response, answer);
    return outcomeByStatus.get(answer.status) ?? RequestOutcome.answered;
  } catch (error) {
    site.reportError(`${request.method} ${pathOf(request.url ?? '/')} failed: ${(error as Error).message}`);
    if (response.headersSent) response.destroy();
    else response.writeHead(500, { 'Content-Type': plainText }).end('Internal error; see the log.\n');
    return RequestOutcome.failed;
  }
}

const outcomeByStatus: ReadonlyMap<number, RequestOutcome> = new Map([
  [401, RequestOutcome.unauthorized],
  [403, RequestOutcome.forbidden],
  [404, RequestOutcome.refused],
  [405, RequestOutcome.refused],
  [413, RequestOutcome.refused],
  [429, RequestOutcome.limited],
]);

/** Answers a request that comes while too many others are unanswered. */
export function refuseRequest(response: ServerResponse): void {
  response
    .writeHead(503, { 'Content-Type': plainText, 'Retry-After': '1', Connection: 'close' })
    .end('Too many requests at once.\n');
}
