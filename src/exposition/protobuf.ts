// SPDX-License-Identifier: Apache-2.0
import { type FamilyDefinition, seriesPerTuple } from '../metrics/definition.ts';
import type { Exemplar } from '../metrics/exemplars.ts';
import { NATIVE_CELLS, NATIVE_SCHEMA, NativeBuckets } from '../metrics/native-buckets.ts';
import { exemplarId, exemplarLabel } from './exemplar-text.ts';
import { type FamilySeries, type HistogramSeries, isHistogram } from './family-series.ts';
import { LabelCache, type LabelWriter } from './prepared-labels.ts';
import { ProtobufWriter } from './protobuf-writer.ts';
import type { SeriesLayout } from './series-layout.ts';

/** What `renderProtobuf` makes. */
export const protobufContentType =
  'application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited';

// Field numbers of io/prometheus/client/metrics.proto of client_model.
const Family = { name: 1, help: 2, type: 3, metric: 4 } as const;
const Metric = { label: 1, gauge: 2, counter: 3, histogram: 7 } as const;
const Label = { name: 1, value: 2 } as const;
const Histogram = {
  sampleCount: 1,
  sampleSum: 2,
  bucket: 3,
  schema: 5,
  zeroThreshold: 6,
  zeroCount: 7,
  positiveSpan: 12,
  positiveDelta: 13,
} as const;
const Bucket = { cumulativeCount: 1, upperBound: 2, exemplar: 3 } as const;
const Span = { offset: 1, length: 2 } as const;
const ExemplarField = { label: 1, value: 2, timestamp: 3 } as const;
const Timestamp = { seconds: 1, nanos: 2 } as const;
/** Gauge and Counter alike. */
const VALUE = 1;

const typeNumber: Readonly<Record<FamilyDefinition['type'], number>> = {
  counter: 0,
  gauge: 1,
  ratio: 1,
  latest: 1,
  histogram: 4,
};
/** What lies below is 0. Smaller than any value there is, and what tells a native histogram without values from none. */
const ZERO_THRESHOLD = 2 ** -128;
/** Empty buckets in a row that are told as such rather than by a new span. */
const MAX_GAP = 2;

function writeLabel(out: ProtobufWriter, field: number, name: string, value: string): void {
  const label = out.begin(field);
  out.string(Label.name, name);
  out.string(Label.value, value);
  out.end(label);
}

const writeMetricLabel: LabelWriter = (out, name, value) => writeLabel(out, Metric.label, name, value);
const preparedLabels = new LabelCache();

function writeExemplar(out: ProtobufWriter, exemplar: Exemplar, unitsPerBase: number): void {
  const start = out.begin(Bucket.exemplar);
  writeLabel(out, ExemplarField.label, exemplarLabel, exemplarId(exemplar));
  out.double(ExemplarField.value, exemplar.value / unitsPerBase);
  const timestamp = out.begin(ExemplarField.timestamp);
  const seconds = Math.floor(exemplar.micros / 1e6);
  out.uint(Timestamp.seconds, seconds);
  out.uint(Timestamp.nanos, Math.round((exemplar.micros - seconds * 1e6) * 1000));
  out.end(timestamp);
  out.end(start);
}

/** Spans of buckets that have values, and what each has more than the one before. */
function writeNative(out: ProtobufWriter, cells: Float64Array, zeroCount: number, first: number): void {
  out.sint(Histogram.schema, NATIVE_SCHEMA);
  out.double(Histogram.zeroThreshold, ZERO_THRESHOLD);
  out.uint(Histogram.zeroCount, zeroCount);
  const deltas: number[] = [];
  let last = 0;
  let next = -first;
  for (let begin = 0; begin < cells.length; begin++) {
    if (cells[begin] === 0) continue;
    let end = begin + 1;
    for (let i = end; i < Math.min(end + MAX_GAP + 1, cells.length); i++) if (cells[i] !== 0) end = i + 1;
    const span = out.begin(Histogram.positiveSpan);
    out.sint(Span.offset, begin - next);
    out.uint(Span.length, end - begin);
    out.end(span);
    for (let i = begin; i < end; i++) {
      deltas.push(cells[i]! - last);
      last = cells[i]!;
    }
    next = end;
    begin = end - 1;
  }
  if (deltas.length > 0) out.packedSints(Histogram.positiveDelta, deltas);
}

/** One distribution: its series begin at `first`, its native cells are `native`. */
function writeHistogram(
  out: ProtobufWriter,
  { values, definition }: HistogramSeries,
  first: number,
  exemplars: ReadonlyMap<number, Exemplar>,
  native: Float64Array | undefined,
  nativeFirst: number,
): void {
  const { buckets, unitsPerBase } = definition;
  const start = out.begin(Metric.histogram);
  let total = 0;
  for (const cell of native ?? []) total += cell;
  // A worker may have counted in the one and not yet in the other.
  const count = Math.max(values[first + buckets.length]!, total);
  out.uint(Histogram.sampleCount, count);
  out.double(Histogram.sampleSum, values[first + buckets.length + 1]!);
  for (let i = 0; i <= buckets.length; i++) {
    const bucket = out.begin(Histogram.bucket);
    out.uint(Bucket.cumulativeCount, i === buckets.length ? count : values[first + i]!);
    out.double(Bucket.upperBound, buckets[i] ?? Infinity);
    const exemplar = exemplars.get(first + i);
    if (exemplar) writeExemplar(out, exemplar, unitsPerBase);
    out.end(bucket);
  }
  if (native) writeNative(out, native, count - total, nativeFirst);
  out.end(start);
}

function writeNumber(out: ProtobufWriter, type: FamilyDefinition['type'], value: number): void {
  const start = out.begin(type === 'counter' ? Metric.counter : Metric.gauge);
  out.double(VALUE, value);
  out.end(start);
}

function writeFamily(out: ProtobufWriter, family: FamilySeries): void {
  const { definition, values } = family;
  const start = out.begin(0);
  out.string(Family.name, definition.name);
  out.string(Family.help, definition.help);
  out.uint(Family.type, typeNumber[definition.type]);
  const { starts, bytes } = preparedLabels.of(family, writeMetricLabel);
  const writeValue = isHistogram(family)
    ? histogramWriter(out, family)
    : (place: number) => writeNumber(out, definition.type, values[place]!);
  for (let place = 0; place + 1 < starts.length; place++) {
    const metric = out.begin(Family.metric);
    out.raw(bytes, starts[place]!, starts[place + 1]!);
    writeValue(place);
    out.end(metric);
  }
  out.end(start);
}

/** Writes the distribution of each tuple. */
function histogramWriter(out: ProtobufWriter, family: HistogramSeries): (place: number) => void {
  const width = seriesPerTuple(family.definition);
  const exemplars = family.exemplars();
  const native = family.sumNative();
  const { first } = new NativeBuckets(family.definition.unitsPerBase);
  return (place) => {
    const cells = native?.subarray(place * NATIVE_CELLS, (place + 1) * NATIVE_CELLS);
    writeHistogram(out, family, place * width, exemplars, cells, first);
  };
}

/**
 * The protobuf format: a `MetricFamily` after the other, each behind its length. Where native histograms are counted, each
 * distribution has them beside its classic buckets.
 */
export function renderProtobuf(layout: SeriesLayout): Uint8Array<ArrayBuffer> {
  const out = new ProtobufWriter();
  for (const family of layout.families) if (family.prefixes.length > 0) writeFamily(out, family);
  return out.bytes;
}
