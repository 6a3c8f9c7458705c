// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import test from 'node:test';
import { ListenError, parseListenAddress, urlOf } from './listen-address.ts';

test('listen addresses of every form', () => {
  const cases: readonly (readonly [string, string | undefined, number])[] = [
    ['127.0.0.1:10060', '127.0.0.1', 10060],
    ['[::1]:10060', '::1', 10060],
    ['[fe80::1%eth0]:80', 'fe80::1%eth0', 80],
    ['localhost:0', 'localhost', 0],
    [':10060', undefined, 10060],
    ['0.0.0.0:65535', '0.0.0.0', 65535],
  ];
  for (const [text, host, port] of cases) assert.deepEqual(parseListenAddress(text), { host, port }, text);
});

test('what is no listen address is told with an example', () => {
  for (const text of [
    '',
    '10060',
    '127.0.0.1',
    '127.0.0.1:',
    '::1:10060',
    '[::1]',
    'host:65536',
    'a b:1',
    'h:-1',
    'http://h:1',
    '[]:1',
    'h:1x',
  ]) {
    assert.throws(
      () => parseListenAddress(text),
      (error) => error instanceof ListenError && /write HOST:PORT/.test(error.message),
      text,
    );
  }
});

test('an IPv6 address is bracketed in a URL', () => {
  assert.equal(urlOf({ address: '::1', family: 'IPv6', port: 1 }), 'http://[::1]:1');
  assert.equal(urlOf({ address: '127.0.0.1', family: 'IPv4', port: 1 }), 'http://127.0.0.1:1');
});
