// SPDX-License-Identifier: Apache-2.0
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createSecureServer } from 'node:http2';
import { createServer as createHttpsServer } from 'node:https';
import type { Server as NetServer } from 'node:net';
import type { ServerLimits } from './server-limits.ts';
import { clientCertificateOptions } from './tls-options.ts';
import type { LoadedWebConfig } from './web-config-file.ts';

/** Takes a request; those of HTTP/2 come in the shape of HTTP/1. */
export type RequestListener = (request: IncomingMessage, response: ServerResponse) => void;

/** A server of HTTP/1, with TLS also of HTTP/2. */
export type WebServer = NetServer;

/** Streams of one HTTP/2 connection: a scraper uses one. */
const MAX_STREAMS = 16;

/** A server that does not listen yet. */
export function makeServer(
  limits: ServerLimits,
  loaded: LoadedWebConfig | undefined,
  listener: RequestListener,
): WebServer {
  const server = bareServer(limits, loaded, listener);
  server.maxConnections = limits.maxConnections;
  // A body is not wanted whatever it is: the answer comes right away, without "100 Continue".
  server.on('checkContinue', listener);
  return server;
}

function bareServer(
  limits: ServerLimits,
  loaded: LoadedWebConfig | undefined,
  listener: RequestListener,
): WebServer {
  const options = {
    maxHeaderSize: limits.maxHeaderBytes,
    headersTimeout: limits.headersTimeoutMillis,
    requestTimeout: limits.requestTimeoutMillis,
    keepAliveTimeout: limits.keepAliveTimeoutMillis,
    connectionsCheckingInterval: limits.checkIntervalMillis,
  };
  const tls = loaded?.config.tls;
  if (tls === undefined) return createServer(options, listener);
  const secure = {
    ...options,
    ...loaded!.context,
    ...clientCertificateOptions(tls),
    handshakeTimeout: limits.headersTimeoutMillis,
  };
  if (!loaded!.config.isHttp2) return createHttpsServer(secure, listener);
  const server = createSecureServer(
    {
      ...secure,
      allowHTTP1: true,
      settings: { maxConcurrentStreams: MAX_STREAMS, maxHeaderListSize: limits.maxHeaderBytes },
      maxSessionMemory: 1,
    },
    listener as never,
  );
  // Of HTTP/2 a connection without any frame; each of HTTP/1 has the time limits above.
  server.setTimeout(limits.keepAliveTimeoutMillis);
  return server as unknown as WebServer;
}
