// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { parseReplayConfig } from '../../src/config/replay-config.ts';
import { unknownOnly, usualDirections } from '../../src/pipeline/traffic-contexts.ts';
import { writeMmdb } from '../support/mmdb.ts';
import { ethernet, ipv4, udp } from '../support/udp-frame.ts';
import { TestMonitor, testAnalysis } from './monitor.ts';

const START = 1_700_000_000_000_000;

const labelsOf = (...args: string[]) => parseReplayConfig([...args, 'x']).analysis.labels!;

const carriers = ['--labels.carrier', 'north=192.0.2.0/25', '--labels.carrier', 'south=192.0.2.128/25'];
const agents = ['--labels.user-agent', 'phone=phone*', '--labels.user-agent', 'scanner=*scan*'];

interface Fields {
  readonly callId?: string;
  readonly cseq?: number;
  readonly agent?: string;
  readonly uri?: string;
  /** A header field more. */
  readonly field?: string;
  readonly from?: string;
  readonly to?: string;
}

/** A request, or the answer 200 to it. */
function message(
  method: string,
  isAnswer: boolean,
  { callId = 'c', cseq = 1, agent, uri = 'sip:b@x', field, from = 'a', to = 'b' }: Fields = {},
): string {
  return [
    isAnswer ? 'SIP/2.0 200 OK' : `${method} ${uri} SIP/2.0`,
    `Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK${callId}${cseq}`,
    `From: <sip:${from}@x>;tag=1${callId}`,
    `To: <sip:${to}@x>${isAnswer || cseq > 1 ? ';tag=2' : ''}`,
    `Call-ID: ${callId}`,
    `CSeq: ${cseq} ${method}`,
    ...(agent === undefined ? [] : [`${isAnswer ? 'Server' : 'User-Agent'}: ${agent}`]),
    ...(field === undefined ? [] : [field]),
    'Content-Length: 0',
    '\r\n',
  ].join('\r\n');
}

class LabelMonitor extends TestMonitor {
  #micros = START;

