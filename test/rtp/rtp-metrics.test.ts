// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { renderText } from '../../src/exposition/prometheus-text.ts';
import { SeriesLayout } from '../../src/exposition/series-layout.ts';
import { Space } from '../../src/metrics/definition.ts';
import { RtpMetrics } from '../../src/metrics/rtp-metrics.ts';
import { ShardMemory } from '../../src/metrics/shard-memory.ts';
import { ShardWriter } from '../../src/metrics/shard-writer.ts';
import type { RtpLimits } from '../../src/rtp/rtp-limits.ts';
import { RtpMonitor, voice } from './rtp-monitor.ts';

const budget = { maxSeries: 50_000, maxSeriesPerFamily: 30_000 };

/** Metrics that are told of a monitor's streams, and the writer behind them. */
function metered(limits: Partial<RtpLimits> = {}): {
  monitor: RtpMonitor;
  expose: () => Map<string, number>;
} {
  const shard = ShardMemory.allocate(budget);
  const writer = new ShardWriter(shard, budget);
  const monitor = new RtpMonitor(limits);
  monitor.context = writer.context(Space.traffic, ['eth0', 'inbound']);
  writer.openAll(Space.traffic, monitor.context);
  const metrics = new RtpMetrics(writer);
  const expose = (): Map<string, number> => {
    for (const report of monitor.began) metrics.streamBegan(report);
    for (const report of monitor.intervals) metrics.intervalEnded(report);
    metrics.refresh(monitor.streams);
    return valuesOf(shard);
  };
  return { monitor, expose };
}

/** What is exposed of RTP, without buckets. */
function valuesOf(shard: ShardMemory): Map<string, number> {
  const layout = new SeriesLayout([shard]);
  layout.refresh();
  const values = new Map<string, number>();
  for (const line of renderText(layout).split('\n')) {
    const [, name, labels = '', value] = /^(\w*rtp_\w+?)(\{.*\})? (\S+)$/.exec(line) ?? [];
    if (name === undefined || name.endsWith('_bucket')) continue;
    values.set(name + labels.replace('interface="eth0",direction="inbound"', ''), Number(value));
  }
  return values;
}

test('what the streams tell is exposed', () => {
  const packets = voice(600).filter((_, i) => !(i >= 100 && i < 110) && i !== 300);
  const { monitor, expose } = metered();
  monitor.takeAll(packets).finish();
  const values = expose();
  assert.equal(values.get('rtp_packets_lost_total{,codec="pcmu"}'), 11);
  assert.equal(values.get('rtp_packets_unknown_total{}'), 0);
  assert.equal(values.get('rtp_streams_begun_total{,signalling="announced"}'), 1);
  assert.equal(values.get('rtp_streams_begun_total{,signalling="none"}'), 0);
  assert.deepEqual(
    ['destination', 'source', 'port'].map((by) => values.get(`rtp_streams_joined_total{,by="${by}"}`)),
    [1, 0, 0],
  );
  assert.equal(values.get('rtp_intervals_total{,state="complete"}'), 2);
  assert.equal(values.get('rtp_interval_jitter_seconds_count{}'), 2);
  assert.equal(values.get('rtp_interval_loss_ratio_count{}'), 2);
  // 11 of what was settled in the first interval, 500 packets less the last 16.
  assert.ok(Math.abs(values.get('rtp_interval_loss_ratio_sum{}')! - 11 / 500) < 1e-4);
  assert.equal(values.get('rtp_interval_burst_seconds_count{}'), 1);
  assert.equal(values.get('rtp_interval_burst_seconds_sum{}'), 0.2);
  assert.equal(values.get('rtp_streams{signalling="announced"}'), 0);
  assert.equal(values.get('ringtap_rtp_streams_limit'), 1000);
});

test('packets count while their interval is open; gauges say what is there', () => {
  const { monitor, expose } = metered({ isDetecting: true });
  monitor.directory.isAnnounced = (port) => port === 20_000;
  monitor.takeAll(voice(100)).takeAll(voice(10, { destinationPort: 40_000, micros: 3e6 }));
  monitor.takeAll(voice(1, { destinationPort: 40_002, micros: 3.2e6 }));
  const values = expose();
  const packets = [...values].filter(([name]) => /^rtp_packets_total.*pcmu/.test(name));
  assert.equal(
    packets.reduce((sum, [, value]) => sum + value, 0),
    110,
  );
  assert.equal(values.get('rtp_streams{signalling="announced"}'), 1);
  assert.equal(values.get('rtp_streams{signalling="none"}'), 1);
  assert.equal(values.get('ringtap_rtp_streams_probation'), 1);
});

test('an interval in which the sensor lost packets is in no histogram', () => {
  const { monitor, expose } = metered();
  const packets = voice(600).filter((_, i) => i !== 100);
  monitor.takeAll(packets.slice(0, 100));
  monitor.streams.sensorLost(monitor.clock.micros);
  monitor.takeAll(packets.slice(100)).finish();
  const values = expose();
  assert.equal(values.get('rtp_packets_lost_total{,codec="pcmu"}'), 0);
  assert.equal(values.get('rtp_packets_unknown_total{}'), 1);
  assert.equal(values.get('rtp_intervals_total{,state="sensor_lossy"}'), 1);
  assert.equal(values.get('rtp_interval_loss_ratio_count{}'), 1);
  assert.equal(values.get('rtp_interval_jitter_seconds_count{}'), 1);
});
