// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { hostname } from 'node:os';
import test from 'node:test';
import { type Config, parseConfig } from './config.ts';
import { filesOf } from './push.ts';
import { ConfigError } from './values.ts';

const pushOf = (...args: readonly string[]): Config['push'] => parseConfig(args).push;

test('nothing is sent unless that is said', () => {
  const { remoteWrite, otlp } = pushOf('--otlp.interval', '30s', '--otlp.header', 'a=b');
  assert.deepEqual([remoteWrite, otlp], [undefined, undefined]);
  assert.deepEqual(filesOf({ remoteWrite, otlp }), []);
});

test('OTLP: where, when, as whom', () => {
  const { otlp } = pushOf('--otlp.endpoint', 'http://192.0.2.1:4318');
  assert.deepEqual(otlp, {
    url: new URL('http://192.0.2.1:4318/v1/metrics'),
    intervalMillis: 15_000,
    timeoutMillis: 10_000,
    isCompressed: true,
    headers: new Map(),
    headersFile: undefined,
    certificateFile: undefined,
    clientCertificateFile: undefined,
    clientKeyFile: undefined,
    attributes: new Map(),
  });
  const given = pushOf(
    ...['--otlp.endpoint=https://u:p@metrics.example/otlp/', '--otlp.interval=1m', '--otlp.timeout=500ms'],
    ...['--otlp.compression=none', '--otlp.header=X-Scope-OrgID=a=b', '--otlp.headers-file=h'],
    ...['--otlp.certificate=ca.pem', '--otlp.client-certificate=c.pem', '--otlp.client-key=k.pem'],
    ...['--otlp.resource-attribute=deployment.environment.name=lab', '--otlp.resource-attribute=host.name='],
  );
  assert.equal(given.otlp!.url.href, 'https://u:p@metrics.example/otlp/v1/metrics');
  assert.deepEqual([given.otlp!.intervalMillis, given.otlp!.timeoutMillis], [60_000, 500]);
  assert.equal(given.otlp!.isCompressed, false);
  assert.deepEqual(given.otlp!.headers, new Map([['x-scope-orgid', 'a=b']]));
  assert.deepEqual(
    given.otlp!.attributes,
    new Map([
      ['deployment.environment.name', 'lab'],
      ['host.name', ''],
    ]),
  );
  assert.deepEqual(filesOf(given), ['h', 'ca.pem', 'c.pem', 'k.pem']);
  // Of those who give all of it, as for one signal.
  for (const url of ['http://a/v1/metrics', 'http://a/api/v1/otlp/v1/metrics']) {
    assert.equal(pushOf('--otlp.endpoint', url).otlp!.url.href, url);
  }
});

test('remote write: job and instance, unless labels are given', () => {
  const url = '--remote-write.url=http://a/api/v1/write';
  const { remoteWrite } = pushOf(url, '--remote-write.token-file=t');
  assert.deepEqual(
    [...remoteWrite!.labels],
    [
      ['job', 'ringtap'],
      ['instance', hostname()],
    ],
  );
  assert.deepEqual(filesOf({ remoteWrite, otlp: undefined }), ['t']);
  assert.deepEqual([...pushOf(url, '--remote-write.label=site=a=b').remoteWrite!.labels], [['site', 'a=b']]);
});

test('what is wrong is told, and never a secret', () => {
  for (const [args, told] of [
    [['--otlp.endpoint=collector:secret'], /^--otlp\.endpoint takes a URL such as http/],
    [['--remote-write.url=ftp://u:secret@a'], /^--remote-write\.url takes a URL such as https/],
    [
      ['--otlp.endpoint=http://u:100%secret@a'],
      /^--otlp\.endpoint has .* a % that has to be written as %25$/,
    ],
    [['--otlp.header=secret'], /^--otlp\.header takes NAME=VALUE/],
    [['--otlp.header=A: b=secret'], /^--otlp\.header takes NAME=VALUE/],
    [['--otlp.header=a=secret\r\nHost: b'], /^--otlp\.header takes NAME=VALUE/],
    [['--otlp.resource-attribute=a b=c'], /^--otlp\.resource-attribute takes NAME=VALUE/],
    [['--remote-write.label=__name__=a'], /^--remote-write\.label takes NAME=VALUE/],
    [['--otlp.compression=zstd'], /^--otlp\.compression takes none or gzip, not "zstd"$/],
    [['--otlp.interval=500ms'], /^--otlp\.interval takes at least 1s$/],
    [['--otlp.client-key=k'], /^--otlp\.client-key needs otlp\.client-certificate too$/],
    [['--otlp.client-certificate=c'], /^--otlp\.client-certificate needs otlp\.client-key too$/],
  ] as const) {
    assert.throws(
      () => parseConfig(args),
      (error: Error) =>
        error instanceof ConfigError && told.test(error.message) && !/secret/.test(error.message),
      args[0],
    );
  }
});
