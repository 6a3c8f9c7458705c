// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { parseConfig } from './config.ts';
import { ConfigError } from './values.ts';

const inputOf = (...args: string[]): NonNullable<ReturnType<typeof parseConfig>['hepInput']> =>
  parseConfig(['--hep.listen-address', 'udp:9060', ...args]).hepInput!;

test('HEP is neither received nor sent unless that is said', () => {
  const { hepInput, hepOutput } = parseConfig(['--hep.allow', '192.0.2.1', '--hep.send-node-id', '7']);
  assert.deepEqual([hepInput, hepOutput], [undefined, undefined]);
});

test('where HEP is received: on loopback without a host', () => {
  const { listenAddresses } = inputOf(
    '--hep.listen-address',
    'tcp:[::]:0',
    '--hep.listen-address',
    'udp:a.b:1',
  );
  assert.deepEqual(listenAddresses, [
    { transport: 'udp', host: '127.0.0.1', port: 9060 },
    { transport: 'tcp', host: '::', port: 0 },
    { transport: 'udp', host: 'a.b', port: 1 },
  ]);
});

test('who may send, and what agents are called', () => {
  const { allowed, nodes } = inputOf(
    ...['--hep.allow', '192.0.2.1, 198.51.100.0/24', '--hep.allow', '2001:db8::/32'],
    ...['--hep.node', '2001=proxy', '--hep.node', '4294967295=b'],
  );
  assert.deepEqual(allowed, [
    { family: 'ipv4', address: '192.0.2.1', prefixLength: 32 },
    { family: 'ipv4', address: '198.51.100.0', prefixLength: 24 },
    { family: 'ipv6', address: '2001:db8::', prefixLength: 32 },
  ]);
  assert.deepEqual(nodes, [
    [2001, 'proxy'],
    [4294967295, 'b'],
  ]);
});

test('a key is what is given or the first line of a file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'ringtap-key-'));
  try {
    const file = join(folder, 'key');
    writeFileSync(file, 'gehäm\r\nnot this\n');
    const { hepOutput } = parseConfig(['--hep.send', 'tcp:homer:9060', '--hep.send-auth-key', `@${file}`]);
    assert.deepEqual(Buffer.from(hepOutput!.authKey).toString(), 'gehäm');
    assert.deepEqual(hepOutput!.target, { transport: 'tcp', host: 'homer', port: 9060 });
    writeFileSync(file, '\nsecond');
    assert.throws(() => inputOf('--hep.auth-key', `@${file}`), ConfigError);
  } finally {
    rmSync(folder, { recursive: true });
  }
  assert.deepEqual(Buffer.from(inputOf('--hep.auth-key', 'k').authKey).toString(), 'k');
  assert.equal(inputOf().authKey.length, 0);
});

test('without an interface there must be something to receive, and nothing to send', () => {
  assert.deepEqual(parseConfig(['-i', 'none', '--hep.listen-address', 'tcp:9060']).interfaces, []);
  assert.throws(() => parseConfig(['-i', 'none']), ConfigError);
  assert.throws(
    () => parseConfig(['-i', 'none', '-i', 'eth0', '--hep.listen-address', 'tcp:1']),
    ConfigError,
  );
  assert.throws(() => inputOf('-i', 'none', '--hep.send', 'udp:a:1'), ConfigError);
});

for (const args of [
  ['--hep.listen-address', '9060'],
  ['--hep.listen-address', 'tls:9060'],
  ['--hep.listen-address', 'udp:::1:9060'],
  ['--hep.listen-address', 'udp:70000'],
  ['--hep.allow', '192.0.2.0/33'],
  ['--hep.allow', '192.0.2.0/'],
  ['--hep.allow', '192.0.2.0/8/8'],
  ['--hep.allow', 'host'],
  ['--hep.allow', 'fe80::1%eth0'],
  ['--hep.node', 'proxy'],
  ['--hep.node', '4294967296=a'],
  ['--hep.node', '1=a b'],
  ['--hep.node', '1=a', '--hep.node', '1=b'],
  ['--hep.auth-key', '@/no/such/file'],
  ['--hep.auth-key', 'x'.repeat(2000)],
  ['--hep.max-packet-size', '64KiB'],
  ['--hep.max-connections', '0'],
  ['--hep.packet-timeout', '0s'],
  ['--hep.send', 'udp:a:0'],
  ['--hep.send', 'homer:9060'],
  ['--hep.send-queue', '1KiB'],
  ['--hep.send-node-id', '-1'],
]) {
  test(`not understood: ${args.join(' ').slice(0, 60)}`, () => {
    assert.throws(() => parseConfig(args), ConfigError);
  });
}