  send(text: string, source: string, destination = '10.0.0.1'): void {
    const payload = udp({}, new TextEncoder().encode(text));
    this.#micros += 1000;
    this.take(ethernet(0x0800, ipv4({ source, destination }, payload)), this.#micros);
    this.pipeline.release();
  }

  /** The series of a family that are not 0, without its name. */
  series(family: string): string[] {
    return this.values()
      .filter((line) => line.startsWith(`${family}{`))
      .map((line) => line.slice(family.length));
  }
}

test('all of a call has the labels of its first message, each message its own', () => {
  const monitor = new LabelMonitor({}, { labels: labelsOf(...carriers, ...agents) });
  const agent = 'Phone 1.0';
  monitor.send(message('INVITE', false, { agent }), '192.0.2.1');
  monitor.send(message('INVITE', true, { agent: 'portscan' }), '192.0.2.200');
  monitor.send(message('BYE', false, { cseq: 2 }), '10.0.0.9');
  const first = 'interface="eth0",direction="inbound",carrier="north",ua_type="phone"';
  assert.deepEqual(monitor.series('sip_session_attempts_total'), [`{${first}} 1`]);
  assert.deepEqual(monitor.series('sip_session_attempt_results_total'), [`{${first},result="answered"} 1`]);
  assert.deepEqual(monitor.series('sip_sessions_ended_total'), [`{${first},reason="bye"} 1`]);
  assert.deepEqual(monitor.series('sip_responses_total'), [
    '{interface="eth0",direction="inbound",carrier="south",ua_type="scanner",method="INVITE",code="200"} 1',
  ]);
  assert.deepEqual(monitor.series('sip_requests_total'), [
    `{${first},method="INVITE"} 1`,
    '{interface="eth0",direction="inbound",carrier="unknown",ua_type="unknown",method="BYE"} 1',
  ]);
});

test('only the labels that are configured are there', () => {
  const monitor = new LabelMonitor({}, { labels: labelsOf(...agents) });
  monitor.send(message('OPTIONS', false), '192.0.2.1');
  assert.deepEqual(monitor.series('sip_requests_total'), [
    '{interface="eth0",direction="inbound",ua_type="unknown",method="OPTIONS"} 1',
  ]);
  const plain = new LabelMonitor();
  plain.send(message('OPTIONS', false), '192.0.2.1');
  assert.deepEqual(plain.series('sip_requests_total'), [
    '{interface="eth0",direction="inbound",method="OPTIONS"} 1',
  ]);
});

test('the carrier of a request URI counts where no address is of one', () => {
  const labels = labelsOf(...carriers, '--labels.carrier-uri', 'east=sip:+49');
  const monitor = new LabelMonitor({}, { labels });
  monitor.send(message('OPTIONS', false, { uri: 'sip:+4930@x' }), '10.0.0.2');
  monitor.send(message('OPTIONS', false, { uri: 'sip:+4930@x', cseq: 3 }), '192.0.2.129');
  assert.deepEqual(
    monitor.series('sip_requests_total').map((line) => /carrier="(\w+)"/.exec(line)![1]),
    ['south', 'east'],
  );
});

test('a header field tells the carrier of a request, before its URI does, and all of its call has it', () => {
  const headers = ['--labels.carrier-header', 'east=X-Carrier:east,Contact:*;tgrp=tg7;*'];
  const labels = labelsOf(...carriers, ...headers, '--labels.carrier-uri', 'far=sip:+49');
  const monitor = new LabelMonitor({}, { labels });
  const uri = 'sip:+4930@x';
  monitor.send(message('INVITE', false, { uri, field: 'X-Carrier: EAST' }), '10.0.0.2');
  monitor.send(message('INVITE', true), '10.0.0.1', '10.0.0.2');
  monitor.send(message('BYE', false, { cseq: 2 }), '10.0.0.2');
  const direction = 'interface="eth0",direction="inbound"';
  for (const family of ['sip_session_attempts_total', 'sip_sessions_ended_total'])
    assert.match(
      monitor.series(family).join(),
      /^\{interface="eth0",direction="inbound",carrier="east"[^}]*\} 1$/,
    );
  assert.deepEqual(monitor.series('sip_requests_total'), [
    `{${direction},carrier="east",method="INVITE"} 1`,
    `{${direction},carrier="unknown",method="BYE"} 1`,
  ]);
  const carrierOf = (field: string, source: string): string | undefined => {
    const other = new LabelMonitor({}, { labels });
    other.send(message('OPTIONS', false, { uri, field }), source);
    return /carrier="(\w+)"/.exec(other.series('sip_requests_total').join())?.[1];
  };
  assert.equal(carrierOf('m: <sip:1;tgrp=tg7;trunk-context=x@gw>', '10.0.0.2'), 'east');
  assert.equal(carrierOf('X-Carrier: west', '10.0.0.2'), 'far');
  assert.equal(
    carrierOf('X-Carrier: east', '192.0.2.129'),
    'south',
    'the address goes first: it is hard to forge',
  );
});

test('of what goes out the carrier is that of the destination', () => {
  const monitor = new LabelMonitor({}, { labels: labelsOf(...carriers) });
  monitor.frame.packetType = 4;
  monitor.send(message('OPTIONS', false), '192.0.2.1', '192.0.2.200');
  assert.deepEqual(monitor.series('sip_requests_total'), [
    '{interface="eth0",direction="outbound",carrier="south",method="OPTIONS"} 1',
  ]);
});

