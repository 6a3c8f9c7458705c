// SPDX-License-Identifier: Apache-2.0
// The golden captures of calls' media through several workers, without kernel and clock: the same figures as with one.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { PortCounts } from '../../../src/base/port-counts.ts';
import { TestMonitor, testAnalysis } from '../../pipeline/monitor.ts';
import { VirtualWorkers } from '../../pipeline/virtual-workers.ts';
import { type PcapRecord, readPcap } from '../../support/pcap.ts';
import { randomSource } from '../../support/random.ts';
import { mediaCases } from './cases.ts';
import { captureFolder } from './generate.ts';
import { isSip, UDP_AT } from './scenario.ts';

/** Frames that are in the rings of the workers at once came within this time. */
const BATCH_MICROS = 90_000;
/** All streams and calls are over by then. */
const END_SECONDS = 80;

/** What tells of the workers themselves, and a limit that is rounded to blocks in each of them. */
const others = /^#|^$|ringtap_worker_|_limit_bytes /;
const comparable = (text: string): string[] => text.split('\n').filter((line) => !others.test(line));

/** The addresses and ports both ways, as the kernel spreads media. */
function flowOf({ bytes }: PcapRecord): string {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const addresses = view.getUint32(UDP_AT - 8) ^ view.getUint32(UDP_AT - 4);
  return `${addresses} ${(view.getUint16(UDP_AT) ^ view.getUint16(UDP_AT + 2)) & 0xfffe}`;
}

/** Each flow of media to one worker, each message to any, in batches, and the workers read in any order. */
function throughWorkers(
  workers: number,
  records: readonly PcapRecord[],
  detect: boolean,
  seed: number,
): string {
  const random = randomSource(seed);
  const all = new VirtualWorkers(workers, { ...testAnalysis, rtp: { detect } });
  const flows = new Map<string, number>();
  let untilMicros = 0;
  let hasSip = false;
  let lastMicros = 0;
  for (const record of records) {
    // The filter lets media through only where it was announced, and it was taken then.
    if (record.micros > untilMicros || (hasSip && !isSip(record))) {
      // A moment later: what came at the same time as a floor waits for it.
      if (lastMicros > 0) all.settle(lastMicros + 1, random);
      untilMicros = record.micros + BATCH_MICROS;
      hasSip = false;
    }
    hasSip ||= isSip(record);
    lastMicros = record.micros;
    let worker = random(workers);
    if (!isSip(record)) {
      const flow = flowOf(record);
      worker = flows.get(flow) ?? worker;
      flows.set(flow, worker);
    }
    all.push(worker, { micros: record.micros, bytes: record.bytes, interfaceIndex: 0 });
    if (random(4) === 0) all.read(random(workers), lastMicros);
  }
  for (let second = 0; second <= END_SECONDS; second++) all.settle(lastMicros + second * 1e6, random);
  return all.text();
}

function throughOne(records: readonly PcapRecord[], detect: boolean): TestMonitor {
  const one = new TestMonitor({}, { rtp: { detect } }, 1, new PortCounts());
  for (const { bytes, micros } of records) one.take(bytes, micros);
  for (let second = 0; second <= END_SECONDS; second++) one.wait(records.at(-1)!.micros + second * 1e6);
  return one;
}

for (const mediaCase of mediaCases) {
  const records = readPcap(join(captureFolder, `${mediaCase.name}.pcap`));
  for (const detect of [false, true]) {
    const expected = comparable(throughOne(records, detect).text());
    for (const workers of [2, 4]) {
      for (const seed of [1, 2]) {
        test(`${mediaCase.name}: ${workers} workers as one (detect ${detect}, seed ${seed})`, () => {
          const several = throughWorkers(workers, records, detect, seed);
          assert.deepEqual(comparable(several), expected);
          assert.match(several, /^ringtap_worker_media_handovers_total\{worker="\d"\} [1-9]/m);
          assert.doesNotMatch(several, /^ringtap_worker_handover_drops_total\{worker="\d"\} [1-9]/m);
        });
      }
    }
  }
}
