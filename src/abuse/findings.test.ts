// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import test from 'node:test';
import { PacketClock } from '../base/packet-clock.ts';
import type { Finding } from './abuse-events.ts';
import { FindingKind, Findings } from './findings.ts';

test('five a second are told, and how many were not with the next one', () => {
  const clock = new PacketClock();
  const told: Finding[] = [];
  const findings = new Findings(clock, (finding) => told.push(finding));
  for (let i = 0; i < 30; i++) {
    clock.micros = 1_700_000_000e6 + i * 100_000;
    if (findings.hasRoom(FindingKind.burst)) findings.tell(FindingKind.burst, { source: `192.0.2.${i}` });
  }
  assert.deepEqual(
    told.map(({ source, untold }) => [source.slice(8), untold]),
    [
      ...['0', '1', '2', '3', '4'].map((i) => [i, 0]),
      ...[['10', 5], ...['11', '12', '13', '14'].map((i) => [i, 0])],
      ...[['20', 5], ...['21', '22', '23', '24'].map((i) => [i, 0])],
    ],
  );
  assert.equal(findings.hasRoom(FindingKind.burst), false);
  assert.equal(findings.hasRoom(FindingKind.country), true);
});

test('packets that come a little late around a full second make no room for more', () => {
  const clock = new PacketClock();
  let told = 0;
  const findings = new Findings(clock, () => told++);
  for (let i = 0; i < 100; i++) {
    clock.micros = 1_700_000_001e6 - (i % 2);
    if (findings.hasRoom(FindingKind.burst)) findings.tell(FindingKind.burst, { source: '192.0.2.1' });
  }
  assert.equal(told, 5);
});
