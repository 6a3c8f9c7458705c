// SPDX-License-Identifier: Apache-2.0

/** Low bit of a `MediaDirectory.endpoint`: its party sends the packets rather than receiving them. The rest is the line. */
export const SENDS = 1;

/** The slot of the line in an endpoint's name. */
export function lineOfEndpoint(endpoint: number): number {
  return endpoint >> 1;
}

/** Whether the party of the line sends what was joined by this endpoint. */
export function sendsAtEndpoint(endpoint: number): boolean {
  return (endpoint & SENDS) !== 0;
}
