// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { parsePrometheusText } from '../support/prometheus-text.ts';
import { sipFrame, testAnalysis } from './monitor.ts';
import { VirtualWorkers } from './virtual-workers.ts';

const START_MICROS = 1_700_000_000e6;

/** A request of a call, with a branch of its own. */
const request = (call: number, method: string, cseq: number, padding = 0): Uint8Array =>
  sipFrame(
    `${method} sip:a@b SIP/2.0\r\nVia: SIP/2.0/UDP c;branch=z9hG4bK${call}-${cseq}\r\nFrom: <sip:c@d>;tag=${call}\r\n` +
      `To: <sip:a@b>\r\nCall-ID: call-${call}\r\nCSeq: ${cseq} ${method}\r\nX: ${'x'.repeat(padding)}\r\nContent-Length: 0\r\n\r\n`,
  );

const framesOf = (count: number, padding = 0) =>
  Array.from({ length: count }, (_, call) => ({
    micros: START_MICROS + call,
    bytes: request(call, 'MESSAGE', 1, padding),
    interfaceIndex: 1,
  }));

const figures = (workers: VirtualWorkers) => parsePrometheusText(workers.text());

test('a message that came to another worker counts once, with the labels of where it came in', () => {
  const workers = new VirtualWorkers(2, testAnalysis);
  for (const frame of framesOf(100)) workers.push(0, frame);
  workers.settle(START_MICROS + 1000, (limit) => limit - 1);
  const exposition = figures(workers);
  assert.equal(
    exposition.find('sip_requests_total', { interface: 'eth1', direction: 'inbound', method: 'MESSAGE' }),
    100,
  );
  const handovers = exposition.sum('ringtap_worker_handovers_total', { worker: '0' });
  assert.ok(handovers > 20 && handovers < 80, `${handovers}`);
  assert.equal(exposition.sum('ringtap_worker_handovers_total', { worker: '1' }), 0);
  assert.equal(exposition.sum('ringtap_capture_packets_total'), 100);
});

test('a full ring loses messages and counts them; when there is room again it takes more', () => {
  const workers = new VirtualWorkers(2, testAnalysis, 1);
  const frames = framesOf(1000, 1200);
  for (const frame of frames) workers.push(0, frame);
  // The floor of worker 1, which takes nothing, is now: it must be patient, worker 0 must not.
  while (workers.read(0, START_MICROS + 4e6) > 0);
  const lost = figures(workers).sum('ringtap_worker_handover_drops_total', { worker: '0' });
  assert.ok(lost > 300, `${lost}`);
  workers.settle(START_MICROS + 4e6, () => 0);
  assert.equal(figures(workers).sum('sip_requests_total'), 1000 - lost);
  for (const frame of framesOf(100)) workers.push(0, { ...frame, micros: frame.micros + 6e6 });
  workers.settle(START_MICROS + 8e6, () => 1);
  assert.equal(figures(workers).sum('ringtap_worker_handover_drops_total'), lost);
});

test('property: whatever comes to whom, each worker takes its messages in the order of time', () => {
  const step = fc.record({
    worker: fc.nat(2),
    call: fc.nat(5),
    laterMicros: fc.integer({ min: 2, max: 1500 }),
  });
  fc.assert(
    fc.property(
      fc.array(step, { minLength: 1, maxLength: 60 }),
      fc.array(fc.nat(2), { maxLength: 60 }),
      (steps, reads) => {
        const workers = new VirtualWorkers(3, testAnalysis);
        let micros = START_MICROS;
        const next = new Map<number, number>();
        for (const [index, { worker, call, laterMicros }] of steps.entries()) {
          micros += laterMicros;
          const cseq = (next.get(call) ?? 0) + 1;
          next.set(call, cseq);
          workers.push(worker, { micros, bytes: request(call, 'INVITE', cseq), interfaceIndex: 1 });
          const reader = reads[index];
          if (reader !== undefined) workers.read(reader, micros);
        }
        workers.settle(micros, (limit) => limit - 1);
        assert.deepEqual(workers.disorders(), []);
      },
    ),
    { numRuns: 50 },
  );
});

