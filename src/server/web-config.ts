// SPDX-License-Identifier: Apache-2.0
import { readFileSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { type Document, isMap, isNode, isScalar, LineCounter, parseDocument } from 'yaml';
import { z } from 'zod';
import { cipherNames, curveNames, versionNames } from './tls-names.ts';

/** How a client's certificate is asked for and judged, by the names of Go's crypto/tls. */
export type ClientAuthType =
  | 'NoClientCert'
  | 'RequestClientCert'
  | 'RequireAnyClientCert'
  | 'VerifyClientCertIfGiven'
  | 'RequireAndVerifyClientCert';

/** What TLS is made of; PEM texts, read from their files. */
export interface TlsConfig {
  readonly cert: string;
  readonly key: string;
  readonly clientCa: string | undefined;
  readonly clientAuthType: ClientAuthType;
  /** Subject alternative names of which a client's certificate must have one; none: any. */
  readonly clientAllowedSans: readonly string[];
  /** As node:tls names them. */
  readonly minVersion: 'TLSv1' | 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3';
  readonly maxVersion: 'TLSv1' | 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3';
  /** As OpenSSL names them; none: Node's own choice. */
  readonly ciphers: readonly string[];
  readonly isServerCipherOrder: boolean;
  readonly curves: readonly string[];
}

/** What a web configuration file says, in the format of exporter-toolkit. */
export interface WebConfig {
  readonly tls: TlsConfig | undefined;
  readonly isHttp2: boolean;
  /** Header fields of every answer. */
  readonly headers: Readonly<Record<string, string>>;
  /** bcrypt hashes by user name; none: nobody is asked. */
  readonly users: ReadonlyMap<string, string>;
  readonly rateLimit: { readonly intervalMillis: number; readonly burst: number } | undefined;
}

/** A web configuration file cannot be used; the message is `FILE:LINE:COLUMN: what is wrong and what is right`. */
export class WebConfigError extends Error {
  override readonly name = 'WebConfigError';
}

const MAX_FILE_BYTES = 2 ** 20;
const MAX_USERS = 1000;
/** A hash takes 0.1 s at cost 10 and twice that for each further one. */
const MAX_COST = 14;
const MILLIS: Readonly<Record<string, number>> = { ms: 1, s: 1e3, m: 60e3, h: 3600e3 };

const fileName = z.string().min(1, 'names no file');
const headerValue = z.string().regex(/^[\t\x20-\x7e]*$/, 'must be printable ASCII on one line');
const durationForm = /^(?:0|(?:\d{1,9}(?:ms|s|m|h))+)$/;
const bcryptForm = /^\$2[abxy]?\$(\d\d)\$[./A-Za-z0-9]{53}$/;

const schema = z.strictObject({
  tls_server_config: z
    .strictObject({
      cert: z.string(),
      key: z.string(),
      client_ca: z.string(),
      cert_file: fileName,
      key_file: fileName,
      client_auth_type: z.enum([
        'NoClientCert',
        'RequestClientCert',
        'RequireAnyClientCert',
        'VerifyClientCertIfGiven',
        'RequireAndVerifyClientCert',
      ]),
      client_ca_file: fileName,
      client_allowed_sans: z.array(z.string()),
      min_version: z.enum(Object.keys(versionNames)),
      max_version: z.enum(Object.keys(versionNames)),
      cipher_suites: z.array(z.enum(Object.keys(cipherNames))),
      prefer_server_cipher_suites: z.boolean(),
      curve_preferences: z.array(z.enum(Object.keys(curveNames))),
    })
    .partial()
    .nullish(),
  http_server_config: z
    .strictObject({
      http2: z.boolean(),
      headers: z
        .strictObject({
          'X-Frame-Options': z.enum(['deny', 'sameorigin']),
          'X-XSS-Protection': headerValue,
          'X-Content-Type-Options': z.enum(['nosniff']),
          'Strict-Transport-Security': headerValue,
          'Content-Security-Policy': headerValue,
        })
        .partial()
        .nullish(),
    })
    .partial()
    .nullish(),
  basic_auth_users: z
    .record(
      z.string().regex(/^[^:]*$/, 'is no user name: a colon ends the name in a request'),
      z
        .string()
        .regex(bcryptForm, 'is no bcrypt hash: make one with "htpasswd -nBC 10 USER"')
        .refine(
          (hash) => Number(bcryptForm.exec(hash)?.[1] ?? 0) <= MAX_COST,
          `costs more than ${MAX_COST}: each password would take seconds; 10 is usual`,
        ),
    )
    .nullish(),
  rate_limit: z
    .strictObject({
      interval: z
        .union([z.string(), z.literal(0)])
        .refine(
          (text) => durationForm.test(`${text}`),
          'takes a duration such as 1s or 100ms; 0 is no limit',
        ),
      burst: z.int().min(1).max(1_000_000),
    })
    .partial()
    .nullish(),
});
type Parsed = z.infer<typeof schema>;

/** Reads a web configuration file and the files it names. Throws WebConfigError. */
export function readWebConfig(file: string): WebConfig {
  const lines = new LineCounter();
  const document = parseDocument(readText(file, file), { lineCounter: lines });
  const at = (offset: number): string => {
    const { line, col } = lines.linePos(offset);
    return `${file}:${line}:${col}`;
  };
  for (const { message, pos } of [...document.errors, ...document.warnings]) {
    throw new WebConfigError(`${at(pos[0])}: ${message.split(/ at line |:?\n/)[0]}`);
  }
  const fail = (path: readonly PropertyKey[], sentence: string, isOfKey = false): never => {
    throw new WebConfigError(
      `${at(offsetOf(document, path, isOfKey))}: ${path.join('.')}${path.length > 0 ? ' ' : ''}${sentence}`,
    );
  };
  const parsed = schema.safeParse(contentOf(document, fail) ?? {});
  if (!parsed.success) {
    const { path, sentence, isOfKey } = describe(parsed.error.issues[0]!);
    return fail(path, sentence, isOfKey);
  }
  const { http_server_config: http, basic_auth_users: users, rate_limit: limit } = parsed.data;
  if (Object.keys(users ?? {}).length > MAX_USERS)
    fail(['basic_auth_users'], `has more than ${MAX_USERS} users`);
  const intervalMillis = millisOf(`${limit?.interval ?? 0}`);
  return {
    tls: tlsOf(parsed.data, file, fail),
    isHttp2: http?.http2 ?? true,
    headers: Object.fromEntries(
      Object.entries(http?.headers ?? {}).flatMap(([name, value]) =>
        value === undefined ? [] : [[name, value]],
      ),
    ),
    users: new Map(Object.entries(users ?? {})),
    rateLimit: intervalMillis > 0 ? { intervalMillis, burst: limit?.burst ?? 1 } : undefined,
  };
}

/** Every file a web configuration depends on, itself first; what is wrong in it is not told here. */
export function filesOf(file: string): readonly string[] {
  try {
    const { tls_server_config: tls } = parseDocument(readText(file, file)).toJS() as {
      tls_server_config?: Record<string, unknown>;
    };
    const named = [tls?.['cert_file'], tls?.['key_file'], tls?.['client_ca_file']];
    return [file, ...named.filter((name) => typeof name === 'string').map((name) => besides(file, name))];
  } catch {
    return [file];
  }
}

type Fail = (path: readonly PropertyKey[], sentence: string, isOfKey?: boolean) => never;

function tlsOf({ tls_server_config: tls }: Parsed, file: string, fail: Fail): TlsConfig | undefined {
  const at = 'tls_server_config';
  if (!tls || Object.keys(tls).length === 0) return undefined;
  const pem = (name: 'cert' | 'key' | 'client_ca'): string | undefined => {
    const named = tls[`${name}_file`];
    if (named === undefined) return tls[name];
    if (tls[name] !== undefined) fail([at, name], `stands beside ${name}_file: leave one of them out`);
    try {
      return readText(besides(file, named), named);
    } catch (error) {
      return fail([at, `${name}_file`], `cannot be read: ${(error as Error).message}`);
    }
  };
  const clientAuthType = tls.client_auth_type ?? 'NoClientCert';
  const clientCa = pem('client_ca');
  const isVerified =
    clientAuthType === 'VerifyClientCertIfGiven' || clientAuthType === 'RequireAndVerifyClientCert';
  if (isVerified && clientCa === undefined) {
    fail([at, 'client_auth_type'], 'needs client_ca_file: certificates are verified with it');
  }
  if (clientCa !== undefined && clientAuthType === 'NoClientCert') {
    fail(
      [at],
      'has a client CA but asks for no certificate: add client_auth_type: RequireAndVerifyClientCert',
    );
  }
  const minVersion = versionNames[tls.min_version ?? 'TLS12']!;
  const maxVersion = versionNames[tls.max_version ?? 'TLS13']!;
  if (minVersion > maxVersion) fail([at, 'min_version'], 'is above max_version');
  return {
    cert: pem('cert') ?? fail([at], 'has no cert_file'),
    key: pem('key') ?? fail([at], 'has no key_file'),
    clientCa,
    clientAuthType,
    clientAllowedSans: tls.client_allowed_sans ?? [],
    minVersion,
    maxVersion,
    ciphers: (tls.cipher_suites ?? []).map((name) => cipherNames[name]!),
    isServerCipherOrder: tls.prefer_server_cipher_suites ?? true,
    curves: (tls.curve_preferences ?? []).map((name) => curveNames[name]!),
  };
}

function contentOf(document: Document, fail: Fail): unknown {
  try {
    return document.toJS();
  } catch (error) {
    return fail([], (error as Error).message);
  }
}

/** Files are named from where the configuration is. */
const besides = (file: string, name: string): string => resolve(dirname(file), name);

function readText(file: string, shown: string): string {
  try {
    const { size } = statSync(file);
    if (size > MAX_FILE_BYTES)
      throw new WebConfigError(`${shown} has ${size} bytes, more than ${MAX_FILE_BYTES}`);
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (error instanceof WebConfigError) throw error;
    throw new WebConfigError(
      `${shown}: ${(error as Error).message.replace(/^(E[A-Z]+): (.*?), .*$/, '$2 ($1)')}`,
    );
  }
}

function millisOf(text: string): number {
  let millis = 0;
  for (const [, count, unit] of text.matchAll(/(\d+)(ms|s|m|h)/g)) millis += Number(count) * MILLIS[unit!]!;
  return millis;
}

/** Where the value at a path stands, or its key, or what is the nearest above it. */
function offsetOf(document: Document, path: readonly PropertyKey[], isOfKey: boolean): number {
  for (let depth = path.length; depth > 0; depth--) {
    const parent = depth === 1 ? document.contents : document.getIn(path.slice(0, depth - 1), true);
    if (isMap(parent)) {
      const pair = parent.items.find(({ key }) => (isScalar(key) ? key.value : key) === path[depth - 1]);
      const node = depth === path.length && !isOfKey && isNode(pair?.value) ? pair.value : pair?.key;
      if (isNode(node) && node.range) return node.range[0];
    }
    const node = document.getIn(path.slice(0, depth), true);
    if (isNode(node) && node.range) return node.range[0];
  }
  return 0;
}

function describe(issue: z.core.$ZodIssue): {
  path: readonly PropertyKey[];
  sentence: string;
  isOfKey?: boolean;
} {
  const { path } = issue;
  if (issue.code === 'unrecognized_keys') {
    return {
      path: [...path, issue.keys[0]!],
      sentence: 'is not known here: see docs/web.md for what is',
      isOfKey: true,
    };
  }
  if (issue.code === 'invalid_value') return { path, sentence: `must be one of ${issue.values.join(', ')}` };
  if (issue.code === 'invalid_key') {
    return { path, sentence: issue.issues[0]?.message ?? issue.message, isOfKey: true };
  }
  if (issue.code === 'invalid_type') return { path, sentence: `must be of type ${issue.expected}` };
  return { path, sentence: issue.message };
}
