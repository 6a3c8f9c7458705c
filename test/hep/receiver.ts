// SPDX-License-Identifier: Apache-2.0
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { startMonitor } from '../../src/cli/monitor.ts';
import { parseConfig } from '../../src/config/config.ts';
import { waitUntil } from '../support/deadline.ts';

/** A ringtap in this process that captures nothing and receives HEP on loopback. It needs no privilege. */
export type Receiver = AsyncDisposable & {
  /** Ports in the order of the listen addresses. */
  readonly ports: readonly number[];
  readonly log: readonly string[];
  /** Sum of a family's series whose labels contain a text. */
  total(name: string, part?: string): number;
  /** Waits until a sum has reached a value, and for no other. */
  reaches(value: number, name: string, part?: string): Promise<void>;
};

/** What was sent just now may come much later on a busy machine, and its sender's clock is still right. */
export const patientClock: readonly string[] = ['--hep.clock-tolerance', '60s'];

/** Starts a receiver on listen addresses with port 0. */
export async function startReceiver(
  addresses: readonly string[],
  ...args: readonly string[]
): Promise<Receiver> {
  const log: string[] = [];
  const ports: number[] = [];
  const config = parseConfig([
    ...['-i', 'none', '--web.listen-address', '127.0.0.1:0'],
    ...addresses.flatMap((address) => ['--hep.listen-address', address]),
    ...patientClock,
    ...args,
  ]);
  const monitor = await startMonitor(
    config,
    (level, message, fields = {}) => {
      log.push(`${level} ${message}`);
      const { address } = fields as { address?: string };
      if (message === 'receiving HEP') ports.push(Number(address!.slice(address!.lastIndexOf(':') + 1)));
    },
    () => undefined,
  );
  const total = (name: string, part = ''): number => {
    monitor.layout.refresh();
    return monitor.layout.total(name, part);
  };
  return {
    ports,
    log,
    total,
    reaches: async (value, name, part) => {
      await waitUntil(
        `${name} ${part ?? ''} is ${value}`,
        () => total(name, part) >= value || undefined,
        15_000,
        () => `it is ${total(name, part)}`,
      );
      if (total(name, part) !== value)
        throw new Error(`${name} ${part ?? ''}: ${total(name, part)}, not ${value}`);
    },
    [Symbol.asyncDispose]: async () => {
      monitor.stop();
      await monitor.ended;
      await monitor.server.close();
    },
  };
}

/** Sends datagrams to a port of loopback, in order. */
export async function sendUdp(
  port: number,
  packets: readonly Uint8Array[],
  host = '127.0.0.1',
): Promise<void> {
  const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
  for (const packet of packets) {
    await new Promise((resolve) => socket.send(packet, port, host, resolve));
  }
  socket.close();
}

/** A connection to a port of loopback, open; what the other side does to it is no error. */
export async function openTcp(port: number): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  socket.on('error', () => undefined);
  socket.resume();
  await once(socket, 'connect');
  return socket;
}
