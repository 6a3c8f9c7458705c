// SPDX-License-Identifier: Apache-2.0
// Fragments on the whole way of a packet.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fragmentCases } from '../golden/fragments/cases.ts';
import { randomSource } from '../support/random.ts';
import { TestMonitor } from './monitor.ts';

const whole = fragmentCases.filter(({ records }) =>
  records.every((record) => record.originalLength === undefined),
);

/** The figures of captures one after the other, from frames that lie in a ring whose blocks are given back. */
function figures(batch: number): string[] {
  const monitor = new TestMonitor({}, {}, batch);
  const random = randomSource(1);
  const block = new Uint8Array(64 * 1024);
  let end = 0;
  const release = (): void => {
    monitor.pipeline.release();
    block.fill(0xff);
    end = 0;
  };
  for (const [i, { records }] of whole.entries()) {
    for (const { micros, bytes } of records) {
      if (end + bytes.length > block.length || random(20) === 0) release();
      block.set(bytes, end);
      monitor.take(block.subarray(end, end + bytes.length), micros + i * 1000e6);
      end += bytes.length;
    }
  }
  release();
  return monitor.values();
}

test('a batch of messages gives the figures that messages one by one give', () => {
  const one = figures(1);
  assert.ok(
    one.includes('ringtap_fragments_datagrams_total{interface="eth0",result="overlap"} 2'),
    one.join('\n'),
  );
  for (const batch of [2, 3, 64]) assert.deepEqual(figures(batch), one);
});

test('what waits in a batch is told before the packet that comes in fragments', () => {
  const monitor = new TestMonitor({}, {}, 64);
  const [capture] = whole;
  for (const { micros, bytes } of capture!.records.slice(0, 6)) monitor.take(bytes, micros);
  // INVITE and 200 are counted without a release: the place they were put together in is free again.
  assert.equal(monitor.total('sip_requests_total') + monitor.total('sip_responses_total'), 2);
});

test('without packets, time alone ends a datagram that is not whole', () => {
  const { records } = fragmentCases.find(({ name }) => name === 'missing-still-open')!;
  const monitor = new TestMonitor();
  for (const { micros, bytes } of records) monitor.take(bytes, micros);
  const timeouts = (): boolean =>
    monitor.values().includes('ringtap_fragments_datagrams_total{interface="eth0",result="timeout"} 1');
  monitor.wait(records[0]!.micros + 30e6 - 1);
  assert.equal(timeouts(), false);
  assert.ok(monitor.total('ringtap_fragments_memory_bytes') > 0);
  monitor.wait(records[0]!.micros + 30e6);
  assert.equal(timeouts(), true);
  assert.equal(monitor.total('ringtap_fragments_memory_bytes'), 0);
});
