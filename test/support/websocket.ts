// SPDX-License-Identifier: Apache-2.0
import { Opcode } from '../../src/decode/websocket-frame.ts';
import { ascii, bytesOf, uint16 } from './udp-frame.ts';

/** Fields of a frame (RFC 6455 §5.2). */
export interface FrameFields {
  opcode?: number;
  isFinal?: boolean;
  /** RSV1 is 4. */
  reserved?: number;
  /** Four bytes; a client's frames are masked. */
  mask?: readonly number[];
  /** Bytes of the length field: 0 (seven bits), 2 or 8; as few as can be where absent. */
  lengthBytes?: 0 | 2 | 8;
}

/** One WebSocket frame. */
export function webSocketFrame(fields: FrameFields, payload: Uint8Array): Uint8Array {
  const { opcode = Opcode.text, isFinal = true, reserved = 0, mask } = fields;
  const { length } = payload;
  const { lengthBytes = length < 126 ? 0 : length < 0x1_0000 ? 2 : 8 } = fields;
  const short = lengthBytes === 0 ? length : lengthBytes === 2 ? 126 : 127;
  const header = bytesOf(
    (isFinal ? 0x80 : 0) | (reserved << 4) | opcode,
    (mask === undefined ? 0 : 0x80) | short,
    lengthBytes === 0 ? [] : lengthBytes === 2 ? uint16(length) : [0, 0, 0, 0, ...uint32(length)],
    mask ?? [],
  );
  const frame = new Uint8Array(header.length + length);
  frame.set(header);
  frame.set(
    payload.map((byte, i) => byte ^ (mask?.[i & 3] ?? 0)),
    header.length,
  );
  return frame;
}

/** Four bytes, most significant first. */
export function uint32(value: number): number[] {
  return [...uint16(value >>> 16), ...uint16(value & 0xffff)];
}

/** The HTTP request that opens a WebSocket for SIP (RFC 7118 §4.1). */
export const upgradeRequest: Uint8Array = ascii(
  [
    'GET /ws HTTP/1.1',
    'Host: proxy.example.com',
    'Upgrade: websocket',
    'Connection: Upgrade',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    'Origin: http://www.example.com',
    'Sec-WebSocket-Protocol: sip',
    'Sec-WebSocket-Version: 13',
    '',
    '',
  ].join('\r\n'),
);

/** Its answer. */
export const upgradeResponse: Uint8Array = ascii(
  [
    'HTTP/1.1 101 Switching Protocols',
    'Upgrade: websocket',
    'Connection: Upgrade',
    'Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=',
    'Sec-WebSocket-Protocol: sip',
    '',
    '',
  ].join('\r\n'),
);
