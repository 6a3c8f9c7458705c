// SPDX-License-Identifier: Apache-2.0
// Receivers are servers of Node on loopback; what they get is decoded by OpenTelemetry's own code.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { makeCertificate } from '../../test/support/certificates.ts';
import { decodeOtlp, partialSuccess } from '../../test/support/otlp.ts';
import { SeriesLayout } from '../exposition/series-layout.ts';
import { Counter } from '../metrics/counter.ts';
import { Space } from '../metrics/definition.ts';
import { ShardMemory } from '../metrics/shard-memory.ts';
import { ShardWriter } from '../metrics/shard-writer.ts';
import { type OtlpOptions, otlp } from './otlp.ts';
import { retryAfterMillis } from './post.ts';
import { Push, startPush } from './push.ts';
import { PushMetrics } from './push-metrics.ts';
import { remoteWrite } from './remote-write.ts';

const options: Omit<OtlpOptions, 'url'> = {
  intervalMillis: 10_000,
  timeoutMillis: 5_000,
  attributes: new Map([
    ['service.instance.id', 'one'],
    ['host.name', ''],
  ]),
  isCompressed: false,
  headers: new Map(),
  headersFile: undefined,
  certificateFile: undefined,
  clientCertificateFile: undefined,
  clientKeyFile: undefined,
};

interface Taken {
  readonly headers: IncomingMessage['headers'];
  readonly url: string;
  readonly body: Buffer;
}

/** A receiver that answers each request with the next of `answers`, then with 200. */
async function receive(
  t: TestContext,
  answers: ((response: ServerResponse) => void)[] = [],
  tls?: object,
): Promise<{ url: URL; taken: Taken[] }> {
  const taken: Taken[] = [];
  const listener: RequestListener = async (request, response) => {
    taken.push({
      headers: request.headers,
      url: request.url!,
      body: Buffer.concat(await request.toArray()),
    });
    const answer = answers.shift();
    if (answer) answer(response);
    else response.end();
  };
  const server = tls ? createTlsServer(tls, listener) : createServer(listener);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  const { port } = server.address() as AddressInfo;
  return { url: new URL(`${tls ? 'https' : 'http'}://127.0.0.1:${port}/v1/metrics`), taken };
}

const status =
  (code: number, headers: Record<string, string> = {}, body: Uint8Array | string = '') =>
  (response: ServerResponse): void => {
    response.writeHead(code, headers).end(body);
  };

/** A sender with a few series, and what it counts and reports. */
function sender(t: TestContext, url: URL, given: Partial<OtlpOptions> = {}, isOtlp = true) {
  const budget = { maxSeriesPerFamily: 100_000, maxSeries: 100_000 };
  const writer = new ShardWriter(ShardMemory.allocate(budget), budget);
  writer.openAll(Space.traffic, writer.context(Space.traffic, ['eth0', 'inbound']));
  new Counter(writer, 'process_open_fds').set(writer.context(Space.global, []), 0, 7);
  const metrics = new PushMetrics(writer);
  const layout = new SeriesLayout([writer.memory]);
  const reports: (string | undefined)[] = [];
  const target = { ...options, ...given, url };
  const protocol = isOtlp
    ? otlp(target, '1.2.3', 1000, (count) => metrics.pointsRejected(count))
    : remoteWrite({ ...target, labels: new Map([['job', 'x']]), bearerTokenFile: undefined }, '1.2.3');
  const source = {
    layout,
    beforeScrape: () => {},
    report: (failure: string | undefined) => reports.push(failure),
    ...(isOtlp ? metrics.otlp : metrics.remoteWrite),
  };
  const push = new Push(target, protocol, source);
  t.after(() => push.stop());
  const count = (name: string, part = ''): number => {
    layout.refresh();
    return layout.total(name, part);
  };
  const exports = (result: string): number => count('ringtap_otlp_exports_total', `"${result}"`);
  return { push, reports, count, exports, target, protocol, source };
}

test('all series are sent, with who sends them', async (t) => {
  const { url, taken } = await receive(t);
  const { push, reports, exports } = sender(t, url);
  await push.tick();
  assert.deepEqual(reports, [undefined]);
  assert.equal(exports('sent'), 1);
  assert.ok(taken.length >= 2, 'in pieces');
  const requests = taken.map(({ body }) => decodeOtlp(body));
  for (const { resource } of requests) {
    assert.deepEqual(resource, {
      'service.name': 'ringtap',
      'service.version': '1.2.3',
      'service.instance.id': 'one',
    });
  }
  const [descriptors] = requests
    .flatMap(({ metrics }) => metrics)
    .filter(({ name }) => name === 'process_open_fds');
  assert.equal(descriptors!.gauge!.dataPoints[0]!.asDouble, 7);
  for (const { headers, url: path } of taken) {
    assert.equal(path, '/v1/metrics');
    assert.equal(headers['content-type'], 'application/x-protobuf');
    assert.equal(headers['user-agent'], 'ringtap/1.2.3');
    assert.equal(headers.authorization, undefined);
  }
});

