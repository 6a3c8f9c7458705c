// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defaultFragmentLimits, fragmentResultNames } from '../../src/decode/fragment-limits.ts';
import { fragmentCases } from '../golden/fragments/cases.ts';
import { TestMonitor } from '../pipeline/monitor.ts';
import { randomSource } from '../support/random.ts';

// FUZZ_SEED=n repeats a run; the seed is printed.

const frameCount = 1_000_000;
const seeds = fragmentCases.flatMap(({ records }) => records.map(({ bytes }) => bytes));
/** Ethernet, VLAN tags, IP and fragment header end before this. */
const headersLength = 80;

test('random and mutated fragments: nothing throws, memory keeps its limit, every packet counts once', (t) => {
  const seed = Number(process.env['FUZZ_SEED'] ?? Date.now() % 2 ** 31);
  t.diagnostic(`FUZZ_SEED=${seed}`);
  const random = randomSource(seed);
  const fragments = { ...defaultFragmentLimits, maxBytes: 128 * 2 ** 10, maxFragments: 4 };
  // No ports: a mutation that makes TCP or SCTP of a packet gives no messages, which would count besides it.
  const monitor = new TestMonitor({}, { fragments, ports: [], detect: true });
  let micros = 1_700_000_000e6;
  for (let count = 0; count < frameCount; count++) {
    const bytes = seeds[random(seeds.length)]!.slice(0, random(20) === 0 ? random(1600) : undefined);
    for (let edits = random(3); edits > 0 && bytes.length > 0; edits--) {
      const index = random(Math.min(bytes.length, random(4) === 0 ? bytes.length : headersLength));
      const kind = random(3);
      bytes[index] =
        kind === 0 ? bytes[index]! ^ (1 << random(8)) : kind === 1 ? random(2) * 255 : random(256);
    }
    micros += random(1000) === 0 ? random(40e6) : random(300);
    monitor.take(bytes, micros, bytes.length + (random(50) === 0 ? random(1600) : 0));
    if (count % 1000 === 0) {
      monitor.pipeline.refreshGauges();
      const used = monitor.total('ringtap_fragments_memory_bytes');
      assert.ok(used <= monitor.total('ringtap_fragments_memory_limit_bytes'), `${used} bytes`);
    }
  }
  monitor.wait(micros + 60e6);
  const lines = monitor.values();
  const results = fragmentResultNames.map((name) => {
    const line = lines.find((one) =>
      one.includes(`fragments_datagrams_total{interface="eth0",result="${name}"}`),
    );
    t.diagnostic(`${name} ${line?.split(' ')[1] ?? 0}`);
    return Number(line?.split(' ')[1] ?? 0);
  });
  for (const [result, name] of fragmentResultNames.entries()) {
    assert.ok(results[result]! > 0, `${name} never came: the fuzzer does not reach it`);
  }
  assert.equal(monitor.total('ringtap_fragments_memory_bytes'), 0);
  const outcomes = [
    'sip_requests_total',
    'sip_responses_total',
    'sip_capture_duplicates_total',
    'sip_keepalives_total',
    'sip_parse_errors_total',
    'ringtap_decode_skipped_total',
    'ringtap_decode_errors_total',
    'ringtap_fragments_total',
  ].reduce((sum, name) => sum + monitor.total(name), 0);
  assert.equal(outcomes, frameCount + results[0]!);
});
