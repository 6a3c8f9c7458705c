// SPDX-License-Identifier: Apache-2.0
import type { Method } from '../sip/method.ts';
import type { ScanKind } from './evidence.ts';

/** What looks like abuse, as it shows. `context` is that of the message or attempt that it shows by. */
export interface AbuseEvents {
  /** `count` refused attempts are those of a source that scans; `isNew`: by the last of them that came out. */
  scanned(kind: ScanKind, context: number, count: number, isNew: boolean): void;
  /** `count` session attempts belong to a burst; `isNew`: with the last of them it is one. */
  burst(context: number, count: number, isNew: boolean): void;
  /** An account registered from a country where it was not seen lately, while it was in another. */
  countryChanged(context: number): void;
  /** A request that begins something has the User-Agent of a scanner. */
  scannerRequest(context: number, method: Method): void;
}

/** What was found, of whom. */
export interface Finding {
  /** A sentence without a subject, such as `registration scan`. */
  readonly what: string;
  /** Address or network, as text. */
  readonly source: string;
  /** Country codes, of a change. */
  readonly country?: string;
  readonly before?: string;
  /** Findings that were not told since the one before: there were too many. */
  readonly untold: number;
}
