// SPDX-License-Identifier: Apache-2.0
import { Agent as HttpAgent, type IncomingMessage, request as requestHttp } from 'node:http';
import { Agent as HttpsAgent, request as requestHttps } from 'node:https';

/** Certificates as PEM: whom to trust besides, and who one is. */
export interface ClientTls {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
}

/** What a server says to a POST. */
export interface PostAnswer {
  readonly status: number;
  /** `Retry-After` (RFC 9110 §10.2.3), if it can be read. */
  readonly retryAfterMillis: number | undefined;
  /** Its beginning, where there is much. */
  readonly body: Uint8Array;
}

const MAX_ANSWER_BYTES = 65_536;

/**
 * Sends to one place over one connection, so that TLS is shaken hands for once. Redirections are answers like others: nothing
 * is sent to where nobody configured it.
 */
export class Poster implements Disposable {
  readonly #url: URL;
  readonly #agent: HttpAgent;
  readonly #request: typeof requestHttp;

  constructor(url: URL, tls: ClientTls) {
    // It is told in `headers` whose it is.
    this.#url = new URL(url);
    this.#url.username = '';
    this.#url.password = '';
    const isTls = url.protocol === 'https:';
    const options = { keepAlive: true, maxSockets: 1 };
    this.#agent = isTls ? new HttpsAgent({ ...options, ...tls }) : new HttpAgent(options);
    this.#request = isTls ? requestHttps : requestHttp;
  }

  /** Rejects where there is no answer within `timeoutMillis`, or `stop` says so. */
  async post(
    headers: Readonly<Record<string, string>>,
    body: Uint8Array,
    timeoutMillis: number,
    stop: AbortSignal,
  ): Promise<PostAnswer> {
    const timeout = AbortSignal.timeout(timeoutMillis);
    try {
      const response = await new Promise<IncomingMessage>((resolve, reject) => {
        const request = this.#request(this.#url, {
          method: 'POST',
          agent: this.#agent,
          signal: AbortSignal.any([stop, timeout]),
          headers: { ...headers, 'Content-Length': body.length },
        });
        request.on('response', resolve);
        request.on('error', reject);
        request.end(body);
      });
      return {
        status: response.statusCode!,
        retryAfterMillis: retryAfterMillis(response.headers['retry-after'], Date.now()),
        body: await beginningOf(response),
      };
    } catch (error) {
      if (timeout.aborted) throw new Error(`no answer within ${timeoutMillis / 1000} s`);
      throw error;
    }
  }

  [Symbol.dispose](): void {
    this.#agent.destroy();
  }
}

async function beginningOf(response: IncomingMessage): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    length += chunk.length;
    // To break ends the connection.
    if (length >= MAX_ANSWER_BYTES) break;
  }
  return Buffer.concat(chunks).subarray(0, MAX_ANSWER_BYTES);
}

/** Seconds or a date. */
export function retryAfterMillis(text: string | undefined, nowMillis: number): number | undefined {
  if (text === undefined) return undefined;
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1000;
  const millis = Date.parse(text) - nowMillis;
  return Number.isNaN(millis) ? undefined : Math.max(0, millis);
}
