// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { isIP } from 'node:net';
import { test } from 'node:test';
import fc from 'fast-check';
import { addressText } from '../../test/sdp-bodies/described.ts';
import { readInternetAddress } from './internet-address.ts';

const words = new Int32Array(6);

/** The address as `addressText` writes it, or undefined. */
function read(text: string): string | undefined {
  const bytes = new TextEncoder().encode(`:${text}1`);
  words.fill(7);
  const isAddress = readInternetAddress(bytes, 1, bytes.length - 1, words, 1);
  assert.equal(words[0], 7);
  assert.equal(words[5], 7);
  if (!isAddress) assert.deepEqual([...words], [7, 7, 7, 7, 7, 7], 'touched');
  return isAddress ? addressText(words, 1) : undefined;
}

/** Every way to write eight groups: zeros in front, one run of zero groups left out, the last two as IPv4. */
const written = fc
  .tuple(
    fc.array(fc.oneof(fc.constant(0), fc.nat(0xffff)), { minLength: 8, maxLength: 8 }),
    fc.nat(8),
    fc.nat(8),
    fc.boolean(),
    fc.boolean(),
  )
  .map(([groups, from, to, isDotted, isPadded]) => {
    const hex = groups.map((group) => group.toString(16).padStart(isPadded ? 4 : 1, '0'));
    const [high, low] = groups.slice(6) as [number, number];
    const last = isDotted ? [`${high >> 8}.${high & 255}.${low >> 8}.${low & 255}`] : hex.slice(6);
    const parts = [...hex.slice(0, 6), ...last];
    const isRun = from < to && to <= 6 && groups.slice(from, to).every((group) => group === 0);
    const text = isRun ? `${parts.slice(0, from).join(':')}::${parts.slice(to).join(':')}` : parts.join(':');
    return { groups, text };
  });

test('an IPv6 address written in any way is read', () => {
  fc.assert(
    fc.property(written, ({ groups, text }) => {
      const wanted = Int32Array.from({ length: 4 }, (_, i) => (groups[2 * i]! << 16) | groups[2 * i + 1]!);
      assert.equal(read(text), addressText(wanted), text);
      assert.equal(read(text.toUpperCase()), addressText(wanted), text);
    }),
    { numRuns: 3000 },
  );
});

test('an IPv4 address is read', () => {
  fc.assert(
    fc.property(fc.ipV4(), (text) => {
      assert.equal(read(text), text);
    }),
  );
});

test('what Node takes for an address is one, and nothing else', () => {
  const piece = fc.constantFrom(
    '0',
    '1',
    '255',
    '256',
    '01',
    'ffff',
    'F',
    '10000',
    'g',
    ':',
    ':',
    '::',
    '.',
    '.',
    ' ',
    '%',
  );
  const text = fc.oneof(
    fc.array(piece, { maxLength: 20 }).map((pieces) => pieces.join('')),
    fc
      .tuple(written, fc.nat(40), piece)
      .map(
        ([{ text: address }, place, inserted]) => address.slice(0, place) + inserted + address.slice(place),
      ),
    fc
      .tuple(fc.ipV4(), fc.nat(15), piece)
      .map(([address, place, inserted]) => address.slice(0, place) + inserted + address.slice(place + 1)),
  );
  fc.assert(
    fc.property(text, (address) => {
      // A zone (RFC 4007 §11) has no place in SDP.
      const isAddress = isIP(address) !== 0 && !address.includes('%');
      assert.equal(read(address) !== undefined, isAddress, address);
    }),
    { numRuns: 20_000 },
  );
});
