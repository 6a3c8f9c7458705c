// SPDX-License-Identifier: Apache-2.0
import { connect, type Socket } from 'node:net';
import type { HepAddress } from './hep-options.ts';
import { Backoff, type Link, type LinkEvents } from './link.ts';

/** Bytes given to the socket that the kernel has not taken. */
const MAX_WAITING_BYTES = 2 ** 20;
/** A connection that takes no byte for so long, while there are some, is dead. */
const STALLED_MILLIS = 30_000;
/** How long what was given to the socket may take to leave it. */
const CLOSE_MILLIS = 500;

/** Sends HEP by TCP; connects again when a connection is lost. */
export class TcpLink implements Link {
  readonly #target: HepAddress;
  readonly #events: LinkEvents;
  readonly #backoff = new Backoff();
  #socket: Socket | undefined;
  #timer: NodeJS.Timeout | undefined;
  #isUp = false;

  constructor(target: HepAddress, events: LinkEvents) {
    this.#target = target;
    this.#events = events;
    this.#connect();
  }

  get hasRoom(): boolean {
    return this.#isUp && this.#socket!.writableLength < MAX_WAITING_BYTES;
  }

  send(packet: Buffer): void {
    const { length } = packet;
    this.#socket!.write(packet, (error) => {
      if (error) this.#events.lost(true);
      else this.#events.sent(length);
    });
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#socket?.removeAllListeners('close');
    const socket = this.#socket;
    if (this.#isUp) socket?.end();
    else socket?.destroy();
    setTimeout(() => socket?.destroy(), CLOSE_MILLIS).unref();
  }

  #connect(): void {
    const { host, port } = this.#target;
    const socket = connect({ host, port, keepAlive: true, noDelay: true });
    this.#socket = socket;
    let reason = 'closed by the receiver';
    socket.setTimeout(STALLED_MILLIS, () => {
      if (this.#isUp && socket.writableLength === 0) return;
      reason = 'timed out';
      socket.destroy();
    });
    socket.on('connect', () => {
      this.#isUp = true;
      this.#backoff.reset();
      this.#events.up();
    });
    // Nothing is expected; what comes must not fill the window.
    socket.resume();
    socket.on('error', (error: NodeJS.ErrnoException) => {
      reason = error.code ?? error.message;
    });
    socket.on('close', () => {
      this.#isUp = false;
      this.#events.down(reason);
      this.#timer = setTimeout(() => this.#connect(), this.#backoff.next());
    });
  }
}
