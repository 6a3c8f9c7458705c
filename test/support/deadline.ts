// SPDX-License-Identifier: Apache-2.0
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Asks until `attempt` gives a value other than undefined and returns that. A test waits for states, not for times:
 * the deadline only ends a wait that would never end, and the error then says what was missing.
 * An exception of `attempt` ends the wait at once.
 */
export async function waitUntil<Value>(
  what: string,
  attempt: () => Promise<Value | undefined> | Value | undefined,
  deadlineMillis: number = 15_000,
  describe: () => string = () => '',
): Promise<Value> {
  const begin = performance.now();
  for (;;) {
    const value = await attempt();
    if (value !== undefined) {
      return value;
    }
    const elapsedMillis = performance.now() - begin;
    if (elapsedMillis > deadlineMillis) {
      throw new Error(`not within ${deadlineMillis} ms: ${what}\n${describe()}`);
    }
    // Asking costs time that other tests need: the longer it takes, the less often.
    await sleep(Math.min(20 + elapsedMillis / 10, 500));
  }
}
