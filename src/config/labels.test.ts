// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { GlobAutomaton } from '../base/glob-automaton.ts';
import { PrefixTrie } from '../base/prefix-trie.ts';
import { carrierOfField, type LabelOptions } from '../pipeline/labels/label-options.ts';
import { FieldGlobs } from '../sip/field-globs.ts';
import { addressWords } from './address-words.ts';
import { parseConfig } from './config.ts';
import { ConfigError } from './values.ts';

const labels = (...args: string[]): LabelOptions => parseConfig(args).analysis.labels!;
const find = (words: Int32Array | undefined, address: string): number =>
  new PrefixTrie(words!).find(Int32Array.from(addressWords(address)!));

test('carriers by network, in one list or several, and from a file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'ringtap-labels-'));
  try {
    const file = join(folder, 'b.txt');
    writeFileSync(file, '# b\r\n198.51.100.0/24\n\n 2001:db8:b::/48 # more\n');
    const { carriers, carrierNetworks } = labels(
      ...['--labels.carrier', 'a=192.0.2.0/24, 2001:db8::/32', '--labels.carrier', `b=@${file},192.0.2.9`],
      ...['--labels.carrier', 'a=203.0.113.0/25'],
    );
    assert.deepEqual(carriers, ['a', 'b']);
    const expected = {
      '192.0.2.8': 1,
      '192.0.2.9': 2,
      '198.51.100.7': 2,
      '203.0.113.5': 1,
      '203.0.113.128': 0,
    };
    for (const [address, number] of Object.entries(expected))
      assert.equal(find(carrierNetworks, address), number);
    assert.equal(find(carrierNetworks, '2001:db8:a::1'), 1);
    assert.equal(find(carrierNetworks, '2001:db8:b::1'), 2);
    writeFileSync(file, '198.51.100.0/24\n198.51.100.0/33\n');
    assert.throws(() => labels('--labels.carrier', `b=@${file}`), /b\.txt:2:1: takes addresses and networks/);
    assert.throws(
      () => labels('--labels.carrier', `b=@${folder}/none`),
      /--labels\.carrier cannot read .*none \(ENOENT\)/,
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('100,000 networks of a file are read', () => {
  const folder = mkdtempSync(join(tmpdir(), 'ringtap-labels-'));
  try {
    const file = join(folder, 'many.txt');
    const lines = Array.from(
      { length: 100_000 },
      (_, i) => `10.${i >> 12}.${(i >> 4) & 255}.${(i & 15) << 4}/28`,
    );
    writeFileSync(file, lines.join('\n'));
    const { carrierNetworks } = labels('--labels.carrier', `a=@${file}`);
    assert.equal(find(carrierNetworks, '10.24.105.255'), 1);
    assert.equal(find(carrierNetworks, '10.25.0.1'), 0);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('carriers by the beginning of a URI, user agents by pattern, local networks', () => {
  const options = labels(
    ...['--labels.carrier', 'a=192.0.2.1', '--labels.carrier-uri', 'b=sip:+49,*@b.example'],
    ...['--labels.user-agent', 'phone=Cisco*,*Yealink*', '--labels.user-agent', 'scanner=*scan*'],
    ...['--networks.local', '10.0.0.0/8,2001:db8::1', '--networks.local', '192.168.0.0/16'],
  );
  const match = (tables: LabelOptions['carrierUris'], text: string): number =>
    new GlobAutomaton(tables!).match(new TextEncoder().encode(text), 0, text.length);
  assert.deepEqual(
    [options.carriers, options.userAgents],
    [
      ['a', 'b'],
      ['phone', 'scanner'],
    ],
  );
  assert.equal(match(options.carrierUris, 'sip:+4930123@x'), 2);
  assert.equal(match(options.carrierUris, 'sip:1@B.example;lr'), 2);
  assert.equal(match(options.carrierUris, 'sip:1@x'), 0);
  assert.equal(match(options.userAgentPatterns, 'Yealink T20'), 1);
  assert.equal(match(options.userAgentPatterns, 'friendly-scanner'), 2);
  assert.equal(find(options.localNetworks, '10.9.9.9'), 1);
  assert.equal(find(options.localNetworks, '2001:db8::1'), 1);
  assert.equal(find(options.localNetworks, '2001:db8::2'), 0);
  assert.equal(find(options.localNetworks, '192.168.3.4'), 1);
});

test('carriers by header fields', () => {
  const { carriers, carrierHeaders } = labels(
    ...[
      '--labels.carrier',
      'a=192.0.2.1',
      '--labels.carrier-header',
      'b=X-Carrier: b*,P-Charge-Info:<sip:+49*',
    ],
    ...['--labels.carrier-header', 'a=f:*@a.example*'],
  );
  assert.deepEqual(carriers, ['a', 'b']);
  const globs = new FieldGlobs(carrierHeaders!);
  const match = (field: string): number =>
    carrierOfField(globs.match(new TextEncoder().encode(field), 0, field.length));
  assert.equal(match('X-Carrier: bee'), 2);
  assert.equal(match('p-charge-info: <sip:+4930@x>'), 2);
  assert.equal(match('From: <sip:1@a.example>;tag=1'), 1);
  assert.equal(match('To: <sip:1@a.example>'), 0);
  for (const list of ['x', 'X-Carrier:', 'X*:a', ':a', `X:${'a'.repeat(200)}`]) {
    assert.throws(
      () => labels('--labels.carrier-header', `a=${list}`),
      /--labels\.carrier-header takes HEADER:PATTERN of up to 200 characters, such as P-Asserted-Identity:/,
    );
  }
});

test('without them there are none; what is wrong gets a sentence', () => {
  assert.equal(parseConfig([]).analysis.labels, undefined);
  const wrong = (args: readonly string[], pattern: RegExp): void =>
    assert.throws(
      () => parseConfig(args),
      (error) => error instanceof ConfigError && pattern.test(error.message),
    );
  wrong(['--labels.carrier', 'a'], /--labels\.carrier takes NAME=LIST .* not "a"/);
  wrong(['--labels.carrier', 'unknown=10.0.0.0/8'], /not unknown or other/);
  wrong(['--labels.carrier', 'a b=10.0.0.0/8'], /not "a b=/);
  for (const network of ['10.0.0.0/33', '10.0.0', '::/129', 'fe80::1%eth0', '', '10.0.0.0/']) {
    wrong(['--labels.carrier', `a=${network},`], /labels\.carrier takes/);
    wrong(['--networks.local', `${network},`], /--networks\.local takes addresses and networks/);
  }
  wrong(
    ['--labels.user-agent', 'a=x,,y'],
    /--labels\.user-agent takes patterns of 1 to 200 characters, not ""/,
  );
  const many = Array.from(
    { length: 14 },
    (_, i) => `*${String.fromCharCode(97 + i)}*${String.fromCharCode(97 + i)}*`,
  );
  wrong(
    ['--labels.user-agent', `a=${many.join()}`],
    /--labels\.user-agent: the patterns take more than 8192 states/,
  );
  const names = Array.from({ length: 65 }, (_, i) => ['--labels.user-agent', `n${i}=x${i}`]);
  wrong(names.flat(), /takes at most 64 names/);
});
