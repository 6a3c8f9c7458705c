// SPDX-License-Identifier: Apache-2.0
import { type FamilyDefinition, Space } from '../definition.ts';

/** What became of a request over HTTP; `outcome` label values, by `RequestOutcome`. */
export const RequestOutcome = {
  answered: 0,
  /** 404, 405 or 413. */
  refused: 1,
  /** 401: no password, or a wrong one. */
  unauthorized: 2,
  /** 403: no certificate, or one that is not allowed. */
  forbidden: 3,
  /** 429: beyond the rate limit, or too many passwords to check. */
  limited: 4,
  /** 503: beyond --web.max-requests. */
  busy: 5,
  /** Cut off: it took too long to read its answer. */
  slow: 6,
  /** 500. */
  failed: 7,
} as const;
export type RequestOutcome = (typeof RequestOutcome)[keyof typeof RequestOutcome];

/** What became of a connection to the web server; `result` label values, by `ConnectionResult`. */
export const ConnectionResult = {
  accepted: 0,
  /** Closed while idle, because a new one came and --web.max-connections were open. */
  displaced: 1,
  /** Closed at once, because --web.max-connections were busy. */
  refused: 2,
  /** No TLS, or none that both sides speak. */
  tlsFailed: 3,
} as const;
export type ConnectionResult = (typeof ConnectionResult)[keyof typeof ConnectionResult];

const web = (
  name: string,
  type: 'counter' | 'gauge',
  help: string,
  example: string,
  labels: FamilyDefinition['labels'] = [],
): FamilyDefinition => ({ name, type, help, space: Space.global, labels, source: '', example });

/** The web server. */
export const webFamilies: readonly FamilyDefinition[] = [
  web(
    'ringtap_web_requests_total',
    'counter',
    'Requests over HTTP by what became of them; an answer counts once it is in the hands of the kernel.',
    'sum by (outcome) (rate(ringtap_web_requests_total{outcome!="answered"}[5m]))',
    [{ name: 'outcome', values: Object.keys(RequestOutcome) }],
  ),
  web(
    'ringtap_web_connections_total',
    'counter',
    'Connections to the web server; all but the refused ones are accepted, whatever becomes of them then.',
    'rate(ringtap_web_connections_total{result="displaced"}[5m]) > 0',
    [{ name: 'result', values: ['accepted', 'displaced', 'refused', 'tls_failed'] }],
  ),
  web(
    'ringtap_web_password_hashes_total',
    'counter',
    'Passwords that were hashed to check them; one that is known already is not hashed again.',
    'rate(ringtap_web_password_hashes_total[5m])',
  ),
  web(
    'ringtap_web_config_last_reload_successful',
    'gauge',
    'Whether the last change of the web configuration could be used, 1 or 0; while it is 0, what was there before counts.',
    'ringtap_web_config_last_reload_successful == 0',
  ),
  web(
    'ringtap_web_config_last_reload_success_timestamp_seconds',
    'gauge',
    'When the web configuration that counts was read, since the epoch.',
    'time() - ringtap_web_config_last_reload_success_timestamp_seconds',
  ),
];
