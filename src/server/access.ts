// SPDX-License-Identifier: Apache-2.0
import type { TLSSocket } from 'node:tls';
import { Passwords } from './passwords.ts';
import { clientCertificateFault } from './tls-options.ts';
import { TokenBucket } from './token-bucket.ts';
import type { WebConfig } from './web-config.ts';

/** Of a request, what decides whether it is answered. */
export interface AccessRequest {
  readonly headers: { readonly authorization?: string | undefined };
  readonly socket: { readonly remoteAddress?: string | undefined };
}

/** Why a request is not answered. */
export interface Refusal {
  readonly status: 401 | 403 | 429;
  readonly text: string;
  readonly headers?: Readonly<Record<string, string>>;
}

const retryAfter = { 'Retry-After': '1' };
const tooMany: Refusal = { status: 429, text: 'Too many requests.\n', headers: retryAfter };
const tooManyPasswords: Refusal = {
  status: 429,
  text: 'Too many passwords to check.\n',
  headers: retryAfter,
};
const unauthorized: Refusal = {
  status: 401,
  text: 'Unauthorized.\n',
  headers: { 'WWW-Authenticate': 'Basic realm="ringtap", charset="UTF-8"' },
};

/** Says who is let in, by what the web configuration says at the time. */
export class Access {
  readonly passwords: Passwords = new Passwords();
  #bucket: TokenBucket | undefined;
  #bucketOf: WebConfig | undefined;

  /** Why a request gets no answer; undefined where it gets one. */
  async check(config: WebConfig, request: AccessRequest): Promise<Refusal | undefined> {
    if (!this.#isInTime(config)) return tooMany;
    if (config.tls !== undefined) {
      const fault = clientCertificateFault(config.tls, request.socket as TLSSocket);
      if (fault !== undefined) return { status: 403, text: `${fault}\n` };
    }
    if (config.users.size === 0) return undefined;
    const credentials = basicCredentials(request.headers.authorization);
    if (credentials === undefined) return unauthorized;
    const client = clientOf(request.socket.remoteAddress ?? '');
    const verdict = await this.passwords.check(config.users, credentials.user, credentials.password, client);
    if (verdict === 'right') return undefined;
    return verdict === 'wrong' ? unauthorized : tooManyPasswords;
  }

  #isInTime(config: WebConfig): boolean {
    if (config.rateLimit === undefined) return true;
    const nowMillis = performance.now();
    if (this.#bucket === undefined || this.#bucketOf !== config) {
      this.#bucket = new TokenBucket(config.rateLimit.intervalMillis, config.rateLimit.burst, nowMillis);
      this.#bucketOf = config;
    }
    return this.#bucket.take(nowMillis);
  }
}

/** User and password of an Authorization header field (RFC 7617 §2); undefined where it has none. */
export function basicCredentials(
  authorization: string | undefined,
): { readonly user: string; readonly password: string } | undefined {
  const encoded = /^basic +([A-Za-z0-9+/]+={0,2}) *$/i.exec(authorization ?? '')?.[1];
  if (encoded === undefined) return undefined;
  const text = Buffer.from(encoded, 'base64').toString();
  const colon = text.indexOf(':');
  return colon < 0 ? undefined : { user: text.slice(0, colon), password: text.slice(colon + 1) };
}

/** Who one client is: an IPv4 address, or the /64 of an IPv6 address, all of which one host can have. */
export function clientOf(address: string): string {
  if (!address.includes(':') || address.startsWith('::ffff:')) return address;
  const [head = ''] = address.split('::');
  const words = head === '' ? [] : head.split(':');
  return [...words, '0', '0', '0', '0'].slice(0, 4).join(':');
}
