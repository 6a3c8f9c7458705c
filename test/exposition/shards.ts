// SPDX-License-Identifier: Apache-2.0

import { PacketClock } from '../../src/base/packet-clock.ts';
import { renderJson } from '../../src/exposition/json.ts';
import { renderOpenMetrics } from '../../src/exposition/open-metrics.ts';
import { renderText } from '../../src/exposition/prometheus-text.ts';
import { SeriesLayout } from '../../src/exposition/series-layout.ts';
import { HepResult } from '../../src/hep/hep-result.ts';
import { Counter } from '../../src/metrics/counter.ts';
import { Space } from '../../src/metrics/definition.ts';
import { families } from '../../src/metrics/families.ts';
import { HepInputMetrics, HepOutputMetrics, HepTransport } from '../../src/metrics/hep-metrics.ts';
import { tellSessionLimits } from '../../src/metrics/session-limit-metrics.ts';
import { ShardMemory } from '../../src/metrics/shard-memory.ts';
import { ShardWriter } from '../../src/metrics/shard-writer.ts';
import { SipMetrics } from '../../src/metrics/sip-metrics.ts';
import { ProcessMetrics } from '../../src/server/process-metrics.ts';
import { Delay, Outcome } from '../../src/state/call-events.ts';
import { type ParsedFamily, parseExposition } from './strict-parser.ts';

/** A writer with room for everything a test does. */
export function makeWriter(): ShardWriter {
  const budget = { maxSeriesPerFamily: 50_000, maxSeries: 100_000 };
  return new ShardWriter(ShardMemory.allocate(budget), budget);
}

/** A family as JSON has it. */
export interface JsonFamily {
  readonly name: string;
  readonly type: string;
  readonly help: string;
  readonly metrics: readonly {
    readonly labels?: Record<string, string>;
    readonly value?: string;
    readonly buckets?: Record<string, string>;
    readonly count?: string;
    readonly sum?: string;
  }[];
}

/** All formats of the shards as they are now, the text formats through the strict parser. */
export function expose(layout: SeriesLayout): {
  text: ParsedFamily[];
  openMetrics: ParsedFamily[];
  json: JsonFamily[];
} {
  layout.refresh();
  return {
    json: JSON.parse(renderJson(layout)) as JsonFamily[],
    text: parseExposition(renderText(layout), false),
    openMetrics: parseExposition(renderOpenMetrics(layout), true),
  };
}

/** Shards as in the program: a worker's with traffic of one interface, and the main thread's. */
export function makeProgramShards(): {
  layout: SeriesLayout;
  worker: ShardWriter;
  processMetrics: ProcessMetrics;
} {
  const worker = makeWriter();
  worker.openAll(Space.global, worker.context(Space.global, []));
  const clock = new PacketClock();
  const sipMetrics = new SipMetrics(worker, clock, 300_000_000, ['trunk', 'desk']);
  sipMetrics.refresh();
  for (const space of [Space.interface, Space.socket]) {
    worker.openAll(space, worker.context(space, ['eth0']));
  }
  worker.openAll(Space.worker, worker.context(Space.worker, ['0']));
  for (const direction of ['inbound', 'outbound']) {
    worker.openAll(Space.traffic, worker.context(Space.traffic, ['eth0', direction]));
  }
  for (const [family, { isRare }] of families.entries()) {
    if (isRare) worker.open(family, worker.context(Space.traffic, ['eth0', 'inbound']));
  }
  const hepInput = new HepInputMetrics(worker);
  hepInput.packet(HepTransport.udp);
  hepInput.notRead(HepResult.notHep);
  new HepOutputMetrics(worker).sent(2, 1000);
  const main = makeWriter();
  tellSessionLimits(main, [{ carrier: 'telco', sessions: 10 }]);
  const processMetrics = new ProcessMetrics(main, '1.2.3');
  processMetrics.update();
  const context = worker.context(Space.traffic, ['eth0', 'inbound']);
  new Counter(worker, 'sip_requests_total').add(context, 5, 1234);
  sipMetrics.delay(Delay.sessionRequest, context, Outcome.failure, 1_500_000);
  sipMetrics.delay(Delay.sessionRequest, context, Outcome.failure, 32_000_000);
  sipMetrics.delay(Delay.sessionRequest, context, Outcome.success, 70_000);
  sipMetrics.sessionDuration(context, Outcome.success, 90_061_000, true);
  sipMetrics.peerChecked(0, true, 2500);
  new Counter(worker, 'ringtap_capture_packets_total').add(
    worker.context(Space.interface, ['eth0']),
    0,
    98_765,
  );
  return { layout: new SeriesLayout([worker.memory, main.memory]), worker, processMetrics };
}
