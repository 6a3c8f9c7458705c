// SPDX-License-Identifier: Apache-2.0
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeMmdb } from '../../support/mmdb.ts';
import { writePcap } from '../../support/pcap.ts';
import { abuseCases } from './cases.ts';
import { Traffic } from './traffic.ts';

// `node test/golden/abuse/generate.ts` writes one capture for each case into captures/, and the countries of addresses.

const LINKTYPE_ETHERNET = 1;

/** Where the captures are. */
export const captureFolder: string = join(import.meta.dirname, 'captures');
/** The country database among them. */
export const countryFile: string = 'countries.mmdb';

/** Writes every capture into a folder, which is emptied before. */
export function generate(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const { name, play } of abuseCases) {
    const traffic = new Traffic();
    play(traffic);
    writePcap(join(folder, `${name}.pcap`), LINKTYPE_ETHERNET, traffic.records);
  }
  const countries = [
    { bits: '00000101', country: 'DE' },
    { bits: '00001000', country: 'US' },
    { bits: '00000010', country: 'FR' },
  ];
  writeFileSync(join(folder, countryFile), writeMmdb(countries, 4, 24));
}

if (import.meta.main) generate(captureFolder);
