// SPDX-License-Identifier: Apache-2.0

/** Compact forms of header field names, in lower case (RFC 3261 §7.3.3, IANA registry of SIP header fields). */
const compactForms: readonly (readonly [compact: string, name: string])[] = [
  ['a', 'accept-contact'],
  ['b', 'referred-by'],
  ['c', 'content-type'],
  ['d', 'request-disposition'],
  ['e', 'content-encoding'],
  ['f', 'from'],
  ['i', 'call-id'],
  ['j', 'reject-contact'],
  ['k', 'supported'],
  ['l', 'content-length'],
  ['m', 'contact'],
  ['n', 'identity-info'],
  ['o', 'event'],
  ['r', 'refer-to'],
  ['s', 'subject'],
  ['t', 'to'],
  ['u', 'allow-events'],
  ['v', 'via'],
  ['x', 'session-expires'],
  ['y', 'identity'],
];

/** The names a header field may have in a message, in lower case: the one given, and its other form if it has one. */
export function fieldNames(name: string): readonly string[] {
  const lower = name.toLowerCase();
  return compactForms.find((forms) => forms.includes(lower)) ?? [lower];
}
