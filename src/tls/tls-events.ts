// SPDX-License-Identifier: Apache-2.0
import type { TlsState } from './tls-result.ts';

/** What becomes of TLS connections, for the metrics. */
export interface TlsEvents {
  /** The first bytes of a connection. */
  connection(): void;
  /** Nothing more is read of a connection; told once of each. */
  givenUp(reason: TlsState): void;
  /** A direction was found again behind missing bytes. */
  foundAgain(): void;
  /** So many records of application data were opened. */
  opened(records: number): void;
}
