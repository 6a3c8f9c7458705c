// SPDX-License-Identifier: Apache-2.0

/** Every response code registered with IANA ("SIP Parameters", Response Codes), ascending. */
export const registeredStatusCodes: readonly number[] = [
  100, 180, 181, 182, 183, 199, 200, 202, 204, 300, 301, 302, 305, 380, 400, 401, 402, 403, 404, 405, 406,
  407, 408, 410, 412, 413, 414, 415, 416, 417, 420, 421, 422, 423, 424, 425, 428, 429, 430, 433, 436, 437,
  438, 439, 440, 469, 470, 480, 481, 482, 483, 484, 485, 486, 487, 488, 489, 491, 493, 494, 500, 501, 502,
  503, 504, 505, 513, 555, 580, 600, 603, 604, 606, 607, 608,
];

/** Label values of a status code; index 0 is any code that is not registered. */
export const statusCodeNames: readonly string[] = ['other', ...registeredStatusCodes.map(String)];

const indexByCode = new Uint8Array(700);
registeredStatusCodes.forEach((code, i) => {
  indexByCode[code] = i + 1;
});

/** Index of a status code (100..699) in `statusCodeNames`; 0 when it is not registered. */
export function statusCodeIndex(statusCode: number): number {
  return indexByCode[statusCode] ?? 0;
}
