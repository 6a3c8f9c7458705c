// SPDX-License-Identifier: Apache-2.0

/** One line of a scrape. */
export type Sample = {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
};

/** A sample in one line, the same however its labels are ordered. */
export function sampleText({ name, labels, value }: Sample): string {
  return `${name} ${JSON.stringify(Object.entries(labels).sort())} ${value}`;
}

/** Thrown for text that a Prometheus server would refuse, or should. */
export class MalformedExposition extends Error {
  constructor(reason: string, line: string) {
    super(`${reason}: ${JSON.stringify(line)}`);
  }
}

const metricName = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const sampleLine = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)(?: -?\d+)?$/;
const labelPair = /^([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(?:,|$)/;
const numberText = /^(?:[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?|NaN|[+-]Inf)$/;
const types: ReadonlySet<string> = new Set(['counter', 'gauge', 'histogram', 'summary', 'untyped']);

/** A parsed scrape. */
export class Exposition {
  readonly samples: readonly Sample[];

  constructor(samples: readonly Sample[]) {
    this.samples = samples;
  }

  /** The sum of all samples of that name that have (at least) these labels; undefined where there is none. */
  find(name: string, labels: Readonly<Record<string, string>> = {}): number | undefined {
    const found = this.samples.filter(
      (sample) =>
        sample.name === name &&
        Object.entries(labels).every(([label, value]) => sample.labels[label] === value),
    );
    return found.length === 0 ? undefined : found.reduce((sum, sample) => sum + sample.value, 0);
  }

  /** Like `find`, and 0 where there is no such sample: a counter that never counted need not be there. */
  sum(name: string, labels: Readonly<Record<string, string>> = {}): number {
    return this.find(name, labels) ?? 0;
  }

  /** All samples of a name that are not 0, summed by the values of some labels, joined with spaces. */
  byLabels(name: string, labels: readonly string[]): Record<string, number> {
    const sums: Record<string, number> = {};
    for (const sample of this.samples) {
      if (sample.name === name && sample.value !== 0) {
        const key = labels.map((label) => sample.labels[label] ?? `no ${label}`).join(' ');
        sums[key] = (sums[key] ?? 0) + sample.value;
      }
    }
    return sums;
  }

  /** All samples of SIP and of the capture that are not 0, for a test's error message. */
  describe(): string {
    return this.samples
      .filter(({ name, value }) => value !== 0 && /^(sip|ringtap)_/.test(name))
      .map(({ name, labels, value }) => `${name} ${JSON.stringify(labels)} ${value}`)
      .join('\n');
  }
}

/**
 * Parses the Prometheus text format 0.0.4, strictly: throws MalformedExposition for any line that is not right, for
 * a series that appears twice, for a family whose lines are not together, and for one without its TYPE.
 */
export function parsePrometheusText(text: string): Exposition {
  const samples: Sample[] = [];
  const seriesSeen = new Set<string>();
  const typeOf = new Map<string, string>();
  let family = '';
  if (!text.endsWith('\n')) {
    throw new MalformedExposition('the last line does not end', text.slice(-80));
  }
  for (const line of text.slice(0, -1).split('\n')) {
    const comment = line.match(/^# (HELP|TYPE) (\S+) (.+)$/);
    if (comment !== null) {
      const [, kind, name, rest] = comment as unknown as [string, string, string, string];
      checkFamilyLine(line, kind, name, rest, family, typeOf);
      family = name;
      if (kind === 'TYPE') {
        typeOf.set(name, rest);
      }
      continue;
    }
    const sample = parseSample(line);
    if (familyOf(sample.name, typeOf) !== family) {
      throw new MalformedExposition(`a sample outside its family (in ${family})`, line);
    }
    const series = `${sample.name} ${JSON.stringify(Object.entries(sample.labels).sort())}`;
    if (seriesSeen.has(series)) {
      throw new MalformedExposition('a series twice', line);
    }
    seriesSeen.add(series);
    samples.push(sample);
  }
  return new Exposition(samples);
}

function checkFamilyLine(
  line: string,
  kind: string,
  name: string,
  rest: string,
  family: string,
  typeOf: ReadonlyMap<string, string>,
): void {
  if (!metricName.test(name)) {
    throw new MalformedExposition('not a metric name', line);
  }
  if (typeOf.has(name)) {
    throw new MalformedExposition(
      kind === 'TYPE' ? 'a second TYPE' : 'HELP after TYPE or a family twice',
      line,
    );
  }
  if (kind === 'TYPE' && (!types.has(rest) || family !== name)) {
    throw new MalformedExposition('an unknown type, or a TYPE without its HELP', line);
  }
}

/** `x_bucket`, `x_sum` and `x_count` belong to x where x is a histogram or summary. */
function familyOf(name: string, typeOf: ReadonlyMap<string, string>): string | undefined {
  if (typeOf.has(name)) {
    return name;
  }
  const base = name.replace(/_(bucket|sum|count)$/, '');
  const type = typeOf.get(base);
  return type === 'histogram' || type === 'summary' ? base : undefined;
}

function parseSample(line: string): Sample {
  const match = line.match(sampleLine);
  if (match === null) {
    throw new MalformedExposition('not a sample', line);
  }
  const [, name, labelText = '', valueText] = match;
  if (!numberText.test(valueText!)) {
    throw new MalformedExposition('not a number', line);
  }
  return {
    name: name!,
    labels: parseLabels(labelText, line),
    value: Number(valueText!.replace('Inf', 'Infinity')),
  };
}

function parseLabels(text: string, line: string): Record<string, string> {
  const labels: Record<string, string> = {};
  for (let rest = text; rest !== ''; ) {
    const pair = rest.match(labelPair);
    if (pair === null || labels[pair[1]!] !== undefined) {
      throw new MalformedExposition('not a label, or a label twice', line);
    }
    labels[pair[1]!] = pair[2]!.replace(/\\(.)/g, (_, escaped: string) => (escaped === 'n' ? '\n' : escaped));
    rest = rest.slice(pair[0].length);
  }
  return labels;
}
