// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import test from 'node:test';
import { PacketClock } from '../base/packet-clock.ts';
import { Counter } from '../metrics/counter.ts';
import { Space } from '../metrics/definition.ts';
import { Histogram } from '../metrics/histogram.ts';
import { PeerMetrics } from '../metrics/peer-metrics.ts';
import { ShardMemory } from '../metrics/shard-memory.ts';
import { ShardWriter } from '../metrics/shard-writer.ts';
import { renderJson } from './json.ts';
import { renderOpenMetrics } from './open-metrics.ts';
import { renderText } from './prometheus-text.ts';
import { SeriesLayout } from './series-layout.ts';
import { boundText, escapeHelp, escapeLabelValue, numberText } from './text-format.ts';

/** A shard with a family of each kind. */
function smallLayout(): SeriesLayout {
  const budget = { maxSeriesPerFamily: 1_000, maxSeries: 1_000 };
  const writer = new ShardWriter(ShardMemory.allocate(budget), budget);
  const global = writer.context(Space.global, []);
  const window = writer.context(Space.window, ['90s']);
  new Histogram(writer, 'sip_cancel_ring_seconds').observe(
    writer.context(Space.traffic, ['eth0', 'inbound']),
    0,
    1_000_001,
  );
  new Counter(writer, 'sip_keepalives_total').add(writer.context(Space.traffic, ['eth0', 'inbound']), 1, 3);
  new Counter(writer, 'sip_session_establishment_ratio').set(window, 0, 1);
  new Counter(writer, 'sip_session_establishment_ratio').set(window, 1, 2);
  new Counter(writer, 'ringtap_build_info').set(writer.context(Space.build, ['1.2.3', '26.10.0']), 0, 1);
  new Counter(writer, 'process_cpu_seconds_total').set(global, 0, 0.25);
  const layout = new SeriesLayout([writer.memory]);
  layout.refresh();
  return layout;
}

test('the total of a family, and of those of its series that are meant', () => {
  const layout = smallLayout();
  assert.equal(layout.total('sip_keepalives_total'), 3);
  assert.equal(layout.total('sip_keepalives_total', 'type="stun"'), 3);
  assert.equal(layout.total('sip_keepalives_total', 'type="crlf"'), 0);
  assert.equal(layout.total('sip_cancel_ring_seconds', '_count'), 1);
  assert.equal(layout.total('sip_session_establishment_ratio'), 0.5);
  assert.equal(layout.total('sip_peer_up'), 0);
});

test('of what several shards know, the latest counts; what one of them knows alone counts', () => {
  const budget = { maxSeriesPerFamily: 1_000, maxSeries: 1_000 };
  const writers = [1, 2].map(() => new ShardWriter(ShardMemory.allocate(budget), budget));
  const layout = new SeriesLayout(writers.map(({ memory }) => memory));
  const clocks = writers.map(() => new PacketClock());
  const peers = writers.map((writer, i) => new PeerMetrics(writer, clocks[i]!, ['a', 'b']));
  const shown = (): string[] => {
    layout.refresh();
    return [...renderText(layout).matchAll(/^sip_peer_(?:up|round\S*)\{peer="(.)"\} (.*)/gm)].map(
      ([, peer, value]) => `${peer} ${value}`,
    );
  };
  const tell = (shard: number, micros: number, peer: number, isUp: boolean, delayMicros: number): void => {
    clocks[shard]!.micros = micros;
    peers[shard]!.checked(peer, isUp, delayMicros);
  };
  assert.deepEqual(shown(), ['a NaN', 'b NaN', 'a NaN', 'b NaN']);
  tell(0, 1e6, 0, true, 2000);
  assert.deepEqual(shown(), ['a 1', 'b NaN', 'a 0.002', 'b NaN']);
  tell(1, 2e6, 0, false, -1);
  tell(1, 3e6, 1, true, 5000);
  assert.deepEqual(shown(), ['a 0', 'b 1', 'a 0.002', 'b 0.005']);
  tell(0, 4e6, 0, true, 3000);
  assert.deepEqual(shown(), ['a 1', 'b 1', 'a 0.003', 'b 0.005']);
});

