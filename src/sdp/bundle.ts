// SPDX-License-Identifier: Apache-2.0
import { ascii } from '../base/ascii.ts';
import { beginsWith } from '../sip/parameters.ts';
import type { SessionDescription } from './session-description.ts';
import { nextToken, skipSpaces, tokenEnd } from './tokens.ts';

const bundle = ascii('bundle');
/** Tags that are kept of the groups of a description; `noteBundle` counts those beyond. */
const MAX_TAGS = 32;

/** 32 bits that stand for each tag of the groups of the description that is being read, and the number of its group. */
const tags = new Int32Array(MAX_TAGS);
const groups = new Uint8Array(MAX_TAGS);
let tagCount = 0;
/** Groups that have a tag that is kept: no more than these. */
let groupCount = 0;

/** A description begins. */
export function forgetBundles(): void {
  tagCount = 0;
  groupCount = 0;
}

/**
 * The tags of a group of media lines that share one address and port (RFC 9143 §7), the bytes from `p` to `end` behind
 * `a=group:` (RFC 5888 §5); of groups of other semantics nothing is kept. `into` counts those beyond what is kept.
 *
 *     BUNDLE audio1 video1
 */
export function noteBundle(bytes: Uint8Array, p: number, end: number, into: SessionDescription): void {
  p = skipSpaces(bytes, p, end);
  if (tokenEnd(bytes, p, end) - p !== bundle.length || !beginsWith(bytes, p, end, bundle)) return;
  const group = groupCount + 1;
  for (p = nextToken(bytes, p, end); p < end; p = nextToken(bytes, p, end)) {
    if (tagCount === MAX_TAGS) {
      into.leftOut++;
      continue;
    }
    tags[tagCount] = mixOf(bytes, p, tokenEnd(bytes, p, end));
    groups[tagCount] = group;
    groupCount = group;
    tagCount++;
  }
}

/** The number of the group, from 1 on, that has the tag of a media line (`a=mid`, RFC 5888 §4), the token at `p`; 0 for none. */
export function bundleOf(bytes: Uint8Array, p: number, end: number): number {
  if (tagCount === 0) return 0;
  const mix = mixOf(bytes, p, tokenEnd(bytes, p, end));
  for (let i = 0; i < tagCount; i++) if (tags[i] === mix) return groups[i]!;
  return 0;
}

/** Who makes two tags of one description alike only confuses himself. */
function mixOf(bytes: Uint8Array, p: number, end: number): number {
  let mix = end - p;
  for (; p < end; p++) mix = Math.imul(mix ^ bytes[p]!, 0x01000193);
  return mix;
}
