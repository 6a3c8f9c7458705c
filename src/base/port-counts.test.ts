// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { PORT_COUNTS_BYTES, PortCounts } from './port-counts.ts';

test('a port is in as long as one of those who added it did not remove it', () => {
  const ports = fc.constantFrom(0, 1, 2, 16384, 16385, 65534, 65535);
  const steps = fc.array(fc.record({ adds: fc.boolean(), port: ports }), { maxLength: 60 });
  fc.assert(
    fc.property(steps, fc.boolean(), (sequence, isShared) => {
      const counts = new PortCounts(undefined, isShared);
      const model = new Map<number, number>();
      for (const { adds, port } of sequence) {
        if (adds) counts.add(port);
        else counts.remove(port);
        model.set(port, Math.max(0, (model.get(port) ?? 0) + (adds ? 1 : -1)));
        for (const [one, count] of model) assert.equal(counts.has(one), count > 0);
      }
      assert.equal(counts.has(30_000), false);
    }),
  );
});

test('those who share the memory share the ports', () => {
  const memory = new Uint32Array(PORT_COUNTS_BYTES / 4);
  const [one, other] = [new PortCounts(memory, true), new PortCounts(memory, true)];
  one.add(4000);
  other.add(4000);
  one.remove(4000);
  assert.ok(one.has(4000));
  other.remove(4000);
  assert.equal(one.has(4000), false);
});
