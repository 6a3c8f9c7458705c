// SPDX-License-Identifier: Apache-2.0

/** One line with a value. */
export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  /** As written. */
  readonly value: string;
}

/** A family and its metadata. */
export interface ParsedFamily {
  readonly name: string;
  readonly type: string;
  readonly help: string;
  readonly unit?: string;
  readonly samples: readonly Sample[];
}

const number = /^(?:[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?|NaN|[+-]Inf)$/;

function unescapeText(text: string, escapes: string): string {
  let result = '';
  for (let i = 0; i < text.length; i++) {
    if (text[i] !== '\\') {
      if (text[i] === '"' && escapes.includes('"')) throw new Error(`an unescaped quote in ${text}`);
      result += text[i];
      continue;
    }
    const next = text[++i];
    if (next === undefined || !`${escapes}n\\`.includes(next)) throw new Error(`a bad escape in ${text}`);
    result += next === 'n' ? '\n' : next;
  }
  return result;
}

/** Reads one sample line, character by character, by the grammar and no more lenient. */
function parseSample(line: string): Sample {
  const name = /^[a-zA-Z_:][a-zA-Z0-9_:]*/.exec(line)?.[0];
  if (!name) throw new Error(`no metric name: ${line}`);
  let rest = line.slice(name.length);
  const labels: Record<string, string> = {};
  if (rest.startsWith('{')) {
    do {
      rest = rest.slice(1);
      const label = /^([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\.)*)"/.exec(rest);
      if (!label) throw new Error(`no label: ${line}`);
      if (Object.hasOwn(labels, label[1]!)) throw new Error(`label ${label[1]} twice: ${line}`);
      labels[label[1]!] = unescapeText(label[2]!, '"');
      rest = rest.slice(label[0].length);
    } while (rest.startsWith(','));
    if (!rest.startsWith('}')) throw new Error(`labels do not end: ${line}`);
    rest = rest.slice(1);
  }
  const value = rest.slice(1);
  if (rest[0] !== ' ' || !number.test(value)) throw new Error(`no value: ${line}`);
  return { name, labels, value };
}

function labelsKey(labels: Sample['labels']): string {
  return JSON.stringify(Object.entries(labels).sort());
}

/** A bucket, or the sum or count that follows the buckets of the same labels. */
function checkHistogram(name: string, samples: readonly Sample[]): void {
  for (let first = 0; first < samples.length; ) {
    const { le, ...labels } = samples[first]!.labels;
    const key = labelsKey(labels);
    if (le === undefined) throw new Error(`${samples[first]!.name} ${key} before its buckets`);
    let bound = -Infinity;
    let count = 0;
    while (bound < Infinity) {
      const bucket = samples[first++];
      if (bucket?.name !== `${name}_bucket`) throw new Error(`the buckets of ${name} ${key} end too soon`);
      const { le: text = '', ...own } = bucket.labels;
      // OpenMetrics 1.0, "Canonical Numbers": a point even where there is no fraction.
      if (!/^(?:\d+\.\d+|\+Inf)$/.test(text)) throw new Error(`${name}: le="${text}"`);
      const next = text === '+Inf' ? Infinity : Number(text);
      if (labelsKey(own) !== key || next <= bound)
        throw new Error(`${name} ${key}: le="${text}" out of order`);
      if (!/^\d+$/.test(bucket.value) || Number(bucket.value) < count)
        throw new Error(`${name} ${key}: le="${text}" is ${bucket.value}`);
      bound = next;
      count = Number(bucket.value);
    }
    for (const [suffix, wanted] of [
      ['_sum', undefined],
      ['_count', String(count)],
    ] as const) {
      const sample = samples[first++];
      if (sample?.name !== name + suffix || labelsKey(sample.labels) !== key)
        throw new Error(`no ${name}${suffix} ${key}`);
      if (wanted !== undefined && sample.value !== wanted)
        throw new Error(`${name}_count ${key} is not ${wanted}`);
      if (Number(sample.value) < 0) throw new Error(`${sample.name} ${key} is ${sample.value}`);
    }
  }
}

function checkSamples({ name, type, unit, samples }: ParsedFamily, isOpenMetrics: boolean): void {
  const suffixes: Record<string, string> = { counter: '_total', info: '_info', gauge: '', histogram: '' };
  const suffix = suffixes[type];
  if (suffix === undefined) throw new Error(`${name} has type ${type}`);
  const sampleName = isOpenMetrics ? name + suffix : name;
  const seen = new Set<string>();
  for (const sample of samples) {
    if (type !== 'histogram' && sample.name !== sampleName)
      throw new Error(`${sample.name} in the family ${name}`);
    if (type === 'info' && sample.value !== '1') throw new Error(`${sample.name} is not 1`);
    const key = `${sample.name} ${labelsKey(sample.labels)}`;
    if (seen.has(key)) throw new Error(`${key} twice`);
    seen.add(key);
  }
  if (type === 'histogram') checkHistogram(name, samples);
  if (samples.length === 0) throw new Error(`${name} has no samples`);
  if (unit !== undefined && !name.endsWith(`_${unit}`)) throw new Error(`${name} does not end in ${unit}`);
}

/**
 * Reads Prometheus text 0.0.4 as ringtap means to write it, or OpenMetrics 1.0, and throws at whatever is not exactly
 * that: metadata first and once, samples of a family together and with the suffix of its type, no series twice.
 */
export function parseExposition(text: string, isOpenMetrics: boolean): ParsedFamily[] {
  if (!text.endsWith('\n')) throw new Error('the last line does not end');
  const lines = text.slice(0, -1).split('\n');
  if (isOpenMetrics && lines.pop() !== '# EOF') throw new Error('no EOF');
  const families: (ParsedFamily & { samples: Sample[] })[] = [];
  let metadata: Record<string, string> = {};
  for (const line of lines) {
    const description = /^# (HELP|TYPE|UNIT) (\S+) (.*)$/.exec(line);
    if (description) {
      const [, keyword, name, content] = description as unknown as [string, string, string, string];
      if (metadata['name'] !== name) {
        if (families.some((family) => family.name === name)) throw new Error(`${name} twice`);
        metadata = { name };
      }
      if (keyword in metadata) throw new Error(`${keyword} of ${name} twice`);
      metadata[keyword] = content;
      continue;
    }
    if (line.startsWith('#') || line === '') throw new Error(`a line of no use: ${line}`);
    if (families.at(-1)?.name !== metadata['name']) {
      const { name, TYPE: type, HELP: help, UNIT: unit } = metadata;
      if (!name || !type || help === undefined) throw new Error(`no metadata: ${line}`);
      if (unit !== undefined && !isOpenMetrics) throw new Error(`UNIT is not of 0.0.4: ${name}`);
      families.push({
        name,
        type,
        help: unescapeText(help, isOpenMetrics ? '"' : ''),
        ...(unit === undefined ? {} : { unit }),
        samples: [],
      });
    }
    families.at(-1)!.samples.push(parseSample(line));
  }
  for (const family of families) checkSamples(family, isOpenMetrics);
  return families;
}
