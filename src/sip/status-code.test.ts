// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { registeredStatusCodes, statusCodeIndex, statusCodeNames } from './status-code.ts';

/** The IANA registry "Response Codes", by the RFC that defines them. */
const registered: Record<number, number[]> = {
  3261: [
    100, 180, 181, 182, 183, 200, 300, 301, 302, 305, 380, 400, 401, 402, 403, 404, 405, 406, 407, 408, 410,
    413, 414, 415, 416, 420, 421, 423, 480, 481, 482, 483, 484, 485, 486, 487, 488, 491, 493, 500, 501, 502,
    503, 504, 505, 513, 600, 603, 604, 606,
  ],
  3312: [580],
  3329: [494],
  3892: [429],
  3903: [412],
  4028: [422],
  4412: [417],
  5079: [433],
  5360: [470],
  5393: [440],
  5626: [430, 439],
  5839: [204],
  6086: [469],
  6228: [199],
  6442: [424],
  6665: [202, 489],
  8197: [607],
  8224: [428, 436, 437, 438],
  8599: [555],
  8688: [608],
  8876: [425],
};

test('the codes are those registered, ascending', () => {
  const codes = Object.values(registered)
    .flat()
    .sort((a, b) => a - b);
  assert.equal(new Set(codes).size, 75);
  assert.deepEqual(registeredStatusCodes, codes);
});

test('each code has its own name, the others share one', () => {
  const known = new Set(registeredStatusCodes);
  for (let code = 100; code <= 699; code++) {
    assert.equal(statusCodeNames[statusCodeIndex(code)], known.has(code) ? String(code) : 'other');
  }
  assert.equal(statusCodeNames.length, 76);
});
