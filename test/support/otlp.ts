// SPDX-License-Identifier: Apache-2.0
// OTLP as OpenTelemetry's own code decodes it: protobufjs with the messages of opentelemetry-proto.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import type { Sample } from './prometheus-text.ts';

interface Message {
  encode(value: object): { finish(): Uint8Array };
  decode(bytes: Uint8Array): unknown;
  verify(value: unknown): string | null;
  toObject(message: unknown, options: object): unknown;
}
const { opentelemetry } = createRequire(import.meta.url)(
  '@opentelemetry/otlp-transformer/build/src/generated/root.js',
) as {
  opentelemetry: {
    proto: {
      collector: {
        metrics: { v1: { ExportMetricsServiceRequest: Message; ExportMetricsServiceResponse: Message } };
      };
    };
  };
};
const { ExportMetricsServiceRequest, ExportMetricsServiceResponse } =
  opentelemetry.proto.collector.metrics.v1;

interface KeyValue {
  readonly key: string;
  readonly value: { readonly stringValue: string };
}
export interface OtlpExemplar {
  readonly timeUnixNano: string;
  readonly asDouble: number;
  readonly filteredAttributes: readonly KeyValue[];
}
/** Of any kind: integers of 64 bits are texts. */
export interface OtlpPoint {
  readonly attributes?: readonly KeyValue[];
  readonly startTimeUnixNano?: string;
  readonly timeUnixNano: string;
  readonly asDouble?: number;
  readonly flags?: number;
  readonly count?: string;
  readonly sum?: number;
  readonly bucketCounts?: readonly string[];
  readonly explicitBounds?: readonly number[];
  readonly scale?: number;
  readonly zeroCount?: string;
  readonly positive?: { readonly offset: number; readonly bucketCounts: readonly string[] };
  readonly exemplars?: readonly OtlpExemplar[];
}
interface OtlpData {
  readonly dataPoints: readonly OtlpPoint[];
  readonly aggregationTemporality?: string;
  readonly isMonotonic?: boolean;
}
export interface OtlpMetric {
  readonly name: string;
  readonly description: string;
  readonly unit?: string;
  readonly gauge?: OtlpData;
  readonly sum?: OtlpData;
  readonly histogram?: OtlpData;
  readonly exponentialHistogram?: OtlpData;
}
export interface OtlpRequest {
  readonly resource: Readonly<Record<string, string>>;
  readonly metrics: readonly OtlpMetric[];
}

/** Decodes a request, which must be of one resource and no scope. Throws where it is none. */
export function decodeOtlp(bytes: Uint8Array): OtlpRequest {
  const message = ExportMetricsServiceRequest.decode(bytes);
  assert.equal(ExportMetricsServiceRequest.verify(message), null);
  const { resourceMetrics } = ExportMetricsServiceRequest.toObject(message, {
    longs: String,
    enums: String,
  }) as {
    resourceMetrics: {
      resource: { attributes: KeyValue[] };
      scopeMetrics: { scope?: object; metrics: OtlpMetric[] }[];
    }[];
  };
  assert.equal(resourceMetrics.length, 1);
  const [{ resource, scopeMetrics }] = resourceMetrics as [(typeof resourceMetrics)[0]];
  assert.equal(scopeMetrics.length, 1);
  const [{ scope, metrics }] = scopeMetrics as [(typeof scopeMetrics)[0]];
  assert.equal(scope, undefined);
  return { resource: attributesOf(resource.attributes), metrics };
}

/** The answer of a receiver that did not take all. */
export function partialSuccess(rejectedDataPoints: number, errorMessage: string): Uint8Array {
  return ExportMetricsServiceResponse.encode({
    partialSuccess: { rejectedDataPoints, errorMessage },
  }).finish();
}

export function attributesOf(attributes: readonly KeyValue[] = []): Record<string, string> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, value.stringValue]));
}

/** The series that a Prometheus makes of what was decoded, but for exponential histograms. */
export function samplesOf(requests: readonly OtlpRequest[]): Sample[] {
  return requests.flatMap(({ metrics }) =>
    metrics.flatMap(({ name, gauge, sum, histogram }) => [
      ...[...(gauge?.dataPoints ?? []), ...(sum?.dataPoints ?? [])].map((point) => ({
        name,
        labels: attributesOf(point.attributes),
        value: point.flags === 1 ? Number.NaN : point.asDouble!,
      })),
      ...(histogram?.dataPoints ?? []).flatMap((point) => samplesOfHistogram(name, point)),
    ]),
  );
}

function samplesOfHistogram(name: string, point: OtlpPoint): Sample[] {
  const labels = attributesOf(point.attributes);
  const bounds = point.explicitBounds!.map((bound) => (Number.isInteger(bound) ? `${bound}.0` : `${bound}`));
  let value = 0;
  return [
    ...[...bounds, '+Inf'].map((le, i) => {
      value += Number(point.bucketCounts![i]);
      return { name: `${name}_bucket`, labels: { ...labels, le }, value };
    }),
    { name: `${name}_sum`, labels, value: point.sum! },
    { name: `${name}_count`, labels, value: Number(point.count) },
  ];
}
