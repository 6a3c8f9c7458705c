// SPDX-License-Identifier: Apache-2.0
import type { Socket } from 'node:net';

/** What names both the raw and the TLS socket of one connection. */
type Peer = Pick<Socket, 'remoteAddress' | 'remotePort'>;

interface Connection {
  readonly socket: Socket;
  /** Requests without a complete answer. */
  requests: number;
}

/**
 * The open connections of one listen address, oldest first, so that an idle one can make room: else whoever holds many
 * connections open would keep the scraper out.
 */
export class Connections {
  readonly #connections = new Map<string, Connection>();

  get count(): number {
    return this.#connections.size;
  }

  add(socket: Socket): void {
    const name = nameOf(socket);
    const connection = { socket, requests: 0 };
    this.#connections.set(name, connection);
    socket.once('close', () => {
      if (this.#connections.get(name) === connection) this.#connections.delete(name);
    });
  }

  /** A request came; what is returned is to be called when it is over. */
  requestBegins(peer: Peer): () => void {
    const connection = this.#connections.get(nameOf(peer));
    if (connection === undefined) return () => undefined;
    connection.requests++;
    return () => {
      connection.requests--;
    };
  }

  /** Requests of a connection without a complete answer. */
  requestsOf(peer: Peer): number {
    return this.#connections.get(nameOf(peer))?.requests ?? 0;
  }

  /** Closes the oldest connection without a request but `newest`. Returns whether there was one. */
  displaceOldest(newest?: Socket): boolean {
    for (const [name, { socket, requests }] of this.#connections) {
      if (requests > 0 || socket === newest) continue;
      this.#connections.delete(name);
      socket.destroy();
      return true;
    }
    return false;
  }

  /** Closes those without a request. */
  closeIdle(): void {
    while (this.displaceOldest());
  }

  closeAll(): void {
    for (const { socket } of this.#connections.values()) socket.destroy();
    this.#connections.clear();
  }
}

const nameOf = ({ remoteAddress, remotePort }: Peer): string => `${remoteAddress} ${remotePort}`;
