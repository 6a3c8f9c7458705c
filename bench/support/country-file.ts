// SPDX-License-Identifier: Apache-2.0
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readCountryDatabase } from '../../src/config/country-database.ts';
import { writeMmdb } from '../../test/support/mmdb.ts';
import { randomSource } from '../../test/support/random.ts';

const countries = ['AT', 'BE', 'CH', 'CZ', 'DE', 'DK', 'ES', 'FR', 'GB', 'IT', 'NL', 'NO', 'PL', 'SE', 'US'];
const IPV4_BITS = 32;

/** Networks of IPv4 as registries give them out, of 12 to 24 bits, with countries in turn; the same ones each time. */
export function countryNetworks(count: number): { readonly address: number; readonly lengthBits: number }[] {
  const random = randomSource(1);
  return Array.from({ length: count }, () => {
    const lengthBits = 12 + random(13);
    return { address: (random(2 ** 32) & -(2 ** (IPV4_BITS - lengthBits))) >>> 0, lengthBits };
  }).sort((a, b) => a.lengthBits - b.lengthBits);
}

/** What `--labels.country-database` makes of a MaxMind DB file of so many networks. */
export function countryWords(count: number): Int32Array {
  const folder = mkdtempSync(join(tmpdir(), 'ringtap-bench-'));
  try {
    const file = join(folder, 'country.mmdb');
    const networks = countryNetworks(count).map(({ address, lengthBits }, i) => ({
      bits: '0'.repeat(96) + address.toString(2).padStart(IPV4_BITS, '0').slice(0, lengthBits),
      country: countries[i % countries.length]!,
    }));
    writeFileSync(file, writeMmdb(networks, 6, 28));
    return readCountryDatabase('country', file);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
