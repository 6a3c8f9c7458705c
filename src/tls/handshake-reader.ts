// SPDX-License-Identifier: Apache-2.0

/** Bytes of a message's body that are kept; of those read here only a ServerHello comes near, with its key share. */
const maxBodyLength = 4096;
const headerLength = 4;

/**
 * Finds the messages in the handshake records of one direction: several may share a record, and one may lie in several
 * (RFC 8446 §5.1).
 *
 *     0      1        4
 *     +------+--------+------
 *     | type | length | body
 *     +------+--------+------
 */
export class HandshakeReader {
  /** Of the message that `read` completed: type, length, and the first bytes of its body. */
  type = 0;
  bodyLength = 0;
  body: Uint8Array = new Uint8Array(0);

  /** Bytes of header and body that came so far; 0 between two messages. */
  #length = 0;

  /** Bytes of the body that are in `body`. */
  get keptLength(): number {
    return Math.min(this.bodyLength, maxBodyLength);
  }

  /** Whether a message is under way. */
  get isInside(): boolean {
    return this.#length > 0;
  }

  /** Forgets a message under way, and the memory. */
  reset(): void {
    this.#length = 0;
    this.body = new Uint8Array(0);
  }

  /**
   * Reads from `p` until a message is complete or the bytes end; returns the position behind the last byte read. The
   * message is complete when `isInside` is false then.
   */
  read(bytes: Uint8Array, start: number, end: number): number {
    let p = start;
    while (p < end && this.#length < headerLength) {
      const byte = bytes[p++]!;
      if (this.#length === 0) {
        this.type = byte;
        this.bodyLength = 0;
      } else this.bodyLength = (this.bodyLength << 8) | byte;
      this.#length++;
    }
    if (this.#length < headerLength) return p;
    const at = this.#length - headerLength;
    const count = Math.min(end - p, this.bodyLength - at);
    this.#keep(bytes, p, at, count);
    this.#length += count;
    if (this.#length === headerLength + this.bodyLength) this.#length = 0;
    return p + count;
  }

  #keep(bytes: Uint8Array, p: number, at: number, count: number): void {
    const kept = Math.min(count, maxBodyLength - at);
    if (kept <= 0) return;
    // Memory for what came, not for what is announced.
    if (this.body.length < at + kept) {
      const body = new Uint8Array(Math.min(this.keptLength, Math.max(2 * at, at + kept)));
      body.set(this.body.subarray(0, at));
      this.body = body;
    }
    this.body.set(bytes.subarray(p, p + kept), at);
  }
}
