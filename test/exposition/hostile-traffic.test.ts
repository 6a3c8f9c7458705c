// SPDX-License-Identifier: Apache-2.0
// Hostile text in every place of SIP: every format still parses, and no label has a value that nobody configured.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Frame, LinkType, PacketType } from '../../src/base/frame.ts';
import { SeededHash } from '../../src/base/hash.ts';
import { PortCounts } from '../../src/base/port-counts.ts';
import { parseReplayConfig } from '../../src/config/replay-config.ts';
import { renderJson } from '../../src/exposition/json.ts';
import { renderOpenMetrics } from '../../src/exposition/open-metrics.ts';
import { OtlpRenderer } from '../../src/exposition/otlp.ts';
import { renderText } from '../../src/exposition/prometheus-text.ts';
import { SeriesLayout } from '../../src/exposition/series-layout.ts';
import { type FamilyDefinition, labelNames } from '../../src/metrics/definition.ts';
import { families } from '../../src/metrics/families.ts';
import { ShardMemory } from '../../src/metrics/shard-memory.ts';
import { ShardWriter } from '../../src/metrics/shard-writer.ts';
import { PacketPipeline } from '../../src/pipeline/packet-pipeline.ts';
import { runCommand } from '../support/command.ts';
import { hostileText } from '../support/hostile-text.ts';
import { lendBytes } from '../support/lend-frame.ts';
import { attributesOf, decodeOtlp, samplesOf } from '../support/otlp.ts';
import { parsePrometheusText } from '../support/prometheus-text.ts';
import { randomSource } from '../support/random.ts';
import { ethernet, ipv4, udp } from '../support/udp-frame.ts';
import { parseExposition } from './strict-parser.ts';

const CALLS = 8_000;
const random = randomSource(11);
const methods = ['INVITE', 'REGISTER', 'OPTIONS', 'BYE', 'PUBLISH'];
const codes = ['100', '180', '200', '404', '999', '+1'];
const encoder = new TextEncoder();

/** Hostile text where `isTame` is false; else as much of it as a field can have that is still read. */
function part(isTame: boolean): string {
  const text = hostileText(random);
  return isTame ? text.replaceAll(/[\r\n\0]/g, '') : text;
}

/** A request and, to many, its answer. */
function* messagesOf(call: number): Generator<string> {
  const isTame = random(4) > 0;
  const id = `${call}${part(isTame)}`;
  const method = random(4) > 0 ? methods[random(methods.length)]! : `M${part(isTame)}`;
  const common = [
    `Via: SIP/2.0/UDP 192.0.2.1${random(8) === 0 ? part(isTame) : ''};branch=z9hG4bK${call}`,
    `From: ${part(isTame)} <sip:${part(isTame)}@x>;tag=1${part(isTame)}`,
    `To: "${part(isTame)}" <sip:b@${part(isTame)}>`,
    `Call-ID: ${id}`,
    `CSeq: ${random(16) === 0 ? part(isTame) : 1} ${method}`,
    `User-Agent: ${part(isTame)}`,
    `Reason: ${part(isTame)};cause=${part(isTame)};text="${part(isTame)}"`,
    `${part(isTame)}: ${part(isTame)}`,
    `X-RTP-Stat: ${part(isTame)}`,
  ];
  const body = `v=0\r\no=- 1 1 IN IP4 ${part(isTame)}\r\ns=${part(isTame)}\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\na=rtpmap:0 ${part(isTame)}\r\n`;
  const end = [
    'Content-Type: application/sdp',
    `Content-Length: ${encoder.encode(body).length}`,
    '',
    body,
  ].join('\r\n');
  yield [`${method} sip:${part(isTame)}@x SIP/2.0`, ...common, end].join('\r\n');
  if (random(2) === 0) {
    yield [`SIP/2.0 ${codes[random(codes.length)]} ${part(isTame)}`, ...common, end].join('\r\n');
  }
}

const configured: Readonly<Record<string, readonly string[]>> = {
  interface: ['eth0', 'other'],
  direction: ['inbound', 'outbound', 'unknown', 'other'],
  carrier: ['north', 'unknown', 'other'],
  ua_type: ['phone', 'unknown', 'other'],
  window: ['5m', 'other'],
  peer: ['gateway.1', 'other'],
  worker: ['0', 'other'],
  family: families.map(({ name }) => name),
};

