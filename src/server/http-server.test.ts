// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Agent, get, request as httpRequest, type IncomingMessage } from 'node:http';
import { connect, type Socket } from 'node:net';
import test, { type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import { SeriesLayout } from '../exposition/series-layout.ts';
import { Counter } from '../metrics/counter.ts';
import { Space } from '../metrics/definition.ts';
import { ShardMemory } from '../metrics/shard-memory.ts';
import { ShardWriter } from '../metrics/shard-writer.ts';
import { type ServerOptions, startServer } from './http-server.ts';
import { ListenError } from './listen-address.ts';

/** A server on a free port of 127.0.0.1, closed with the test. Each interface gives 15 series, or 1155 more. */
async function serve(
  t: TestContext,
  options: Partial<ServerOptions> & { interfaces?: number; hasResponses?: boolean } = {},
) {
  const budget = { maxSeriesPerFamily: 1_000_000, maxSeries: 1_000_000 };
  const writer = new ShardWriter(ShardMemory.allocate(budget), budget);
  const requests = new Counter(writer, 'sip_requests_total');
  for (let i = 0; i < (options.interfaces ?? 1); i++) {
    const context = writer.context(Space.traffic, [`eth${i}`, 'inbound']);
    requests.add(context, 5, 42);
    if (options.hasResponses) writer.openAll(Space.traffic, context);
  }
  const reports: string[] = [];
  const server = await startServer({
    listenAddresses: ['127.0.0.1:0'],
    version: '1.2.3<b>',
    telemetryPath: '/metrics',
    layout: new SeriesLayout([writer.memory]),
    beforeScrape: () => {},
    isReady: () => true,
    reportError: (sentence) => reports.push(sentence),
    ...options,
  });
  t.after(() => server.close());
  return { server, url: server.addresses[0]!, reports, requests, writer };
}

interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

async function fetchRaw(
  url: string,
  options: { method?: string; headers?: Record<string, string>; body?: string } = {},
): Promise<Answer> {
  const { body: requestBody, ...rest } = options;
  const outgoing = httpRequest(url, { agent: false, ...rest });
  outgoing.end(requestBody);
  const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
  const body = Buffer.concat(await response.toArray());
  return { status: response.statusCode!, headers: response.headers, body };
}

function open(url: string): Promise<Socket> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname.replace(/[[\]]/g, ''));
  return once(socket, 'connect').then(() => socket);
}

/** More than the kernel keeps for a connection that nobody reads. */
const large = { interfaces: 150, hasResponses: true };

/** Everything the server sends until it closes the connection, also by a reset. */
function readAll(socket: Socket): Promise<string> {
  return new Promise((resolve) => {
    let text = '';
    socket.setEncoding('latin1').on('data', (chunk) => {
      text += chunk;
    });
    socket.on('error', () => {});
    socket.on('close', () => resolve(text));
  });
}

test('GET /metrics by Accept and Accept-Encoding', async (t) => {
  const { url } = await serve(t);
  const line = 'sip_requests_total{interface="eth0",direction="inbound",method="INVITE"} 42\n';
  const text = await fetchRaw(`${url}/metrics?x=1`);
  assert.equal(text.status, 200);
  assert.equal(text.headers['content-type'], 'text/plain; version=0.0.4; charset=utf-8');
  assert.equal(text.headers.vary, 'Accept, Accept-Encoding');
  assert.equal(text.headers['content-encoding'], undefined);
  assert.equal(Number(text.headers['content-length']), text.body.length);
  assert.ok(text.body.includes(line) && !text.body.includes('# EOF'));

  const accept = 'application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5';
  const zipped = await fetchRaw(`${url}/metrics`, { headers: { accept, 'accept-encoding': 'gzip' } });
  assert.equal(zipped.headers['content-type'], 'application/openmetrics-text; version=1.0.0; charset=utf-8');
  assert.equal(zipped.headers['content-encoding'], 'gzip');
  assert.equal(Number(zipped.headers['content-length']), zipped.body.length);
  const unzipped = gunzipSync(zipped.body).toString();
  assert.ok(unzipped.includes(line) && unzipped.endsWith('# EOF\n'));
});

test('each scrape brings the values up to date first', async (t) => {
  let scrapes = 0;
  const { url, requests, writer } = await serve(t, { beforeScrape: () => scrapes++ });
  requests.add(writer.context(Space.traffic, ['eth0', 'inbound']), 5, 1);
  const { body } = await fetchRaw(`${url}/metrics`);
  assert.ok(body.includes('method="INVITE"} 43\n'));
  await fetchRaw(`${url}/`);
  await fetchRaw(`${url}/-/healthy`);
  assert.equal(scrapes, 1);
});

