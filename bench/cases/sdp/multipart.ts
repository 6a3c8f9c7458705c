// SPDX-License-Identifier: Apache-2.0
import { multipartBodies } from '../../../test/sdp-bodies/multipart-bodies.ts';
import type { BenchCase } from '../../measure-case.ts';
import { prepareSdpCase } from '../../support/sdp-bench.ts';

/** An audio offer behind a preamble and a location, in a body of parts. */
export default function prepare(): BenchCase {
  const { fields, body } = multipartBodies.find(({ sdp }) => sdp === 'Asterisk')!;
  return prepareSdpCase(fields, body, 1);
}
