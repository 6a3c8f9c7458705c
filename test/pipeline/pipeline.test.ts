// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { PacketType } from '../../src/base/frame.ts';
import { TunnelKind } from '../../src/decode/tunnel-kind.ts';
import { Space } from '../../src/metrics/definition.ts';
import { randomSource } from '../support/random.ts';
import { carriers, nested } from '../support/tunnel-carriers.ts';
import { ethernet, ipv4, udp } from '../support/udp-frame.ts';
import { sipFrame, TestMonitor } from './monitor.ts';

interface Step {
  readonly micros: number;
  readonly bytes: Uint8Array;
}

/** The frames of one call and when they come; `outcome` is the final code, 200 with ACK, BYE and 200. */
function callFrames(name: string, outcome: number, startMicros: number): Step[] {
  const message = (startLine: string, method: string, cseq: number, toTag: boolean): Uint8Array =>
    sipFrame(
      [
        startLine,
        `Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK${name}${cseq}`,
        `From: <sip:a@x>;tag=f${name}`,
        `To: <sip:b@x>${toTag ? `;tag=t${name}` : ''}`,
        `Call-ID: ${name}`,
        `CSeq: ${cseq} ${method}`,
        'Content-Length: 0',
        '',
        '',
      ].join('\r\n'),
    );
  const frames = [
    message('INVITE sip:b@x SIP/2.0', 'INVITE', 1, false),
    message('SIP/2.0 180 Ringing', 'INVITE', 1, true),
    message(`SIP/2.0 ${outcome} X`, 'INVITE', 1, true),
    message('ACK sip:b@x SIP/2.0', 'ACK', 1, true),
  ];
  if (outcome === 200) {
    frames.push(message('BYE sip:b@x SIP/2.0', 'BYE', 2, true), message('SIP/2.0 200 OK', 'BYE', 2, true));
  }
  return frames.map((bytes, i) => ({ bytes, micros: startMicros + i * 1000 }));
}

function figures(steps: readonly Step[]): string[] {
  const monitor = new TestMonitor();
  for (const { bytes, micros } of steps) monitor.take(bytes, micros);
  // Failures have their result 5 s later.
  monitor.wait(steps.reduce((latest, { micros }) => Math.max(latest, micros), 0) + 6e6);
  return monitor.values();
}

const START = 1_700_000_000_000_000;

test('one call: every figure it leaves behind', () => {
  const interfaceLabels = 'interface="eth0",direction="inbound"';
  const success = `${interfaceLabels},outcome="success"`;
  assert.deepEqual(figures(callFrames('c1', 200, START)), [
    `sip_requests_total{${interfaceLabels},method="ACK"} 1`,
    `sip_requests_total{${interfaceLabels},method="BYE"} 1`,
    `sip_requests_total{${interfaceLabels},method="INVITE"} 1`,
    `sip_responses_total{${interfaceLabels},method="BYE",code="200"} 1`,
    `sip_responses_total{${interfaceLabels},method="INVITE",code="180"} 1`,
    `sip_responses_total{${interfaceLabels},method="INVITE",code="200"} 1`,
    `sip_transport_messages_total{${interfaceLabels},transport="udp"} 6`,
    `sip_message_size_bytes_sum{${interfaceLabels}} 965`,
    `sip_message_size_bytes_count{${interfaceLabels}} 6`,
    `sip_session_attempts_total{${interfaceLabels}} 1`,
    `sip_session_attempt_results_total{${interfaceLabels},result="answered"} 1`,
    `sip_session_attempt_codes_total{${interfaceLabels},code="200"} 1`,
    `sip_invite_requests_by_final_code_total{${interfaceLabels},code="200"} 1`,
    `sip_sessions_ended_total{${interfaceLabels},reason="bye"} 1`,
    `sip_session_request_delay_seconds_sum{${success}} 0.001`,
    `sip_session_request_delay_seconds_count{${success}} 1`,
    `sip_post_dial_delay_seconds_sum{${interfaceLabels}} 0.001`,
    `sip_post_dial_delay_seconds_count{${interfaceLabels}} 1`,
    `sip_answer_delay_seconds_sum{${interfaceLabels}} 0.002`,
    `sip_answer_delay_seconds_count{${interfaceLabels}} 1`,
    `sip_session_disconnect_delay_seconds_sum{${success}} 0.001`,
    `sip_session_disconnect_delay_seconds_count{${success}} 1`,
    `sip_session_duration_seconds_sum{${success}} 0.002`,
    `sip_session_duration_seconds_count{${success}} 1`,
    `sip_short_sessions_total{${interfaceLabels}} 1`,
    'sip_session_establishment_ratio{window="5m"} 1',
    'sip_session_establishment_effectiveness_ratio{window="5m"} 1',
    'sip_session_completion_ratio{window="5m"} 1',
    'sip_answer_seizure_ratio{window="5m"} 1',
    'sip_network_effectiveness_ratio{window="5m"} 1',
    'ringtap_capture_packets_total{interface="eth0"} 6',
    'ringtap_table_entries{table="transactions"} 3',
    'ringtap_table_entries{table="attempts"} 1',
    'ringtap_table_entries{table="dialogs"} 1',
    'ringtap_table_entries{table="abuse_bursts"} 1',
    ...['transactions', 'attempts', 'dialogs', 'registration_attempts', 'registrations'].map(
      (table) => `ringtap_table_limit{table="${table}"} 10000`,
    ),
    ...['scans', 'bursts', 'accounts'].map((table) => `ringtap_table_limit{table="abuse_${table}"} 1000`),
    'ringtap_table_limit{table="connections"} 1000',
    'ringtap_table_limit{table="sctp_associations"} 4096',
    'ringtap_table_limit{table="sctp_fragments"} 8192',
    'ringtap_fragments_memory_limit_bytes 4194300',
    'ringtap_stream_buffer_limit_bytes 4194304',
  ]);
});

