// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseSessionDescription } from './parse-session-description.ts';
import { defaultSdpLimits } from './sdp-limits.ts';
import { SdpResult } from './sdp-result.ts';
import { SessionDescription } from './session-description.ts';

const description = new SessionDescription(4);

/** The groups of the media lines, `-` for one that is off. */
function bundles(session: readonly string[], ...media: readonly (readonly string[])[]): string {
  const lines = ['v=0', ...session, ...media.flatMap((attributes) => ['m=audio 9 RTP/AVP 0', ...attributes])];
  const bytes = new TextEncoder().encode(lines.join('\r\n'));
  const view = new DataView(bytes.buffer);
  assert.equal(
    parseSessionDescription(bytes, view, 0, bytes.length, defaultSdpLimits, description),
    SdpResult.description,
  );
  const { media: read, mediaCount } = description;
  return read
    .slice(0, mediaCount)
    .map(({ bundle }) => bundle)
    .join(' ');
}

test('media lines are in the group that has their tag', () => {
  assert.equal(bundles(['a=group:BUNDLE a v'], ['a=mid:a'], ['a=mid:v'], ['a=mid:b'], []), '1 1 0 0');
  assert.equal(bundles(['a=Group: bundle  a\tv '], ['a=mid: a'], ['a=MID:v']), '1 1');
  assert.equal(bundles(['a=group:BUNDLE a b', 'a=group:BUNDLE c'], ['a=mid:c'], ['a=mid:b']), '2 1');
  assert.equal(bundles(['a=group:LS a', 'a=group:BUNDLES a', 'a=group:BUNDLE'], ['a=mid:a']), '0');
  assert.equal(bundles(['a=group:BUNDLE a ab'], ['a=mid:ab'], ['a=mid:b'], ['a=mid:'], ['a=mid']), '1 0 0 0');
});

test('a group without tags has no number', () => {
  const empty = Array.from({ length: 255 }, () => 'a=group:BUNDLE');
  assert.equal(
    bundles([...empty, 'a=group:BUNDLE a', ...empty, 'a=group:BUNDLE b'], ['a=mid:a'], ['a=mid:b']),
    '1 2',
  );
});

test('groups are those of the session, and of this description', () => {
  assert.equal(bundles([], ['a=group:BUNDLE a', 'a=mid:a']), '0');
  assert.equal(bundles(['a=group:BUNDLE a'], ['a=mid:a']), '1');
  assert.equal(bundles(['a=mid:a'], ['a=mid:a']), '0');
});

test('no more than 32 tags are kept of all groups; those beyond are counted', () => {
  const group = (from: number, to: number): string =>
    `a=group:BUNDLE ${Array.from({ length: to - from }, (_, i) => `t${from + i}`).join(' ')}`;
  const media = [['a=mid:t0'], ['a=mid:t31'], ['a=mid:t32']];
  assert.equal(bundles([group(0, 32)], ...media), '1 1 0');
  assert.equal(description.leftOut, 0);
  assert.equal(bundles([group(0, 40)], ...media), '1 1 0');
  assert.equal(description.leftOut, 8);
  assert.equal(bundles([group(0, 20), group(20, 35), group(35, 36), 'a=group:LS a b'], ...media), '1 2 0');
  assert.equal(description.leftOut, 4);
  bundles([group(0, 32)]);
  assert.equal(description.leftOut, 0, 'of this description');
});

test('bundle-only means a line that is on, in a group only', () => {
  const isOff = (bundle: number, isBundleOnly: boolean, port: number): boolean => {
    const [media] = description.media;
    Object.assign(media!, { bundle, isBundleOnly, port });
    return media!.isOff;
  };
  assert.deepEqual(
    [isOff(0, false, 0), isOff(1, false, 0), isOff(0, true, 0), isOff(1, true, 0), isOff(0, false, 9)],
    [true, true, true, false, false],
  );
  bundles(['a=group:BUNDLE a'], ['a=mid:a', 'a=bundle-only'], ['a=bundle-only:x']);
  assert.deepEqual(
    description.media.slice(0, 2).map(({ isBundleOnly }) => isBundleOnly),
    [true, false],
  );
});
