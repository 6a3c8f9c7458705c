// SPDX-License-Identifier: Apache-2.0
import { statusCodeIndex, statusCodeNames } from '../../sip/status-code.ts';
import { outcomeNames } from '../../state/call-events.ts';
import type { LabelDefinition } from '../definition.ts';

/** Codes below 200 have no place among the final codes; `other` stands before them and remains. */
const provisionalCount = statusCodeNames.filter((name) => name.startsWith('1')).length;

/** Every final status code, `other` first. */
export const finalCodeNames: readonly string[] = statusCodeNames.filter((name) => !name.startsWith('1'));

/** `code` of what may end without any final response: then `timeout`, the last value. */
export const finalCode: LabelDefinition = { name: 'code', values: [...finalCodeNames, 'timeout'] };

/** Index of a final status code in `finalCode`; 0 stands for no final response. */
export function finalCodeIndex(statusCode: number): number {
  if (statusCode === 0) return finalCodeNames.length;
  const index = statusCodeIndex(statusCode);
  return index <= provisionalCount ? 0 : index - provisionalCount;
}

export const outcome: LabelDefinition = { name: 'outcome', values: outcomeNames };

/**
 * Bounds of delays, in seconds: 1 ms to 60 s, finer from 1 to 10 s, where callers begin to lose patience. Timer F, 32 s
 * by default, has a bucket of its own with what is beyond 30 s.
 */
export const delayBuckets: readonly number[] = [
  0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 3, 5, 8, 15, 30, 60,
];

/** Bounds of durations, in seconds: 1 s to 24 h. */
export const durationBuckets: readonly number[] = [
  1, 5, 10, 30, 60, 120, 300, 600, 1800, 3600, 7200, 14_400, 86_400,
];

/**
 * Bounds of message sizes, in bytes. RFC 3261 §18.1.1 wants a transport with congestion control above 1300 bytes where
 * the path MTU is not known; 1500 is the MTU of Ethernet, 65535 the end of UDP.
 */
export const sizeBuckets: readonly number[] = [
  256, 512, 768, 1024, 1300, 1500, 2048, 4096, 8192, 16_384, 32_768, 65_535,
];