test('HEAD has the header fields of GET and no body', async (t) => {
  const { url } = await serve(t);
  for (const path of ['/', '/metrics', '/-/healthy', '/-/ready', '/docs/metrics', '/nothing']) {
    const [got, head] = [await fetchRaw(url + path), await fetchRaw(url + path, { method: 'HEAD' })];
    assert.equal(head.body.length, 0);
    for (const answer of [got, head]) delete answer.headers.date;
    assert.deepEqual([head.status, head.headers], [got.status, got.headers], path);
  }
});

test('other methods, other paths, bodies', async (t) => {
  const { url } = await serve(t);
  for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS', 'TRACE', 'PROPFIND']) {
    const { status, headers } = await fetchRaw(`${url}/metrics`, { method });
    assert.deepEqual([status, headers.allow], [405, 'GET, HEAD'], method);
  }
  for (const path of [
    '/nothing',
    '/metrics/',
    '//',
    '/__proto__',
    '/constructor',
    '/%6detrics',
    '/..%2f..',
  ]) {
    const { status, headers } = await fetchRaw(url + path);
    assert.deepEqual([status, headers['content-type']], [404, 'text/plain; charset=utf-8'], String(path));
  }
  const withBody = await fetchRaw(`${url}/metrics`, { body: 'hello', headers: { 'content-length': '5' } });
  assert.deepEqual([withBody.status, withBody.headers.connection], [413, 'close']);
  const socket = await open(url);
  const answered = readAll(socket);
  socket.write('POST /metrics HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 9\r\n\r\n');
  assert.match(await answered, /^HTTP\/1\.1 405 [\s\S]*Only GET and HEAD\.\n$/);
});

test('health and readiness', async (t) => {
  let ready = false;
  const { url } = await serve(t, { isReady: () => ready });
  const get = async (path: string) => {
    const { status, body } = await fetchRaw(url + path);
    return [status, body.toString()];
  };
  assert.deepEqual(await get('/-/healthy'), [200, 'ringtap is healthy.\n']);
  assert.deepEqual(await get('/-/ready'), [503, 'ringtap is not ready: no interface is being captured.\n']);
  ready = true;
  assert.deepEqual(await get('/-/ready'), [200, 'ringtap is ready.\n']);
});

test('the landing page shows the numbers and runs nothing', async (t) => {
  const { url } = await serve(t, { interfaces: 30 });
  const { status, headers, body } = await fetchRaw(`${url}/`);
  const html = body.toString();
  assert.equal(status, 200);
  assert.equal(headers['content-type'], 'text/html; charset=utf-8');
  assert.match(headers['content-security-policy'] as string, /^default-src 'none'; style-src 'sha256-/);
  assert.doesNotMatch(html, /<script|javascript:|style=|https?:/);
  assert.ok(html.includes('1.2.3&#60;b&#62;') && !html.includes('<b>'));
  assert.match(html, /Voice quality<small>[^<]*<\/small><\/th><td>–<\/td>/);
  assert.match(html, /SIP requests<small>[^<]*<\/small><\/th><td>1,260<\/td>/);
  for (const [, path] of html.matchAll(/href="([^"]*)"/g)) {
    assert.equal((await fetchRaw(`${url}${path}`)).status, 200, String(path));
  }
});

test('the style is the one its policy allows', async (t) => {
  const { url } = await serve(t);
  const { headers, body } = await fetchRaw(`${url}/`);
  const style = /<style>([\s\S]*)<\/style>/.exec(body.toString())![1]!;
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(style));
  const policy = headers['content-security-policy'] as string;
  assert.ok(policy.includes(`'sha256-${Buffer.from(digest).toString('base64')}'`));
});

test('what fails on our side is a 500 and a report, and the next request works', async (t) => {
  let fails = true;
  const beforeScrape = () => {
    if (fails) throw new Error('no such thing');
  };
  const { url, reports } = await serve(t, { beforeScrape });
  const { status, body } = await fetchRaw(`${url}/metrics`);
  assert.deepEqual([status, body.toString()], [500, 'Internal error; see the log.\n']);
  assert.deepEqual(reports, ['GET /metrics failed: no such thing']);
  fails = false;
  assert.equal((await fetchRaw(`${url}/metrics`)).status, 200);
});

