// SPDX-License-Identifier: Apache-2.0
import { readUint16 } from '../decode/big-endian.ts';

/** Handshake messages that matter here (RFC 8446 §4); all others are stepped over. */
export const HandshakeType = { clientHello: 1, serverHello: 2, keyUpdate: 24 } as const;

export const randomLength = 32;
const maxSessionIdLength = 32;
const extensionSupportedVersions = 43;

/** SHA-256 of "HelloRetryRequest": the random of a ServerHello that is one (RFC 8446 §4.1.3). */
// biome-ignore format: four words a line
const helloRetryRequest: readonly number[] = [
  0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c, 0x02, 0x1e, 0x65, 0xb8, 0x91,
  0xc2, 0xa2, 0x11, 0x16, 0x7a, 0xbb, 0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c,
];

/** What a ServerHello says; one object is reused. */
export class ServerHello {
  readonly random: Uint8Array = new Uint8Array(randomLength);
  /** The negotiated version: that of the extension supported_versions where there is one (RFC 8446 §4.2.1). */
  version = 0;
  cipherSuite = 0;
  compressionMethod = 0;
  /** The client is asked for another ClientHello; nothing else is decided. */
  isRetryRequest = false;
}

/** Where the random of a ClientHello of at least `clientHelloStart` bytes begins: behind its version (RFC 8446 §4.1.2). */
export const clientRandomOffset = 2;
/** Bytes of a ClientHello that are needed. */
export const clientHelloStart: number = clientRandomOffset + randomLength;

/**
 * Reads the body of a ServerHello, `end` bytes long or cut there. Returns whether it is one (RFC 8446 §4.1.3,
 * RFC 5246 §7.4.1.3):
 *
 *     +---------+--------+----------------+------------+--------------+-------------+----------------+
 *     | version | random | length, 1 byte | session id | cipher suite | compression | length, 2 byte | extensions
 *     | 2       | 32     |                | 0..32      | 2            | 1           |                |
 *     +---------+--------+----------------+------------+--------------+-------------+----------------+
 *     each extension: type, 2 bytes; length, 2 bytes; data
 */
export function parseServerHello(bytes: Uint8Array, end: number, hello: ServerHello): boolean {
  const sessionIdAt = clientHelloStart;
  if (sessionIdAt >= end || bytes[sessionIdAt]! > maxSessionIdLength) return false;
  let p = sessionIdAt + 1 + bytes[sessionIdAt]!;
  if (p + 3 > end) return false;
  for (let i = 0; i < randomLength; i++) hello.random[i] = bytes[2 + i]!;
  hello.version = readUint16(bytes, 0);
  hello.cipherSuite = readUint16(bytes, p);
  hello.compressionMethod = bytes[p + 2]!;
  hello.isRetryRequest = helloRetryRequest.every((byte, i) => hello.random[i] === byte);
  // Extensions may be absent in TLS 1.2; their length is of no use, as the message ends with them.
  p += 5;
  while (p + 4 <= end) {
    const type = readUint16(bytes, p);
    const length = readUint16(bytes, p + 2);
    p += 4;
    if (p + length > end) return false;
    if (type === extensionSupportedVersions && length === 2) hello.version = readUint16(bytes, p);
    p += length;
  }
  return true;
}
