// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import test from 'node:test';
import { Counter } from '../metrics/counter.ts';
import { Space } from '../metrics/definition.ts';
import { ShardMemory } from '../metrics/shard-memory.ts';
import { ShardWriter } from '../metrics/shard-writer.ts';
import { renderOpenMetrics } from './open-metrics.ts';
import { renderText } from './prometheus-text.ts';
import { SeriesLayout } from './series-layout.ts';
import { escapeHelp, escapeLabelValue, numberText } from './text-format.ts';

/** A shard with a family of each kind. */
function smallLayout(): SeriesLayout {
  const budget = { maxSeriesPerFamily: 1_000, maxSeries: 1_000 };
  const writer = new ShardWriter(ShardMemory.allocate(budget), budget);
  const global = writer.context(Space.global, []);
  new Counter(writer, 'sip_keepalives_total').add(writer.context(Space.traffic, ['eth0', 'inbound']), 1, 3);
  new Counter(writer, 'sip_session_establishment_ratio').set(global, 0, 1);
  new Counter(writer, 'sip_session_establishment_ratio').set(global, 1, 2);
  new Counter(writer, 'ringtap_build_info').set(writer.context(Space.build, ['1.2.3', '26.10.0']), 0, 1);
  new Counter(writer, 'process_cpu_seconds_total').set(global, 0, 0.25);
  const layout = new SeriesLayout([writer.memory]);
  layout.refresh();
  return layout;
}

/** The rendered text up to the family that lists all families. */
const upToSeriesCounts = (text: string): string =>
  text.slice(0, text.search(/# (?:HELP|TYPE) ringtap_metric_series /));

test('Prometheus text format 0.0.4', () => {
  assert.equal(
    upToSeriesCounts(renderText(smallLayout())),
    `# HELP sip_session_establishment_ratio Session establishment ratio over the window, 0 to 1: answered attempts by ended attempts that were not redirected.
# TYPE sip_session_establishment_ratio gauge
sip_session_establishment_ratio{window="5m"} 0.5
# HELP sip_keepalives_total Datagrams on a SIP port that only keep a path open.
# TYPE sip_keepalives_total counter
sip_keepalives_total{interface="eth0",direction="inbound",type="crlf"} 0
sip_keepalives_total{interface="eth0",direction="inbound",type="stun"} 3
sip_keepalives_total{interface="eth0",direction="inbound",type="empty"} 0
sip_keepalives_total{interface="eth0",direction="inbound",type="nul"} 0
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
    `# TYPE sip_session_establishment_ratio gauge
# UNIT sip_session_establishment_ratio ratio
# HELP sip_session_establishment_ratio Session establishment ratio over the window, 0 to 1: answered attempts by ended attempts that were not redirected.
sip_session_establishment_ratio{window="5m"} 0.5
# TYPE sip_keepalives counter
# HELP sip_keepalives Datagrams on a SIP port that only keep a path open.
sip_keepalives_total{interface="eth0",direction="inbound",type="crlf"} 0
sip_keepalives_total{interface="eth0",direction="inbound",type="stun"} 3
sip_keepalives_total{interface="eth0",direction="inbound",type="empty"} 0
sip_keepalives_total{interface="eth0",direction="inbound",type="nul"} 0
# TYPE ringtap_build info
# HELP ringtap_build Always 1; the labels tell the version.
ringtap_build_info{version="1.2.3",nodejs_version="26.10.0"} 1
# TYPE process_cpu_seconds counter
# UNIT process_cpu_seconds seconds
# HELP process_cpu_seconds User and system CPU time spent.
process_cpu_seconds_total 0.25
`,
  );
  assert.match(text, /\nringtap_metric_series\{family="sip_keepalives_total"\} 4\n/);
  assert.ok(text.endsWith('\n# EOF\n'));
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
