// SPDX-License-Identifier: Apache-2.0
import { isIPv4, isIPv6 } from 'node:net';

/** Third word of an IPv4 address in mapped form (RFC 4291 §2.5.5.2). */
const MAPPED_PREFIX = 0xffff;

/** An address as four signed big-endian words, IPv4 in mapped form, as in `Datagram`; undefined for what is none. */
export function addressWords(text: string): number[] | undefined {
  if (isIPv4(text)) return [0, 0, MAPPED_PREFIX, ipv4Word(text)];
  return isIPv6(text) && !text.includes('%') ? ipv6Words(text) : undefined;
}

/** A valid IPv4 address as a signed big-endian word. */
function ipv4Word(text: string): number {
  return text.split('.').reduce((word, part) => (word << 8) | Number(part), 0);
}

/** A valid IPv6 address, with `::` and an IPv4 tail as they come, as four signed big-endian words. */
function ipv6Words(text: string): number[] {
  const [head = '', tail] = text.split('::');
  const first = groupsOf(head);
  const last = groupsOf(tail ?? '');
  const groups = [...first, ...new Array<number>(8 - first.length - last.length).fill(0), ...last];
  return [0, 2, 4, 6].map((i) => (groups[i]! << 16) | groups[i + 1]!);
}

function groupsOf(text: string): number[] {
  if (text === '') return [];
  return text.split(':').flatMap((group) => {
    if (!group.includes('.')) return Number.parseInt(group, 16);
    const word = ipv4Word(group);
    return [word >>> 16, word & 0xffff];
  });
}