test('compressed, with header fields of options and of a file, which is read each time', async (t) => {
  using certificate = await makeCertificate();
  const file = join(certificate.folder, 'headers');
  const { url, taken } = await receive(t);
  url.username = 'al%20ice';
  url.password = 'p%3Aw';
  const { push, reports } = sender(t, url, {
    isCompressed: true,
    headers: new Map([['x-scope-orgid', 'voice']]),
    headersFile: file,
  });
  writeFileSync(file, '\n# for the tenant\nX-One: 1\n');
  await push.tick();
  const first = taken.splice(0);
  for (const { headers, body } of first) {
    assert.deepEqual(
      [headers['content-encoding'], headers['x-scope-orgid'], headers['x-one']],
      ['gzip', 'voice', '1'],
    );
    assert.equal(headers.authorization, `Basic ${Buffer.from('al ice:p:w').toString('base64')}`);
    assert.ok(decodeOtlp(gunzipSync(body)).metrics.length > 0);
  }
  writeFileSync(file, 'Authorization: Bearer abc\n');
  await push.tick();
  for (const { headers } of taken) assert.equal(headers.authorization, 'Bearer abc');
  writeFileSync(file, 'Bearer abc\n');
  await push.tick();
  assert.equal(reports.length, 2);
  assert.match(reports[1]!, /headers has a line that is not of the form Name: value$/);
  assert.doesNotMatch(reports[1]!, /abc/);
});

test('what the other side cannot take now is sent again, what it will not take is not', async (t) => {
  const { url, taken } = await receive(t, [status(503), status(429, { 'retry-after': '1' })]);
  const { push, reports, count, exports } = sender(t, url);
  await push.tick();
  assert.deepEqual(reports, [undefined]);
  assert.deepEqual([exports('sent'), exports('failed')], [1, 0]);
  assert.equal(count('ringtap_otlp_retries_total'), 2);
  assert.deepEqual(taken[0]!.body, taken[2]!.body);
  taken.length = 0;

  for (const code of [400, 401, 404, 413, 500, 302]) {
    const other = await receive(t, [status(code, { location: '/elsewhere', 'retry-after': '1' })]);
    const refused = sender(t, other.url);
    await refused.push.tick();
    assert.equal(other.taken.length, 1, `${code}`);
    assert.deepEqual([refused.exports('sent'), refused.exports('failed')], [0, 1]);
    assert.equal(refused.reports.length, 1);
    assert.match(refused.reports[0]!, new RegExp(`^${code}`));
  }
});

test('a request is sent four times at most', async (t) => {
  const { url, taken } = await receive(
    t,
    Array.from({ length: 10 }, () => status(503)),
  );
  const { push, reports, count, exports } = sender(t, url, { intervalMillis: 3_600_000 });
  await push.tick();
  assert.equal(taken.length, 4);
  assert.equal(count('ringtap_otlp_retries_total'), 3);
  assert.equal(exports('failed'), 1);
  assert.deepEqual(reports, ['503']);
});

test('whoever asks for more time than there is gets it: nothing is sent until then', async (t) => {
  const body = Uint8Array.from([8, 8, 18, 4, ...new TextEncoder().encode('slow')]);
  const { url, taken } = await receive(t, [status(429, { 'retry-after': '3600' }, body)]);
  const { push, reports, exports } = sender(t, url);
  for (let i = 0; i < 3; i++) await push.tick();
  assert.equal(taken.length, 1);
  assert.deepEqual([exports('failed'), exports('deferred'), exports('sent')], [1, 2, 0]);
  assert.deepEqual(reports, ['429 slow']);
});

test('what was not taken of a request is counted and told', async (t) => {
  const { url, taken } = await receive(t, [
    status(200, {}, partialSuccess(3, 'too old')),
    status(200, {}, partialSuccess(Number.MAX_SAFE_INTEGER, 'x'.repeat(1000))),
  ]);
  const { push, reports, count, exports } = sender(t, url);
  await push.tick();
  assert.ok(taken.length >= 2);
  assert.deepEqual([exports('partial'), exports('sent')], [1, 0]);
  assert.deepEqual(reports, ['in part: 3 points were rejected: too old']);
  assert.equal(count('ringtap_otlp_rejected_points_total'), 3 + 2000);
  await push.tick();
  assert.deepEqual([exports('partial'), exports('sent')], [1, 1]);
  assert.deepEqual(reports.slice(1), [undefined]);
});

