// SPDX-License-Identifier: Apache-2.0
import { bytesOf, ethernet, ipv4, uint16 } from './udp-frame.ts';
import { uint32 } from './websocket.ts';

/** TCP control bits. */
const SYN = 0x02;
const PUSH_ACK = 0x18;
const ACK = 0x10;

/** One end of a connection. */
interface Endpoint {
  readonly address: string;
  readonly port: number;
  /** Of the next byte. */
  sequenceNumber: number;
}

/** A TCP connection over IPv4 and Ethernet, as frames. */
export class TcpLink {
  readonly #ends: readonly [Endpoint, Endpoint];

  /** `initialNumber` is the first sequence number of both. */
  constructor(
    client: { readonly address: string; readonly port: number },
    server: { readonly address: string; readonly port: number },
    initialNumber: number,
  ) {
    this.#ends = [
      { ...client, sequenceNumber: initialNumber },
      { ...server, sequenceNumber: initialNumber },
    ];
  }

  /** The three segments that open it (RFC 9293 §3.5). */
  open(): Uint8Array[] {
    return [this.#segment(0, SYN, 1), this.#segment(1, SYN | ACK, 1), this.#segment(0, ACK, 0)];
  }

  /** Segments with these bytes, from the client or from the server, each with as many as `lengthOf` says. */
  send(fromClient: boolean, bytes: Uint8Array, lengthOf: () => number): Uint8Array[] {
    const segments: Uint8Array[] = [];
    for (let p = 0; p < bytes.length; ) {
      const payload = bytes.subarray(p, p + lengthOf());
      segments.push(this.#segment(fromClient ? 0 : 1, PUSH_ACK, payload.length, payload));
      p += payload.length;
    }
    return segments;
  }

  #segment(
    from: 0 | 1,
    flags: number,
    consumed: number,
    payload: Uint8Array = new Uint8Array(0),
  ): Uint8Array {
    const sender = this.#ends[from];
    const receiver = this.#ends[1 - from]!;
    const segment = bytesOf(
      ...[uint16(sender.port), uint16(receiver.port)],
      uint32(sender.sequenceNumber),
      uint32((flags & ACK) === 0 ? 0 : receiver.sequenceNumber),
      ...[0x50, flags, uint16(65535), uint16(0), uint16(0), payload],
    );
    sender.sequenceNumber = (sender.sequenceNumber + consumed) >>> 0;
    return ethernet(
      0x0800,
      ipv4({ source: sender.address, destination: receiver.address, protocol: 6 }, segment),
    );
  }
}
