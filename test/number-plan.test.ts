// SPDX-License-Identifier: Apache-2.0
// The number plan against Debian's python3-phonenumbers, and its generator.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { numberPlanOf, renderNumberPlan } from '../scripts/number-plan.ts';
import { countryCode } from '../src/base/country-code.ts';
import { numberCountry } from '../src/sip/number-country.ts';
import { runCommand } from './support/command.ts';

/**
 * Prints numbers and their regions: an example of each region's lines and mobiles, and of country codes that several share
 * numbers that are valid, found by chance.
 */
const numbers = `
import random, phonenumbers as p
from phonenumbers import PhoneNumberType as T
kinds = (T.FIXED_LINE, T.MOBILE, T.FIXED_LINE_OR_MOBILE)
random.seed(1)
for region in sorted(p.SUPPORTED_REGIONS):
    for kind in kinds[:2]:
        number = p.example_number_for_type(region, kind)
        if number: print('example', p.format_number(number, p.PhoneNumberFormat.E164), p.region_code_for_number(number))
for code, regions in p.COUNTRY_CODE_TO_REGION_CODE.items():
    if len(regions) < 2: continue
    for _ in range(1500):
        length = len(str(p.example_number(random.choice(regions)).national_number))
        number = p.PhoneNumber(country_code=code, national_number=random.randrange(10 ** (length - 1), 10 ** length))
        if p.number_type(number) in kinds:
            print('random', p.format_number(number, p.PhoneNumberFormat.E164), p.region_code_for_number(number))
`;

/** Territories whose numbers the larger one next to them has too, or now has: theirs are what it has. */
const sharing: Readonly<Record<string, string>> = { BL: 'GP', MF: 'GP', EH: 'MA' };

const countryOf = (number: string): string => {
  const bytes = new TextEncoder().encode(`<sip:${number}@x>`);
  const country = numberCountry(bytes, 0, bytes.length);
  return country === 0 ? '' : countryCode(country);
};

test('numbers are of the country that libphonenumber says', async () => {
  const lines = (await runCommand('/usr/bin/python3', ['-'], { input: numbers })).trim().split('\n');
  const wrong = { example: [] as string[], random: [] as string[] };
  const counts = { example: 0, random: 0 };
  for (const line of lines) {
    const [kind, number, region] = line.split(' ') as ['example' | 'random', string, string];
    counts[kind]++;
    if (countryOf(number) !== (sharing[region] ?? region))
      wrong[kind].push(`${number} ${region} ${countryOf(number)}`);
  }
  assert.ok(counts.example > 450, `${counts.example} examples`);
  assert.ok(counts.random > 3000, `${counts.random} numbers`);
  assert.deepEqual(wrong.example, []);
  assert.deepEqual(wrong.random, []);
});

test('the generator finds the shortest beginnings that only one country has', () => {
  const kinds = (fixed: string, mobile = ''): unknown[] => [
    ...new Array(11).fill(0),
    [[fixed], mobile === '' ? 0 : [mobile]],
  ];
  const plan = numberPlanOf({
    country_calling_codes: { 5: ['MM', 'OO', 'PP'], 99: ['QQ'] },
    countries: {
      MM: kinds('[2-4]\\d{3}|7(?:0[01]|1)\\d{1,2}', '9\\d{7}'),
      OO: kinds('(?:5|6[1-3]{2})\\d\\d?', '9123456[78]'),
      PP: kinds('7(?:0[23]|2)\\d{2}', '8'),
      QQ: kinds('1'),
    },
  });
  assert.equal(renderNumberPlan(plan), 'MM:5 OO:55,56 PP:5702,5703,572,58 QQ:99');
  assert.throws(
    () =>
      numberPlanOf({
        country_calling_codes: { 1: ['AA', 'BB'] },
        countries: { AA: kinds('1+'), BB: kinds('2') },
      }),
    /cannot read 1\+ at 1/,
  );
});