test('an answer that does not come, or does not end, is no answer', async (t) => {
  const hanging = await receive(t, [() => {}]);
  const waiting = sender(t, hanging.url, { timeoutMillis: 100, intervalMillis: 300 });
  await waiting.push.tick();
  assert.deepEqual(waiting.reports, ['no answer within 0.1 s']);
  assert.equal(waiting.exports('failed'), 1);

  let written = 0;
  const endless = await receive(t, [
    (response) => {
      response.writeHead(400);
      const write = (): void => {
        while (!response.destroyed && response.write(Buffer.alloc(10_000))) written += 10_000;
      };
      response.on('drain', write);
      write();
    },
  ]);
  const patient = sender(t, endless.url);
  await patient.push.tick();
  assert.equal(patient.exports('failed'), 1);
  assert.ok(written < 50_000_000, `${written} bytes were read`);
});

test('where nobody listens, that is told, of a name with several addresses too', async (t) => {
  for (const host of ['127.0.0.1', 'localhost']) {
    const { push, reports, exports } = sender(t, new URL(`http://${host}:1`), { intervalMillis: 1 });
    await push.tick();
    assert.match(reports[0]!, /ECONNREFUSED/);
    assert.equal(exports('failed'), 1);
  }
});

test('while one sending lasts there is no other, and the end ends it', async (t) => {
  const { url, taken } = await receive(t, [() => {}]);
  const { push, exports, reports } = sender(t, url);
  const first = push.tick();
  while (taken.length === 0) await new Promise((resolve) => setImmediate(resolve));
  for (let i = 0; i < 5; i++) await push.tick();
  push.stop();
  await first;
  assert.equal(taken.length, 1);
  assert.deepEqual(reports, []);
  assert.equal(exports('failed'), 0);
});

test('it is sent at an interval until it is ended', async (t) => {
  const { url, taken } = await receive(t);
  const { target, protocol, source } = sender(t, url);
  const stop = startPush({ ...target, intervalMillis: 20 }, protocol, source);
  // The timer alone keeps no process.
  const alive = setInterval(() => {}, 1000);
  t.after(() => clearInterval(alive));
  const times = (): number => new Set(taken.map(({ body }) => decodeOtlp(body).metrics[0]).map(timeOf)).size;
  while (times() < 3) await new Promise((resolve) => setTimeout(resolve, 10));
  stop();
});

function timeOf(metric: ReturnType<typeof decodeOtlp>['metrics'][number] | undefined): string {
  return (metric!.gauge ?? metric!.sum ?? metric!.histogram)!.dataPoints[0]!.timeUnixNano;
}

test('TLS: the endpoint is verified, and a certificate is shown to it', async (t) => {
  using certificate = await makeCertificate('ec', ['-addext', 'subjectAltName=IP:127.0.0.1']);
  using client = await makeCertificate();
  const { key, cert, certFile } = certificate;
  const { url, taken } = await receive(t, [], { key, cert, ca: client.cert, requestCert: true });
  const unverified = sender(t, url, { intervalMillis: 1 });
  await unverified.push.tick();
  assert.match(unverified.reports[0]!, /self-signed certificate/);
  const anonymous = sender(t, url, { intervalMillis: 1, certificateFile: certFile });
  await anonymous.push.tick();
  assert.equal(taken.length, 0);
  assert.equal(anonymous.exports('failed'), 1);
  const known = sender(t, url, {
    certificateFile: certFile,
    clientCertificateFile: client.certFile,
    clientKeyFile: client.keyFile,
  });
  await known.push.tick();
  assert.deepEqual(known.reports, [undefined]);
  assert.ok(taken.length >= 2);
});

test('remote write goes the same way', async (t) => {
  const { url, taken } = await receive(t, [status(500), status(400, {}, ' out of order\n')]);
  const { push, reports, count } = sender(t, url, {}, false);
  await push.tick();
  assert.equal(taken.length, 2);
  assert.equal(taken[0]!.headers['x-prometheus-remote-write-version'], '0.1.0');
  assert.deepEqual(reports, ['400 out of order']);
  assert.equal(count('ringtap_remote_write_total', '"failed"'), 1);
  assert.equal(count('ringtap_remote_write_retries_total'), 1);
});

test('Retry-After has seconds or a date', () => {
  const now = Date.parse('2026-11-27T00:00:00Z');
  assert.deepEqual(
    [undefined, '0', '120', 'Fri, 27 Nov 2026 00:01:00 GMT', 'Thu, 26 Nov 2026 00:01:00 GMT', 'x', '-1'].map(
      (text) => retryAfterMillis(text, now),
    ),
    [undefined, 0, 120_000, 60_000, 0, undefined, 0],
  );
});
