// SPDX-License-Identifier: Apache-2.0
import { once } from 'node:events';
import net from 'node:net';
import { Duplex } from 'node:stream';
import tls from 'node:tls';

/** Bytes that one side of a connection sent, in the order of the wire. The client is direction 0. */
export interface Piece {
  readonly direction: 0 | 1;
  readonly bytes: Uint8Array;
}

/** What went over the wire between a real client and a real server, and the key log of the connection. */
export interface TlsRecording {
  readonly pieces: readonly Piece[];
  readonly keyLog: string;
}

/** Stands between client and server on loopback and writes down what passes. */
export interface Recorder extends AsyncDisposable {
  /** The port clients connect to. */
  readonly port: number;
  /** Pieces of each connection, in the order of the connections. */
  readonly connections: readonly (readonly Piece[])[];
}

export async function startRecorder(serverPort: number): Promise<Recorder> {
  const connections: Piece[][] = [];
  const proxy = net.createServer((fromClient) => {
    const pieces: Piece[] = [];
    connections.push(pieces);
    const toServer = net.connect(serverPort, '127.0.0.1');
    const pass = (direction: 0 | 1, from: net.Socket, to: net.Socket): void => {
      from.on('data', (bytes: Buffer) => {
        pieces.push({ direction, bytes });
        to.write(bytes);
      });
      from.on('end', () => to.end());
      from.on('error', () => to.destroy());
    };
    pass(0, fromClient, toServer);
    pass(1, toServer, fromClient);
  });
  const port = await listen(proxy);
  return { port, connections, [Symbol.asyncDispose]: () => close(proxy) };
}

/** What the two say to each other in turns. */
export interface Turn {
  readonly from: 'client' | 'server';
  readonly text: string;
}

/** A TLS server of Node with a recorder before it, for several connections of one client. */
export interface RecordedServer extends AsyncDisposable {
  /** Connects, lets both speak in turns, closes, and returns what was seen of it. */
  talk(turns: readonly Turn[], options?: tls.ConnectionOptions): Promise<TlsRecording>;
  /** The last session ticket the client got, for `options.session`. */
  readonly session: Buffer | undefined;
}

export async function startRecordedServer(options: tls.TlsOptions): Promise<RecordedServer> {
  let accepted = Promise.withResolvers<tls.TLSSocket>();
  const server = tls.createServer(options, (socket) => accepted.resolve(socket));
  const recorder = await startRecorder(await listen(server));
  let session: Buffer | undefined;
  return {
    get session() {
      return session;
    },
    talk: async (turns, clientOptions = {}) => {
      accepted = Promise.withResolvers();
      let keyLog = '';
      const client = tls.connect({
        port: recorder.port,
        host: '127.0.0.1',
        rejectUnauthorized: false,
        ...clientOptions,
      });
      client.on('keylog', (line: Buffer) => {
        keyLog += line.toString('latin1');
      });
      client.on('session', (ticket) => {
        session = ticket;
      });
      const failed = once(client, 'error').then(([error]) => Promise.reject(error));
      await Promise.race([once(client, 'secureConnect'), failed]);
      failed.catch(() => undefined);
      const peer = await accepted.promise;
      for (const { from, text } of turns) {
        const [sender, receiver] = from === 'client' ? [client, peer] : [peer, client];
        const arrived = receive(receiver, text.length);
        sender.write(text);
        await arrived;
      }
      client.end();
      await once(client, 'close');
      return { pieces: recorder.connections.at(-1)!, keyLog };
    },
    [Symbol.asyncDispose]: async () => {
      await recorder[Symbol.asyncDispose]();
      await close(server);
    },
  };
}

/** A connection that stays open, between a client and a server of Node in this process; nothing else is on its wire. */
export class TlsSession {
  readonly #client: tls.TLSSocket;
  readonly #server: tls.TLSSocket;
  #pieces: Piece[] = [];
  keyLog = '';

  private constructor(options: tls.SecureContextOptions) {
    const [clientEnd, serverEnd] = [new WireEnd(0, this), new WireEnd(1, this)];
    clientEnd.peer = serverEnd;
    serverEnd.peer = clientEnd;
    this.#server = new tls.TLSSocket(serverEnd, { isServer: true, ...options });
    this.#client = tls.connect({
      socket: clientEnd,
      rejectUnauthorized: false,
      minVersion: options.minVersion,
      maxVersion: options.maxVersion,
    });
    this.#client.on('keylog', (line: Buffer) => {
      this.keyLog += line.toString('latin1');
    });
  }

  /** Shakes hands. */
  static async open(options: tls.SecureContextOptions): Promise<TlsSession> {
    const session = new TlsSession(options);
    await once(session.#client, 'secureConnect');
    return session;
  }

  /** Sends bytes and waits for their arrival; returns what was on the wire since the last call, the handshake first. */
  async send(fromClient: boolean, bytes: Uint8Array): Promise<Piece[]> {
    const [sender, receiver] = fromClient ? [this.#client, this.#server] : [this.#server, this.#client];
    const arrived = receive(receiver, bytes.length);
    sender.write(bytes);
    await arrived;
    const pieces = this.#pieces;
    this.#pieces = [];
    return pieces;
  }

  close(): void {
    this.#client.destroy();
    this.#server.destroy();
  }

  /** For the ends of the wire. */
  passed(piece: Piece): void {
    this.#pieces.push(piece);
  }
}

/** One end of a wire inside the process. */
class WireEnd extends Duplex {
  peer: WireEnd | undefined;
  readonly #direction: 0 | 1;
  readonly #session: TlsSession;

  constructor(direction: 0 | 1, session: TlsSession) {
    super();
    this.#direction = direction;
    this.#session = session;
  }

  override _read(): void {}

  override _write(bytes: Buffer, _encoding: string, done: () => void): void {
    this.#session.passed({ direction: this.#direction, bytes: Uint8Array.from(bytes) });
    this.peer!.push(bytes);
    done();
  }

  override _final(done: () => void): void {
    this.peer!.push(null);
    done();
  }
}

/** Resolves when this many bytes came. */
function receive(socket: tls.TLSSocket, length: number): Promise<void> {
  return new Promise((resolve) => {
    let got = 0;
    const take = (bytes: Buffer): void => {
      got += bytes.length;
      if (got < length) return;
      socket.off('data', take);
      resolve();
    };
    socket.on('data', take);
  });
}

export async function listen(server: net.Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as net.AddressInfo).port;
}

async function close(server: net.Server): Promise<void> {
  server.close();
  await once(server, 'close');
}
