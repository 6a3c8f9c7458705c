// SPDX-License-Identifier: Apache-2.0

/** What a step of expiry returns when it forgot records and there is nothing to tell. */
export const FORGOTTEN = -2;
