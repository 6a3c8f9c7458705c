// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import test from 'node:test';
import { acceptsGzip, prefersOpenMetrics } from './content-negotiation.ts';

test('Accept decides between the formats', () => {
  const cases: readonly (readonly [string | undefined, boolean])[] = [
    [undefined, false],
    ['', false],
    ['*/*', false],
    ['text/plain', false],
    ['text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8', false],
    ['application/json', false],
    ['application/openmetrics-text', true],
    ['application/openmetrics-text; version=1.0.0', true],
    ['application/openmetrics-text;version="1.0.0"', true],
    ['APPLICATION/OpenMetrics-Text;VERSION=1.0.0', true],
    ['application/openmetrics-text;version=0.0.1', false],
    ['application/openmetrics-text;version=2.0.0,text/plain;q=0.1', false],
    ['application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4', false],
    ['application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.4', true],
    ['text/plain;version=0.0.4,application/openmetrics-text;version=1.0.0', true],
    ['application/openmetrics-text;q=0', false],
    ['application/openmetrics-text;q=0,*/*', false],
    ['application/*', true],
    ['application/*;q=0.2,text/*;q=0.3', false],
    ['application/openmetrics-text;q=2', false],
    ['application/openmetrics-text;q=abc', false],
    [',,;;=,', false],
    // Prometheus 2.42.
    [
      'application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1',
      true,
    ],
    // Prometheus 3.
    [
      'application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2',
      true,
    ],
    ['text/plain;version=0.0.4;q=1,*/*;q=0.1', false],
  ];
  for (const [accept, expected] of cases) assert.equal(prefersOpenMetrics(accept), expected, String(accept));
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
