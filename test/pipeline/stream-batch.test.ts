// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import test from 'node:test';
import { randomSource } from '../support/random.ts';
import { StreamSender } from '../support/segmenter.ts';
import { TestMonitor, testStreamLimits } from './monitor.ts';

const START_MICROS = 1_700_000_000_000_000;
const callee = { address: '198.51.100.2', port: 5060 };

function message(callId: string, bodyBytes: number): Uint8Array {
  return new TextEncoder().encode(
    `OPTIONS sip:bob@example.com SIP/2.0\r\nVia: SIP/2.0/TCP h;branch=z9hG4bK${callId}\r\n` +
      `From: <sip:a@example.com>;tag=1\r\nTo: <sip:b@example.com>\r\nCall-ID: ${callId}\r\n` +
      `CSeq: 1 OPTIONS\r\nContent-Length: ${bodyBytes}\r\n\r\n${'x'.repeat(bodyBytes)}`,
  );
}

/** Segments of some connections in turn; each message is another transaction. */
function traffic(seed: number): Uint8Array[] {
  const random = randomSource(seed);
  const queues = Array.from({ length: 8 }, (_, i) => {
    const caller = { address: '192.0.2.1', port: 40_000 + i };
    const sender = new StreamSender(caller, callee, 2 ** 32 - 3000, random);
    const frames = [sender.control('S')];
    for (let k = 0; k < 12; k++) {
      const how = { maxBytes: [1400, 200, 60][random(3)]!, isReordered: random(2) === 0, repeatOneIn: 9 };
      const both = [...message(`${i}-${k}`, random(900)), ...message(`${i}-${k}-b`, random(3))];
      frames.push(...sender.send(Uint8Array.from(both), how));
    }
    return frames;
  });
  const frames: Uint8Array[] = [];
  while (queues.some((queue) => queue.length > 0)) {
    const queue = queues[random(queues.length)]!;
    if (queue.length > 0) frames.push(queue.shift()!);
  }
  return frames;
}

/** Figures of messages; what there is to say of packets and memory is the same or of no interest. */
const sipValues = (monitor: TestMonitor): string[] =>
  monitor.values().filter((line) => line.startsWith('sip_') || line.startsWith('ringtap_table_entries'));

test('messages that wait for the state keep their bytes, in the ring and in the buffers', () => {
  for (let seed = 1; seed <= 10; seed++) {
    const frames = traffic(seed);
    const single = new TestMonitor();
    for (const [i, bytes] of frames.entries()) single.take(bytes, START_MICROS + i * 100);
    const batched = new TestMonitor({}, { streams: { ...testStreamLimits, memoryBytes: 2 ** 18 } }, 64);
    const random = randomSource(seed);
    let lent: Uint8Array[] = [];
    for (const [i, bytes] of frames.entries()) {
      const copy = bytes.slice();
      lent.push(copy);
      batched.take(copy, START_MICROS + i * 100);
      if (random(20) > 0) continue;
      // The ring's block goes back to the kernel, which writes something else there.
      batched.pipeline.release();
      for (const one of lent) one.fill(0x5a);
      lent = [];
    }
    batched.pipeline.release();
    assert.deepEqual(sipValues(batched), sipValues(single), `seed ${seed}`);
    assert.equal(single.total('sip_requests_total'), 8 * 12 * 2);
    assert.equal(single.total('sip_retransmissions_total'), 0);
    assert.equal(single.total('ringtap_stream_losses_total'), 0);
  }
});
