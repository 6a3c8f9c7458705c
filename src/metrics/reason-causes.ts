// SPDX-License-Identifier: Apache-2.0
import { ReasonProtocol } from '../state/call-events.ts';
import { finalCodeIndex, finalCodeNames } from './families/labels.ts';

/** Cause values of ITU-T Q.850; what only national or vendor variants have is `other`. */
const q850Causes: readonly number[] = [
  1, 2, 3, 4, 5, 6, 7, 8, 9, 14, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 34, 38, 39,
  40, 41, 42, 43, 44, 46, 47, 49, 50, 53, 55, 57, 58, 62, 63, 65, 66, 69, 70, 79, 81, 82, 83, 84, 85, 86, 87,
  88, 90, 91, 95, 96, 97, 98, 99, 100, 101, 102, 103, 110, 111, 127,
];
const q850Names: readonly string[] = ['other', ...q850Causes.map(String)];

/** Protocol and cause: the causes of Q.850 and `other`, then the final status codes and `other`. */
export const reasonTuples: readonly (readonly [string, string])[] = [
  ...q850Names.map((cause): [string, string] => ['Q.850', cause]),
  ...finalCodeNames.map((cause): [string, string] => ['SIP', cause]),
];

const indexByQ850Cause = new Uint8Array(128);
q850Causes.forEach((cause, i) => {
  indexByQ850Cause[cause] = i + 1;
});

/** Index in `reasonTuples` of a cause, 0..999. */
export function reasonIndex(protocol: ReasonProtocol, cause: number): number {
  if (protocol === ReasonProtocol.q850) return indexByQ850Cause[cause] ?? 0;
  return q850Names.length + (cause < 200 ? 0 : finalCodeIndex(cause));
}
