// SPDX-License-Identifier: Apache-2.0
import { createSocket } from 'node:dgram';
import { text } from 'node:stream/consumers';

// A program of its own, so that it can be started inside a network namespace (see datagrams.ts):
// `datagram-sender.ts <local port> <address> <port>`, with a JSON array of payloads in hex on standard input.

const [localPort, address, port] = process.argv.slice(2);
const payloads: string[] = JSON.parse(await text(process.stdin));
const socket = createSocket(address!.includes(':') ? 'udp6' : 'udp4');
await new Promise<void>((resolve) => socket.bind(Number(localPort), resolve));
for (const payload of payloads) {
  await new Promise<void>((resolve, reject) => {
    socket.send(Buffer.from(payload, 'hex'), Number(port), address, (error) =>
      error ? reject(error) : resolve(),
    );
  });
}
socket.close();
