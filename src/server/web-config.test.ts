// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after } from 'node:test';
import fc from 'fast-check';
import { cipherNames } from './tls-names.ts';
import { filesOf, readWebConfig, WebConfigError } from './web-config.ts';

const folder = mkdtempSync(join(tmpdir(), 'ringtap-web-config-'));
after(() => rmSync(folder, { recursive: true }));
const file = join(folder, 'web.yml');
writeFileSync(join(folder, 'a.crt'), 'CERT');
writeFileSync(join(folder, 'a.key'), 'KEY');
const hash = `$2y$10$${'a'.repeat(53)}`;

function read(text: string) {
  writeFileSync(file, text);
  return readWebConfig(file);
}

/** What is complained of, without the name of the folder. */
function complaint(text: string): string {
  try {
    read(text);
  } catch (error) {
    assert.ok(error instanceof WebConfigError, String(error));
    return error.message.replaceAll(`${folder}/`, '');
  }
  assert.fail('it was taken');
}

test('an empty file asks for nothing', () => {
  for (const text of [
    '',
    '# nothing\n',
    '{}',
    'basic_auth_users:\ntls_server_config: {}\nhttp_server_config:\n',
  ]) {
    assert.deepEqual(read(text), {
      tls: undefined,
      isHttp2: true,
      headers: {},
      users: new Map(),
      rateLimit: undefined,
    });
  }
});

test('everything there is', () => {
  const config = read(`
tls_server_config:
  cert_file: a.crt
  key_file: ${folder}/a.key
  client_ca: CA
  client_auth_type: RequireAndVerifyClientCert
  client_allowed_sans: [prometheus.example]
  min_version: TLS13
  max_version: TLS13
  cipher_suites: [TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256]
  prefer_server_cipher_suites: false
  curve_preferences: [X25519, CurveP256]
http_server_config:
  http2: false
  headers:
    X-Frame-Options: deny
    Strict-Transport-Security: max-age=31536000
basic_auth_users:
  alice: ${hash}
  "bob builder": ${hash}
rate_limit: { interval: 1m500ms, burst: 20 }
`);
  assert.deepEqual(config, {
    tls: {
      cert: 'CERT',
      key: 'KEY',
      clientCa: 'CA',
      clientAuthType: 'RequireAndVerifyClientCert',
      clientAllowedSans: ['prometheus.example'],
      minVersion: 'TLSv1.3',
      maxVersion: 'TLSv1.3',
      ciphers: ['ECDHE-RSA-AES128-GCM-SHA256'],
      isServerCipherOrder: false,
      curves: ['X25519', 'P-256'],
    },
    isHttp2: false,
    headers: { 'X-Frame-Options': 'deny', 'Strict-Transport-Security': 'max-age=31536000' },
    users: new Map([
      ['alice', hash],
      ['bob builder', hash],
    ]),
    rateLimit: { intervalMillis: 60_500, burst: 20 },
  });
  assert.deepEqual(filesOf(file), [file, join(folder, 'a.crt'), join(folder, 'a.key')]);
});

test('what is wrong is told with its place', () => {
  const tls = 'tls_server_config:\n  cert_file: a.crt\n  key_file: a.key\n';
  for (const [text, expected] of [
    ['basic_auth_user:\n  a: b\n', /^web\.yml:1:1: basic_auth_user is not known here/],
    [
      'basic_auth_users:\n  alice: secret\n',
      /^web\.yml:2:10: basic_auth_users\.alice is no bcrypt hash: make one/,
    ],
    [
      `basic_auth_users:\n  alice: ${hash.replace('10', '20')}\n`,
      /^web\.yml:2:10: basic_auth_users\.alice costs more/,
    ],
    [`basic_auth_users:\n  "a:b": ${hash}\n`, /^web\.yml:2:3: basic_auth_users\.a:b is no user name/],
    ['tls_server_config:\n  key_file: a.key\n', /^web\.yml:2:3: tls_server_config has no cert_file/],
    ['tls_server_config:\n  cert_file: a.crt\n', /^web\.yml:2:3: tls_server_config has no key_file/],
    [
      `${tls}  min_version: SSL3\n`,
      /^web\.yml:4:16: tls_server_config\.min_version must be one of TLS10, TLS11/,
    ],
    [`${tls}  min_version: TLS13\n  max_version: TLS12\n`, /^web\.yml:4:16: .* is above max_version/],
    [`${tls}  client_auth_type: VerifyClientCertIfGiven\n`, /^web\.yml:4:21: .* needs client_ca_file/],
    [`${tls}  client_ca: CA\n`, /^web\.yml:2:3: tls_server_config has a client CA but/],
    [`${tls}  cert: CERT\n`, /^web\.yml:4:9: tls_server_config\.cert stands beside cert_file/],
    [
      'tls_server_config:\n  cert_file: b.crt\n',
      /^web\.yml:2:14: .*cert_file cannot be read: b\.crt: no such file/,
    ],
    ['rate_limit:\n  interval: soon\n', /^web\.yml:2:13: rate_limit\.interval takes a duration/],
    ['rate_limit:\n  burst: 0\n', /^web\.yml:2:10: rate_limit\.burst /],
    [
      'http_server_config:\n  headers:\n    Server: a\n',
      /^web\.yml:3:5: http_server_config\.headers\.Server is not/,
    ],
    [
      'http_server_config:\n  http2: maybe\n',
      /^web\.yml:2:10: http_server_config\.http2 must be of type boolean/,
    ],
    [
      'http_server_config:\n  headers:\n    X-XSS-Protection: "a\\r\\nSet-Cookie: b"\n',
      /^web\.yml:3:23: .* printable/,
    ],
    ['a: [\n', /^web\.yml:\d+:\d+: \S/],
    ['a: b\na: c\n', /^web\.yml:2:1: Map keys must be unique/],
    ['- a\n', /^web\.yml:1:1: must be of type object/],
  ] as const) {
    assert.match(complaint(text), expected, text);
  }
  assert.throws(
    () => readWebConfig(join(folder, 'none.yml')),
    /none\.yml: no such file or directory \(ENOENT\)/,
  );
  writeFileSync(join(folder, 'huge.yml'), '#'.repeat(2 ** 20 + 1));
  assert.throws(() => readWebConfig(join(folder, 'huge.yml')), /more than 1048576/);
});

test('whatever is in the file, it is taken or told in a sentence', () => {
  const word = fc.constantFrom(
    ...[
      'tls_server_config',
      'cert_file',
      'basic_auth_users',
      'rate_limit',
      'a',
      '&a',
      '*a',
      '<<',
      '!!str',
      '- ',
    ],
    ...[
      ': ',
      '\n',
      '\n  ',
      '[',
      ']',
      '{',
      '}',
      '"',
      "'",
      '|',
      '\t',
      '\0',
      '---\n',
      '%YAML 1.2\n',
      hash,
      '\u{1F600}',
    ],
  );
  fc.assert(
    fc.property(fc.array(word, { maxLength: 30 }), (words) => {
      try {
        read(words.join(''));
      } catch (error) {
        assert.ok(error instanceof WebConfigError, String((error as Error).stack));
      }
    }),
    { numRuns: 300 },
  );
});

test('every cipher suite is one that OpenSSL knows', async () => {
  const { createSecureContext } = await import('node:tls');
  for (const name of Object.values(cipherNames)) createSecureContext({ ciphers: name });
});
