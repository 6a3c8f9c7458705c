// SPDX-License-Identifier: Apache-2.0
import type { OptionDefinition } from '../option-definition.ts';

/** Series and their distributions. */
export const metricsOptions: readonly OptionDefinition[] = [
  {
    name: 'metrics.window',
    value: 'DURATION',
    default: '5m',
    help: 'Sliding window of the ready ratios; their label "window".',
  },
  {
    name: 'metrics.max-series',
    value: 'N',
    default: '120000',
    help: 'Series of all metrics together; beyond, labels become "other".',
  },
  {
    name: 'metrics.native-histograms',
    help: 'Count distributions in native histograms too, for a Prometheus that asks for protobuf: every bucket is 19 % above the one before.',
  },
  {
    name: 'metrics.exemplars',
    help: 'Show the Call-ID of a call of each bucket of delays and durations, in OpenMetrics and protobuf. A Call-ID tells who called: off unless asked for.',
  },
  { name: 'metrics.max-series-per-family', value: 'N', default: '60000', help: 'Series of one metric.' },
];
