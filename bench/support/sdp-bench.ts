// SPDX-License-Identifier: Apache-2.0
import { readSessionDescription } from '../../src/sdp/read-session-description.ts';
import { SdpResult } from '../../src/sdp/sdp-result.ts';
import { SessionDescription } from '../../src/sdp/session-description.ts';
import { invite } from '../../test/sdp-bodies/sip-message.ts';
import type { BenchCase } from '../measure-case.ts';

const bodies = 1000;
const limits = { maxMedia: 16, maxBytes: 32_768, maxParts: 16 };

/** Finds and reads the description in a message with these fields and this body, which has so many media lines. */
export function prepareSdpCase(fields: readonly string[], body: string, mediaCount: number): BenchCase {
  const message = invite(fields, body);
  const description = new SessionDescription(limits.maxMedia);
  return {
    unit: 'body',
    units: bodies,
    pass() {
      let media = 0;
      for (let count = 0; count < bodies; count++) {
        const result = readSessionDescription(message, limits, description);
        if (result !== SdpResult.description) throw new Error(`not read: ${result}`);
        media += description.mediaCount;
      }
      if (media !== mediaCount * bodies) throw new Error(`${media} media lines`);
    },
  };
}
