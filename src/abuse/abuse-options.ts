// SPDX-License-Identifier: Apache-2.0
import type { GlobTables } from '../base/glob-automaton.ts';

/** What is taken for abuse, and limits of what is kept to tell. A threshold of 0 looks for nothing. */
export interface AbuseOptions {
  /** Distinct targets that refuse a source within a window, from which on it scans; of passwords, refusals; by `ScanKind`. */
  readonly scanThresholds: readonly number[];
  /** Length of a window of scans, microseconds, 1 s at least. */
  readonly scanMicros: number;
  /** Session attempts of a source within a window, from which on they are a burst. */
  readonly burstAttempts: number;
  /** Length of a window of bursts, microseconds, 1 s at least. */
  readonly burstMicros: number;
  /** How long it is known of an account in which countries it was, microseconds. */
  readonly countryMicros: number;
  /** Sessions that last less are short, milliseconds. */
  readonly shortSessionMillis: number;
  /** How much of an IPv6 address a source is, 32..64 bits. */
  readonly ipv6PrefixBits: number;
  /** Records of sources by window, for scans and as many for bursts. */
  readonly maxSources: number;
  /** Accounts of which countries are known. */
  readonly maxAccounts: number;
  /** Sessions that a carrier may have at a time. */
  readonly sessionLimits: readonly SessionLimit[];
  /** User-Agent values of scanners. */
  readonly scannerAgents?: GlobTables;
  /** Words of a `PrefixTrie`: 1 for sources that are not looked at. */
  readonly trustedNetworks?: Int32Array;
  /** Findings are told one by one, with their source. */
  readonly isTelling: boolean;
}

/** How many sessions a carrier may have at a time. */
export interface SessionLimit {
  /** A value of the label `carrier`. */
  readonly carrier: string;
  /** 1 at least. */
  readonly sessions: number;
}

/** What the command line has as defaults, but for the patterns of scanners. */
export const defaultAbuseOptions: AbuseOptions = {
  scanThresholds: [10, 50, 20, 30],
  scanMicros: 60e6,
  burstAttempts: 100,
  burstMicros: 10e6,
  countryMicros: 86_400e6,
  shortSessionMillis: 10_000,
  ipv6PrefixBits: 64,
  maxSources: 32_768,
  maxAccounts: 131_072,
  sessionLimits: [],
  isTelling: false,
};
