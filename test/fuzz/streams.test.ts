// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TestMonitor, testStreamLimits } from '../pipeline/monitor.ts';
import { randomSource } from '../support/random.ts';
import { tcpFrame } from '../support/tcp-frame.ts';

const seed = Number(process.env['FUZZ_SEED'] ?? 20_261_126);
const SEGMENTS = 50_000;
const START_MICROS = 1_700_000_000_000_000;
const callee = { address: '198.51.100.2', port: 5060 };
const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

function message(callId: string, body: string): string {
  return (
    `INVITE sip:bob@example.com SIP/2.0\r\nVia: SIP/2.0/TCP h;branch=z9hG4bK${callId}\r\n` +
    `From: <sip:a@example.com>;tag=1\r\nTo: <sip:b@example.com>\r\nCall-ID: ${callId}\r\n` +
    `CSeq: 1 INVITE\r\nContent-Length: ${body.length}\r\n\r\n${body}`
  );
}

const figure = (monitor: TestMonitor, start: string): number =>
  monitor
    .values()
    .filter((line) => line.startsWith(start))
    .reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);

test(`mutated segments of many connections: nothing throws, memory stays within its limit (seed ${seed})`, () => {
  const random = randomSource(seed);
  const monitor = new TestMonitor(
    {},
    { streams: { ...testStreamLimits, maxConnections: 50, memoryBytes: 2 ** 19 } },
  );
  const texts = [message('1', 'Hello'), message('2', 'x'.repeat(3000)), '\r\n\r\n', 'SIP/2.0 200 OK\r\n\r\n'];
  const flags = ['PA', 'PA', 'PA', 'PA', 'PA', 'A', 'S', 'SA', 'FA', 'R'];
  const sequences = new Int32Array(256);
  for (let i = 0; i < SEGMENTS; i++) {
    const port = random(128);
    const bytes = encode(texts[random(texts.length)]!).slice(0, random(3) === 0 ? random(400) : undefined);
    for (let edits = random(3) === 0 ? random(5) : 0; edits > 0 && bytes.length > 0; edits--) {
      bytes[random(bytes.length)] = random(256);
    }
    const ends = [{ address: '192.0.2.1', port: 1000 + port }, callee] as const;
    const [from, to] = random(2) === 0 ? ends : [ends[1], ends[0]];
    const jump = random(10) === 0 ? random(9000) - 1000 : random(200) === 0 ? random(2 ** 31) : 0;
    const sequence = (sequences[port]! + jump) | 0;
    const acknowledgment = sequences[128 + port]! + random(9000);
    sequences[port] = sequence + bytes.length;
    const fields = { sequence, acknowledgment, flags: flags[random(flags.length)]! };
    monitor.take(tcpFrame(from, to, fields, bytes), START_MICROS + i * (random(1000) === 0 ? 1e5 : 200));
    if (i % 10_000 === 0) assert.ok(figure(monitor, 'ringtap_stream_buffer_bytes') <= 2 ** 19);
  }
  const segments = figure(monitor, 'ringtap_stream_segments_total');
  assert.equal(segments, SEGMENTS);
  assert.ok(figure(monitor, 'sip_transport_messages_total') > SEGMENTS / 20);
  for (const reason of ['gap', 'memory', 'buffer_full', 'reset', 'evicted', 'not_sip', 'closed']) {
    const count = monitor
      .values()
      .some((line) => line.startsWith('ringtap_stream_losses_total') && line.includes(`"${reason}"`));
    assert.ok(count || reason === 'memory' || reason === 'buffer_full', reason);
  }
  for (let seconds = 10; seconds <= 100; seconds += 10) monitor.wait(START_MICROS + 1e12 + seconds * 1e6);
  assert.equal(figure(monitor, 'ringtap_stream_buffer_bytes'), 0);
});