test('garbage gets 400 or a closed connection, and the server goes on', async (t) => {
  const { url, reports } = await serve(t);
  const garbage = [
    'hello\r\n\r\n',
    '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03',
    'GET /metrics HTTP/9.9\r\n\r\n',
    'GET /metrics HTTP/1.1\r\n\r\n',
    'GET /metrics HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n',
    'GET /metrics HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n',
    'GET /metrics HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n',
    'GET /metrics HTTP/1.1\r\nHost: a\r\nX: \0\r\n\r\n',
    'GET http://[/metrics HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n',
    'GET * HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n',
    'CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n',
    'GET /metrics HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, close\r\nUpgrade: websocket\r\n\r\n',
    `GET /metrics HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`,
    `GET /${'x'.repeat(20_000)} HTTP/1.1\r\nHost: a\r\n\r\n`,
  ];
  for (const bytes of garbage) {
    const socket = await open(url);
    const answered = readAll(socket);
    socket.end(bytes, 'latin1');
    const answer = await answered;
    assert.match(answer, /^(?:HTTP\/1\.1 (?:400|404|413|431|200) |$)/, JSON.stringify(bytes.slice(0, 80)));
  }
  assert.equal((await fetchRaw(`${url}/metrics`)).status, 200);
  assert.deepEqual(reports, []);
});

test('a request target in absolute form is understood (RFC 9112 §3.2.2)', async (t) => {
  const { url } = await serve(t);
  const socket = await open(url);
  const answered = readAll(socket);
  socket.end(`GET ${url}/-/healthy?x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`);
  assert.match(await answered, /^HTTP\/1\.1 200 [\s\S]*ringtap is healthy\.\n$/);
});

test('header fields that never end are cut off', async (t) => {
  const { url } = await serve(t, {
    limits: { headersTimeoutMillis: 200, requestTimeoutMillis: 3_600_000, checkIntervalMillis: 50 },
  });
  const silent = await open(url);
  const slow = await open(url);
  const answers = [readAll(silent), readAll(slow)];
  slow.write('GET /metrics HTTP/1.1\r\n');
  const drip = setInterval(() => slow.writable && slow.write('X-A: b\r\n'), 20);
  t.after(() => clearInterval(drip));
  assert.match((await Promise.all(answers))[1]!, /^HTTP\/1\.1 408 /);
});

test('a reader that does not read is cut off', async (t) => {
  const { url } = await serve(t, { ...large, limits: { responseTimeoutMillis: 200 } });
  const socket = await open(url);
  socket.pause();
  socket.write('GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n');
  // The time limit is an earlier timer of the same event loop, so it has passed when this one has.
  await sleep(800);
  const received = await readAll(socket.resume());
  const length = Number(/Content-Length: (\d+)/.exec(received)![1]);
  assert.ok(received.length < length, `${received.length} of ${length} bytes came`);
  assert.equal((await fetchRaw(`${url}/-/healthy`)).status, 200);
});

/** Has a connection ask for `count` large answers and read none. */
async function askAndNotRead(url: string, count: number, asked: () => number): Promise<Socket> {
  const socket = await open(url);
  socket.pause();
  socket.write('GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n'.repeat(count));
  while (asked() < count) await sleep(5);
  return socket;
}

test('too many requests at once get 503', async (t) => {
  let scrapes = 0;
  const limits = { maxUnansweredRequests: 3 };
  const { url } = await serve(t, { ...large, limits, beforeScrape: () => scrapes++ });
  const socket = await askAndNotRead(url, 3, () => scrapes);
  const refused = await fetchRaw(`${url}/-/healthy`);
  assert.deepEqual([refused.status, refused.body.toString()], [503, 'Too many requests at once.\n']);
  socket.destroy();
  while ((await fetchRaw(`${url}/-/healthy`)).status === 503) await sleep(5);
});

test('one connection cannot have all requests for itself', async (t) => {
  let scrapes = 0;
  const limits = { maxUnansweredRequests: 3, maxUnansweredPerConnection: 2 };
  const { url } = await serve(t, { ...large, limits, beforeScrape: () => scrapes++ });
  const socket = await open(url);
  socket.pause();
  socket.write('GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n'.repeat(20));
  while (scrapes < 2) await sleep(5);
  assert.equal((await fetchRaw(`${url}/-/healthy`)).status, 200);
  assert.equal(scrapes, 2);
  socket.destroy();
});

test('answers that wait behind another are forgotten when their connection goes', {
  timeout: 60_000,
}, async (t) => {
  let scrapes = 0;
  const limits = { maxUnansweredRequests: 3, responseTimeoutMillis: 200 };
  const { url } = await serve(t, { ...large, limits, beforeScrape: () => scrapes++ });
  const first = await askAndNotRead(url, 3, () => scrapes);
  first.destroy();
  // An earlier timer of the same event loop ends them.
  await sleep(800);
  const second = await askAndNotRead(url, 3, () => scrapes - 3);
  second.destroy();
});

