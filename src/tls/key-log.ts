// SPDX-License-Identifier: Apache-2.0
import { randomLength } from './handshake.ts';
import { maxSecretLength, Secret, type Secrets } from './secrets.ts';

/** What a line of a key log was. */
export const KeyLogLine = {
  /** A secret that opens application data. */
  secret: 0,
  /** A comment, an empty line, or a secret of which no use is made: of the handshake, of early data, of exporters. */
  ignored: 1,
  /** Anything else. */
  malformed: 2,
} as const;
export type KeyLogLine = (typeof KeyLogLine)[keyof typeof KeyLogLine];
/** `result` label values, in that order. */
export const keyLogLineNames: readonly string[] = ['secret', 'ignored', 'malformed'];

/** The longest line of use has a label of 23 bytes, 64 and 96 digits and two spaces. */
const maxLineLength = 256;
const LF = 0x0a;
const CR = 0x0d;
const SPACE = 0x20;
const HASH = 0x23;
const randomDigits = 2 * randomLength;

const labels: readonly (readonly [Uint8Array, Secret])[] = (
  [
    ['CLIENT_RANDOM', Secret.master],
    ['CLIENT_TRAFFIC_SECRET_0', Secret.clientTraffic],
    ['SERVER_TRAFFIC_SECRET_0', Secret.serverTraffic],
  ] as const
).map(([label, kind]) => [new TextEncoder().encode(label), kind]);

/**
 * Reads a key log as it grows, in pieces that may end anywhere (RFC 9850 §2):
 *
 *     LABEL <client random, 64 hexadecimal digits> <secret, hexadecimal>
 *
 * The file may be hostile: a line is bounded, and nothing of it is kept but the secrets.
 */
export class KeyLogReader {
  /** Lines so far, by `KeyLogLine`. */
  readonly lineCounts: Float64Array = new Float64Array(keyLogLineNames.length);
  readonly #secrets: Secrets;
  readonly #line = new Uint8Array(maxLineLength);
  /** Bytes in `#line`, and bytes that the line had. */
  #kept = 0;
  #length = 0;
  readonly #random = new DataView(new ArrayBuffer(randomLength));
  readonly #secret = new DataView(new ArrayBuffer(maxSecretLength));

  constructor(secrets: Secrets) {
    this.#secrets = secrets;
  }

  /** Takes the next bytes of the file. */
  read(bytes: Uint8Array, lengthBytes: number): void {
    for (let p = 0; p < lengthBytes; p++) {
      const byte = bytes[p]!;
      if (byte === LF) this.#endLine();
      else {
        if (this.#kept < maxLineLength) this.#line[this.#kept++] = byte;
        this.#length++;
      }
    }
  }

  /** Takes the line under way as if it ended here, and again when it does: a file's last line may lack its end. */
  tryLine(): void {
    if (this.#length > 0) this.#parse();
  }

  #endLine(): void {
    if (this.#length > 0) this.lineCounts[this.#parse()]!++;
    this.#kept = 0;
    this.#length = 0;
  }

  /** Forgets a line under way: the file begins anew. */
  restart(): void {
    this.#kept = 0;
    this.#length = 0;
  }

  #parse(): KeyLogLine {
    const line = this.#line;
    let end = this.#kept;
    while (end > 0 && (line[end - 1] === CR || line[end - 1] === SPACE)) end--;
    if (end === 0 || line[0] === HASH) return KeyLogLine.ignored;
    if (this.#length > maxLineLength) return KeyLogLine.malformed;
    const labelEnd = line.indexOf(SPACE);
    if (labelEnd <= 0 || labelEnd >= end) return KeyLogLine.malformed;
    const kind = secretOf(line, labelEnd);
    if (kind < 0) return isLabel(line, labelEnd) ? KeyLogLine.ignored : KeyLogLine.malformed;
    const randomAt = labelEnd + 1;
    const secretAt = randomAt + randomDigits + 1;
    const lengthBytes = (end - secretAt) / 2;
    const isLength = lengthBytes === maxSecretLength || (lengthBytes === 32 && kind !== Secret.master);
    if (!isLength || line[secretAt - 1] !== SPACE) return KeyLogLine.malformed;
    if (!readHexadecimal(line, randomAt, this.#random, randomLength)) return KeyLogLine.malformed;
    if (!readHexadecimal(line, secretAt, this.#secret, lengthBytes)) return KeyLogLine.malformed;
    this.#secrets.add(this.#random, kind as Secret, this.#secret, lengthBytes);
    return KeyLogLine.secret;
  }
}

/** The `Secret` a label names, or -1. */
function secretOf(line: Uint8Array, labelEnd: number): number {
  for (const [label, kind] of labels) {
    if (label.length === labelEnd && label.every((byte, i) => line[i] === byte)) return kind;
  }
  return -1;
}

/** Labels are capital letters, digits and underscores. */
function isLabel(line: Uint8Array, end: number): boolean {
  for (let p = 0; p < end; p++) {
    const byte = line[p]!;
    const isLetter = byte >= 0x41 && byte <= 0x5a;
    if (!isLetter && !(byte >= 0x30 && byte <= 0x39) && byte !== 0x5f) return false;
  }
  return true;
}

/** Reads `lengthBytes` bytes written as digits at `p` into `target`; false where something else stands there. */
function readHexadecimal(line: Uint8Array, p: number, target: DataView, lengthBytes: number): boolean {
  for (let i = 0; i < lengthBytes; i++) {
    const high = digit(line[p + 2 * i]!);
    const low = digit(line[p + 2 * i + 1]!);
    if (high < 0 || low < 0) return false;
    target.setUint8(i, high * 16 + low);
  }
  return true;
}

function digit(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const letter = byte | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x61 + 10 : -1;
}
