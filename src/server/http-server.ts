// SPDX-License-Identifier: Apache-2.0
import type { AddressInfo } from 'node:net';
import type { Server as TlsServer } from 'node:tls';
import { ConnectionResult, RequestOutcome } from '../metrics/families/web.ts';
import { Access } from './access.ts';
import { Connections } from './connections.ts';
import { listenError, parseListenAddress, urlOf } from './listen-address.ts';
import { makeServer, type RequestListener, type WebServer } from './make-server.ts';
import { handleRequest, refuseRequest, type Site } from './request-handler.ts';
import { defaultLimits, type ServerLimits } from './server-limits.ts';
import type { LoadedWebConfig, WebConfigFile } from './web-config-file.ts';
import type { WebMetrics } from './web-metrics.ts';

/** What `startServer` needs. */
export interface ServerOptions extends Omit<Site, 'access'> {
  /** As `parseListenAddress` reads them. */
  readonly listenAddresses: readonly string[];
  /** Sockets that listen already, instead of addresses: see `listeningDescriptors`. */
  readonly descriptors?: readonly number[];
  readonly limits?: Partial<ServerLimits>;
  /** TLS, users and more; its files are read again when they change. */
  readonly webConfigFile?: string | undefined;
  readonly metrics?: WebMetrics;
  /** Told when the web configuration was read again. */
  reportReload?(): void;
}

/** A server that listens. */
export interface RunningServer {
  /** URLs, one a listen address, with the port that was taken. */
  readonly addresses: readonly string[];
  /** Stops listening, lets running answers end for half a second, then closes every connection. */
  close(): Promise<void>;
}

const CLOSE_GRACE_MILLIS = 500;
/** How often files of the web configuration are looked at. */
const RELOAD_MILLIS = 1_000;

function listen(server: WebServer, target: string | number, isTls: boolean): Promise<string> {
  return new Promise((resolve, reject) => {
    const shown = typeof target === 'number' ? `descriptor ${target}` : target;
    server.once('error', (error) => reject(listenError(shown, error)));
    const listening = (): void => resolve(urlOf(server.address() as AddressInfo | string, isTls));
    if (typeof target === 'number') server.listen({ fd: target }, listening);
    else {
      const { host, port } = parseListenAddress(target);
      server.listen(host === undefined ? { port } : { host, port }, listening);
    }
  });
}

/** One listen address. */
class Listener {
  readonly #server: WebServer;
  readonly #connections = new Connections();

  constructor(
    options: ServerOptions,
    limits: ServerLimits,
    loaded: LoadedWebConfig | undefined,
    answer: Answer,
  ) {
    const { metrics } = options;
    this.#server = makeServer(limits, loaded, (request, response) =>
      answer(this.#connections, request, response),
    );
    this.#server.prependListener('connection', (socket) => {
      this.#connections.add(socket);
      metrics?.connection(ConnectionResult.accepted);
      const isFull = this.#connections.count >= limits.maxConnections;
      if (isFull && this.#connections.displaceOldest(socket)) metrics?.connection(ConnectionResult.displaced);
    });
    this.#server.on('drop', () => metrics?.connection(ConnectionResult.refused));
    this.#server.on('tlsClientError', () => metrics?.connection(ConnectionResult.tlsFailed));
  }

  async listen(
    target: string | number,
    isTls: boolean,
    reportError: (sentence: string) => void,
  ): Promise<string> {
    const url = await listen(this.#server, target, isTls);
    this.#server.on('error', (error) => reportError(`HTTP server on ${target}: ${error.message}`));
    return url;
  }

  /** What new connections use. */
  setContext({ context }: LoadedWebConfig): void {
    if (context !== undefined) (this.#server as unknown as TlsServer).setSecureContext(context);
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.#connections.closeAll(), CLOSE_GRACE_MILLIS);
      this.#server.close(() => {
        clearTimeout(timer);
        resolve();
      });
      this.#connections.closeIdle();
    });
  }
}

type Answer = (connections: Connections, ...args: Parameters<RequestListener>) => void;

/** Serves a site on every listen address. Rejects with a `ListenError` when one of them cannot be had, and a `WebConfigError`. */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const limits = { ...defaultLimits, ...options.limits };
  const { metrics } = options;
  const file = await openWebConfig(options.webConfigFile);
  const access = file && new Access();
  const site: Site = {
    ...options,
    ...(access && {
      access: {
        check: (request) => access.check(file.current.config, request),
        headers: () => file.current.config.headers,
      },
    }),
  };
  let unanswered = 0;
  const answer: Answer = (connections, request, response) => {
    const isTooMuch = connections.requestsOf(request.socket) >= limits.maxUnansweredPerConnection;
    if (isTooMuch || unanswered >= limits.maxUnansweredRequests) {
      metrics?.request(RequestOutcome.busy);
      refuseRequest(response);
      return;
    }
    unanswered++;
    const over = connections.requestBegins(request.socket);
    const deadline = setTimeout(() => {
      metrics?.request(RequestOutcome.slow);
      request.socket.destroy();
    }, limits.responseTimeoutMillis).unref();
    // Also when the connection goes, and for a response that waits behind another on its connection.
    response.once('close', () => {
      clearTimeout(deadline);
      over();
      unanswered--;
    });
    void handleRequest(site, request, response).then((outcome) => metrics?.request(outcome));
  };

  const listeners: Listener[] = [];
  const addresses: string[] = [];
  const isTls = file?.current.config.tls !== undefined;
  const close = async (): Promise<void> => {
    clearInterval(reload);
    await Promise.all(listeners.map((listener) => listener.close()));
    await access?.passwords.close();
  };
  const reload =
    file &&
    setInterval(() => {
      metrics?.passwordsHashed(access!.passwords.hashed);
      reloadWebConfig(file, options, listeners);
    }, RELOAD_MILLIS).unref();
  try {
    for (const target of options.descriptors ?? options.listenAddresses) {
      const listener = new Listener(options, limits, file?.current, answer);
      addresses.push(await listener.listen(target, isTls, options.reportError));
      listeners.push(listener);
    }
  } catch (error) {
    await close();
    throw error;
  }
  return { addresses, close };
}

/** Its libraries are loaded only where there is a file. */
async function openWebConfig(file: string | undefined): Promise<WebConfigFile | undefined> {
  if (file === undefined) return undefined;
  const { WebConfigFile } = await import('./web-config-file.ts');
  return new WebConfigFile(file);
}

/** Reads the web configuration again where it changed; what cannot be changed while the server runs is told. */
function reloadWebConfig(file: WebConfigFile, options: ServerOptions, listeners: readonly Listener[]): void {
  const before = file.current.config;
  try {
    if (!file.refresh()) return;
    for (const listener of listeners) listener.setContext(file.current);
    options.metrics?.configRead(true);
    options.reportReload?.();
    const { tls, isHttp2 } = file.current.config;
    const isFixed = (tls === undefined) === (before.tls === undefined) && isHttp2 === before.isHttp2;
    if (isFixed && tls?.clientAuthType === before.tls?.clientAuthType) return;
    options.reportError(
      'web configuration: TLS on or off, http2 and client_auth_type count from the next start',
    );
  } catch (error) {
    options.metrics?.configRead(false);
    options.reportError(`${(error as Error).message}; the web configuration stays as it was`);
  }
}
