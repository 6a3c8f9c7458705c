// SPDX-License-Identifier: Apache-2.0
import { createSocket, type Socket } from 'node:dgram';
import { lookup } from 'node:dns/promises';
import { once } from 'node:events';
import type { HepAddress } from './hep-options.ts';
import { Backoff, type Link, type LinkEvents } from './link.ts';

/** Bytes given to the socket that the kernel has not taken. */
const MAX_WAITING_BYTES = 2 ** 20;

/** Sends HEP by UDP, a packet a datagram. Whether somebody receives it is told by ICMP at best. */
export class UdpLink implements Link {
  readonly #target: HepAddress;
  readonly #events: LinkEvents;
  readonly #backoff = new Backoff();
  #socket: Socket | undefined;
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(target: HepAddress, events: LinkEvents) {
    this.#target = target;
    this.#events = events;
    void this.#open();
  }

  get hasRoom(): boolean {
    return this.#socket !== undefined && this.#socket.getSendQueueSize() < MAX_WAITING_BYTES;
  }

  send(packet: Buffer): void {
    this.#socket!.send(packet, this.#done);
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    this.#socket?.close();
  }

  readonly #done = (error: Error | null, lengthBytes: number): void => {
    if (error) this.#events.lost(false);
    else this.#events.sent(lengthBytes);
  };

  async #open(): Promise<void> {
    const { host, port } = this.#target;
    let socket: Socket | undefined;
    try {
      const { address, family } = await lookup(host);
      if (this.#isClosed) return;
      socket = createSocket(family === 6 ? 'udp6' : 'udp4');
      // Connected, because the kernel tells ICMP errors to connected sockets only.
      socket.connect(port, address);
      await once(socket, 'connect');
      socket.on('error', (error: NodeJS.ErrnoException) => {
        this.#events.undelivered(error.code ?? error.message);
      });
      if (this.#isClosed) {
        socket.close();
        return;
      }
      this.#socket = socket;
      this.#events.up();
    } catch (error) {
      // Bound, it would be open for ever, and the thread would not end.
      socket?.close();
      if (this.#isClosed) return;
      const { code, message } = error as NodeJS.ErrnoException;
      this.#events.down(code ?? message);
      this.#timer = setTimeout(() => void this.#open(), this.#backoff.next());
    }
  }
}
