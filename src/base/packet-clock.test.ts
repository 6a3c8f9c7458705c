// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import test from 'node:test';
import { PacketClock } from './packet-clock.ts';

const START = 1_700_000_000_000_000;
const HOUR = 3_600_000_000;

test('a packet that is a little late has its own time', () => {
  const clock = new PacketClock();
  clock.micros = START;
  clock.micros = START - 900_000;
  assert.equal(clock.micros, START - 900_000);
});

test('after the clock was set back time goes on from where it was, until the clock has caught up', () => {
  const clock = new PacketClock();
  clock.micros = START;
  clock.micros = START - HOUR;
  assert.equal(clock.micros, START);
  clock.micros = START - HOUR + 5;
  assert.equal(clock.micros, START + 5);
  clock.micros = START + 10;
  assert.equal(clock.micros, START + 10);
  clock.micros = START + 20;
  assert.equal(clock.micros, START + 20);
});

test('the short form tells what lasts less than 35 minutes, across its own wrap', () => {
  const clock = new PacketClock();
  clock.micros = 2 ** 32 * 400_000 - 10;
  const began = clock.wrapped;
  clock.micros += 2_000_000_000;
  assert.equal(clock.microsSince(began), 2_000_000_000);
  clock.micros -= 1000;
  assert.equal(clock.microsSince(clock.wrapped + 1), 0);
});

test('windows of a length follow each other', () => {
  const clock = new PacketClock();
  clock.micros = 1_700_000_040e6;
  const window = clock.windowOf(60e6);
  assert.equal(window, 1_700_000_040 / 60);
  clock.micros += 60e6 - 1;
  assert.equal(clock.windowOf(60e6), window);
  clock.micros += 1;
  assert.equal(clock.windowOf(60e6), window + 1);
});
