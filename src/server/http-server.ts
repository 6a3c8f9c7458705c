// SPDX-License-Identifier: Apache-2.0
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { listenError, parseListenAddress, urlOf } from './listen-address.ts';
import { handleRequest, refuseRequest, type Site } from './request-handler.ts';

/** What clients can make the server hold, whatever they do. */
export interface ServerLimits {
  /** Connections of one listen address; further ones are closed at once. */
  readonly maxConnections: number;
  /** Requests without a complete answer, all addresses together; further ones get 503. Each may hold a whole scrape. */
  readonly maxUnansweredRequests: number;
  readonly maxHeaderBytes: number;
  /** For the header fields of a request, and for all of it. */
  readonly headersTimeoutMillis: number;
  readonly requestTimeoutMillis: number;
  /** From the end of a request until its answer is in the kernel's hands; then a slow reader is cut off. */
  readonly responseTimeoutMillis: number;
  /** How long an idle connection is kept; longer than usual scrape intervals. */
  readonly keepAliveTimeoutMillis: number;
  /** How often connections are looked at for the time limits above. */
  readonly checkIntervalMillis: number;
}

const defaultLimits: ServerLimits = {
  maxConnections: 256,
  maxUnansweredRequests: 16,
  maxHeaderBytes: 16_384,
  headersTimeoutMillis: 5_000,
  requestTimeoutMillis: 10_000,
  responseTimeoutMillis: 30_000,
  keepAliveTimeoutMillis: 75_000,
  checkIntervalMillis: 1_000,
};

/** What `startServer` needs. */
export interface ServerOptions extends Site {
  /** As `parseListenAddress` reads them. */
  readonly listenAddresses: readonly string[];
  readonly limits?: Partial<ServerLimits>;
}

/** A server that listens. */
export interface RunningServer {
  /** URLs, one a listen address, with the port that was taken. */
  readonly addresses: readonly string[];
  /** Stops listening, lets running answers end for half a second, then closes every connection. */
  close(): Promise<void>;
}

const CLOSE_GRACE_MILLIS = 500;

function makeServer(
  limits: ServerLimits,
  listener: (request: IncomingMessage, response: ServerResponse) => void,
): Server {
  const server = createServer(
    {
      maxHeaderSize: limits.maxHeaderBytes,
      headersTimeout: limits.headersTimeoutMillis,
      requestTimeout: limits.requestTimeoutMillis,
      keepAliveTimeout: limits.keepAliveTimeoutMillis,
      connectionsCheckingInterval: limits.checkIntervalMillis,
    },
    listener,
  );
  server.maxConnections = limits.maxConnections;
  // A body is not wanted whatever it is: the answer comes right away, without "100 Continue".
  server.on('checkContinue', listener);
  return server;
}

function listen(server: Server, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const { host, port } = parseListenAddress(text);
    server.once('error', (error) => reject(listenError(text, error)));
    server.listen(host === undefined ? { port } : { host, port }, () =>
      resolve(urlOf(server.address() as AddressInfo)),
    );
  });
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => server.closeAllConnections(), CLOSE_GRACE_MILLIS);
    server.close(() => {
      clearTimeout(timer);
      resolve();
    });
  });
}

/** Serves a site on every listen address. Rejects with a `ListenError` when one of them cannot be had. */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const limits = { ...defaultLimits, ...options.limits };
  let unanswered = 0;
  const listener = (request: IncomingMessage, response: ServerResponse): void => {
    if (unanswered >= limits.maxUnansweredRequests) {
      refuseRequest(response);
      return;
    }
    unanswered++;
    const deadline = setTimeout(() => request.socket.destroy(), limits.responseTimeoutMillis).unref();
    // Also when the connection goes, and for a response that waits behind another on its connection.
    response.once('close', () => {
      clearTimeout(deadline);
      unanswered--;
    });
    void handleRequest(options, request, response);
  };

  const servers: Server[] = [];
  const addresses: string[] = [];
  try {
    for (const text of options.listenAddresses) {
      const server = makeServer(limits, listener);
      addresses.push(await listen(server, text));
      servers.push(server);
      server.on('error', (error) => options.reportError(`HTTP server on ${text}: ${error.message}`));
    }
  } catch (error) {
    await Promise.all(servers.map(closeServer));
    throw error;
  }
  return {
    addresses,
    close: async () => {
      await Promise.all(servers.map(closeServer));
    },
  };
}
