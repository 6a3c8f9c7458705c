// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after } from 'node:test';
import { type MmdbNetwork, writeMmdb } from '../../test/support/mmdb.ts';
import { AddressTree } from '../base/address-tree.ts';
import { countryCode } from '../base/country-code.ts';
import { addressWords } from './address-words.ts';
import { readCountryDatabase } from './country-database.ts';
import { ConfigError } from './values.ts';

const folder = mkdtempSync(join(tmpdir(), 'ringtap-mmdb-'));
after(() => rmSync(folder, { recursive: true }));
const file = join(folder, 'country.mmdb');

/** The bits of a network, IPv4 behind 96 bits of 0 where it stands in a tree of IPv6. */
function bitsOf(network: string, isIpv6Tree: boolean): string {
  const [address = '', length = ''] = network.split('/');
  const bits = addressWords(address)!.map((word) => (word >>> 0).toString(2).padStart(32, '0'));
  if (address.includes(':')) return bits.join('').slice(0, Number(length));
  return `${isIpv6Tree ? '0'.repeat(96) : ''}${bits[3]!.slice(0, Number(length))}`;
}

const ipv4 = { '192.0.2.0/24': 'DE', '192.0.2.128/25': 'FR', '192.0.2.200/32': 'XX', '198.51.0.0/16': 'US' };
const ipv6 = { '2001:db8::/32': 'GB', '2001:db8:1::/48': 'CH' };
const networksOf = (networks: Record<string, string>, isIpv6Tree: boolean): MmdbNetwork[] =>
  Object.entries(networks).map(([network, country]) => ({ bits: bitsOf(network, isIpv6Tree), country }));

function lookUp(bytes: Buffer): (address: string) => string {
  writeFileSync(file, bytes);
  const tree = new AddressTree(readCountryDatabase('--labels.country-database', file));
  return (address) => {
    const words = Int32Array.from(addressWords(address)!);
    const country = tree.find(words);
    assert.equal(tree.find(words), country, 'the same from the cache');
    return country === 0 ? '' : countryCode(country);
  };
}

const expectedIpv4 = {
  '192.0.2.1': 'DE',
  '192.0.2.129': 'FR',
  '192.0.2.200': 'XX',
  '192.0.2.201': 'FR',
  '198.51.255.255': 'US',
  '198.52.0.0': '',
  '0.0.0.0': '',
};
const expectedIpv6 = {
  '2001:db8::1': 'GB',
  '2001:db8:1::': 'CH',
  '2001:db8:2::': 'GB',
  '2001:db9::': '',
  '::1': '',
};

for (const recordSize of [24, 28, 32] as const) {
  test(`countries of addresses, records of ${recordSize} bits`, () => {
    const find = lookUp(writeMmdb([...networksOf(ipv4, true), ...networksOf(ipv6, true)], 6, recordSize));
    for (const [address, country] of Object.entries({ ...expectedIpv4, ...expectedIpv6 }))
      assert.equal(find(address), country, address);
    const findIpv4 = lookUp(writeMmdb(networksOf(ipv4, false), 4, recordSize));
    for (const [address, country] of Object.entries(expectedIpv4))
      assert.equal(findIpv4(address), country, address);
    assert.equal(findIpv4('2001:db8::1'), '');
  });
}

test('the forms of other makers; what is no code of a country is none', () => {
  const networks = networksOf(ipv4, true);
  assert.equal(lookUp(writeMmdb(networks, 6, 24, (country) => ({ country })))('192.0.2.1'), 'DE');
  assert.equal(lookUp(writeMmdb(networks, 6, 24, (code) => ({ country_code: code })))('192.0.2.1'), 'DE');
  assert.equal(lookUp(writeMmdb(networks, 6, 24, () => ({ country: 'Germany' })))('192.0.2.1'), '');
  assert.equal(lookUp(writeMmdb(networks, 6, 24, () => ({ city: 'x' })))('192.0.2.1'), '');
});

test('a file that is none, or is damaged, is told about and never anything else', () => {
  assert.throws(() => readCountryDatabase('--x', join(folder, 'none')), /--x cannot read .*none.*ENOENT/);
  const good = writeMmdb([...networksOf(ipv4, true), ...networksOf(ipv6, true)], 6, 24);
  const read = (bytes: Buffer): void => {
    writeFileSync(file, bytes);
    try {
      const tree = new AddressTree(readCountryDatabase('--x', file));
      for (const address of Object.keys({ ...expectedIpv4, ...expectedIpv6 }))
        assert.ok(tree.find(Int32Array.from(addressWords(address)!)) <= 676);
    } catch (error) {
      assert.ok(error instanceof ConfigError, String(error));
    }
  };
  for (let length = 0; length < good.length; length += 7) read(good.subarray(0, length));
  for (let at = 0; at < good.length; at += 3) {
    for (const byte of [0, 0xff, good[at]! ^ 1]) {
      const damaged = Buffer.from(good);
      damaged[at] = byte;
      read(damaged);
    }
  }
});