test('calls that have nothing to do with each other give the same figures in any mixture', () => {
  const outcomes = fc.array(fc.constantFrom(200, 486, 503, 404), { minLength: 1, maxLength: 8 });
  fc.assert(
    fc.property(outcomes, fc.infiniteStream(fc.nat()), (codes, choices) => {
      const calls = codes.map((code, i) => callFrames(`c${i}`, code, START + i * 10));
      const inRow = figures(calls.flat().sort((a, b) => a.micros - b.micros));
      const mixed: Step[] = [];
      for (const call of calls) {
        const delayMicros = (choices.next().value ?? 0) % 10_000;
        mixed.push(...call.map(({ bytes, micros }) => ({ bytes, micros: micros + delayMicros })));
      }
      mixed.sort((a, b) => a.micros - b.micros);
      assert.deepEqual(figures(mixed), inRow);
    }),
    { numRuns: 60 },
  );
});

test('the same frames twice give the same exposition, byte for byte', () => {
  const steps = [200, 486, 302, 407].flatMap((code, i) => callFrames(`c${i}`, code, START + i));
  assert.deepEqual(figures(steps), figures(steps));
});

test('direction and interface come from the frame', () => {
  const monitor = new TestMonitor();
  const ways = [
    [1, PacketType.host],
    [1, PacketType.outgoing],
    [1, PacketType.otherHost],
    [2, PacketType.multicast],
    [2, PacketType.unknown],
  ] as const;
  for (const [i, [interfaceIndex, packetType]] of ways.entries()) {
    monitor.frame.interfaceIndex = interfaceIndex;
    monitor.frame.packetType = packetType;
    monitor.take(callFrames(`c${i}`, 200, START)[0]!.bytes, START);
  }
  assert.deepEqual(
    monitor
      .values()
      .filter((line) => line.startsWith('sip_requests_total'))
      .sort(),
    [
      'sip_requests_total{interface="eth1",direction="inbound",method="INVITE"} 1',
      'sip_requests_total{interface="eth1",direction="outbound",method="INVITE"} 1',
      'sip_requests_total{interface="eth1",direction="unknown",method="INVITE"} 1',
      'sip_requests_total{interface="eth2",direction="inbound",method="INVITE"} 1',
      'sip_requests_total{interface="eth2",direction="unknown",method="INVITE"} 1',
    ],
  );
});

test('an interface that appears has all its series at once, at 0', () => {
  const monitor = new TestMonitor();
  monitor.frame.interfaceIndex = 3;
  monitor.take(callFrames('c1', 200, START)[0]!.bytes, START);
  monitor.layout.refresh();
  const expected = monitor.layout.families.filter(
    ({ definition: { name, space, isRare } }) =>
      name.startsWith('sip_') && space !== Space.peer && space !== Space.carrier && !isRare,
  );
  for (const family of expected) {
    assert.ok(family.prefixes.length > 0, family.definition.name);
  }
});

