// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { StateLimits } from '../../src/state/state-limits.ts';
import { LimitedMonitor } from './limited-monitor.ts';
import { randomTraffic, type Step } from './random-traffic.ts';

const few = fc.constantFrom(1, 2, 7);
/** Tables that nothing fits in. */
const tinyLimits: fc.Arbitrary<StateLimits> = fc
  .record({
    maxTransactions: few,
    maxAttempts: few,
    maxDialogs: few,
    maxEarlyDialogs: fc.constantFrom(1, 2),
    maxRegistrationAttempts: few,
    maxRegistrations: few,
    maxBindings: fc.constantFrom(1, 2, 3),
    duplicateMicros: fc.constantFrom(0, 50e3),
  })
  .map((limits) => ({
    ...limits,
    retryMicros: 32e6,
    forkMicros: 5e6,
    sessionLimitMicros: 86_400e6,
    registrationLimitMicros: 7200e6,
  }));

/** After each message everything must be within its limits and as the events tell; in the end nothing is left. */
function checkedRun(limits: StateLimits, steps: readonly Step[]): string {
  const monitor = new LimitedMonitor(limits, 1);
  for (const { frame, waitMicros, interfaceIndex } of steps) {
    monitor.take(frame, waitMicros, interfaceIndex);
    monitor.check();
  }
  const text = monitor.render();
  monitor.endAll();
  monitor.checkNothingIsLeft();
  return text;
}

/** The exposition and nothing else. */
function run(limits: StateLimits, steps: readonly Step[], key: number): string {
  const monitor = new LimitedMonitor(limits, key);
  for (const { frame, waitMicros, interfaceIndex } of steps) monitor.take(frame, waitMicros, interfaceIndex);
  return monitor.render();
}

test('no table exceeds its limit, no count goes wrong and no message throws, however small the tables are', () => {
  fc.assert(
    fc.property(tinyLimits, randomTraffic, (limits, steps) => {
      checkedRun(limits, steps);
      const text = run(limits, steps, 1);
      assert.equal(run(limits, steps, 1), text, 'the same input twice');
      assert.equal(run(limits, steps, 2), text, 'the key of the hash shows in the figures');
    }),
    {
      numRuns: 2500,
      reporter: (details) => {
        if (!details.failed) return;
        const [limits, steps] = details.counterexample!;
        const story = steps.map(({ text }) => text).join('\n');
        const { seed, counterexamplePath: path, errorInstance } = details;
        assert.fail(
          `seed ${seed}, path ${path}, ${JSON.stringify(limits)}\n${story}\n${String(errorInstance)}`,
        );
      },
    },
  );
});
