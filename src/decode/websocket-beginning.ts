// SPDX-License-Identifier: Apache-2.0
import { beginsLikeSip } from './sip-beginning.ts';
import { FrameHeader, Opcode, parseFrameHeader, unmask, WebSocketFrame } from './websocket-frame.ts';

/** What the first bytes that are seen of a stream say. */
export const Beginning = { no: 0, /** Too few bytes to tell. */ maybe: 1, yes: 2 } as const;
export type Beginning = (typeof Beginning)[keyof typeof Beginning];

/** Payload that is looked at: the longest method name and the space behind it. */
const recognisedBytes = 10;

const frame = new WebSocketFrame();
const unmasked = new Uint8Array(recognisedBytes);
const unmaskedView = new DataView(unmasked.buffer);

/**
 * Whether a frame begins at `p` that carries the beginning of a SIP message: a first frame, not compressed, with a
 * length in as few bytes as can be (RFC 6455 §5.2) that suffices for a start line. So a connection is known that was not
 * seen from its beginning on; other bytes look so by chance once in 2^36 segments.
 */
export function frameBeginning(bytes: Uint8Array, view: DataView, p: number, end: number): Beginning {
  const first = bytes[p]! & 0x7f;
  if (p < end && first !== Opcode.text && first !== Opcode.binary) return Beginning.no;
  const headerLength = parseFrameHeader(bytes, p, end, frame);
  if (headerLength === FrameHeader.incomplete) return Beginning.maybe;
  if (headerLength < 0) return Beginning.no;
  const lengthField = bytes[p + 1]! & 0x7f;
  if (lengthField === 126 && frame.payloadLength < 126) return Beginning.no;
  if (lengthField === 127 && frame.payloadLength < 0x1_0000) return Beginning.no;
  if (frame.payloadLength < recognisedBytes) return Beginning.no;
  const payload = p + headerLength;
  if (payload + recognisedBytes > end) return Beginning.maybe;
  unmask(view, payload, recognisedBytes, frame.maskingKey, unmaskedView, 0);
  return beginsLikeSip(unmasked, 0, recognisedBytes) ? Beginning.yes : Beginning.no;
}
