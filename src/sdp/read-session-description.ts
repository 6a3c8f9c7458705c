// SPDX-License-Identifier: Apache-2.0
import type { SipMessage } from '../sip/message.ts';
import { BodyPart, findSessionDescription } from './body-parts.ts';
import { parseSessionDescription } from './parse-session-description.ts';
import type { SdpLimits } from './sdp-limits.ts';
import { SdpResult } from './sdp-result.ts';
import type { SessionDescription } from './session-description.ts';

const part = new BodyPart();

/** Finds and reads the session description of a message into the reused `into`; it holds media only when that was done. */
export function readSessionDescription(
  message: SipMessage,
  limits: SdpLimits,
  into: SessionDescription,
): SdpResult {
  const found = findSessionDescription(message, limits, part);
  if (found !== SdpResult.description) {
    into.clear();
    return found;
  }
  return parseSessionDescription(message.bytes, message.view, part.offset, part.length, limits, into);
}
