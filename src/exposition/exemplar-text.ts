// SPDX-License-Identifier: Apache-2.0
import type { Exemplar } from '../metrics/exemplars.ts';

/** The label that names the call. */
export const exemplarLabel = 'call_id';

/** A Call-ID as a label value. RFC 3261 §25.1 has only printable ASCII in it, so whatever else comes is a question mark. */
export function exemplarId({ id }: Exemplar): string {
  let text = '';
  for (const byte of id) text += byte > 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '?';
  return text;
}
