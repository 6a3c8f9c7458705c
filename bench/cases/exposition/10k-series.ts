// SPDX-License-Identifier: Apache-2.0
import { renderText } from '../../../src/exposition/prometheus-text.ts';
import { SeriesLayout } from '../../../src/exposition/series-layout.ts';
import { Space } from '../../../src/metrics/definition.ts';
import { families } from '../../../src/metrics/families.ts';
import { type SeriesBudget, ShardMemory } from '../../../src/metrics/shard-memory.ts';
import { ShardWriter } from '../../../src/metrics/shard-writer.ts';
import type { BenchCase } from '../../measure-case.ts';

const leastSeries = 10_000;
const budget: SeriesBudget = { maxSeriesPerFamily: 1e6, maxSeries: 1e6 };

/** One scrape in the text format, of as many interfaces as give 10,000 series. The main thread pays, not the worker. */
export default function prepare(): BenchCase {
  const shard = ShardMemory.allocate(budget);
  const writer = new ShardWriter(shard, budget);
  const layout = new SeriesLayout([shard]);
  const seriesCount = () => layout.families.reduce((sum, { prefixes }) => sum + prefixes.length, 0);
  for (let index = 0; seriesCount() < leastSeries; index++) {
    writer.openAll(Space.traffic, writer.context(Space.traffic, [`eth${index}`, 'inbound']));
    writer.openAll(Space.interface, writer.context(Space.interface, [`eth${index}`]));
    layout.refresh();
  }
  // Numbers of different lengths, as counters have them after a while.
  for (let cell = 0; cell < shard.cells.length; cell++)
    shard.cells[cell] = Math.floor(1.001 ** (cell % 20_000));
  const series = seriesCount();
  return {
    unit: 'series',
    units: series,
    pass() {
      layout.refresh();
      const lines = renderText(layout).split('\n').length - 1;
      const comments = 2 * families.filter((_, id) => layout.families[id]!.prefixes.length > 0).length;
      if (lines !== series + comments) throw new Error(`${lines} lines for ${series} series`);
    },
  };
}
