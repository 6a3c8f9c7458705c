// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import test from 'node:test';
import { Worker } from 'node:worker_threads';
import { SharedVersion } from './shared-version.ts';

test('what was read is for good when nothing was written in the meantime', () => {
  const buffer = SharedVersion.allocate();
  const writer = new SharedVersion(buffer);
  const reader = new SharedVersion(buffer);
  const before = reader.version;
  assert.equal(before & 1, 0);
  assert.ok(reader.isStill(before));
  assert.equal(writer.begin() & 1, 1);
  assert.equal(reader.version & 1, 1);
  assert.ok(!reader.isStill(before));
  writer.end();
  assert.equal(reader.version & 1, 0);
  assert.ok(!reader.isStill(before));
  assert.ok(reader.isStill(reader.version));
});

test('a generation is another one after each renewal', () => {
  const buffer = SharedVersion.allocate();
  const { generation } = new SharedVersion(buffer);
  new SharedVersion(buffer).renew();
  assert.notEqual(new SharedVersion(buffer).generation, generation);
});

/** Writes the same number to all words, over and over, until the first word of `control` is set. */
const writerProgram = `
  import { workerData } from 'node:worker_threads';
  import { SharedVersion } from '${new URL('./shared-version.ts', import.meta.url)}';
  const { buffer, words, control } = workerData;
  const version = new SharedVersion(buffer);
  for (let value = 1; Atomics.load(control, 0) === 0; value = (value + 1) | 0) {
    version.begin();
    for (let i = 0; i < words.length; i++) words[i] = value;
    version.end();
    // So that readers find it at rest, too.
    for (let pause = 0; pause < 50; pause++) Atomics.load(control, 0);
    Atomics.store(control, 1, value);
  }
`;

test('a reader never takes for good what another thread has half written', async () => {
  const buffer = SharedVersion.allocate();
  const words = new Int32Array(new SharedArrayBuffer(64 * 4));
  const control = new Int32Array(new SharedArrayBuffer(8));
  const program = new URL(`data:text/javascript,${encodeURIComponent(writerProgram)}`);
  const writer = new Worker(program, { workerData: { buffer, words, control } });
  while (Atomics.load(control, 1) === 0) await new Promise((resolve) => setTimeout(resolve, 1));
  const reader = new SharedVersion(buffer);
  const seen = new Set<number>();
  let torn = 0;
  let given = 0;
  // Both on one processor take turns: until they were seen to run at the same time, or one of them hangs.
  const deadline = performance.now() + 60_000;
  for (let tries = 0; (given < 20_000 || seen.size < 2) && performance.now() < deadline; tries++) {
    if (tries % 10_000 === 9999) await new Promise((resolve) => setTimeout(resolve, 1));
    const { version } = reader;
    if ((version & 1) !== 0) continue;
    const first = words[0]!;
    let isTorn = false;
    for (let i = 1; i < words.length; i++) isTorn ||= words[i] !== first;
    if (!reader.isStill(version)) {
      if (isTorn) torn++;
      continue;
    }
    given++;
    seen.add(first);
    assert.ok(!isTorn);
  }
  Atomics.store(control, 0, 1);
  await new Promise((resolve) => writer.once('exit', resolve));
  assert.ok(given >= 20_000, `${given} reads`);
  assert.ok(seen.size > 1, `${seen.size} values, ${torn} torn`);
});
