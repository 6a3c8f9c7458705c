// SPDX-License-Identifier: Apache-2.0
// node bench/pauses/run.ts [--dialogs 1000000] [--runs 3]
//
// How long the worker is away at the longest, with a million dialogs in its tables: the wall time of every single call
// of the pipeline, in process. What else runs on the machine only ever adds: of several runs the best counts.
import { parseArgs } from 'node:util';
import type { Frame } from '../../src/base/frame.ts';
import { machineName, revisionName } from '../support/machine.ts';
import { PipelineOfDialogs } from '../support/pipeline-of-dialogs.ts';
import { table } from '../support/statistics.ts';

const messageMicros = 10;
/** The worker looks at the clock this often when nothing comes. */
const idleMicros = 200_000;
const sessionTimer = 'Session-Expires: 1800;refresher=uac';
const second = 1e6;
const day = 86_400 * second;

/** The longest call of a stretch, and how many were longer than a millisecond. */
class Stopwatch {
  longestMillis = 0;
  over1Millis = 0;
  calls = 0;

  add(beganMillis: number): void {
    const millis = performance.now() - beganMillis;
    this.calls++;
    if (millis > 1) this.over1Millis++;
    if (millis > this.longestMillis) this.longestMillis = millis;
  }
}

class TimedPipeline extends PipelineOfDialogs {
  packets = new Stopwatch();
  advances = new Stopwatch();
  upkeeps = new Stopwatch();
  #nextUpkeepMicros = 0;

  override take(frame: Frame): void {
    const began = performance.now();
    this.pipeline.packet(frame);
    this.packets.add(began);
    if (frame.arrivalMicros < this.#nextUpkeepMicros) return;
    this.#nextUpkeepMicros = frame.arrivalMicros + second;
    const upkeepBegan = performance.now();
    this.pipeline.refreshGauges();
    this.upkeeps.add(upkeepBegan);
  }

  /** Goes on without packets, as the worker does. */
  idle(micros: number): void {
    const end = this.micros + micros;
    while (this.micros < end) {
      this.micros = Math.min(end, this.micros + idleMicros);
      for (let isBehind = true; isBehind; ) {
        const began = performance.now();
        isBehind = this.pipeline.advance(this.micros);
        this.advances.add(began);
      }
    }
  }

  /** Messages of the mix for so long in packet time. */
  churn(micros: number): void {
    for (const end = this.micros + micros; this.micros < end; ) this.mix.churn();
  }

  /** What was measured since the last time. */
  lap(): Stopwatch[] {
    const watches = [this.packets, this.advances, this.upkeeps];
    this.packets = new Stopwatch();
    this.advances = new Stopwatch();
    this.upkeeps = new Stopwatch();
    return watches;
  }
}

interface Lap {
  readonly name: string;
  readonly watches: Stopwatch[];
}

function run(dialogs: number): Lap[] {
  const laps: Lap[] = [];
  const timed = new TimedPipeline(dialogs, messageMicros, [sessionTimer]);
  const lap = (name: string): void => {
    laps.push({ name, watches: timed.lap() });
  };
  // Compiles everything, so that what follows is what a worker does that has run for a while.
  const warm = new TimedPipeline(1000, messageMicros, [sessionTimer]);
  warm.mix.begin();
  warm.churn(5 * second);
  warm.idle(2000 * second);

  timed.mix.begin();
  expect('confirmed dialogs', timed.count('sip_dialogs', 1), dialogs);
  lap('1 M dialogs begin');
  timed.churn(60 * second);
  lap('new calls, re-INVITEs, BYEs amid them');
  timed.idle(2000 * second);
  expect('confirmed dialogs after the session timer', timed.count('sip_dialogs', 1), 0);
  expect('ended by the session timer', timed.count('sip_sessions_ended_total', 1), dialogs);
  lap('no refresh comes: all session timers run out');

  timed.mix.begin();
  timed.micros += day;
  timed.idle(idleMicros);
  expect('confirmed dialogs after a day', timed.count('sip_dialogs', 1), 0);
  lap('the clock is set a day ahead while nothing comes');

  timed.mix.begin();
  timed.micros += day;
  timed.mix.begin();
  expect('confirmed dialogs of two million', timed.count('sip_dialogs', 1), dialogs);
  lap('the clock is set a day ahead amid packets');
  return laps;
}

function expect(what: string, found: number, expected: number): void {
  if (found !== expected) throw new Error(`${what}: ${found}, not ${expected}`);
}

const { values } = parseArgs({
  options: { dialogs: { type: 'string', default: '1000000' }, runs: { type: 'string', default: '3' } },
});
console.log(`${machineName()}; ringtap ${revisionName(`${import.meta.dirname}/../..`)}\n`);
const runs = Array.from({ length: Number(values.runs) }, () => run(Number(values.dialogs)));
/** The longest call of a stretch, in the run where it was shortest. */
function longest(stretch: number, watch: number): string {
  const watches = runs.map((laps) => laps[stretch]!.watches[watch]!);
  if (watches[0]!.calls === 0) return '-';
  return Math.min(...watches.map(({ longestMillis }) => longestMillis)).toFixed(3);
}

const rows = runs[0]!.map(({ name, watches }, stretch) => {
  const over = runs.map((laps) =>
    laps[stretch]!.watches.reduce((sum, { over1Millis }) => sum + over1Millis, 0),
  );
  const [packets, advances] = watches.map(({ calls }) => String(calls)) as [string, string];
  const cells = [packets, longest(stretch, 0), advances, longest(stretch, 1), longest(stretch, 2)];
  return [name, ...cells, String(Math.min(...over))];
});
const header = ['stretch', 'packets', 'longest ms', 'advances', 'longest ms', 'gauges ms', 'over 1 ms'];
console.log(table(header, rows));
