// SPDX-License-Identifier: Apache-2.0
import { type FamilyDefinition, seriesPerTuple } from '../metrics/definition.ts';
import type { Exemplar } from '../metrics/exemplars.ts';
import { NATIVE_CELLS, NATIVE_SCHEMA, NativeBuckets } from '../metrics/native-buckets.ts';
import { exemplarId, exemplarLabel } from './exemplar-text.ts';
import { type FamilySeries, type HistogramSeries, isHistogram } from './family-series.ts';
import { LabelCache, type LabelWriter } from './prepared-labels.ts';
import { ProtobufWriter } from './protobuf-writer.ts';
import type { SeriesLayout } from './series-layout.ts';
import { unitOf } from './text-format.ts';

// Field numbers of opentelemetry/proto/collector/metrics/v1, metrics/v1, common/v1 and resource/v1 (OTLP 1.x).
const Request = { resourceMetrics: 1 } as const;
const ResourceMetrics = { resource: 1, scopeMetrics: 2 } as const;
const Resource = { attributes: 1 } as const;
/** Without a scope: receivers make labels of one, and a scrape has none. */
const ScopeMetrics = { metrics: 2 } as const;
const Metric = { name: 1, description: 2, unit: 3 } as const;
/** Fields of what a metric has, and of the points in it, which differ by kind for no reason. */
const Gauge = { data: 5, attributes: 7, exemplars: 5 } as const;
const Sum = { data: 7, attributes: 7, exemplars: 5 } as const;
const Histogram = { data: 9, attributes: 9, exemplars: 8 } as const;
const Exponential = { data: 10, attributes: 1, exemplars: 11 } as const;
type Kind = typeof Gauge | typeof Sum | typeof Histogram | typeof Exponential;
const Data = { points: 1, temporality: 2, isMonotonic: 3 } as const;
const Point = { startNanos: 2, nanos: 3 } as const;
const NumberPoint = { double: 4, flags: 8 } as const;
/** Of both kinds of histograms. */
const Distribution = { count: 4, sum: 5 } as const;
const HistogramPoint = { bucketCounts: 6, bounds: 7 } as const;
const ExponentialPoint = { scale: 6, zeroCount: 7, positive: 8 } as const;
const Buckets = { offset: 1, counts: 2 } as const;
const ExemplarField = { nanos: 2, double: 3, filteredAttributes: 7 } as const;
const KeyValue = { key: 1, value: 2 } as const;
const AnyValue = { string: 1 } as const;

/** Since the start of the program. */
const CUMULATIVE = 2;
/** A point that says that there is no value, as a ratio of nothing has none. */
const NO_RECORDED_VALUE = 1;
/** Points of one request: some 600 KB at most. */
export const MAX_POINTS = 2_000;

/** UCUM, as OpenTelemetry has units. */
const unitNames = { seconds: 's', bytes: 'By', ratio: '1' } as const;

function writeKeyValue(out: ProtobufWriter, field: number, key: string, value: string): void {
  const start = out.begin(field);
  out.string(KeyValue.key, key);
  const any = out.begin(KeyValue.value);
  out.string(AnyValue.string, value);
  out.end(any);
  out.end(start);
}

/** Writes attributes of points; one for each kind. */
const attributeWriters = new Map<Kind, LabelWriter>(
  [Gauge, Sum, Histogram, Exponential].map((kind) => [
    kind,
    (out, name, value) => writeKeyValue(out, kind.attributes, name, value),
  ]),
);

function kindOf({ type }: FamilyDefinition, native: Float64Array | undefined): Kind {
  if (type === 'histogram') return native ? Exponential : Histogram;
  return type === 'counter' ? Sum : Gauge;
}

function writeExemplar(out: ProtobufWriter, field: number, exemplar: Exemplar, unitsPerBase: number): void {
  const start = out.begin(field);
  out.nanos(ExemplarField.nanos, Math.round(exemplar.micros));
  out.double(ExemplarField.double, exemplar.value / unitsPerBase);
  writeKeyValue(out, ExemplarField.filteredAttributes, exemplarLabel, exemplarId(exemplar));
  out.end(start);
}

/** Counts of buckets that follow one another. Bucket i here is what native histograms call i + 1. */
function writeExponential(out: ProtobufWriter, cells: Float64Array, zeroCount: number, first: number): void {
  let begin = cells.length;
  let end = 0;
  for (let i = 0; i < cells.length; i++) {
    if (cells[i] === 0) continue;
    begin = Math.min(begin, i);
    end = i + 1;
  }
  out.sint(ExponentialPoint.scale, NATIVE_SCHEMA);
  out.fixed64(ExponentialPoint.zeroCount, zeroCount);
  if (begin >= end) return;
  const buckets = out.begin(ExponentialPoint.positive);
  out.sint(Buckets.offset, first + begin - 1);
  out.packedUints(Buckets.counts, cells.subarray(begin, end));
  out.end(buckets);
}

