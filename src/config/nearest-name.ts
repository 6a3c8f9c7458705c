// SPDX-License-Identifier: Apache-2.0

/** Changes of one character that a mistyped name may be away: one in three, two at least. */
const changesAllowed = (name: string): number => Math.max(2, Math.floor(name.length / 3));
/** What is longer is no slip of the fingers, and not worth the time. */
const MAX_LENGTH = 64;

/** The name that was probably meant, or undefined where none is near. */
export function nearestName(name: string, names: readonly string[]): string | undefined {
  if (name.length > MAX_LENGTH) return undefined;
  let nearest: string | undefined;
  let least = changesAllowed(name) + 1;
  for (const candidate of names) {
    const changes = changesBetween(name.toLowerCase(), candidate);
    if (changes < least) {
      least = changes;
      nearest = candidate;
    }
  }
  return nearest;
}

/** Characters to insert, delete, replace, or exchange with their neighbour, to make one text of the other. */
function changesBetween(from: string, to: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: to.length + 1 }, (_, j) => j);
  for (let i = 1; i <= from.length; i++) {
    const row = [i];
    for (let j = 1; j <= to.length; j++) {
      const isSame = from[i - 1] === to[j - 1];
      let changes = Math.min(last[j]! + 1, row[j - 1]! + 1, last[j - 1]! + (isSame ? 0 : 1));
      if (i > 1 && j > 1 && from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1])
        changes = Math.min(changes, beforeLast[j - 2]! + 1);
      row.push(changes);
    }
    beforeLast = last;
    last = row;
  }
  return last[to.length]!;
}
