// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import test from 'node:test';
import { KeyedTable } from './keyed-table.ts';
import { PacketClock } from './packet-clock.ts';
import { type Expiring, Ticks } from './ticks.ts';

const TICK = 100;
const START = 1_000_000;

/** Records that live for 250 us, and then for 40 us more, in a table of which something is told. */
class Lives implements Expiring {
  readonly table: KeyedTable;
  readonly told: string[] = [];
  readonly #name: string;
  readonly #clock: PacketClock;
  #key = 0;

  constructor(name: string, clock: PacketClock) {
    this.#name = name;
    this.#clock = clock;
    this.table = new KeyedTable(10_000, 0, [250, 40], clock);
  }

  begin(): void {
    this.table.insert(++this.#key, 0, 0);
  }

  noteDue(earliestMicros: Float64Array): void {
    this.table.noteDue(earliestMicros);
  }

  expire(): boolean {
    let slot = this.table.due(0);
    if (slot >= 0) this.table.move(slot, 1);
    else {
      slot = this.table.due(1);
      if (slot < 0) return false;
      this.told.push(`${this.#name}${this.table.keyLow(slot)}@${this.#clock.micros - START}`);
      this.table.remove(slot);
    }
    return true;
  }
}

function setUp(): { clock: PacketClock; lives: Lives; other: Lives; told: string[]; ticks: Ticks } {
  const clock = new PacketClock();
  clock.micros = START;
  const lives = new Lives('a', clock);
  const other = new Lives('b', clock);
  const told: string[] = [];
  Object.assign(lives, { told });
  Object.assign(other, { told });
  return { clock, lives, other, told, ticks: new Ticks(clock, TICK, [lives, other]) };
}

/** A record begins at each time of `begins`; returns when it ended, looked at then and at the times of `looks`. */
function run(begins: readonly number[], looks: readonly number[]): string[] {
  const { clock, lives, told, ticks } = setUp();
  for (const micros of [...new Set([...begins, ...looks])].sort((a, b) => a - b)) {
    clock.micros = START + micros;
    assert.equal(ticks.advance(), false);
    assert.equal(clock.micros, START + micros);
    if (begins.includes(micros)) lives.begin();
  }
  return told;
}

test('what is due ends at a multiple of the tick, as of that time, however often and late that is looked at', () => {
  const begins = [10, 60, 170, 400];
  const dense = run(
    begins,
    Array.from({ length: 3000 }, (_, i) => i),
  );
  // 250 us, to the tick; 40 us from there, to the tick.
  assert.deepEqual(dense, ['a1@400', 'a2@500', 'a3@600', 'a4@800']);
  assert.deepEqual(run(begins, [3000]), dense);
  assert.deepEqual(run(begins, [301, 777, 1e9]), dense);
});

test('several tables end in the order of time', () => {
  const { clock, lives, other, told, ticks } = setUp();
  lives.begin();
  other.begin();
  clock.micros = START + 120;
  ticks.advance();
  other.begin();
  clock.micros = START + 130;
  lives.begin();
  clock.micros = START + 3600e6;
  ticks.advance();
  assert.deepEqual(told, ['a1@400', 'b1@400', 'a2@500', 'b2@500']);
});

test('what is due at once is done in portions, each as of the tick', () => {
  const { clock, lives, told, ticks } = setUp();
  for (let i = 0; i < 5000; i++) lives.begin();
  clock.micros = START + 1000;
  let calls = 1;
  while (ticks.advance()) calls++;
  assert.equal(calls, Math.ceil((2 * 5000) / 1024));
  assert.equal(told.length, 5000);
  assert.deepEqual([told[0], told.at(-1)], ['a1@400', 'a5000@400']);
  assert.equal(clock.micros, START + 1000);
});

test('a clock that goes back a little changes nothing of what has ended', () => {
  const { clock, lives, told, ticks } = setUp();
  lives.begin();
  clock.micros = START + 1000;
  ticks.advance();
  clock.micros = START + 600;
  ticks.advance();
  lives.begin();
  clock.micros = START + 1099;
  ticks.advance();
  assert.deepEqual(told, ['a1@400']);
  clock.micros = START + 1100;
  ticks.advance();
  assert.deepEqual(told, ['a1@400', 'a2@1100'], 'due at 850, behind the tick of 1000');
});

test('fractions of a microsecond', () => {
  const { clock, lives, told } = setUp();
  const ticks = new Ticks(clock, 100_000, [lives]);
  const beginMicros = 1_767_225_600e6;
  // Due a quarter of a microsecond behind a tick.
  clock.micros = beginMicros - 249.75;
  lives.begin();
  clock.micros = beginMicros + 300_000;
  ticks.advance();
  assert.deepEqual(told, [`a1@${beginMicros + 200_000 - START}`]);
});

test('what does not end although it is due is left for the next tick', () => {
  const clock = new PacketClock();
  clock.micros = START;
  let asked = 0;
  const stubborn: Expiring = {
    noteDue: (earliest) => {
      earliest[0] = START;
    },
    expire: () => {
      asked++;
      return false;
    },
  };
  const ticks = new Ticks(clock, TICK, [stubborn]);
  clock.micros = START + 1e9;
  assert.equal(ticks.advance(), false);
  assert.equal(ticks.advance(), false);
  assert.equal(asked, 1);
});
