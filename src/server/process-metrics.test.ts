// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { closeSync, fstatSync, openSync } from 'node:fs';
import test from 'node:test';
import { SeriesLayout } from '../exposition/series-layout.ts';
import { families } from '../metrics/families.ts';
import { ShardMemory } from '../metrics/shard-memory.ts';
import { ShardWriter } from '../metrics/shard-writer.ts';
import { ProcessMetrics } from './process-metrics.ts';

function setUp() {
  const budget = { maxSeriesPerFamily: 100, maxSeries: 1_000 };
  const writer = new ShardWriter(ShardMemory.allocate(budget), budget);
  const metrics = new ProcessMetrics(writer, '1.2.3');
  const layout = new SeriesLayout([writer.memory]);
  const read = (name: string): number => {
    metrics.update();
    layout.refresh();
    return layout.total(name);
  };
  return { layout, read };
}

test('every family of the process has a value that can be', () => {
  const { read } = setUp();
  for (const { name } of families) {
    if (/^(?:process|nodejs)_/.test(name)) assert.ok(read(name) >= 0, `${name} ${read(name)}`);
  }
  const resident = read('process_resident_memory_bytes');
  assert.ok(resident > 20e6 && resident < read('process_virtual_memory_bytes'));
  assert.ok(read('nodejs_heap_size_used_bytes') < resident);
  const start = read('process_start_time_seconds');
  assert.ok(Math.abs(start + process.uptime() - Date.now() / 1000) < 5, 'as old as Node says');
  assert.ok(read('nodejs_eventloop_utilization_ratio') <= 1);
});

/** Whether a number is an open descriptor, asked without opening one. */
function isOpen(descriptor: number): boolean {
  try {
    fstatSync(descriptor);
    return true;
  } catch {
    return false;
  }
}

test('open descriptors are counted', () => {
  const { read } = setUp();
  const before = read('process_open_fds');
  assert.equal(before, Array.from({ length: 1024 }, (_, i) => i).filter(isOpen).length);
  const descriptors = Array.from({ length: 5 }, () => openSync('/dev/null', 'r'));
  assert.equal(read('process_open_fds'), before + 5);
  for (const descriptor of descriptors) closeSync(descriptor);
  assert.equal(read('process_open_fds'), before);
  assert.ok(read('process_max_fds') > before);
});

test('CPU time rises with work', () => {
  const { read } = setUp();
  const before = read('process_cpu_seconds_total');
  let x = 0;
  for (let i = 0; i < 2e7; i++) x += i % 7;
  assert.ok(x > 0 && read('process_cpu_seconds_total') > before);
});

test('ringtap_build_info tells the versions', () => {
  const { layout, read } = setUp();
  assert.equal(read('ringtap_build_info'), 1);
  assert.ok(
    layout.families.some(({ prefixes }) =>
      prefixes.includes(`ringtap_build_info{version="1.2.3",nodejs_version="${process.versions.node}"} `),
    ),
  );
});
