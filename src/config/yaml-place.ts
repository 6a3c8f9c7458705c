// SPDX-License-Identifier: Apache-2.0
import { type Document, isMap, isScalar } from 'yaml';

/** Keys of maps and numbers in lists, from the outermost on. */
export type Path = readonly PropertyKey[];

/** Where a path begins in the text: its key, or that of what it is in, where it is not there itself. */
export function offsetOf(document: Document.Parsed, path: Path): number {
  for (let length = path.length; length > 0; length--) {
    const parent: unknown = document.getIn(path.slice(0, length - 1), true);
    const last = path[length - 1];
    if (isMap(parent)) {
      const pair = parent.items.find(({ key }) => (isScalar(key) ? String(key.value) === last : false));
      if (isScalar(pair?.key) && pair.key.range) return pair.key.range[0];
    }
    const node = document.getIn(path.slice(0, length), true);
    if (isRanged(node)) return node.range[0]!;
  }
  return document.contents?.range?.[0] ?? 0;
}

function isRanged(node: unknown): node is { readonly range: readonly number[] } {
  return typeof node === 'object' && node !== null && 'range' in node && Array.isArray(node.range);
}