test('at the limit of connections the oldest idle one makes room; one with a request stays', async (t) => {
  let scrapes = 0;
  const { url } = await serve(t, { ...large, limits: { maxConnections: 4 }, beforeScrape: () => scrapes++ });
  const busy = await askAndNotRead(url, 1, () => scrapes);
  const idle = await open(url);
  const idleEnds = readAll(idle);
  for (let i = 0; i < 20; i++) void readAll(await open(url));
  assert.equal(await idleEnds, '');
  assert.equal((await fetchRaw(`${url}/-/healthy`)).status, 200);
  assert.equal(busy.destroyed, false);
  assert.match(
    await Promise.race([readAll(busy), once(busy.resume(), 'data').then(([data]) => String(data))]),
    /200 OK/,
  );
  busy.destroy();
});

test('where all connections are busy, a further one is closed at once', async (t) => {
  let scrapes = 0;
  const { url } = await serve(t, { ...large, limits: { maxConnections: 2 }, beforeScrape: () => scrapes++ });
  const sockets = [
    await askAndNotRead(url, 1, () => scrapes),
    await askAndNotRead(url, 1, () => scrapes - 1),
  ];
  assert.equal(await readAll(await open(url)), '');
  for (const socket of sockets) socket.destroy();
});

test('clients that leave in the middle do no harm', async (t) => {
  const { url, reports } = await serve(t, { interfaces: 100 });
  for (let i = 0; i < 50; i++) {
    const socket = await open(url);
    socket.on('error', () => {});
    socket.write('GET /metrics HTTP/1.1\r\nHost: a\r\nAccept-Encoding: gzip\r\n\r\n'.slice(0, 20 + i * 3));
    if (i % 2 === 0) await new Promise(setImmediate);
    socket.resetAndDestroy();
  }
  assert.equal((await fetchRaw(`${url}/metrics`)).status, 200);
  assert.deepEqual(reports, []);
});

test('several addresses, IPv6 and all addresses among them', async (t) => {
  const { server } = await serve(t, { listenAddresses: ['127.0.0.1:0', '[::1]:0', ':0'] });
  assert.equal(server.addresses.length, 3);
  assert.match(server.addresses[1]!, /^http:\/\/\[::1\]:\d+$/);
  const anyPort = new URL(server.addresses[2]!).port;
  for (const url of [
    ...server.addresses.slice(0, 2),
    `http://127.0.0.1:${anyPort}`,
    `http://[::1]:${anyPort}`,
  ]) {
    assert.equal((await fetchRaw(`${url}/-/healthy`)).status, 200, url);
  }
});

test('an address that cannot be had is told in a sentence, and the others are given back', async (t) => {
  const { url } = await serve(t);
  const taken = url.replace('http://', '');
  const failure = async (...listenAddresses: string[]): Promise<string> => {
    const started = serve(t, { listenAddresses });
    const error: unknown = await started.then(
      () => assert.fail('it listens'),
      (reason: unknown) => reason,
    );
    assert.ok(error instanceof ListenError, String(error));
    return error.message;
  };
  assert.match(
    await failure(taken),
    /^Cannot serve HTTP on 127\.0\.0\.1:\d+: another program listens there already\./,
  );
  // 203.0.113.0/24 is for documentation (RFC 5737); no machine has it.
  assert.match(await failure('203.0.113.7:0'), /: this machine has no such address /);
  assert.match(await failure('nonsense'), /write HOST:PORT/);

  const probe = await serve(t);
  await probe.server.close();
  const free = probe.url.replace('http://', '');
  await failure(free, taken);
  const { server: again } = await serve(t, { listenAddresses: [free] });
  assert.deepEqual(again.addresses, [probe.url]);
});

test('close ends idle, silent, half-sent and unread connections', { timeout: 20_000 }, async (t) => {
  let scrapes = 0;
  const { server, url } = await serve(t, { ...large, beforeScrape: () => scrapes++ });
  const agent = new Agent({ keepAlive: true });
  t.after(() => agent.destroy());
  const [response] = (await once(get(`${url}/-/healthy`, { agent }), 'response')) as [IncomingMessage];
  await response.toArray();
  const silent = await open(url);
  const half = await open(url);
  half.write('GET /metrics HTTP/1.1\r\n');
  const unread = await askAndNotRead(url, 1, () => scrapes);
  const closed = [readAll(silent), readAll(half)];
  await server.close();
  await Promise.all(closed);
  await assert.rejects(fetchRaw(`${url}/-/healthy`), { code: 'ECONNREFUSED' });
  unread.destroy();
  await server.close();
});
