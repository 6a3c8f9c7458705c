// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import test from 'node:test';
import { acceptsGzip, type Format, preferredFormat } from './content-negotiation.ts';

const delimited =
  'application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited';
const protobufCases: readonly (readonly [string, Format])[] = [
  [delimited, 'protobuf'],
  [`${delimited};q=0.5,text/plain;version=0.0.4`, 'text'],
  [`${delimited},application/openmetrics-text;version=1.0.0`, 'protobuf'],
  [`${delimited};q=0,*/*`, 'text'],
  [delimited.replace('delimited', 'text'), 'text'],
  [delimited.replace('io.prometheus', 'com.example'), 'text'],
  ['application/vnd.google.protobuf', 'text'],
  // Prometheus 2.42 with native histograms.
  [
    `${delimited},application/openmetrics-text;version=1.0.0;q=0.8,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1`,
    'protobuf',
  ],
];

test('Accept decides between the formats', () => {
  const cases: readonly (readonly [string | undefined, Format])[] = [
    [undefined, 'text'],
    ['', 'text'],
    ['*/*', 'text'],
    ['text/plain', 'text'],
    ['text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8', 'text'],
    ['application/json', 'text'],
    ['application/openmetrics-text', 'openMetrics'],
    ['application/openmetrics-text; version=1.0.0', 'openMetrics'],
    ['application/openmetrics-text;version="1.0.0"', 'openMetrics'],
    ['APPLICATION/OpenMetrics-Text;VERSION=1.0.0', 'openMetrics'],
    ['application/openmetrics-text;version=0.0.1', 'text'],
    ['application/openmetrics-text;version=2.0.0,text/plain;q=0.1', 'text'],
    ['application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4', 'text'],
    ['application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.4', 'openMetrics'],
    ['text/plain;version=0.0.4,application/openmetrics-text;version=1.0.0', 'openMetrics'],
    ['application/openmetrics-text;q=0', 'text'],
    ['application/openmetrics-text;q=0,*/*', 'text'],
    ['application/*', 'openMetrics'],
    ['application/*;q=0.2,text/*;q=0.3', 'text'],
    ['application/openmetrics-text;q=2', 'text'],
    ['application/openmetrics-text;q=abc', 'text'],
    [',,;;=,', 'text'],
    // Prometheus 2.42.
    [
      'application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1',
      'openMetrics',
    ],
    // Prometheus 3.
    [
      'application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2',
      'openMetrics',
    ],
    ['text/plain;version=0.0.4;q=1,*/*;q=0.1', 'text'],
    ...protobufCases,
  ];
  for (const [accept, expected] of cases) assert.equal(preferredFormat(accept), expected, String(accept));
});

test('Accept-Encoding decides on gzip', () => {
  const cases: readonly (readonly [string | undefined, boolean])[] = [
    [undefined, false],
    ['', false],
    ['identity', false],
    ['gzip', true],
    ['GZIP', true],
    ['x-gzip', true],
    ['deflate, gzip;q=0.5, br', true],
    ['gzip;q=0', false],
    ['gzip;q=0.000, *', false],
    ['*', true],
    ['*;q=0', false],
    ['gzipped', false],
  ];
  for (const [acceptEncoding, expected] of cases)
    assert.equal(acceptsGzip(acceptEncoding), expected, String(acceptEncoding));
});
