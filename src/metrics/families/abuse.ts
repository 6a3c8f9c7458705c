// SPDX-License-Identifier: Apache-2.0
import { scanKindNames } from '../../abuse/evidence.ts';
import { methodNames } from '../../sip/method.ts';
import { type FamilyDefinition, type LabelDefinition, Space } from '../definition.ts';

const kind: LabelDefinition = { name: 'kind', values: scanKindNames };

/** What looks like fraud and abuse: docs/abuse.md. */
export const abuseFamilies: readonly FamilyDefinition[] = [
  {
    name: 'sip_scans_total',
    type: 'counter',
    help: 'Sources found to scan, once for each window of --abuse.scan-window: so many addresses refused them (401, 403, 404, 407, 484, 604), or with password so many registrations of theirs failed with credentials.',
    space: Space.traffic,
    labels: [kind],
    isMain: true,
    source: '',
    example: 'sum by (kind) (increase(sip_scans_total[5m])) > 0',
  },
  {
    name: 'sip_scan_failures_total',
    type: 'counter',
    help: 'Refused attempts of sources that scan, those before they were found to do so included: what to take from failures to see those of customers.',
    space: Space.traffic,
    labels: [kind],
    isMain: true,
    source: '',
    example: 'sum by (kind) (rate(sip_scan_failures_total[5m]))',
  },
  {
    name: 'sip_session_attempt_bursts_total',
    type: 'counter',
    help: 'Sources found to begin --abuse.burst-attempts session attempts or more within a window of --abuse.burst-window, once for each window.',
    space: Space.traffic,
    labels: [],
    isMain: true,
    source: '',
    example: 'sum(increase(sip_session_attempt_bursts_total[5m])) > 0',
  },
  {
    name: 'sip_session_attempts_in_bursts_total',
    type: 'counter',
    help: 'Session attempts that belong to bursts, those before they were one included.',
    space: Space.traffic,
    labels: [],
    isMain: true,
    source: '',
    example:
      'sum(rate(sip_session_attempts_in_bursts_total[5m])) / sum(rate(sip_session_attempts_total[5m]))',
  },
  {
    name: 'sip_account_country_changes_total',
    type: 'counter',
    help: 'Registrations that succeeded from a country where the account was not within --abuse.country-window, while it was in another; countries by --labels.country-database, 0 without it.',
    space: Space.traffic,
    labels: [],
    isMain: true,
    source: '',
    example: 'sum(increase(sip_account_country_changes_total[1h])) > 0',
  },
  {
    name: 'sip_short_sessions_total',
    type: 'counter',
    help: 'Sessions that ended with a BYE that was answered, sooner than --abuse.short-session after their 2xx; all of them are sip_session_duration_seconds_count{outcome="success"}.',
    space: Space.traffic,
    labels: [],
    isMain: true,
    source: '',
    example:
      'sum(rate(sip_short_sessions_total[15m])) / sum(rate(sip_session_duration_seconds_count{outcome="success"}[15m]))',
  },
  {
    name: 'sip_scanner_requests_total',
    type: 'counter',
    help: 'Requests outside of a dialog, retransmissions left out, whose User-Agent is one of --abuse.scanner-agents.',
    space: Space.traffic,
    labels: [{ name: 'method', values: methodNames }],
    source: '',
    example: 'sum by (method) (increase(sip_scanner_requests_total[1h])) > 0',
  },
  {
    name: 'sip_session_limit',
    type: 'gauge',
    help: 'Sessions that a carrier may have at a time, as --abuse.session-limit says; there where it does.',
    space: Space.carrier,
    labels: [],
    source: '',
    example: 'sip_session_limit',
  },
  {
    name: 'sip_session_limit_ratio',
    type: 'ratio',
    help: 'Sessions of a carrier now over its limit; above 1 there are more.',
    space: Space.carrier,
    labels: [],
    source: '',
    example: 'sip_session_limit_ratio > 0.9',
  },
  {
    name: 'sip_session_attempts_over_limit_total',
    type: 'counter',
    help: 'Session attempts that began while their carrier had as many sessions as its limit, or more.',
    space: Space.carrier,
    labels: [],
    source: '',
    example: 'increase(sip_session_attempts_over_limit_total[5m]) > 0',
  },
];
