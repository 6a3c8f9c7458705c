// SPDX-License-Identifier: Apache-2.0

/** The bytes of a text in ASCII, to compare others with. */
export const ascii = (text: string): Uint8Array => Uint8Array.from(text, (c) => c.charCodeAt(0));
