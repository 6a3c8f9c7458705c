// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { parseConfig } from './config.ts';
import { renderConfigurationDocument } from './document.ts';
import { formatOptions, runOptions } from './options.ts';
import { ConfigError, formatPorts, parseCount, parseDuration, parsePorts, parseSize } from './values.ts';

const config = (...args: string[]): ReturnType<typeof parseConfig> => parseConfig(args, runOptions);
const sentence = (pattern: RegExp): ((error: unknown) => boolean) => {
  return (error) => error instanceof ConfigError && pattern.test(error.message);
};

test('without options: every interface, port 5060, loopback', () => {
  assert.deepEqual(config(), {
    interfaces: ['any'],
    sipPorts: [5060],
    sipDetect: false,
    retryMicros: 32e6,
    promiscuous: false,
    ringBytes: 64 * 2 ** 20,
    maxAttempts: 131_072,
    maxDialogs: 131_072,
    sessionLimitMicros: 86_400e6,
    maxSeries: 50_000,
    maxSeriesPerFamily: 20_000,
    listenAddresses: ['127.0.0.1:10060'],
    logFormat: 'logfmt',
  });
});

test('options repeat where that means something; elsewhere the last one counts', () => {
  const given = config(
    '-i',
    'eth0',
    '--interface=eth1',
    '--sip.ports',
    '5060',
    '--sip.ports',
    '5080-5082,5061',
  );
  assert.deepEqual(given.interfaces, ['eth0', 'eth1']);
  assert.deepEqual(given.sipPorts, [5061, 5080, 5081, 5082]);
  assert.deepEqual(config('--web.listen-address', ':1', '--web.listen-address', '[::1]:2').listenAddresses, [
    ':1',
    '[::1]:2',
  ]);
});

test('ports: single ones and ranges, sorted, each once', () => {
  assert.deepEqual(parsePorts('p', '5061, 5060,5060-5062'), [5060, 5061, 5062]);
  assert.equal(parsePorts('p', '1-65535').length, 65_535);
  for (const text of ['5060', '5060-5062', '5060,5062-5064,5070', '1-65535']) {
    assert.equal(formatPorts(parsePorts('p', text)), text);
  }
  for (const wrong of [
    '',
    '0',
    '65536',
    '70000',
    '5062-5060',
    '5060-',
    '-1',
    'sip',
    '5060;5061',
    '1-2-3',
    '5060,,',
  ]) {
    assert.throws(
      () => parsePorts('--sip.ports', wrong),
      sentence(/--sip\.ports takes ports from 1 to 65535/),
      wrong,
    );
  }
});

test('durations, sizes and counts', () => {
  assert.equal(parseDuration('d', '500ms'), 500_000);
  assert.equal(parseDuration('d', '32s'), 32_000_000);
  assert.equal(parseDuration('d', '5m'), 300_000_000);
  assert.equal(parseDuration('d', '24h'), 86_400_000_000);
  for (const wrong of ['', '0s', '5', '1.5s', '-1s', '1d', 's', '1 s']) {
    assert.throws(() => parseDuration('--d', wrong), sentence(/--d takes a duration such as/), wrong);
  }
  assert.equal(parseSize('s', '64MiB'), 67_108_864);
  assert.equal(parseSize('s', '1GB'), 1e9);
  assert.equal(parseSize('s', '4096'), 4096);
  for (const wrong of ['', '0', '64M', '64mb', '-1MiB', '1.5GiB']) {
    assert.throws(() => parseSize('--s', wrong), sentence(/--s takes a size such as/), wrong);
  }
  assert.equal(parseCount('n', '7', 1, 7), 7);
  for (const wrong of ['0', '8', '', '1e3', '-2', 'x']) {
    assert.throws(
      () => parseCount('--n', wrong, 1, 7),
      sentence(/--n takes a whole number from 1 to 7/),
      wrong,
    );
  }
});

test('what is wrong on the command line gets a sentence that names it', () => {
  assert.throws(() => config('--sip.prots', '5060'), sentence(/--sip\.prots/));
  assert.throws(() => config('eth0'), sentence(/"eth0" is not understood/));
  assert.throws(() => config('-i'), sentence(/-i/));
  assert.throws(() => config('--log.format', 'xml'), sentence(/logfmt or json, not "xml"/));
  assert.throws(() => config('--web.listen-address', '10060'), sentence(/--web\.listen-address: "10060"/));
  assert.throws(() => config('--state.max-dialogs', '0'), sentence(/--state\.max-dialogs/));
});

test('the help names every option and fits 100 columns', () => {
  const lines = formatOptions(runOptions).split('\n');
  for (const { name } of runOptions)
    assert.ok(
      lines.some((line) => line.includes(`--${name}`)),
      name,
    );
  for (const line of lines) assert.ok(line.length <= 100, line);
});

test('docs/configuration.md is what npm run docs writes', () => {
  const written = readFileSync(new URL('../../docs/configuration.md', import.meta.url), 'utf8');
  assert.equal(written, renderConfigurationDocument());
});
