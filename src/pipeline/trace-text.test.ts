// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { BlockList, SocketAddress } from 'node:net';
import test from 'node:test';
import fc from 'fast-check';
import { endpointText, MAX_TEXT_BYTES, recordText, timeText, wireText } from './trace-text.ts';

test('text from the wire is one word in quotes, whatever it is', () => {
  const text = (...bytes: number[]): string => wireText(Uint8Array.from(bytes), 0, bytes.length);
  assert.equal(text(), '""');
  assert.equal(text(...Buffer.from('a b=c')), '"a b=c"');
  assert.equal(text(...Buffer.from('"\\\n\u001b[31mé')), '"\\x22\\x5c\\x0a\\x1b[31m\\xc3\\xa9"');
  assert.equal(wireText(Uint8Array.from(Buffer.from('xabcx')), 1, 3), '"abc"');
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      const shown = wireText(bytes, 0, bytes.length);
      assert.match(shown, /^"[ !#-[\]-~\\]*"(\.\.\.)?$/);
      // It can be read back.
      const back = shown
        .slice(1, shown.lastIndexOf('"'))
        .replace(/\\x([0-9a-f]{2})/g, (_, digits: string) =>
          String.fromCharCode(Number.parseInt(digits, 16)),
        );
      assert.equal(back, Buffer.from(bytes.subarray(0, MAX_TEXT_BYTES)).toString('latin1'));
      assert.equal(shown.endsWith('...'), bytes.length > MAX_TEXT_BYTES);
    }),
  );
});

test('times have six digits behind the second', () => {
  assert.equal(timeText(0), '1970-01-01T00:00:00.000000Z');
  assert.equal(timeText(1_700_000_000_000_001 + 0.75), '2023-11-14T22:13:20.000001Z');
  assert.equal(timeText(1_700_000_000_999_999 + 0.75), '2023-11-14T22:13:20.999999Z');
  assert.equal(timeText(Number.MAX_SAFE_INTEGER), '2255-06-05T23:47:34.740991Z');
});

test('records are named by eight hexadecimal digits', () => {
  assert.deepEqual([0, 1, -1, 0x7fffffff, -0x80000000].map(recordText), [
    '00000000',
    '00000001',
    'ffffffff',
    '7fffffff',
    '80000000',
  ]);
});

test('addresses are written as RFC 5952 and Node write them', () => {
  const word = (...octets: number[]): number => octets.reduce((sum, octet) => (sum << 8) | octet, 0);
  assert.equal(endpointText(Int32Array.of(0, 0, 0xffff, word(192, 0, 2, 1)), 5060), '192.0.2.1:5060');
  assert.equal(endpointText(Int32Array.of(0, 0, 0xffff, -1), 0), '255.255.255.255:0');
  assert.equal(endpointText(Int32Array.of(0x20010db8, 0, 0, 1), 65535), '[2001:db8::1]:65535');
  assert.equal(endpointText(Int32Array.of(0, 0, 0, 0), 1), '[::]:1');
  const group = fc.oneof(fc.constant(0), fc.constant(0), fc.nat(0xffff));
  fc.assert(
    fc.property(fc.array(group, { minLength: 8, maxLength: 8 }), (groups) => {
      const words = Int32Array.from([0, 2, 4, 6], (i) => (groups[i]! << 16) | groups[i + 1]!);
      const text = endpointText(words, 5060);
      const long = groups.map((one) => one.toString(16)).join(':');
      const address = text.replace(/:5060$/, '').replace(/^\[|\]$/g, '');
      const list = new BlockList();
      list.addAddress(long, 'ipv6');
      assert.ok(list.check(address, text.startsWith('[') ? 'ipv6' : 'ipv4'), `${long} ${text}`);
      // Node writes some addresses with an IPv4 tail; the others as RFC 5952 §4 wants.
      const canonical = new SocketAddress({ address: long, family: 'ipv6' }).address;
      if (!canonical.includes('.')) assert.equal(address, canonical);
    }),
  );
});