/** Writes the points of a family's distributions but for attributes and times. */
function distributionWriter(
  out: ProtobufWriter,
  family: HistogramSeries,
  native: Float64Array | undefined,
  kind: Kind,
): (tuple: number) => void {
  const { values, definition } = family;
  const { buckets, unitsPerBase } = definition;
  const width = seriesPerTuple(definition);
  const exemplars = family.exemplars();
  const { first: firstNative } = new NativeBuckets(unitsPerBase);
  const counts = new Float64Array(buckets.length + 1);
  return (tuple) => {
    const first = tuple * width;
    const cells = native?.subarray(tuple * NATIVE_CELLS, (tuple + 1) * NATIVE_CELLS);
    // A worker may have counted in the one and not yet in the other.
    const total = cells?.reduce((sum, cell) => sum + cell, 0) ?? 0;
    const count = Math.max(values[first + buckets.length]!, total);
    out.fixed64(Distribution.count, count);
    out.double(Distribution.sum, values[first + buckets.length + 1]!);
    if (cells) writeExponential(out, cells, count - total, firstNative);
    else {
      for (let i = 0; i < counts.length; i++)
        counts[i] = values[first + i]! - (i > 0 ? values[first + i - 1]! : 0);
      out.packedFixed64(HistogramPoint.bucketCounts, counts);
      out.packedDoubles(HistogramPoint.bounds, buckets);
    }
    for (let i = 0; exemplars.size > 0 && i < counts.length; i++) {
      const exemplar = exemplars.get(first + i);
      if (exemplar) writeExemplar(out, kind.exemplars, exemplar, unitsPerBase);
    }
  };
}

function numberWriter(out: ProtobufWriter, { values }: FamilySeries): (tuple: number) => void {
  return (tuple) => {
    const value = values[tuple]!;
    if (Number.isNaN(value)) out.uint(NumberPoint.flags, NO_RECORDED_VALUE);
    else out.double(NumberPoint.double, value);
  };
}

/**
 * Writes `ExportMetricsServiceRequest` of OTLP. Names are those of /metrics; a counter is a monotonic cumulative sum, a
 * distribution a histogram with explicit bounds, or an exponential one where native histograms are counted: both have the same
 * buckets (OpenTelemetry, "Prometheus and OpenMetrics Compatibility").
 */
export class OtlpRenderer {
  readonly #resource: Uint8Array;
  readonly #startMicros: number;
  readonly #labels = new LabelCache();

  /** `resource` are the attributes of who sends; everything counts since `startMillis`. */
  constructor(resource: ReadonlyMap<string, string>, startMillis: number) {
    this.#startMicros = Math.round(startMillis * 1000);
    const attributes = new ProtobufWriter(1024);
    for (const [key, value] of resource) writeKeyValue(attributes, Resource.attributes, key, value);
    this.#resource = attributes.bytes;
  }

  /** Requests with every series at its value of the last refresh. */
  *render(layout: SeriesLayout, nowMillis: number): Generator<Uint8Array<ArrayBuffer>> {
    let request = this.#begin();
    let pointCount = 0;
    for (const family of layout.families) {
      const native = isHistogram(family) ? family.sumNative() : undefined;
      const kind = kindOf(family.definition, native);
      const labels = this.#labels.of(family, attributeWriters.get(kind)!);
      const tupleCount = labels.starts.length - 1;
      for (let tuple = 0; tuple < tupleCount; ) {
        if (pointCount === MAX_POINTS) {
          yield finish(request);
          request = this.#begin();
          pointCount = 0;
        }
        const { out } = request;
        const metric = beginMetric(out, family.definition);
        const data = out.begin(kind.data);
        const writeValue = isHistogram(family)
          ? distributionWriter(out, family, native, kind)
          : numberWriter(out, family);
        for (; tuple < tupleCount && pointCount < MAX_POINTS; tuple++, pointCount++) {
          const point = out.begin(Data.points);
          out.raw(labels.bytes, labels.starts[tuple]!, labels.starts[tuple + 1]!);
          if (kind !== Gauge) out.nanos(Point.startNanos, this.#startMicros);
          out.nanos(Point.nanos, nowMillis * 1000);
          writeValue(tuple);
          out.end(point);
        }
        if (kind !== Gauge) out.uint(Data.temporality, CUMULATIVE);
        if (kind === Sum) out.uint(Data.isMonotonic, 1);
        out.end(data);
        out.end(metric);
      }
    }
    if (pointCount > 0) yield finish(request);
  }

  #begin(): OpenRequest {
    const out = new ProtobufWriter();
    const resourceMetrics = out.begin(Request.resourceMetrics);
    const resource = out.begin(ResourceMetrics.resource);
    out.raw(this.#resource, 0, this.#resource.length);
    out.end(resource);
    const scopeMetrics = out.begin(ResourceMetrics.scopeMetrics);
    return { out, resourceMetrics, scopeMetrics };
  }
}

/** A request that is being written: the messages in it that are to be ended. */
interface OpenRequest {
  readonly out: ProtobufWriter;
  readonly resourceMetrics: number;
  readonly scopeMetrics: number;
}

/** What is in hand stays valid: the writer is not used again. */
function finish({ out, resourceMetrics, scopeMetrics }: OpenRequest): Uint8Array<ArrayBuffer> {
  out.end(scopeMetrics);
  out.end(resourceMetrics);
  return out.bytes;
}

function beginMetric(out: ProtobufWriter, { name, help }: FamilyDefinition): number {
  const metric = out.begin(ScopeMetrics.metrics);
  out.string(Metric.name, name);
  out.string(Metric.description, help);
  const unit = unitOf(name.replace(/_total$/, ''));
  if (unit) out.string(Metric.unit, unitNames[unit]);
  return metric;
}
