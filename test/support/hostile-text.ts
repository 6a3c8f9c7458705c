// SPDX-License-Identifier: Apache-2.0
import type { randomSource } from './random.ts';

/** What hurts a text format most, or a reader of it. */
const pieces: readonly string[] = [
  ...['"', '\\', '\n', '\\n', '\\"', '"}', '"} 1\n', '# EOF\n', '# HELP a b\n', '\r', '\0', '\t', '{', '}'],
  ...[',', '=', '', ' ', 'a', 'le="+Inf"', '\u00e4', '\u{1F600}', '\ud800', '\udfff', '\u2028', '\ufeff'],
  ...['\x7f', '\x85', '%', "'"],
];

/** One to five pieces behind one another. */
export function hostileText(random: ReturnType<typeof randomSource>): string {
  let text = '';
  for (let count = 1 + random(5); count > 0; count--) text += pieces[random(pieces.length)]!;
  return text;
}
