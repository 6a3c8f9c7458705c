// SPDX-License-Identifier: Apache-2.0
import type { SecureContextOptions } from 'node:tls';
import { randomSource } from '../../support/random.ts';
import { TcpLink } from '../../support/tcp-link.ts';
import { type Piece, TlsSession } from '../../support/tls-recording.ts';
import { upgradeRequest, upgradeResponse, webSocketFrame } from '../../support/websocket.ts';
import type { SeenFrame } from '../calls/monitor.ts';
import type { UdpMessage } from './udp-message.ts';

/** How messages go over TLS. */
export interface TlsManner {
  /** Certificate and versions of the server. */
  readonly context: SecureContextOptions;
  /** Over WebSocket inside of TLS (WSS). */
  readonly isWebSocket?: boolean;
  /** Segments of 1 to 200 bytes; else as TLS sends them, at most 1400 bytes. */
  readonly isCut?: boolean;
  readonly seed: number;
}

interface Connection {
  readonly link: TcpLink;
  readonly client: string;
  readonly session: TlsSession;
}

/**
 * The messages of a capture over TLS, by a real client and a real server of Node: two parties share a connection, which
 * the one that speaks first has opened. Each message is complete when it was over UDP. No two calls give the same bytes.
 */
export async function overTls(
  messages: readonly UdpMessage[],
  manner: TlsManner,
): Promise<{ frames: SeenFrame[]; keyLog: string }> {
  const random = randomSource(manner.seed);
  const connections = new Map<string, Connection>();
  const frames: SeenFrame[] = [];
  const segmentLength = (): number => (manner.isCut === true ? 1 + random(200) : 1400);
  for (const { frame, message } of messages) {
    if (message === undefined) {
      frames.push(frame);
      continue;
    }
    const { source, destination, payload } = message;
    const add = (segments: readonly Uint8Array[]): void => {
      for (const bytes of segments) frames.push({ ...frame, bytes });
    };
    const addPieces = ({ link }: Connection, pieces: readonly Piece[]): void => {
      for (const { direction, bytes } of pieces) add(link.send(direction === 0, bytes, segmentLength));
    };
    const pair = [source, destination].sort().join(' ');
    let connection = connections.get(pair);
    if (connection === undefined) {
      const client = { address: source, port: 40_000 + connections.size };
      const link = new TcpLink(client, { address: destination, port: 5061 }, random(2 ** 31) * 2);
      connection = { link, client: source, session: await TlsSession.open(manner.context) };
      connections.set(pair, connection);
      add(link.open());
      if (manner.isWebSocket === true) {
        addPieces(connection, await connection.session.send(true, upgradeRequest));
        addPieces(connection, await connection.session.send(false, upgradeResponse));
      }
    }
    const fromClient = source === connection.client;
    const mask = fromClient ? { mask: [1, 2, 3, 4] } : {};
    const bytes = manner.isWebSocket === true ? webSocketFrame(mask, payload) : payload;
    addPieces(connection, await connection.session.send(fromClient, bytes));
  }
  let keyLog = '';
  for (const { session } of connections.values()) {
    keyLog += session.keyLog;
    session.close();
  }
  return { frames, keyLog };
}
