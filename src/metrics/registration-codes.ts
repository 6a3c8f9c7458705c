// SPDX-License-Identifier: Apache-2.0
import { registeredStatusCodes, statusCodeIndex, statusCodeNames } from '../sip/status-code.ts';
import {
  RegistrationResult,
  registrationResultNames,
  resultOfRegistration,
} from '../state/registration-result.ts';

const CODES = statusCodeNames.length;

/** `code` values a result can come with, in the order of the exposition. */
function codesOf(result: RegistrationResult): string[] {
  if (result === RegistrationResult.timeout) return ['timeout'];
  if (result === RegistrationResult.challenged || result === RegistrationResult.authenticationFailed)
    return ['401', '407'];
  const codes = registeredStatusCodes.filter(
    (statusCode) => statusCode >= 200 && resultOfRegistration(statusCode) === result,
  );
  return ['other', ...codes.map(String)];
}

/** Result and code of a registration attempt: only those that go together. */
export const registrationTuples: readonly (readonly [string, string])[] = Object.values(
  RegistrationResult,
).flatMap((result) =>
  codesOf(result).map((code): [string, string] => [registrationResultNames[result]!, code]),
);

/** Place in `registrationTuples` by result and index of the status code; else that of the result's first. */
const indexByPair = new Uint8Array(registrationResultNames.length * CODES);
for (const result of Object.values(RegistrationResult)) {
  const name = registrationResultNames[result];
  const first = registrationTuples.findIndex(([tupleResult]) => tupleResult === name);
  indexByPair.fill(first, result * CODES, (result + 1) * CODES);
}
registrationTuples.forEach(([result, code], i) => {
  const index = statusCodeNames.indexOf(code);
  if (index >= 0) indexByPair[registrationResultNames.indexOf(result) * CODES + index] = i;
});

/** Index in `registrationTuples` of a result and the final status code that made it, 0 where none came. */
export function registrationIndex(result: RegistrationResult, statusCode: number): number {
  return indexByPair[result * CODES + statusCodeIndex(statusCode)]!;
}
