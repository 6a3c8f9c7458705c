// SPDX-License-Identifier: Apache-2.0
import { type FamilyDefinition, Space } from '../definition.ts';

/** What became of a sending of all series; `result` label values, by `PushResult`. */
export const PushResult = {
  sent: 0,
  /** Not in whole: a request of it was refused, or not answered. */
  failed: 1,
  /** Nothing was sent: the other side had asked for time. */
  deferred: 2,
  /** Taken, but for some points; only OTLP says so. */
  partial: 3,
} as const;
export type PushResult = (typeof PushResult)[keyof typeof PushResult];

const results = Object.keys(PushResult);

const push = (
  name: string,
  help: string,
  example: string,
  labels: FamilyDefinition['labels'] = [],
): FamilyDefinition => ({ name, type: 'counter', help, space: Space.global, labels, source: '', example });

/** What is sent instead of being scraped. */
export const pushFamilies: readonly FamilyDefinition[] = [
  push(
    'ringtap_remote_write_total',
    'Times that all series were sent by remote write, or could not be sent in whole, or were not to be sent because the other side had asked for time; 0 without --remote-write.url.',
    'rate(ringtap_remote_write_total{result="failed"}[5m]) > 0',
    [{ name: 'result', values: results.slice(0, PushResult.partial) }],
  ),
  push(
    'ringtap_remote_write_retries_total',
    'Requests of remote write that were sent again.',
    'rate(ringtap_remote_write_retries_total[5m])',
  ),
  push(
    'ringtap_otlp_exports_total',
    'Times that all series were sent by OTLP, or could not be sent in whole, or were not to be sent because the other side had asked for time, or were not taken in whole; 0 without --otlp.endpoint.',
    'rate(ringtap_otlp_exports_total{result!="sent"}[5m]) > 0',
    [{ name: 'result', values: results }],
  ),
  push(
    'ringtap_otlp_retries_total',
    'Requests of OTLP that were sent again.',
    'rate(ringtap_otlp_retries_total[5m])',
  ),
  push(
    'ringtap_otlp_rejected_points_total',
    'Data points that the other side says it did not take of requests that it took.',
    'rate(ringtap_otlp_rejected_points_total[5m]) > 0',
  ),
];
