// SPDX-License-Identifier: Apache-2.0
import { createSocket, type Socket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Datagram, Order } from './wire-phone.ts';

// A program of its own, so that it can be started inside a network namespace (see wire-phone.ts). Orders come by IPC, one
// after the other, and each is answered when it is carried out.

const sockets = new Map<number, Socket>();

process.on('message', (order: Order) => {
  carryOut(order).then(
    () => process.send!(''),
    (error: unknown) => process.send!(String(error)),
  );
});
process.on('disconnect', () => process.exit());

async function carryOut({ bind, send }: Order): Promise<void> {
  for (const { address, port } of bind) sockets.set(port, await open(address, port));
  const begin = performance.now();
  for (const datagram of send) {
    const waitMillis = begin + (datagram.atMillis ?? 0) - performance.now();
    if (waitMillis > 0) await sleep(waitMillis);
    await sendOne(datagram);
  }
}

async function open(address: string, port: number): Promise<Socket> {
  const socket = createSocket(isIPv6(address) ? 'udp6' : 'udp4');
  // Where nobody listens ICMP would say so.
  socket.on('message', () => {});
  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject);
    socket.bind(port, address, resolve);
  });
  return socket;
}

function sendOne({ from, to: [address, port], payload }: Datagram): Promise<void> {
  return new Promise((resolve, reject) => {
    sockets.get(from)!.send(payload, port, address, (error) => (error ? reject(error) : resolve()));
  });
}
