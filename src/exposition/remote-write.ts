// SPDX-License-Identifier: Apache-2.0
import { labelNames, labelTuples } from '../metrics/definition.ts';
import type { FamilySeries } from './family-series.ts';
import { ProtobufWriter } from './protobuf-writer.ts';
import type { SeriesLayout } from './series-layout.ts';
import { boundText } from './text-format.ts';

// Field numbers of prompb/remote.proto and types.proto of Prometheus (remote write 1.0).
const WriteRequest = { timeseries: 1 } as const;
const TimeSeries = { labels: 1, samples: 2 } as const;
const Label = { name: 1, value: 2 } as const;
const Sample = { value: 1, timestamp: 2 } as const;

/** Series of one request. */
const MAX_SERIES = 2_000;

type Labels = readonly (readonly [string, string])[];

/** The label sets of the series of one tuple, in the order of `FamilySeries.prefixes`. */
function labelsOfTuple({ definition }: FamilySeries, labels: Labels): Labels[] {
  const { name } = definition;
  const named = (suffix: string, more: Labels = []): Labels => [
    ['__name__', name + suffix],
    ...labels,
    ...more,
  ];
  if (definition.type !== 'histogram') return [named('')];
  const bounds = [...definition.buckets.map(boundText), '+Inf'];
  return [...bounds.map((bound) => named('_bucket', [['le', bound]])), named('_sum'), named('_count')];
}

/** Writes what a Prometheus takes that is sent metrics instead of fetching them. Labels of series never change: prepared once. */
export class RemoteWriteRenderer {
  readonly #external: Labels;
  readonly #prepared = new WeakMap<FamilySeries, Uint8Array[]>();

  /** `external` are labels of every series, such as job and instance. */
  constructor(external: ReadonlyMap<string, string>) {
    this.#external = [...external];
  }

  /** Requests with every series at its value of the last refresh; not compressed yet. */
  *render(layout: SeriesLayout, nowMillis: number): Generator<Uint8Array<ArrayBuffer>> {
    let out = new ProtobufWriter();
    let count = 0;
    for (const family of layout.families) {
      for (const [i, labels] of this.#labelsOf(family).entries()) {
        if (count === MAX_SERIES) {
          yield out.bytes;
          out = new ProtobufWriter();
          count = 0;
        }
        const series = out.begin(WriteRequest.timeseries);
        out.raw(labels, 0, labels.length);
        const sample = out.begin(TimeSeries.samples);
        out.double(Sample.value, family.values[i]!);
        out.uint(Sample.timestamp, nowMillis);
        out.end(sample);
        out.end(series);
        count++;
      }
    }
    if (count > 0) yield out.bytes;
  }

  #labelsOf(family: FamilySeries): readonly Uint8Array[] {
    const labels = this.#prepared.get(family) ?? [];
    this.#prepared.set(family, labels);
    if (labels.length === family.prefixes.length) return labels;
    const names = labelNames(family.definition);
    const tuples = labelTuples(family.definition);
    const perContext = family.prefixes.length / family.contexts.length;
    for (const contextValues of family.contexts.slice(labels.length / perContext)) {
      for (const tuple of tuples) {
        const values = [...contextValues, ...tuple];
        const own = names.map((name, i) => [name, values[i]!] as const);
        for (const set of labelsOfTuple(family, own)) labels.push(this.#encode(set));
      }
    }
    return labels;
  }

  /** Sorted by name, as a receiver wants it; an external label does not replace one of the series; empty ones are none. */
  #encode(labels: Labels): Uint8Array {
    const out = new ProtobufWriter(512);
    const all = new Map([...this.#external, ...labels]);
    for (const [name, value] of [...all].sort(([a], [b]) => (a < b ? -1 : 1))) {
      if (value === '') continue;
      const label = out.begin(TimeSeries.labels);
      out.string(Label.name, name);
      out.string(Label.value, value);
      out.end(label);
    }
    return out.bytes.slice();
  }
}

/** Of a literal with a length of two bytes. */
const LITERAL_TAG = 61 << 2;
const MAX_LITERAL_BYTES = 2 ** 16;

/**
 * The block format of snappy with literals only, which is valid and compresses nothing: remote write 1.0 knows no other
 * encoding.
 *
 *     length (varint) | 0xf4, length - 1 (2 bytes), bytes | ...
 */
export function snappyLiterals(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const literals = Math.ceil(bytes.length / MAX_LITERAL_BYTES);
  const out = new Uint8Array(5 + literals * 3 + bytes.length);
  let at = 0;
  let rest = bytes.length;
  for (; rest >= 128; rest = Math.floor(rest / 128)) out[at++] = (rest % 128) + 128;
  out[at++] = rest;
  for (let start = 0; start < bytes.length; start += MAX_LITERAL_BYTES) {
    const literal = bytes.subarray(start, start + MAX_LITERAL_BYTES);
    out[at++] = LITERAL_TAG;
    out[at++] = (literal.length - 1) & 0xff;
    out[at++] = (literal.length - 1) >> 8;
    out.set(literal, at);
    at += literal.length;
  }
  return out.subarray(0, at);
}
