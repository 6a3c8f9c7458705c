// SPDX-License-Identifier: Apache-2.0
import { sdpBodies, sdpBytes } from '../../../test/sdp-bodies/bodies.ts';
import type { BenchCase } from '../../measure-case.ts';
import { prepareSdpCase } from '../../support/sdp-bench.ts';

/** The offer of a telephone: one audio line, seven formats, 450 bytes. */
export default function prepare(): BenchCase {
  const { lines } = sdpBodies.find(({ name }) => name === 'Asterisk')!;
  return prepareSdpCase(['Content-Type: application/sdp'], new TextDecoder().decode(sdpBytes(lines)), 1);
}
