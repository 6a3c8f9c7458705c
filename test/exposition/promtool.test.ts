// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { renderOpenMetrics } from '../../src/exposition/open-metrics.ts';
import { renderText } from '../../src/exposition/prometheus-text.ts';
import { SeriesLayout } from '../../src/exposition/series-layout.ts';
import { Counter } from '../../src/metrics/counter.ts';
import { Space } from '../../src/metrics/definition.ts';
import { makeProgramShards, makeWriter } from './shards.ts';

// Prometheus itself is the judge: needs promtool (Debian's package prometheus).

test('promtool check metrics finds nothing to say about the text format', () => {
  const { layout } = makeProgramShards();
  layout.refresh();
  const { status, stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], {
    input: renderText(layout),
    encoding: 'utf8',
  });
  assert.deepEqual({ status, stdout, stderr }, { status: 0, stdout: '', stderr: '' });
});

test('promtool reads every query of docs/metrics.md', () => {
  const document = readFileSync(new URL('../../docs/metrics.md', import.meta.url), 'utf8');
  const queries = [...document.matchAll(/^```promql\n(.*?)^```$/gms)].map((match) => match[1]!.trim());
  assert.ok(queries.length >= 70, `${queries.length} queries`);
  const rules = queries.map((expr, i) => ({ record: `query_${i}`, expr }));
  const folder = mkdtempSync(join(tmpdir(), 'ringtap-promtool-'));
  try {
    // JSON is YAML.
    writeFileSync(join(folder, 'rules.yml'), JSON.stringify({ groups: [{ name: 'document', rules }] }));
    const { status, stderr } = spawnSync('promtool', ['check', 'rules', join(folder, 'rules.yml')], {
      encoding: 'utf8',
    });
    assert.deepEqual({ status, stderr }, { status: 0, stderr: '' });
  } finally {
    rmSync(folder, { recursive: true });
  }
});

/** What Prometheus' own OpenMetrics parser makes of a text: labels and value of each series as its storage has them. */
function importOpenMetrics(openMetrics: string): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'ringtap-promtool-'));
  try {
    // The import wants a time with each value; ringtap leaves it to the scraper.
    const timed = openMetrics.replace(/^(?!#).*$/gm, (line) => line && `${line} 1700000000`);
    writeFileSync(join(folder, 'metrics'), timed);
    const data = join(folder, 'data');
    execFileSync('promtool', ['tsdb', 'create-blocks-from', 'openmetrics', join(folder, 'metrics'), data]);
    // The dump opens a write-ahead log, which an import does not make.
    mkdirSync(join(data, 'wal'), { recursive: true });
    return execFileSync('promtool', ['tsdb', 'dump', data], { encoding: 'utf8', maxBuffer: 2 ** 26 })
      .split(' 1700000000000\n')
      .filter(Boolean);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test('Prometheus reads every series of the OpenMetrics format', () => {
  const { layout } = makeProgramShards();
  layout.refresh();
  const series = layout.families.flatMap(({ prefixes }) => prefixes);
  const imported = importOpenMetrics(renderOpenMetrics(layout));
  assert.equal(imported.length, series.length);
  assert.ok(
    imported.includes(
      `{__name__="ringtap_build_info", nodejs_version="${process.versions.node}", version="1.2.3"} 1`,
    ),
  );
  assert.ok(
    imported.includes(
      '{__name__="sip_requests_total", direction="inbound", interface="eth0", method="INVITE"} 1234',
    ),
  );
});

test('Prometheus reads hostile label texts as they were', () => {
  const writer = makeWriter();
  const texts = ['"', '\\', '\n', '\\n', '"}', 'a="b"', '{,}', ' ', 'é😀'];
  for (const text of texts) {
    new Counter(writer, 'sip_session_attempts_total').add(
      writer.context(Space.traffic, [text, 'inbound']),
      0,
      7,
    );
  }
  const layout = new SeriesLayout([writer.memory]);
  layout.refresh();
  const imported = importOpenMetrics(renderOpenMetrics(layout))
    .map((line) => /^\{__name__="sip_session_attempts_total", .*interface=(".*")\} 7$/.exec(line)?.[1])
    .filter((text) => text !== undefined);
  // The dump quotes as Go does, which for these texts is what JSON does.
  assert.deepEqual(imported.map((text) => JSON.parse(text) as string).sort(), texts.toSorted());
});
