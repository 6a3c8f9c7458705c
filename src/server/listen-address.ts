// SPDX-License-Identifier: Apache-2.0
import type { AddressInfo } from 'node:net';

/** Where to listen. */
export interface ListenAddress {
  /** Host name or address, without brackets; undefined is every address of this machine. */
  readonly host: string | undefined;
  /** 0..65535; 0 takes any free port. */
  readonly port: number;
}

/** An address cannot be read or listened on; the message is a sentence for the user: what, where, what to do. */
export class ListenError extends Error {
  override readonly name = 'ListenError';
}

/**
 * Reads `127.0.0.1:10060`, `[::1]:10060`, `localhost:10060` or `:10060` (every address). Throws a `ListenError`.
 */
export function parseListenAddress(text: string): ListenAddress {
  const match = /^(?:\[([0-9A-Fa-f:.]+(?:%[^\][\s]+)?)\]|([^\][:\s]*)):(\d{1,5})$/.exec(text);
  const port = Number(match?.[3]);
  if (!match || port > 65535) {
    throw new ListenError(
      `"${text}" is not a listen address: write HOST:PORT, such as 127.0.0.1:10060, [::1]:10060 or :10060 for all addresses, with a port of 0 to 65535.`,
    );
  }
  return { host: match[1] ?? (match[2] || undefined), port };
}

/** The URL of a listening socket; of one in the file system its path. */
export function urlOf(listening: AddressInfo | string, isTls: boolean = false): string {
  if (typeof listening === 'string') return `unix:${listening}`;
  const { address, family, port } = listening;
  return `${isTls ? 'https' : 'http'}://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
}

/** The error of a `listen` that failed. */
export function listenError(text: string, cause: NodeJS.ErrnoException): ListenError {
  return new ListenError(`Cannot serve HTTP on ${text}: ${reasonOf(cause)}`, { cause });
}

function reasonOf(error: NodeJS.ErrnoException): string {
  switch (error.code) {
    case 'EADDRINUSE':
      return 'another program listens there already. Stop it (ss -ltnp shows it) or choose another --web.listen-address.';
    case 'EACCES':
      return 'no permission. Choose a port from 1024 on, or grant CAP_NET_BIND_SERVICE.';
    case 'EADDRNOTAVAIL':
      return 'this machine has no such address (ip address shows those it has). Choose another --web.listen-address.';
    case 'EAFNOSUPPORT':
      return 'this machine does not speak that address family. Choose another --web.listen-address.';
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return 'the host name cannot be resolved. Write an address instead.';
  }
  return `${error.message}.`;
}