test('behind a mirror port local networks tell the direction', () => {
  const labels = labelsOf('--networks.local', '10.0.0.0/8', ...carriers);
  const monitor = new LabelMonitor({}, { labels });
  monitor.frame.packetType = 3;
  monitor.send(message('OPTIONS', false, { callId: '1' }), '192.0.2.1', '10.0.0.1');
  monitor.send(message('OPTIONS', false, { callId: '2' }), '10.0.0.1', '192.0.2.200');
  monitor.send(message('OPTIONS', false, { callId: '3' }), '10.0.0.1', '10.0.0.2');
  monitor.send(message('OPTIONS', false, { callId: '4' }), '192.0.2.200', '203.0.113.1');
  const seen = monitor
    .series('sip_requests_total')
    .map((line) => /direction="(\w+)",carrier="(\w+)"/.exec(line)!.slice(1));
  assert.deepEqual(seen, [
    ['inbound', 'north'],
    ['outbound', 'south'],
    ['forwarded', 'unknown'],
    ['forwarded', 'south'],
  ]);
});

test('countries of numbers, and of addresses where no number tells', () => {
  const folder = mkdtempSync(join(tmpdir(), 'ringtap-labels-'));
  try {
    const file = join(folder, 'country.mmdb');
    // 192.0.2.0/25 and 10.0.0.0/8
    const networks = [
      { bits: `${'0'.repeat(96)}1100000000000000000000100`, country: 'SE' },
      { bits: `${'0'.repeat(96)}00001010`, country: 'NO' },
    ];
    writeFileSync(file, writeMmdb(networks, 6, 28));
    const countries = (
      args: readonly string[],
      isAnswer = false,
      more: Fields = {},
    ): (string | undefined)[] => {
      const monitor = new LabelMonitor({}, { labels: labelsOf(...args) });
      const text = message('OPTIONS', isAnswer, more);
      if (isAnswer) monitor.send(text, '10.0.0.1', '192.0.2.1');
      else monitor.send(text, '192.0.2.1', '10.0.0.1');
      const [line = ''] = monitor.series(isAnswer ? 'sip_responses_total' : 'sip_requests_total');
      return [/source_country="(\w+)"/.exec(line)?.[1], /destination_country="(\w+)"/.exec(line)?.[1]];
    };
    const byNumber = ['--labels.number-country'];
    const byAddress = ['--labels.country-database', file];
    const numbers = { from: '+4930', to: '0041-44' };
    for (const isAnswer of [false, true]) {
      assert.deepEqual(countries(byNumber, isAnswer, numbers), ['DE', 'CH']);
      assert.deepEqual(countries(byNumber, isAnswer), ['unknown', 'unknown']);
      assert.deepEqual(
        countries(byAddress, isAnswer, numbers),
        ['SE', 'NO'],
        'those of the request, also of its answer',
      );
      assert.deepEqual(countries([...byNumber, ...byAddress], isAnswer, { from: '+4930' }), ['DE', 'NO']);
      assert.deepEqual(countries(carriers, isAnswer, numbers), [undefined, undefined]);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('labels change with a reload: what was counted stays, a call keeps the labels it began with', () => {
  const { ports, detect, parser, peers, abuse, ...rest } = { ...parseReplayConfig(['x']).analysis };
  const monitor = new LabelMonitor({}, { ...rest, abuse, labels: labelsOf(...carriers) });
  monitor.send(message('INVITE', false), '192.0.2.1');
  monitor.send(message('INVITE', true), '10.0.0.1');
  monitor.pipeline.reconfigure({
    ports,
    detect,
    parser,
    peers,
    abuse,
    labels: labelsOf('--labels.carrier', 'west=192.0.2.0/24'),
  });
  monitor.send(message('BYE', false, { cseq: 2 }), '192.0.2.1');
  monitor.pipeline.reconfigure({ ports, detect, parser, peers, abuse });
  monitor.send(message('OPTIONS', false, { callId: 'd' }), '192.0.2.1');
  assert.match(monitor.series('sip_sessions_ended_total').join(), /carrier="north"/);
  assert.deepEqual(
    monitor.series('sip_requests_total').map((line) => /carrier="(\w+)"/.exec(line)?.[1]),
    [undefined, 'north', 'west'],
  );
});

/** The label sets of attempts that are there, whatever their value. */
function setsOf(monitor: LabelMonitor): string[] {
  monitor.total('sip_session_attempts_total');
  const family = monitor.layout.families.find(
    ({ definition }) => definition.name === 'sip_session_attempts_total',
  )!;
  return family.contexts.map((values) => values.join(' ').trim());
}

test('every carrier with every kind of user agents is there at 0 before its first message', () => {
  const monitor = new LabelMonitor({}, { labels: labelsOf(...carriers, ...agents) });
  monitor.pipeline.contexts.prepare([['eth0', usualDirections('eth0')]]);
  const names = ['north', 'south', 'unknown'];
  const types = ['phone', 'scanner', 'unknown'];
  const expected = ['inbound', 'outbound'].flatMap((direction) => [
    `eth0 ${direction}`,
    ...names.flatMap((name) => types.map((type) => `eth0 ${direction} ${name} ${type}`)),
  ]);
  assert.deepEqual(setsOf(monitor).sort(), expected.sort());
  monitor.send(message('INVITE', false, { agent: 'phone' }), '192.0.2.1');
  assert.deepEqual(setsOf(monitor).sort(), expected.sort(), 'the first message has its place');
  const { ports, detect, parser, peers, abuse } = testAnalysis;
  const labels = labelsOf('--labels.carrier', 'west=192.0.2.0/24');
  monitor.pipeline.reconfigure({ ports, detect, parser, peers, abuse, labels });
  const more = ['inbound west', 'inbound unknown', 'outbound west', 'outbound unknown'];
  assert.deepEqual(setsOf(monitor).sort(), [...expected, ...more.map((set) => `eth0 ${set}`)].sort());
});

test('directions that local networks tell are there at 0 with all their families', () => {
  const monitor = new LabelMonitor({}, { labels: labelsOf('--networks.local', '10.0.0.0/8') });
  monitor.pipeline.contexts.prepare([['eth0', unknownOnly]]);
  const directions = ['unknown', 'inbound', 'outbound', 'forwarded'];
  assert.deepEqual(
    setsOf(monitor),
    directions.map((direction) => `eth0 ${direction}`),
  );
  const { families } = monitor.layout;
  const contextsOf = (name: string): number =>
    families.find(({ definition }) => definition.name === name)!.contexts.length;
  assert.equal(contextsOf('sip_post_dial_delay_seconds'), 4);
  assert.equal(contextsOf('rtp_packets_total'), 1, 'packets of media have the direction of their interface');
});

test('a set of labels with a country is there with its first message: what comes later in a call starts at 0', () => {
  const monitor = new LabelMonitor({}, { labels: labelsOf('--labels.number-country') });
  monitor.send(message('INVITE', false, { from: '+49', to: '+41' }), '192.0.2.1');
  const results = monitor.layout.families.find(
    ({ definition }) => definition.name === 'sip_session_attempt_results_total',
  )!;
  monitor.layout.refresh();
  assert.ok(results.contexts.some((values) => values.join() === 'eth0,inbound,,,DE,CH'));
});

test('label sets beyond the budget count for "other", and the label with the most values is named', () => {
  const names = Array.from({ length: 100 }, (_, i) => ['--labels.carrier', `c${i}=10.1.${i}.0/24`]);
  const monitor = new LabelMonitor({}, { labels: labelsOf(...names.flat(), ...agents) });
  for (let i = 0; i < 100; i++) {
    monitor.send(message('OPTIONS', false, { callId: `o${i}` }), `10.1.${i}.1`);
    monitor.send(message('OPTIONS', true, { callId: `o${i}` }), `10.1.${i}.1`);
  }
  assert.equal(monitor.total('sip_responses_total'), 100);
  const responses = monitor.series('sip_responses_total');
  assert.ok(responses.length > 5 && responses.length < 100);
  assert.ok(responses.every((line) => line.includes('interface="eth0",direction="inbound"')));
  const overflow = monitor.series('ringtap_metric_label_overflow_total');
  assert.equal(overflow.length, 1);
  assert.match(overflow[0]!, /^\{label="carrier"\} \d+$/);
});
