// SPDX-License-Identifier: Apache-2.0

/** What clients can make the server hold, whatever they do. */
export interface ServerLimits {
  /** Connections of one listen address; for a further one the oldest idle one is closed, or itself where all are busy. */
  readonly maxConnections: number;
  /** Requests without a complete answer, all addresses together; further ones get 503. Each may hold a whole scrape. */
  readonly maxUnansweredRequests: number;
  /** The same of one connection, so that who asks and does not read is one of several. */
  readonly maxUnansweredPerConnection: number;
  readonly maxHeaderBytes: number;
  /** For the header fields of a request, and for all of it. */
  readonly headersTimeoutMillis: number;
  readonly requestTimeoutMillis: number;
  /** From the end of a request until its answer is in the kernel's hands; then a slow reader is cut off. */
  readonly responseTimeoutMillis: number;
  /** How long an idle connection is kept; longer than usual scrape intervals. */
  readonly keepAliveTimeoutMillis: number;
  /** How often connections are looked at for the time limits above. */
  readonly checkIntervalMillis: number;
}

/** Where nothing else is given. */
export const defaultLimits: ServerLimits = {
  maxConnections: 256,
  maxUnansweredRequests: 16,
  maxUnansweredPerConnection: 4,
  maxHeaderBytes: 16_384,
  headersTimeoutMillis: 5_000,
  requestTimeoutMillis: 10_000,
  responseTimeoutMillis: 30_000,
  keepAliveTimeoutMillis: 75_000,
  checkIntervalMillis: 1_000,
};
