// SPDX-License-Identifier: Apache-2.0
import { Opcode } from '../../../src/decode/websocket-frame.ts';
import { randomSource } from '../../support/random.ts';
import { TcpLink } from '../../support/tcp-link.ts';
import { bytesOf } from '../../support/udp-frame.ts';
import { upgradeRequest, upgradeResponse, webSocketFrame } from '../../support/websocket.ts';
import type { SeenFrame } from '../calls/monitor.ts';
import type { UdpMessage } from './udp-message.ts';

/** How messages go over WebSocket. */
export interface WebSocketManner {
  /** Messages in several frames, with pings and pongs between them. */
  readonly isFragmented?: boolean;
  /** Segments of 1 to 60 bytes, the upgrade too; else a segment for each message. */
  readonly isCut?: boolean;
  /** The capture begins after the upgrade. */
  readonly isMidStream?: boolean;
  /** permessage-deflate: behind each message comes one that is compressed. */
  readonly hasCompressed?: boolean;
  readonly seed: number;
}

/** What comes of a capture beside its messages. */
export type WebSocketExtras = {
  pings: number;
  pongs: number;
  compressed: number;
};

interface Connection {
  readonly link: TcpLink;
  readonly client: string;
}

/**
 * The messages of a capture as a browser and a proxy would send them (RFC 7118): two parties share a connection, which
 * the one that speaks first has opened, and whose frames are masked. Each message is complete when it was over UDP.
 */
export function overWebSocket(
  messages: readonly UdpMessage[],
  manner: WebSocketManner,
): { frames: SeenFrame[]; extras: WebSocketExtras } {
  const random = randomSource(manner.seed);
  const connections = new Map<string, Connection>();
  const frames: SeenFrame[] = [];
  const extras: WebSocketExtras = { pings: 0, pongs: 0, compressed: 0 };
  const segmentLength = (): number => (manner.isCut === true ? 1 + random(60) : 1400);

  for (const { frame, message } of messages) {
    if (message === undefined) {
      frames.push(frame);
      continue;
    }
    const { source, destination, payload } = message;
    const add = (segments: readonly Uint8Array[]): void => {
      for (const bytes of segments) frames.push({ ...frame, bytes });
    };
    const pair = [source, destination].sort().join(' ');
    let connection = connections.get(pair);
    if (connection === undefined) {
      const client = { address: source, port: 40_000 + connections.size };
      const link = new TcpLink(client, { address: destination, port: 5060 }, random(2 ** 31) * 2);
      connection = { link, client: source };
      connections.set(pair, connection);
      const opening = [
        ...link.open(),
        ...link.send(true, upgradeRequest, segmentLength),
        ...link.send(false, upgradeResponse, segmentLength),
      ];
      if (manner.isMidStream !== true) add(opening);
    }
    const fromClient = source === connection.client;
    const mask = (): { mask?: number[] } =>
      fromClient ? { mask: [random(256), random(256), random(256), random(256)] } : {};
    const parts: Uint8Array[] = [];
    const count = manner.isFragmented === true ? 1 + random(4) : 1;
    const pieceLength = Math.ceil(payload.length / count);
    for (let i = 0; i < count; i++) {
      if (i > 0 && random(2) === 0) {
        const isPing = random(2) === 0;
        if (isPing) extras.pings++;
        else extras.pongs++;
        parts.push(
          webSocketFrame(
            { ...mask(), opcode: isPing ? Opcode.ping : Opcode.pong },
            new Uint8Array(random(9)),
          ),
        );
      }
      parts.push(
        webSocketFrame(
          { ...mask(), opcode: i === 0 ? Opcode.text : Opcode.continuation, isFinal: i === count - 1 },
          payload.subarray(i * pieceLength, (i + 1) * pieceLength),
        ),
      );
    }
    if (manner.hasCompressed === true) {
      extras.compressed++;
      parts.push(
        webSocketFrame(
          { ...mask(), reserved: 4 },
          payload.map((byte) => byte ^ 0xaa),
        ),
      );
    }
    add(connection.link.send(fromClient, bytesOf(...parts), segmentLength));
  }
  return { frames, extras };
}
