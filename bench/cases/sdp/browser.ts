// SPDX-License-Identifier: Apache-2.0
import { sdpBodies, sdpBytes } from '../../../test/sdp-bodies/bodies.ts';
import type { BenchCase } from '../../measure-case.ts';
import { prepareSdpCase } from '../../support/sdp-bench.ts';

/** The offer of a browser: audio and video, candidates, fingerprints, 1.8 kB. */
export default function prepare(): BenchCase {
  const { lines } = sdpBodies.find(({ name }) => name.startsWith('Chrome'))!;
  return prepareSdpCase(['Content-Type: application/sdp'], new TextDecoder().decode(sdpBytes(lines)), 2);
}
