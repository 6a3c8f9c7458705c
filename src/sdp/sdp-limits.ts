// SPDX-License-Identifier: Apache-2.0

/** The largest session description that is read. Formats and candidates of a media line have limits of their own. */
export interface SdpLimits {
  /** Media lines that are kept; those beyond are counted. */
  readonly maxMedia: number;
  /** Bytes of a description; a longer one is not read. */
  readonly maxBytes: number;
  /** Parts of a body that are looked at, those within parts too. */
  readonly maxParts: number;
}

/** More than a phone, a gateway or a browser in a conference sends. */
export const defaultSdpLimits: SdpLimits = { maxMedia: 16, maxBytes: 32_768, maxParts: 16 };