function checkLabels(definition: FamilyDefinition, labels: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(labels)) {
    if (name === 'le') continue;
    assert.ok(labelNames(definition).includes(name), `${definition.name} has no label ${name}`);
    const values = definition.labels.find((label) => label.name === name)?.values ?? configured[name];
    assert.ok(values?.includes(value), `${definition.name}{${name}=${JSON.stringify(value)}}`);
  }
}

test('hostile SIP parses in every format and makes no label', async () => {
  const { analysis } = parseReplayConfig([
    ...[
      '--labels.carrier=north=192.0.2.0/24',
      '--labels.user-agent=phone=*a*',
      '--sip.peer=gateway.1=192.0.2.1',
    ],
    'x.pcap',
  ]);
  const budget = {
    ...{ maxSeries: 50_000, maxSeriesPerFamily: 20_000 },
    ...{ hasExemplars: true, hasNativeHistograms: true },
  };
  const shard = ShardMemory.allocate(budget);
  const pipeline = new PacketPipeline({
    writer: new ShardWriter(shard, budget),
    analysis,
    hash: new SeededHash(1, 2),
    nameOfInterface: () => 'eth0',
    mediaPorts: new PortCounts(),
  });
  const frame = new Frame();
  frame.packetType = PacketType.host;
  frame.linkType = LinkType.ethernet;
  frame.arrivalMicros = 1_790_000_000_000_000;
  for (let call = 0; call < CALLS; call++) {
    for (const message of messagesOf(call)) {
      lendBytes(frame, ethernet(0x0800, ipv4({ source: '192.0.2.1' }, udp({}, encoder.encode(message)))));
      frame.arrivalMicros += 500;
      pipeline.packet(frame);
    }
  }
  pipeline.finish();
  pipeline.refreshGauges();
  const layout = new SeriesLayout([shard]);
  layout.refresh();

  const text = renderText(layout);
  const parsed = parseExposition(text, false);
  const exposition = parsePrometheusText(text);
  const [read, notRead] = [exposition.sum('sip_requests_total'), exposition.sum('sip_parse_errors_total')];
  assert.ok(read > CALLS / 4, `${read} requests were read`);
  assert.ok(notRead > CALLS / 20, `${notRead} were not`);
  for (const { name, samples: ofFamily } of parsed) {
    const definition = families.find((family) => family.name === name)!;
    for (const { labels } of ofFamily) checkLabels(definition, labels);
  }

  const openMetrics = renderOpenMetrics(layout);
  const exemplar = / # \{call_id="((?:[^"\\\n]|\\["\\])*)"\} \S+ \d+\.\d{6}$/;
  let exemplars = 0;
  const withoutExemplars = openMetrics.split('\n').map((line) => {
    const found = exemplar.exec(line);
    if (found === null || line.startsWith('#')) return line;
    exemplars++;
    assert.ok(`call_id${found[1]!.replaceAll(/\\(.)/g, '$1')}`.length <= 128, line);
    assert.match(found[1]!, /^[!-~]+$/);
    return line.slice(0, found.index);
  });
  assert.notEqual(exemplars, 0);
  assert.equal(parseExposition(withoutExemplars.join('\n'), true).length, parsed.length);
  assert.equal((JSON.parse(renderJson(layout)) as unknown[]).length, parsed.length);

  const requests = [...new OtlpRenderer(new Map(), 0).render(layout, 1)].map(decodeOtlp);
  const metrics = requests.flatMap((request) => request.metrics);
  assert.deepEqual(new Set(metrics.map(({ name }) => name)), new Set(parsed.map(({ name }) => name)));
  for (const { name, labels } of samplesOf(requests)) {
    checkLabels(families.find((family) => family.name === name)!, labels);
  }
  for (const { name, exponentialHistogram } of metrics) {
    for (const { attributes, exemplars: ofPoint = [] } of exponentialHistogram?.dataPoints ?? []) {
      checkLabels(families.find((family) => family.name === name)!, attributesOf(attributes));
      for (const { filteredAttributes } of ofPoint) {
        assert.match(attributesOf(filteredAttributes)['call_id']!, /^[!-~]{1,121}$/);
      }
    }
  }
  await runCommand('promtool', ['check', 'metrics'], { input: text });
});
