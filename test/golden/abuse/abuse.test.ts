// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { PacketType } from '../../../src/base/frame.ts';
import { parseReplayConfig, type ReplayConfig } from '../../../src/config/replay-config.ts';
import { renderText } from '../../../src/exposition/prometheus-text.ts';
import { abuseFamilies } from '../../../src/metrics/families/abuse.ts';
import { replayFiles } from '../../../src/pipeline/replay.ts';
import { VirtualWorkers } from '../../pipeline/virtual-workers.ts';
import { assertCommitted } from '../../support/committed-captures.ts';
import { readPcap } from '../../support/pcap.ts';
import { type Exposition, parsePrometheusText } from '../../support/prometheus-text.ts';
import { randomSource } from '../../support/random.ts';
import { type AbuseCase, type AbuseFigures, abuseCases } from './cases.ts';
import { captureFolder, countryFile, generate } from './generate.ts';

/** Packets that are in the rings of the workers at once came within this time of each other. */
const MOMENT_MICROS = 15_000;

const pathOf = ({ name }: AbuseCase): string => join(captureFolder, `${name}.pcap`);

/** What a case is replayed with. */
function configOf(abuseCase: AbuseCase): ReplayConfig {
  const options = (abuseCase.options ?? []).map((text) =>
    text === 'COUNTRIES' ? join(captureFolder, countryFile) : text,
  );
  return parseReplayConfig([...options, '--abuse.log', pathOf(abuseCase)]);
}

/** Figures of the families of abuse that are not 0, by their own label. */
function figuresOf(exposition: Exposition): AbuseFigures {
  const figures: Record<string, number> = {};
  for (const { name, labels } of abuseFamilies) {
    const own = labels.length > 0 ? [labels[0]!.name] : /limit/.test(name) ? ['carrier'] : [];
    for (const [key, value] of Object.entries(exposition.byLabels(name, own))) {
      figures[key === '' ? name : `${name} ${key}`] = value;
    }
  }
  return figures;
}

test('the committed captures are what the generator writes', () => {
  assertCommitted(captureFolder, generate);
});

for (const abuseCase of abuseCases) {
  const { name, meaning, expected, findings } = abuseCase;

  test(`${name}: ${meaning}`, async () => {
    const found: string[] = [];
    const { layout } = await replayFiles({
      ...configOf(abuseCase),
      onFinding: ({ what, source, country, before }) =>
        found.push(`${what} from ${source}${country ? `: ${country}, before ${before}` : ''}`),
    });
    assert.deepEqual(figuresOf(parsePrometheusText(renderText(layout))), expected);
    assert.deepEqual(found, findings);
  });

  for (const workers of [2, 3, 4]) {
    test(`${name}, any packet to any of ${workers} workers`, () => {
      const { analysis } = configOf(abuseCase);
      for (let seed = 1; seed <= 3; seed++) {
        const random = randomSource(seed);
        const all = new VirtualWorkers(workers, analysis, 1 << 20, PacketType.unknown);
        const records = readPcap(pathOf(abuseCase));
        for (let i = 0; i < records.length; ) {
          const { micros } = records[i]!;
          // Workers read all the time, whether anything comes or not.
          for (let worker = 0; worker < workers; worker++) all.read(worker, micros);
          for (; i < records.length && records[i]!.micros < micros + MOMENT_MICROS; i++) {
            all.push(random(workers), { ...records[i]!, interfaceIndex: 0 });
          }
          all.settle(records[i - 1]!.micros, random);
        }
        const endMicros = records.at(-1)!.micros + 1;
        all.settle(endMicros, random);
        all.finish();
        // What came to an end now may be for others.
        all.settle(endMicros, random);
        const figures = withoutOverLimit(figuresOf(parsePrometheusText(all.text())));
        assert.deepEqual(figures, withoutOverLimit(expected), `seed ${seed}`);
        assert.deepEqual(all.disorders(), []);
      }
    });
  }
}

/** Without what depends on which of several workers came first: whether a limit was reached when an attempt began. */
function withoutOverLimit(figures: AbuseFigures): AbuseFigures {
  return Object.fromEntries(Object.entries(figures).filter(([name]) => !name.includes('over_limit')));
}
