// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import test from 'node:test';
import { firstSourceWord, secondSourceWord, setSourceAddress, sourceText } from './source.ts';

/** Words of an address, what it is as a source, and an address of that source. */
function throughSource(words: readonly number[], prefixBits: number): [string, string] {
  const address = Int32Array.from(words);
  const first = firstSourceWord(address);
  const second = secondSourceWord(address, prefixBits);
  setSourceAddress(address, first, second);
  const again = [...address].map((word) => (word >>> 0).toString(16)).join();
  return [sourceText(first, second, prefixBits), again];
}

test('an IPv4 address is a source, whatever is looked at of IPv6', () => {
  for (const bits of [32, 56, 64]) {
    assert.deepEqual(throughSource([0, 0, 0xffff, 0xc0_00_02_ff], bits), [
      '192.0.2.255',
      '0,0,ffff,c00002ff',
    ]);
    assert.deepEqual(throughSource([0, 0, 0xffff, 0x01_02_03_04], bits), ['1.2.3.4', '0,0,ffff,1020304']);
  }
});

test('of an IPv6 address the network is', () => {
  const words = [0x2001_0db8, 0x1234_5678, 0x9abc_def0, 1];
  assert.deepEqual(throughSource(words, 64), ['2001:db8:1234:5678::/64', '20010db8,12345678,0,0']);
  assert.deepEqual(throughSource(words, 56), ['2001:db8:1234:5600::/56', '20010db8,12345600,0,0']);
  assert.deepEqual(throughSource(words, 48), ['2001:db8:1234::/48', '20010db8,12340000,0,0']);
  assert.deepEqual(throughSource(words, 32), ['2001:db8::/32', '20010db8,0,0,0']);
  assert.deepEqual(throughSource([0xfe80_0000 | 0, 0, 1, 2], 64), ['fe80::/64', 'fe800000,0,0,0']);
});
