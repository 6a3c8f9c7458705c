// SPDX-License-Identifier: Apache-2.0
import { SeededHash } from '../../src/base/hash.ts';
import { PacketClock } from '../../src/base/packet-clock.ts';
import { nodeTlsCrypto } from '../../src/crypto/node-tls-crypto.ts';
import { KeyLogReader } from '../../src/tls/key-log.ts';
import { Secrets } from '../../src/tls/secrets.ts';
import { TlsConnection } from '../../src/tls/tls-connection.ts';
import type { Piece } from './tls-recording.ts';

/** A connection that is read, with what was opened of it. */
export class TlsReading {
  readonly secrets: Secrets = new Secrets(100, new SeededHash(1, 2), new PacketClock());
  readonly keyLog: KeyLogReader = new KeyLogReader(this.secrets);
  readonly connection: TlsConnection;
  /** Application data of both directions, in the order in which it was opened. */
  readonly opened: Piece[] = [];
  readonly #rests: [Uint8Array, Uint8Array] = [new Uint8Array(0), new Uint8Array(0)];

  constructor(keyLog: string, maxHandshakeBytes = 65_536) {
    this.addKeys(keyLog);
    this.connection = new TlsConnection(
      { tlsCrypto: nodeTlsCrypto, secrets: this.secrets, maxHandshakeBytes },
      {
        plaintext: (direction, bytes, offset, lengthBytes) => {
          this.opened.push({
            direction: direction as 0 | 1,
            bytes: bytes.subarray(offset, offset + lengthBytes),
          });
        },
      },
    );
  }

  addKeys(keyLog: string): void {
    this.keyLog.read(Buffer.from(keyLog), keyLog.length);
    this.keyLog.tryLine();
  }

  /** Gives bytes as a stream does: what was not used comes again with what follows. */
  read({ direction, bytes }: Piece): void {
    const all = Buffer.concat([this.#rests[direction], bytes]);
    const used = this.connection.read(direction, all, 0, all.length);
    this.#rests[direction] = all.subarray(used);
  }

  /** Bytes of a direction that wait. */
  waiting(direction: 0 | 1): number {
    return this.#rests[direction].length;
  }

  /** What was opened of a direction, as text. */
  text(direction: 0 | 1): string {
    return Buffer.concat(
      this.opened.filter((piece) => piece.direction === direction).map(({ bytes }) => bytes),
    ).toString('latin1');
  }
}

/** Reads a recording; with `cut`, every piece in parts of that many bytes. */
export function readRecording(pieces: readonly Piece[], keyLog: string, cut = 0): TlsReading {
  const reading = new TlsReading(keyLog);
  for (const piece of cutPieces(pieces, cut)) reading.read(piece);
  return reading;
}

export function cutPieces(pieces: readonly Piece[], cut: number): Piece[] {
  if (cut === 0) return [...pieces];
  return pieces.flatMap(({ direction, bytes }) => {
    const parts: Piece[] = [];
    for (let p = 0; p < bytes.length; p += cut) parts.push({ direction, bytes: bytes.subarray(p, p + cut) });
    return parts;
  });
}
