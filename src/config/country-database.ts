// SPDX-License-Identifier: Apache-2.0
import { readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { countryNumber } from '../base/country-code.ts';
import { ConfigError } from './values.ts';

const MAX_FILE_BYTES = 2 ** 29;
const ADDRESS_BITS = 128;
const IPV4_BITS = 96;

/** What databases of countries say of a network: MaxMind's, and those of DB-IP and IPinfo in the same form. */
interface CountryRecord {
  readonly country?: string | { readonly iso_code?: string };
  readonly country_code?: string;
}

/** Reads a MaxMind DB file of countries into the words of an `AddressTree`. Throws ConfigError. */
export function readCountryDatabase(place: string, file: string): Int32Array {
  try {
    if (statSync(file).size > MAX_FILE_BYTES) throw new Error(`longer than ${MAX_FILE_BYTES} bytes`);
    return wordsOf(readFileSync(file));
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new ConfigError(`${place} cannot read ${file} as a MaxMind DB file (${code ?? message})`);
  }
}

/**
 * The tree of the file, with countries in place of the data it points to. Of each record there are some hundred different
 * ones in a file, each asked for once, by an address that leads to it.
 */
function wordsOf(bytes: Buffer): Int32Array {
  // Loaded only where there is such a file: all else works without the package.
  const { Reader } = createRequire(import.meta.url)('mmdb-lib') as typeof import('mmdb-lib');
  const reader = new Reader(bytes);
  const { nodeCount, nodeByteSize, recordSize, ipVersion } = reader.metadata;
  const isIpv4 = ipVersion === 4;
  // Of a file of IPv4 only, the tree stands behind 96 nodes of its own that lead to it.
  const firstNode = isIpv4 ? IPV4_BITS : 0;
  const words = new Int32Array(new SharedArrayBuffer((firstNode + nodeCount) * 2 * 4)).fill(-1);
  for (let node = 0; node < firstNode; node++) words[2 * node] = node + 1;
  const countries = new Map<number, number>();
  const seen = new Uint8Array(nodeCount);
  const address = new Uint8Array(ADDRESS_BITS / 8);
  const visit = (node: number, depth: number): void => {
    if (seen[node] === 1 || depth === ADDRESS_BITS) return;
    seen[node] = 1;
    const [byte, bit] = [depth >> 3, 0x80 >> (depth & 7)];
    for (const side of [0, 1] as const) {
      if (side === 1) address[byte]! |= bit;
      const record = recordAt(bytes, node * nodeByteSize, recordSize, side);
      const place = 2 * (firstNode + node) + side;
      if (record < nodeCount) {
        words[place] = firstNode + record;
        visit(record, depth + 1);
      } else if (record > nodeCount) {
        let country = countries.get(record);
        if (country === undefined) {
          country = countryOf(reader.get(textOf(address, isIpv4)) as CountryRecord | null);
          countries.set(record, country);
        }
        words[place] = -1 - country;
      }
      if (side === 1) address[byte]! &= ~bit;
    }
  };
  visit(0, firstNode);
  return words;
}

function countryOf(record: CountryRecord | null): number {
  const { country, country_code: code } = record ?? {};
  return countryNumber((typeof country === 'object' ? country.iso_code : (code ?? country)) ?? '');
}

/** A record of a node: its sides are next to each other; of 28 bits, the byte in the middle has the highest four of both. */
function recordAt(bytes: Buffer, at: number, recordSize: number, side: 0 | 1): number {
  if (recordSize === 24) return bytes.readUIntBE(at + side * 3, 3);
  if (recordSize === 32) return bytes.readUInt32BE(at + side * 4);
  const middle = bytes[at + 3]!;
  return side === 0
    ? ((middle >> 4) << 24) | bytes.readUIntBE(at, 3)
    : ((middle & 0x0f) << 24) | bytes.readUIntBE(at + 4, 3);
}

function textOf(address: Uint8Array, isIpv4: boolean): string {
  if (isIpv4) return address.subarray(IPV4_BITS / 8).join('.');
  return Array.from({ length: 8 }, (_, i) =>
    ((address[2 * i]! << 8) | address[2 * i + 1]!).toString(16),
  ).join(':');
}
