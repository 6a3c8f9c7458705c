// SPDX-License-Identifier: Apache-2.0
// The web server with a web configuration, over real connections. Certificates come from openssl, hashes from bcryptjs.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { connect as connectHttp2 } from 'node:http2';
import { request as httpsRequest } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import test, { after, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect, type TLSSocket } from 'node:tls';
import bcrypt from 'bcryptjs';
import { SeriesLayout } from '../exposition/series-layout.ts';
import { ShardMemory } from '../metrics/shard-memory.ts';
import { ShardWriter } from '../metrics/shard-writer.ts';
import { basicCredentials, clientOf } from './access.ts';
import { startServer } from './http-server.ts';
import { subjectAlternativeNames } from './tls-options.ts';
import { TokenBucket } from './token-bucket.ts';
import { WebMetrics } from './web-metrics.ts';

const folder = mkdtempSync(join(tmpdir(), 'ringtap-web-access-'));
after(() => rmSync(folder, { recursive: true }));
const at = (name: string): string => join(folder, name);

function certificate(name: string, ...args: readonly string[]): void {
  const key = [
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:P-256',
    '-nodes',
    '-keyout',
    at(`${name}.key`),
  ];
  const subject = ['-subj', `/CN=${name}`, '-days', '2', '-out', at(`${name}.crt`)];
  execFileSync('openssl', ['req', '-x509', ...key, ...subject, ...args], { stdio: 'pipe' });
}
certificate('one', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1');
certificate('two', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1');
certificate('ca');
certificate(
  'scraper',
  '-CA',
  at('ca.crt'),
  '-CAkey',
  at('ca.key'),
  '-addext',
  'subjectAltName=DNS:prometheus.example',
);
certificate('stranger', '-addext', 'subjectAltName=DNS:prometheus.example');

const secret = bcrypt.hashSync('secret', 10);
const tlsLines = 'tls_server_config:\n  cert_file: server.crt\n  key_file: server.key\n';

async function serve(t: TestContext, text: string, options: { limits?: object } = {}) {
  for (const kind of ['crt', 'key']) copyFileSync(at(`one.${kind}`), at(`server.${kind}`));
  writeFileSync(at('web.yml'), text);
  const budget = { maxSeriesPerFamily: 10_000, maxSeries: 10_000 };
  const writer = new ShardWriter(ShardMemory.allocate(budget), budget);
  const layout = new SeriesLayout([writer.memory]);
  const reports: string[] = [];
  const server = await startServer({
    listenAddresses: ['127.0.0.1:0'],
    version: '1.2.3',
    telemetryPath: '/metrics',
    layout,
    beforeScrape: () => {},
    isReady: () => true,
    reportError: (sentence) => reports.push(sentence),
    reportReload: () => reports.push('read again'),
    webConfigFile: at('web.yml'),
    metrics: new WebMetrics(writer),
    ...options,
  });
  t.after(() => server.close());
  const count = (name: string, part = ''): number => {
    layout.refresh();
    return layout.total(name, part);
  };
  return { url: server.addresses[0]!, reports, count, server };
}

interface Client {
  readonly password?: string;
  readonly user?: string;
  readonly certificate?: string;
}

async function get(url: string, { password, user = 'alice', certificate: name }: Client = {}) {
  const outgoing = httpsRequest(`${url}/metrics`, {
    agent: false,
    ca: [at('one.crt'), at('two.crt')].map((file) => execFileSync('cat', [file])),
    ...(name && {
      cert: execFileSync('cat', [at(`${name}.crt`)]),
      key: execFileSync('cat', [at(`${name}.key`)]),
    }),
    ...(password && { auth: `${user}:${password}` }),
  });
  outgoing.end();
  const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
  const { subject } = (response.socket as TLSSocket).getPeerCertificate();
  const body = Buffer.concat(await response.toArray()).toString();
  return { status: response.statusCode, headers: response.headers, server: subject.CN, body };
}

test('TLS, a certificate that is swapped while the server runs, and one that is bad', async (t) => {
  const { url, reports, count } = await serve(
    t,
    `${tlsLines}http_server_config:\n  headers:\n    X-Frame-Options: deny\n`,
  );
  assert.match(url, /^https:\/\/127\.0\.0\.1:/);
  const first = await get(url);
  assert.deepEqual([first.status, first.server, first.headers['x-frame-options']], [200, 'one', 'deny']);
  copyFileSync(at('two.key'), at('server.key'));
  while (reports.length === 0) await sleep(20);
  assert.match(
    reports.shift()!,
    /web\.yml: tls_server_config cannot be used: .*key values mismatch.*stays as it was$/,
  );
  assert.equal((await get(url)).server, 'one');
  assert.equal(count('ringtap_web_config_last_reload_successful'), 0);
  // As certbot and Kubernetes do it: by a new file in its place.
  copyFileSync(at('two.crt'), at('new.crt'));
  renameSync(at('new.crt'), at('server.crt'));
  while (reports.length === 0) await sleep(20);
  assert.deepEqual(reports, ['read again']);
  assert.equal((await get(url)).server, 'two');
  assert.equal(count('ringtap_web_config_last_reload_successful'), 1);
});

test('HTTP/2 is spoken, and can be left out', async (t) => {
  const { url } = await serve(t, tlsLines);
  const session = connectHttp2(url, { rejectUnauthorized: false });
  const streams = Array.from({ length: 3 }, () =>
    session.request({ ':path': '/metrics', 'accept-encoding': 'gzip' }),
  );
  for (const answered of streams.map(async (stream) => {
    const [headers] = (await once(stream, 'response')) as [Record<string, unknown>];
    return [headers[':status'], headers['content-encoding'], (await stream.toArray()).length > 0];
  })) {
    assert.deepEqual(await answered, [200, 'gzip', true]);
  }
  const refused = session.request({ ':path': '/metrics', ':method': 'POST' });
  const [headers] = (await once(refused, 'response')) as [Record<string, unknown>];
  assert.equal(headers[':status'], 405);
  session.destroy();
  const other = await serve(t, `${tlsLines}http_server_config:\n  http2: false\n`);
  const socket = connect({
    port: Number(new URL(other.url).port),
    ALPNProtocols: ['h2', 'http/1.1'],
    rejectUnauthorized: false,
  });
  await once(socket, 'secureConnect');
  assert.equal(socket.alpnProtocol, 'http/1.1');
  socket.destroy();
});

test('an HTTP/2 connection with an answer nobody reads, and a slow handshake, are cut off', async (t) => {
  const limits = { headersTimeoutMillis: 300, responseTimeoutMillis: 300, checkIntervalMillis: 50 };
  const { url, count } = await serve(t, tlsLines, { limits });
  const { connect: connectTcp } = await import('node:net');
  const silent = connectTcp(Number(new URL(url).port), '127.0.0.1');
  await once(
    silent.on('error', () => {}),
    'close',
  );
  while (count('ringtap_web_connections_total', 'tls_failed') === 0) await sleep(10);
  // No window: the answer cannot be sent.
  const session = connectHttp2(url, { rejectUnauthorized: false, settings: { initialWindowSize: 0 } });
  session.on('error', () => {});
  await once(session, 'remoteSettings');
  const stream = session.request({ ':path': '/docs/metrics' });
  stream.on('error', () => {});
  await once(stream, 'close');
  while (count('ringtap_web_requests_total', 'slow') === 0) await sleep(10);
  session.destroy();
});

test('client certificates by the ways of asking for them', async (t) => {
  const ask = (type: string, more = ''): string =>
    `${tlsLines}  client_ca_file: ca.crt\n  client_auth_type: ${type}\n${more}`;
  const statuses = async (text: string): Promise<unknown[]> => {
    const { url, server } = await serve(t, text);
    const got: unknown[] = [];
    for (const name of ['', 'stranger', 'scraper']) {
      got.push(
        await get(url, { certificate: name }).then(
          ({ status }) => status,
          () => 'closed',
        ),
      );
    }
    await server.close();
    return got;
  };
  assert.deepEqual(await statuses(ask('RequestClientCert')), [200, 200, 200]);
  assert.deepEqual(await statuses(ask('RequireAnyClientCert')), [403, 200, 200]);
  assert.deepEqual(await statuses(ask('VerifyClientCertIfGiven')), [200, 403, 200]);
  const required = 'RequireAndVerifyClientCert';
  assert.deepEqual(await statuses(ask(required)), ['closed', 'closed', 200]);
  const allowing = (name: string): string => ask(required, `  client_allowed_sans: [${name}]\n`);
  assert.deepEqual(await statuses(allowing('prometheus.example')), ['closed', 'closed', 200]);
  assert.deepEqual(await statuses(allowing('example')), ['closed', 'closed', 403]);
});

test('passwords: right, wrong, unknown, and hashed once', async (t) => {
  const { url, count } = await serve(t, `${tlsLines}basic_auth_users:\n  alice: ${secret}\n`);
  const nobody = await get(url);
  assert.deepEqual(
    [nobody.status, nobody.headers['www-authenticate']],
    [401, 'Basic realm="ringtap", charset="UTF-8"'],
  );
  assert.equal((await get(url, { password: 'wrong' })).status, 401);
  assert.equal((await get(url, { user: 'bob', password: 'secret' })).status, 401);
  const together = await Promise.all(Array.from({ length: 5 }, () => get(url, { password: 'secret' })));
  assert.deepEqual(
    together.map(({ status }) => status),
    [200, 200, 200, 200, 200],
  );
  for (let i = 0; i < 5; i++) assert.equal((await get(url, { password: 'secret' })).status, 200);
  while (count('ringtap_web_password_hashes_total') < 3) await sleep(20);
  assert.equal(count('ringtap_web_password_hashes_total'), 3);
  assert.equal(count('ringtap_web_requests_total', 'unauthorized'), 3);
});

test('guessing passwords is limited and stalls nobody who is known', async (t) => {
  const { url, count } = await serve(t, `${tlsLines}basic_auth_users:\n  alice: ${secret}\n`);
  assert.equal((await get(url, { password: 'secret' })).status, 200);
  const delay = monitorEventLoopDelay({ resolution: 5 });
  delay.enable();
  const guesses = Array.from({ length: 12 }, (_, i) => get(url, { password: `guess ${i}` }));
  const known = await Promise.all(Array.from({ length: 4 }, () => get(url, { password: 'secret' })));
  assert.deepEqual(
    known.map(({ status }) => status),
    [200, 200, 200, 200],
  );
  const statuses = (await Promise.all(guesses)).map(({ status }) => status!);
  delay.disable();
  assert.ok(statuses.every((status) => status === 401 || status === 429));
  assert.ok(statuses.filter((status) => status === 401).length <= 6, String(statuses));
  while (count('ringtap_web_password_hashes_total') === 0) await sleep(20);
  assert.ok(count('ringtap_web_password_hashes_total') <= 8);
  assert.notEqual(count('ringtap_web_requests_total', 'limited'), 0);
  t.diagnostic(`the event loop waited at most ${Math.round(delay.max / 1e6)} ms`);
});

test('scrapes are answered while a password is hashed', async (t) => {
  // 2^12 rounds take four times as long as those of the others.
  const slow = bcrypt.hashSync('slow', 12);
  const { url } = await serve(t, `${tlsLines}basic_auth_users:\n  alice: ${secret}\n  bob: ${slow}\n`);
  assert.equal((await get(url, { password: 'secret' })).status, 200);
  let isHashed = false;
  const guess = get(url, { user: 'bob', password: 'guess' }).finally(() => {
    isHashed = true;
  });
  let meanwhile = 0;
  while (!isHashed) {
    assert.equal((await get(url, { password: 'secret' })).status, 200);
    if (!isHashed) meanwhile++;
  }
  assert.equal((await guess).status, 401);
  // In the main thread it would be one at most, that was there before.
  assert.ok(meanwhile >= 3, `${meanwhile} scrapes`);
});

test('users change while the server runs', async (t) => {
  const { url, reports } = await serve(t, `${tlsLines}basic_auth_users:\n  alice: ${secret}\n`);
  assert.equal((await get(url, { password: 'secret' })).status, 200);
  writeFileSync(at('web.yml'), `${tlsLines}basic_auth_users:\n  bob: ${secret}\n`);
  while (reports.length === 0) await sleep(20);
  assert.equal((await get(url, { password: 'secret' })).status, 401);
  assert.equal((await get(url, { user: 'bob', password: 'secret' })).status, 200);
});

test('the rate limit is of all requests together', async (t) => {
  const { url } = await serve(t, `${tlsLines}rate_limit: { interval: 1h, burst: 2 }\n`);
  const statuses: unknown[] = [];
  for (let i = 0; i < 3; i++) statuses.push((await get(url)).status);
  assert.deepEqual(statuses, [200, 200, 429]);
});

test('a token bucket', () => {
  const bucket = new TokenBucket(100, 2, 1000);
  assert.deepEqual(
    [1000, 1000, 1000, 1099, 1100, 1150, 5000, 5000, 5000].map((millis) => bucket.take(millis)),
    [...[true, true, false, false, true, false], ...[true, true, false]],
  );
});

test('credentials, clients and names', () => {
  const encode = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`;
  assert.deepEqual(basicCredentials(encode('a:b:c')), { user: 'a', password: 'b:c' });
  assert.deepEqual(basicCredentials(encode(':')), { user: '', password: '' });
  assert.deepEqual(basicCredentials(encode('ä:ö')), { user: 'ä', password: 'ö' });
  for (const bad of [undefined, '', 'Basic', 'Basic !', 'Bearer YTpi', encode('a')])
    assert.equal(basicCredentials(bad), undefined);
  assert.deepEqual(
    ['192.0.2.1', '::ffff:192.0.2.1', '2001:db8:1:2:3:4:5:6', '2001:db8::7', '::1', 'fe80::1%eth0'].map(
      clientOf,
    ),
    ['192.0.2.1', '::ffff:192.0.2.1', '2001:db8:1:2', '2001:db8:0:0', '0:0:0:0', 'fe80:0:0:0'],
  );
  assert.deepEqual(
    subjectAlternativeNames('DNS:a, IP Address:192.0.2.1, URI:spiffe://a/b, email:"x, DNS:y", DNS:'),
    [...['a', '192.0.2.1', 'spiffe://a/b']],
  );
});
