// SPDX-License-Identifier: Apache-2.0
import { createSocket, type Socket } from 'node:dgram';

const PACKET_MILLIS = 20;
const PACKET_SAMPLES = 160;
const HEADER_BYTES = 12;
const VERSION_2 = 0x80;

/** The media of one party of a call: G.711 from and to a port of its own, which its session description names. */
export class Voice {
  readonly #host: string;
  readonly #socket: Socket;
  #timer: NodeJS.Timeout | undefined;

  private constructor(host: string, socket: Socket) {
    this.#host = host;
    this.#socket = socket;
  }

  /** Takes a port of a host. */
  static async open(host: string): Promise<Voice> {
    const socket = createSocket('udp4');
    await new Promise<void>((resolve) => socket.bind(0, host, resolve));
    return new Voice(host, socket);
  }

  /** What it offers or answers (RFC 8866). */
  get description(): string {
    const host = this.#host;
    return [
      ...['v=0', `o=demo 1 1 IN IP4 ${host}`, 's=-', `c=IN IP4 ${host}`, 't=0 0'],
      ...[`m=audio ${this.#socket.address().port} RTP/AVP 0`, 'a=rtpmap:0 PCMU/8000', ''],
    ].join('\r\n');
  }

  /** Talks to the other party until it is closed; a share of its packets, 0 to 1, is lost on the way. */
  talkTo(other: Voice, lostShare: number): void {
    const { port } = other.#socket.address();
    const header = Buffer.alloc(HEADER_BYTES);
    header[0] = VERSION_2;
    header.writeUInt32BE(Math.floor(Math.random() * 2 ** 32), 8);
    const payload = Buffer.alloc(PACKET_SAMPLES, 0xff);
    const begin = performance.now();
    let made = 0;
    // By the clock: timers come late and never early, and the stream would fall behind its own timestamps.
    const sendWhatIsDue = (): void => {
      for (; made * PACKET_MILLIS <= performance.now() - begin; made++) {
        header.writeUInt16BE(made & 0xffff, 2);
        header.writeUInt32BE(made * PACKET_SAMPLES, 4);
        // Put together anew: the socket may still read the packet when the next one is made.
        if (Math.random() >= lostShare) this.#socket.send(Buffer.concat([header, payload]), port, this.#host);
      }
    };
    this.#timer = setInterval(sendWhatIsDue, PACKET_MILLIS / 4);
  }

  close(): void {
    clearInterval(this.#timer);
    this.#socket.close();
  }
}
