// SPDX-License-Identifier: Apache-2.0

const LETTERS = 26;
const FIRST_LETTER = 0x41;

/** The number of a country code of ISO 3166-1, `DE` for one: 1..676; 0 for what is none. */
export function countryNumber(code: string): number {
  if (!/^[A-Z]{2}$/.test(code)) return 0;
  return (code.charCodeAt(0) - FIRST_LETTER) * LETTERS + code.charCodeAt(1) - FIRST_LETTER + 1;
}

/** The code of a number from 1 on. */
export function countryCode(number: number): string {
  const index = number - 1;
  return String.fromCharCode(FIRST_LETTER + Math.floor(index / LETTERS), FIRST_LETTER + (index % LETTERS));
}