test('300 interfaces: the first 256 have a label of their own, the rest share "other"', () => {
  const monitor = new TestMonitor();
  for (let i = 1; i <= 300; i++) {
    monitor.frame.interfaceIndex = i;
    monitor.take(callFrames(`c${i}`, 200, START)[0]!.bytes, START);
  }
  const lines = monitor.values().filter((line) => line.startsWith('ringtap_capture_packets_total'));
  assert.equal(lines.length, 257);
  assert.ok(lines.includes('ringtap_capture_packets_total{interface="other"} 44'));
  assert.equal(monitor.total('sip_requests_total'), 300, 'nothing is lost to the budget');
});

test('every frame counts exactly once, whatever is in it', () => {
  const monitor = new TestMonitor();
  const seeds = callFrames('c1', 200, START).map(({ bytes }) => bytes);
  const random = randomSource(12345);
  const FRAMES = 1_000_000;
  for (let i = 0; i < FRAMES; i++) {
    const bytes = seeds[random(seeds.length)]!.slice(0, random(10) === 0 ? random(400) : undefined);
    for (let edits = random(4); edits > 0 && bytes.length > 0; edits--)
      bytes[random(bytes.length)] = random(256);
    monitor.take(bytes, START + i * 100);
  }
  const parts = [
    'sip_requests_total',
    'sip_responses_total',
    'sip_capture_duplicates_total',
    'sip_keepalives_total',
    'sip_parse_errors_total',
    'ringtap_decode_skipped_total',
    'ringtap_decode_errors_total',
    'ringtap_fragments_total',
    'ringtap_stream_segments_total',
    'ringtap_sctp_packets_total',
  ].map((name) => monitor.total(name));
  assert.equal(monitor.total('ringtap_capture_packets_total'), FRAMES);
  assert.equal(
    parts.reduce((sum, part) => sum + part, 0),
    FRAMES,
  );
  for (const part of [parts[0]!, parts[1]!, parts[2]!, parts[4]!, parts[6]!]) assert.ok(part > 0);
});

test('a datagram on other ports that no filter kept away is skipped, unless it is detected', () => {
  const text = 'OPTIONS sip:a@x SIP/2.0\r\n\r\n';
  const on = (sourcePort: number, destinationPort: number, payload: string): Uint8Array =>
    ethernet(0x0800, ipv4({}, udp({ sourcePort, destinationPort }, new TextEncoder().encode(payload))));
  const outcomes = (detect: boolean): number[] => {
    const monitor = new TestMonitor({}, { ports: [5060, 65535], detect });
    for (const bytes of [
      on(5060, 9, text),
      on(9, 65535, text),
      on(9, 5061, text),
      on(9, 9, 'no SIP'),
      on(9, 9, '\r\n\r\n'),
    ]) {
      monitor.take(bytes, START);
    }
    assert.equal(monitor.total('ringtap_capture_packets_total'), 5);
    return ['sip_parse_errors_total', 'sip_keepalives_total', 'ringtap_decode_skipped_total'].map((name) =>
      monitor.total(name),
    );
  };
  // The request lacks all header fields: an error for whoever looks at it.
  assert.deepEqual(outcomes(false), [2, 0, 3]);
  assert.deepEqual(outcomes(true), [3, 0, 2]);
});

test('a packet seen in tunnels and outside of them is one packet', () => {
  const monitor = new TestMonitor();
  const [invite] = callFrames('c1', 200, START);
  const packet = invite!.bytes.subarray(14);
  monitor.take(invite!.bytes, START);
  for (const [, , etherType, carry] of carriers)
    monitor.take(ethernet(etherType, carry(packet)), START + 1000);
  assert.equal(monitor.total('sip_requests_total'), 1);
  assert.equal(monitor.total('sip_capture_duplicates_total'), carriers.length);
});

test('tunnels that are not enabled, or too deep, are skipped', () => {
  const invite = callFrames('c1', 200, START)[0]!.bytes.subarray(14);
  const twice = ethernet(0x0800, nested(['IPIP', 'GRE'], invite));
  const requests = (kinds: number, maxDepth: number): number => {
    const monitor = new TestMonitor({}, { tunnels: { kinds, maxDepth } });
    monitor.take(twice, START);
    assert.equal(monitor.total('sip_requests_total') + monitor.total('ringtap_decode_skipped_total'), 1);
    return monitor.total('sip_requests_total');
  };
  const { ipip, gre } = TunnelKind;
  assert.equal(requests(ipip | gre, 2), 1);
  assert.equal(requests(ipip | gre, 1), 0);
  assert.equal(requests(ipip, 2), 0);
  assert.equal(requests(gre, 2), 0);
});
