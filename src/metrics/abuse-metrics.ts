// SPDX-License-Identifier: Apache-2.0
import type { AbuseEvents } from '../abuse/abuse-events.ts';
import type { ScanKind } from '../abuse/evidence.ts';
import type { Method } from '../sip/method.ts';
import { Counter } from './counter.ts';
import type { ShardWriter } from './shard-writer.ts';

/** Counts what looks like abuse. */
export class AbuseMetrics implements AbuseEvents {
  readonly #scans: Counter;
  readonly #scanFailures: Counter;
  readonly #bursts: Counter;
  readonly #attemptsInBursts: Counter;
  readonly #countryChanges: Counter;
  readonly #scannerRequests: Counter;

  constructor(writer: ShardWriter) {
    this.#scans = new Counter(writer, 'sip_scans_total');
    this.#scanFailures = new Counter(writer, 'sip_scan_failures_total');
    this.#bursts = new Counter(writer, 'sip_session_attempt_bursts_total');
    this.#attemptsInBursts = new Counter(writer, 'sip_session_attempts_in_bursts_total');
    this.#countryChanges = new Counter(writer, 'sip_account_country_changes_total');
    this.#scannerRequests = new Counter(writer, 'sip_scanner_requests_total');
  }

  scanned(kind: ScanKind, context: number, count: number, isNew: boolean): void {
    if (isNew) this.#scans.add(context, kind, 1);
    this.#scanFailures.add(context, kind, count);
  }

  burst(context: number, count: number, isNew: boolean): void {
    if (isNew) this.#bursts.add(context, 0, 1);
    this.#attemptsInBursts.add(context, 0, count);
  }

  countryChanged(context: number): void {
    this.#countryChanges.add(context, 0, 1);
  }

  scannerRequest(context: number, method: Method): void {
    this.#scannerRequests.add(context, method, 1);
  }
}
