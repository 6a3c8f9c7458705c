// SPDX-License-Identifier: Apache-2.0
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { HepResult } from '../../hep/hep-result.ts';
import { HepStream } from '../../hep/hep-stream.ts';
import { HepClose, type HepInputMetrics, HepRefusal, HepTransport } from '../../metrics/hep-metrics.ts';
import type { HepIntake } from './hep-intake.ts';
import { type HepAddress, type HepInputOptions, hepAddressText } from './hep-options.ts';
import type { HepSources } from './hep-sources.ts';
import type { Listener } from './listener.ts';

/** One agent's connection. */
interface Connection {
  readonly socket: Socket;
  readonly stream: HepStream;
  close: HepClose;
  /** `performance.now()` of the last byte, and of the first byte of the packet that is not complete. */
  heardMillis: number;
  incompleteMillis: number;
}

/** Receives HEP by TCP. Rejects when the address cannot be had. */
export async function listenTcp(
  { host, port }: HepAddress,
  sources: HepSources,
  intake: HepIntake,
  metrics: HepInputMetrics,
  options: HepInputOptions,
): Promise<Listener> {
  const connections = new Set<Connection>();
  const server = createServer((socket) => {
    if (!sources.allows(socket.remoteAddress ?? '')) {
      metrics.refused(HepRefusal.source);
      socket.destroy();
      return;
    }
    const stream = new HepStream(options.maxPacketBytes, (bytes, view, offset, length) =>
      intake.packet(bytes, view, offset, length, HepTransport.tcp),
    );
    const nowMillis = performance.now();
    const connection: Connection = {
      socket,
      stream,
      close: HepClose.peer,
      heardMillis: nowMillis,
      incompleteMillis: nowMillis,
    };
    connections.add(connection);
    socket.on('data', (bytes) => take(connection, bytes as Buffer, metrics));
    socket.on('error', () => {
      connection.close = HepClose.error;
    });
    socket.on('close', () => {
      connections.delete(connection);
      metrics.closed(connection.close);
    });
  });
  server.maxConnections = options.maxConnections;
  server.on('drop', () => metrics.refused(HepRefusal.connections));
  server.listen({ host, port });
  await once(server, 'listening');
  // A connection could not be accepted, as without a file descriptor left: the agent tries again.
  server.on('error', () => undefined);
  const bound = server.address();
  const taken = typeof bound === 'object' && bound !== null ? bound : { address: host, port };
  return {
    address: hepAddressText({ transport: 'tcp', host: taken.address, port: taken.port }),
    get connectionCount() {
      return connections.size;
    },
    socketDrops: 0,
    upkeep: () => {
      for (const connection of connections) endSilent(connection, options);
    },
    close: () => {
      server.close();
      for (const { socket } of connections) socket.destroy();
    },
  };
}

function take(connection: Connection, bytes: Buffer, metrics: HepInputMetrics): void {
  const { socket, stream } = connection;
  const { isIncomplete, packetCount } = stream;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const result = stream.push(bytes, view);
  if (result !== HepResult.message) {
    metrics.notRead(result);
    connection.close = HepClose.notHep;
    socket.destroy();
    return;
  }
  connection.heardMillis = performance.now();
  const isSamePacket = isIncomplete && stream.packetCount === packetCount;
  if (!isSamePacket) connection.incompleteMillis = connection.heardMillis;
}

/** Neither silence nor a byte now and then keeps a connection for ever. */
function endSilent(connection: Connection, { idleMicros, packetMicros }: HepInputOptions): void {
  const nowMillis = performance.now();
  const { socket, stream } = connection;
  if (stream.isIncomplete && nowMillis - connection.incompleteMillis > packetMicros / 1000) {
    connection.close = HepClose.incomplete;
  } else if (nowMillis - connection.heardMillis > idleMicros / 1000) connection.close = HepClose.idle;
  else return;
  socket.destroy();
}
