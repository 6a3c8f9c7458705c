// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { countryCode, countryNumber } from '../base/country-code.ts';
import { numberCountry } from './number-country.ts';
import { numberPlan } from './number-plan.ts';

function countryOf(value: string): string {
  const bytes = new TextEncoder().encode(`x${value}x`);
  const number = numberCountry(bytes, 1, bytes.length - 2);
  return number === 0 ? '' : countryCode(number);
}

test('the country of the number of a URI', () => {
  const expected = {
    '"Bob" <sip:+49-30-123456@example.com;user=phone>;tag=1': 'DE',
    'sip:+493012@x': 'DE',
    '<sips:0033123@x>': 'FR',
    '<tel:+1-416-555-1234>': 'CA',
    '<tel:+1-212-555-1234>': 'US',
    'tel:+44.1481.234567;x=y': 'GG',
    '<sip:+44(20)7946@x>': 'GB',
    '<sip:+7701@x>': 'KZ',
    '<SIP:+7495@x>': 'RU',
    '<sip:+390612@x>': 'IT',
    '<sip:+3906698@x>': 'VA',
  };
  for (const [value, country] of Object.entries(expected)) assert.equal(countryOf(value), country, value);
});

test('what is no international number has none', () => {
  for (const value of [
    '',
    'sip:x',
    '<sip:030123@x>',
    '<sip:493012@x>',
    '<sip:+@x>',
    '<sip:+0@x>',
    '<sip:+999@x>',
    '"+49" <sip:a@x>',
    '<http://+49>',
    '+49',
  ]) {
    assert.equal(countryOf(value), '', value);
  }
});

test('it agrees with going through the plan, whatever the digits', () => {
  const plan = numberPlan
    .trim()
    .split(/\s+/)
    .flatMap((entry) => {
      const [code, prefixes] = entry.split(':');
      return prefixes!.split(',').map((prefix) => [prefix, code!] as const);
    });
  assert.equal(new Set(plan.map(([prefix]) => prefix)).size, plan.length, 'no prefix has two countries');
  plan.sort(([one], [other]) => other.length - one.length);
  const digits = fc.oneof(
    fc.stringMatching(/^[0-9]{0,15}$/),
    fc
      .tuple(fc.constantFrom(...plan.map(([prefix]) => prefix)), fc.stringMatching(/^[0-9]{0,4}$/))
      .map((parts) => parts.join('')),
  );
  fc.assert(
    fc.property(digits, (number) => {
      assert.equal(
        countryOf(`<sip:+${number}@x>`),
        plan.find(([prefix]) => number.startsWith(prefix))?.[1] ?? '',
      );
    }),
    { numRuns: 3000 },
  );
});

test('codes and numbers of countries', () => {
  for (const code of ['AA', 'DE', 'ZZ']) assert.equal(countryCode(countryNumber(code)), code);
  assert.equal(countryNumber('ZZ'), 676);
  for (const code of ['', 'D', 'de', 'DEU', 'D1']) assert.equal(countryNumber(code), 0);
});
