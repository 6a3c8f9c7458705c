// SPDX-License-Identifier: Apache-2.0
import { AddressTree } from '../../../src/base/address-tree.ts';
import type { BenchCase } from '../../measure-case.ts';
import { countryNetworks, countryWords } from '../../support/country-file.ts';

const NETWORKS = 20_000;
const LOOKUPS = 100_000;

/** The country of an address of IPv4 among 20,000 networks; no address is near the one before, hardly one was asked for lately. */
export default function prepare(): BenchCase {
  const tree = new AddressTree(countryWords(NETWORKS));
  const networks = countryNetworks(NETWORKS);
  const addresses = Int32Array.from({ length: LOOKUPS }, (_, i) => {
    const { address, lengthBits } = networks[Math.imul(i, 7919) % NETWORKS]!;
    return address | (Math.imul(i, 0x9e3779b1) >>> lengthBits);
  });
  const address = Int32Array.of(0, 0, 0xffff, 0);
  return {
    unit: 'address',
    units: LOOKUPS,
    pass: () => {
      let found = 0;
      for (let i = 0; i < LOOKUPS; i++) {
        address[3] = addresses[i]!;
        if (tree.find(address) !== 0) found++;
      }
      if (found !== LOOKUPS) throw new Error(`${found} of ${LOOKUPS} found`);
    },
  };
}