/** The rendered text up to the family that lists all families. */
const upToSeriesCounts = (text: string): string =>
  text.slice(0, text.search(/# (?:HELP|TYPE) ringtap_metric_series /));

test('Prometheus text format 0.0.4', () => {
  assert.equal(
    upToSeriesCounts(renderText(smallLayout())),
    `# HELP sip_keepalives_total Datagrams on a SIP port, line ends between messages of a stream, pings and pongs of WebSocket: what only keeps a path open.
# TYPE sip_keepalives_total counter
sip_keepalives_total{interface="eth0",direction="inbound",type="crlf"} 0
sip_keepalives_total{interface="eth0",direction="inbound",type="stun"} 3
sip_keepalives_total{interface="eth0",direction="inbound",type="empty"} 0
sip_keepalives_total{interface="eth0",direction="inbound",type="nul"} 0
sip_keepalives_total{interface="eth0",direction="inbound",type="ping"} 0
sip_keepalives_total{interface="eth0",direction="inbound",type="pong"} 0
# HELP sip_cancel_ring_seconds How long a call that was canceled had been ringing: first 18x to the CANCEL.
# TYPE sip_cancel_ring_seconds histogram
sip_cancel_ring_seconds_bucket{interface="eth0",direction="inbound",le="0.001"} 0
sip_cancel_ring_seconds_bucket{interface="eth0",direction="inbound",le="0.002"} 0
sip_cancel_ring_seconds_bucket{interface="eth0",direction="inbound",le="0.005"} 0
sip_cancel_ring_seconds_bucket{interface="eth0",direction="inbound",le="0.01"} 0
sip_cancel_ring_seconds_bucket{interface="eth0",direction="inbound",le="0.02"} 0
sip_cancel_ring_seconds_bucket{interface="eth0",direction="inbound",le="0.05"} 0
sip_cancel_ring_seconds_bucket{interface="eth0",direction="inbound",le="0.1"} 0
sip_cancel_ring_seconds_bucket{interface="eth0",direction="inbound",le="0.2"} 0
sip_cancel_ring_seconds_bucket{interface="eth0",direction="inbound",le="0.5"} 0
sip_cancel_ring_seconds_bucket{interface="eth0",direction="inbound",le="1.0"} 0
sip_cancel_ring_seconds_bucket{interface="eth0",direction="inbound",le="2.0"} 1
sip_cancel_ring_seconds_bucket{interface="eth0",direction="inbound",le="3.0"} 1
sip_cancel_ring_seconds_bucket{interface="eth0",direction="inbound",le="5.0"} 1
sip_cancel_ring_seconds_bucket{interface="eth0",direction="inbound",le="8.0"} 1
sip_cancel_ring_seconds_bucket{interface="eth0",direction="inbound",le="15.0"} 1
sip_cancel_ring_seconds_bucket{interface="eth0",direction="inbound",le="30.0"} 1
sip_cancel_ring_seconds_bucket{interface="eth0",direction="inbound",le="60.0"} 1
sip_cancel_ring_seconds_bucket{interface="eth0",direction="inbound",le="+Inf"} 1
sip_cancel_ring_seconds_sum{interface="eth0",direction="inbound"} 1.000001
sip_cancel_ring_seconds_count{interface="eth0",direction="inbound"} 1
# HELP sip_session_establishment_ratio SER: answered attempts by ended attempts that were not redirected, over the window.
# TYPE sip_session_establishment_ratio gauge
sip_session_establishment_ratio{window="90s"} 0.5
# HELP ringtap_build_info Always 1; the labels tell the version.
# TYPE ringtap_build_info gauge
ringtap_build_info{version="1.2.3",nodejs_version="26.10.0"} 1
# HELP process_cpu_seconds_total User and system CPU time spent.
# TYPE process_cpu_seconds_total counter
process_cpu_seconds_total 0.25
`,
  );
});

test('OpenMetrics text format 1.0', () => {
  const text = renderOpenMetrics(smallLayout());
  assert.equal(
    upToSeriesCounts(text),
    `# TYPE sip_keepalives counter
# HELP sip_keepalives Datagrams on a SIP port, line ends between messages of a stream, pings and pongs of WebSocket: what only keeps a path open.
sip_keepalives_total{interface="eth0",direction="inbound",type="crlf"} 0
sip_keepalives_total{interface="eth0",direction="inbound",type="stun"} 3
sip_keepalives_total{interface="eth0",direction="inbound",type="empty"} 0
sip_keepalives_total{interface="eth0",direction="inbound",type="nul"} 0
sip_keepalives_total{interface="eth0",direction="inbound",type="ping"} 0
sip_keepalives_total{interface="eth0",direction="inbound",type="pong"} 0
# TYPE sip_cancel_ring_seconds histogram
# UNIT sip_cancel_ring_seconds seconds
# HELP sip_cancel_ring_seconds How long a call that was canceled had been ringing: first 18x to the CANCEL.
sip_cancel_ring_seconds_bucket{interface="eth0",direction="inbound",le="0.001"} 0
sip_cancel_ring_seconds_bucket{interface="eth0",direction="inbound",le="0.002"} 0
sip_cancel_ring_seconds_bucket{interface="eth0",direction="inbound",le="0.005"} 0
sip_cancel_ring_seconds_bucket{interface="eth0",direction="inbound",le="0.01"} 0
sip_cancel_ring_seconds_bucket{interface="eth0",direction="inbound",le="0.02"} 0
sip_cancel_ring_seconds_bucket{interface="eth0",direction="inbound",le="0.05"} 0
sip_cancel_ring_seconds_bucket{interface="eth0",direction="inbound",le="0.1"} 0
sip_cancel_ring_seconds_bucket{interface="eth0",direction="inbound",le="0.2"} 0
sip_cancel_ring_seconds_bucket{interface="eth0",direction="inbound",le="0.5"} 0
sip_cancel_ring_seconds_bucket{interface="eth0",direction="inbound",le="1.0"} 0
sip_cancel_ring_seconds_bucket{interface="eth0",direction="inbound",le="2.0"} 1
sip_cancel_ring_seconds_bucket{interface="eth0",direction="inbound",le="3.0"} 1
sip_cancel_ring_seconds_bucket{interface="eth0",direction="inbound",le="5.0"} 1
sip_cancel_ring_seconds_bucket{interface="eth0",direction="inbound",le="8.0"} 1
sip_cancel_ring_seconds_bucket{interface="eth0",direction="inbound",le="15.0"} 1
sip_cancel_ring_seconds_bucket{interface="eth0",direction="inbound",le="30.0"} 1
sip_cancel_ring_seconds_bucket{interface="eth0",direction="inbound",le="60.0"} 1
sip_cancel_ring_seconds_bucket{interface="eth0",direction="inbound",le="+Inf"} 1
sip_cancel_ring_seconds_sum{interface="eth0",direction="inbound"} 1.000001
sip_cancel_ring_seconds_count{interface="eth0",direction="inbound"} 1
# TYPE sip_session_establishment_ratio gauge
# UNIT sip_session_establishment_ratio ratio
# HELP sip_session_establishment_ratio SER: answered attempts by ended attempts that were not redirected, over the window.
sip_session_establishment_ratio{window="90s"} 0.5
# TYPE ringtap_build info
# HELP ringtap_build Always 1; the labels tell the version.
ringtap_build_info{version="1.2.3",nodejs_version="26.10.0"} 1
# TYPE process_cpu_seconds counter
# UNIT process_cpu_seconds seconds
# HELP process_cpu_seconds User and system CPU time spent.
process_cpu_seconds_total 0.25
`,
  );
  assert.match(text, /\nringtap_metric_series\{family="sip_keepalives_total"\} 6\n/);
  assert.ok(text.endsWith('\n# EOF\n'));
});

test('JSON as prom2json has it', () => {
  const families = JSON.parse(renderJson(smallLayout())) as { name: string; metrics: unknown[] }[];
  const find = (name: string) => families.find((family) => family.name === name);
  assert.deepEqual(find('process_cpu_seconds_total'), {
    name: 'process_cpu_seconds_total',
    help: 'User and system CPU time spent.',
    type: 'COUNTER',
    metrics: [{ value: '0.25' }],
  });
  assert.deepEqual(find('sip_session_establishment_ratio')!.metrics, [
    { labels: { window: '90s' }, value: '0.5' },
  ]);
  const below = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1].map((bound) => [bound, '0']);
  const above = [2, 3, 5, 8, 15, 30, 60, '+Inf'].map((bound) => [bound, '1']);
  assert.deepEqual(find('sip_cancel_ring_seconds')!.metrics, [
    {
      labels: { interface: 'eth0', direction: 'inbound' },
      buckets: Object.fromEntries([...below, ...above]) as unknown,
      count: '1',
      sum: '1.000001',
    },
  ]);
  assert.equal(find('sip_requests_total'), undefined, 'a family without series is left out');
});

test('bounds of buckets always have their point', () => {
  assert.deepEqual([0.001, 0.5, 1, 65_535, 86_400].map(boundText), [
    '0.001',
    '0.5',
    '1.0',
    '65535.0',
    '86400.0',
  ]);
});

test('texts are escaped as their place wants it', () => {
  assert.equal(escapeLabelValue('a"b\\c\nd'), 'a\\"b\\\\c\\nd');
  assert.equal(escapeHelp('a"b\\c\nd'), 'a"b\\\\c\\nd');
});

test('numbers are written as both formats want them', () => {
  assert.deepEqual([0, -0, -1, 0.1, 1e21, Infinity, -Infinity, Number.NaN].map(numberText), [
    '0',
    '0',
    '-1',
    '0.1',
    '1e+21',
    '+Inf',
    '-Inf',
    'NaN',
  ]);
});
