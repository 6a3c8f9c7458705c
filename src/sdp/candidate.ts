// SPDX-License-Identifier: Apache-2.0
import { ascii } from '../base/ascii.ts';
import { beginsWith } from '../sip/parameters.ts';
import { readInternetAddress } from './internet-address.ts';
import { type MediaDescription, maxCandidates, type SessionDescription } from './session-description.ts';
import { nextToken, numberAt, skipSpaces, tokenEnd } from './tokens.ts';

const MAX_PORT = 0xffff;
const udp = ascii('udp');
const address = new Int32Array(4);

/**
 * `a=candidate` (RFC 8839 §5.1) behind its colon: kept when it is by UDP, for RTP or RTCP, and has an address. Names of
 * mDNS tell nobody else anything. Of which type it is does not matter: media may come to each.
 *
 *     1 1 UDP 2130706431 192.0.2.1 8998 typ host      foundation, component, transport, priority, address, port
 */
export function parseCandidate(
  bytes: Uint8Array,
  p: number,
  end: number,
  media: MediaDescription,
  into: SessionDescription,
): void {
  p = nextToken(bytes, skipSpaces(bytes, p, end), end);
  const component = numberAt(bytes, p, end);
  if (component !== 1 && component !== 2) return;
  p = nextToken(bytes, p, end);
  if (tokenEnd(bytes, p, end) - p !== udp.length || !beginsWith(bytes, p, end, udp)) return;
  p = nextToken(bytes, nextToken(bytes, p, end), end);
  if (!readInternetAddress(bytes, p, tokenEnd(bytes, p, end), address, 0)) return;
  const port = numberAt(bytes, nextToken(bytes, p, end), end);
  if (port <= 0 || port > MAX_PORT) return;
  const index = media.candidateCount;
  if (index === maxCandidates) {
    into.leftOut++;
    return;
  }
  for (let word = 0; word < 4; word++) media.candidateAddresses[index * 4 + word] = address[word]!;
  media.candidatePorts[index] = port;
  media.candidateComponents[index] = component;
  media.candidateCount = index + 1;
}
