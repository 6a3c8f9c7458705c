// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MAX_ADDRESS_OF_RECORD_BYTES, readAddressOfRecord } from './address-of-record.ts';

/** What is written for a value that stands among other bytes. */
function addressOf(value: string, targetLength = 64): string {
  const latin1 = (text: string) => Uint8Array.from(text, (c) => c.charCodeAt(0));
  const bytes = latin1(`<${value}@x>;"`);
  const target = new Uint8Array(targetLength).fill(0x23);
  const length = readAddressOfRecord(bytes, 1, value.length, target);
  assert.ok(target.subarray(length).every((byte) => byte === 0x23));
  return String.fromCharCode(...target.subarray(0, length));
}

test('what does not belong to the address-of-record is left out', () => {
  const values: [string, string][] = [
    ['<sip:bob@example.com>', 'sip:bob@example.com'],
    ['sip:bob@example.com;tag=1', 'sip:bob@example.com'],
    ['"Bob <sip:w@w>; \\"" <sip:bob@example.com;user=phone;lr?Subject=x>;tag=1', 'sip:bob@example.com'],
    ['Bob, the Builder <sip:bob@example.com>', 'sip:bob@example.com'],
    ['<sip:bob:secret@example.com:5070>', 'sip:bob@example.com:5070'],
    ['Bob<  sip:bob@example.com\t>', 'sip:bob@example.com'],
    ['<sip:bob@example.com?x=y>', 'sip:bob@example.com'],
    ['<sip:example.com;x>', 'sip:example.com'],
    ['<sip:+49;phone-context=a@example.com;user=phone>', 'sip:+49;phone-context=a@example.com'],
  ];
  for (const [value, expected] of values) assert.equal(addressOf(value), expected, value);
});

test('scheme and host are in lower case, the user is not', () => {
  assert.equal(addressOf('<SIP:Bob@Example.COM>'), 'sip:Bob@example.com');
  assert.equal(addressOf('SIPS:Bob@[2001:DB8::A]:5061'), 'sips:Bob@[2001:db8::a]:5061');
});

test('escapes of the user are undone', () => {
  assert.equal(addressOf('<sip:b%6fb%2B%7e@x>'), 'sip:bob+~@x');
  assert.equal(addressOf('<sip:b%C3%b6b@x>'), 'sip:bÃ¶b@x');
  assert.equal(addressOf('<sip:a%3Ab:c%41@x>'), 'sip:a:b@x');
  assert.equal(addressOf('<sip:%4@x>'), 'sip:%4@x');
  assert.equal(addressOf('<sip:%4g%%41%@x>'), 'sip:%4g%A%@x');
});

test('a telephone number has no separators and no parameters', () => {
  assert.equal(addressOf('<tel:+49-30.(12)34;phone-context=x>;tag=1'), 'tel:+49301234');
  assert.equal(addressOf('TEL:7A'), 'tel:7a');
});

test('other URIs stay as they are', () => {
  assert.equal(addressOf('<urn:service:SOS;x>'), 'urn:service:SOS;x');
  assert.equal(addressOf('<bob@Example.com>'), 'bob@Example.com');
});

test('without a URI nothing is written, with a short target no more than fits', () => {
  for (const value of ['', ' ', '<>', '<', ';tag=1', '"Bob" <>', '"Bob <sip:b@x>', '"b@x"'])
    assert.equal(addressOf(value), '', value);
  const values = ['<sip:b%6fb@example.com>', '<tel:+4930>', '<urn:x:y>', '<sip:example.com>'];
  for (const value of values) {
    const whole = addressOf(value);
    for (let length = 0; length <= whole.length; length++) {
      assert.equal(addressOf(value, length), whole.slice(0, length));
    }
  }
});

test('addresses are told apart by 512 bytes of their canonical form', () => {
  assert.equal(MAX_ADDRESS_OF_RECORD_BYTES, 512);
  const read = (user: string) => addressOf(`"Bob" <sip:%41${user}@x;a=b>`, MAX_ADDRESS_OF_RECORD_BYTES);
  // Behind `sip:A`.
  const room = MAX_ADDRESS_OF_RECORD_BYTES - 5;
  const longest = 'u'.repeat(room - 2);
  assert.equal(read(longest), `sip:A${longest}@x`);
  assert.notEqual(read(`${'u'.repeat(room - 1)}1`), read(`${'u'.repeat(room - 1)}2`));
  assert.equal(read(`${'u'.repeat(room)}1`), read(`${'u'.repeat(room)}2`));
});