test('a worker that is behind is waited for, but not for ever', () => {
  const workers = new VirtualWorkers(2, testAnalysis);
  for (const worker of [0, 1]) workers.read(worker, START_MICROS - 60_000);
  for (const frame of framesOf(10)) workers.push(0, frame);
  assert.equal(workers.read(0, START_MICROS + 100), 0);
  assert.equal(workers.read(0, START_MICROS + 200_000), 0);
  assert.equal(workers.read(0, START_MICROS + 2_999_000), 0);
  assert.equal(workers.read(0, START_MICROS + 3_001_000), 10);
});

test('a worker whose ring is half full waits for nobody', () => {
  const workers = new VirtualWorkers(2, testAnalysis);
  for (const worker of [0, 1]) workers.read(worker, START_MICROS - 60_000);
  for (const frame of framesOf(999)) workers.push(0, frame);
  assert.equal(workers.read(0, START_MICROS + 2001), 0);
  for (const frame of framesOf(1001)) workers.push(0, { ...frame, micros: frame.micros + 1000 });
  assert.ok(workers.read(0, START_MICROS + 3001) > 0);
});

test('a message that is older than what was taken is counted, also where time was set to less in between', () => {
  const workers = new VirtualWorkers(2, testAnalysis);
  for (const worker of [0, 1]) workers.read(worker, START_MICROS - 60_000);
  for (const frame of framesOf(2000)) workers.push(0, frame);
  assert.equal(workers.read(0, START_MICROS + 3000), 2000);
  workers.pipelines[0]!.advance(START_MICROS);
  for (const frame of framesOf(10)) workers.push(1, { ...frame, micros: START_MICROS + 1000 });
  workers.settle(START_MICROS + 4000, () => 1);
  const exposition = figures(workers);
  const count = exposition.sum('ringtap_worker_handovers_total', { worker: '1' });
  assert.ok(count > 0);
  assert.equal(exposition.sum('ringtap_worker_handovers_unordered_total', { worker: '0' }), count);
});

test('a worker whose ring is a quarter full runs ahead of the others, but not far', () => {
  const workers = new VirtualWorkers(2, testAnalysis);
  for (const worker of [0, 1]) workers.read(worker, START_MICROS - 10_000);
  for (const frame of framesOf(1500))
    workers.push(0, { ...frame, micros: START_MICROS + (frame.micros - START_MICROS) * 100 });
  // 10 ms of the 20 are before the first, a frame each 0.1 ms.
  assert.equal(workers.read(0, START_MICROS + 200_000), 101);
});

test('packets from before the clock was set back do not hold up those after it', () => {
  const workers = new VirtualWorkers(2, testAnalysis);
  for (const worker of [0, 1]) workers.read(worker, START_MICROS);
  for (const frame of framesOf(10)) workers.push(0, { ...frame, micros: frame.micros + 60e6 });
  assert.equal(workers.read(0, START_MICROS), 10);
});

test('user agents that register the same address with Call-IDs of their own make one list of bindings', () => {
  const workers = new VirtualWorkers(4, testAnalysis);
  const contacts = Array.from({ length: 8 }, (_, agent) => `<sip:bob@10.0.0.${agent}>;expires=600`);
  const register = (startLine: string, agent: number, fields: string): Uint8Array =>
    sipFrame(
      `${startLine}\r\nVia: SIP/2.0/UDP c;branch=z9hG4bK${agent}\r\nFrom: <sip:bob@d>;tag=${agent}\r\nTo: <sip:bob@d>\r\n` +
        `Call-ID: agent-${agent}\r\nCSeq: 1 REGISTER\r\n${fields}Content-Length: 0\r\n\r\n`,
    );
  for (const [agent, contact] of contacts.entries()) {
    const micros = START_MICROS + agent * 1000;
    // The 200 lists all there are (RFC 3261 §10.3 step 8).
    const all = contacts.slice(0, agent + 1).map((one) => `Contact: ${one}\r\n`);
    const request = register('REGISTER sip:d SIP/2.0', agent, `Contact: ${contact}\r\n`);
    workers.push(agent % 4, { micros, bytes: request, interfaceIndex: 1 });
    const response = register('SIP/2.0 200 OK', agent, all.join(''));
    workers.push((agent + 1) % 4, { micros: micros + 500, bytes: response, interfaceIndex: 1 });
  }
  workers.settle(START_MICROS + 10_000, (limit) => limit - 1);
  const exposition = figures(workers);
  assert.equal(exposition.sum('sip_registrations'), 8);
  assert.equal(exposition.sum('sip_registration_results_total', { result: 'succeeded' }), 8);
});
