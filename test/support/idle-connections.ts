// SPDX-License-Identifier: Apache-2.0
// Run in a network namespace: node idle-connections.ts PORT COUNT. Opens connections that say nothing, as many at a time as the
// server lets stand, and one that asks for the metrics again and again and reads none; prints what became of them.
import { once } from 'node:events';
import { connect } from 'node:net';

const [port = 0, count = 0] = process.argv.slice(2).map(Number);
let closed = 0;

const slow = connect(port, '127.0.0.1');
slow.on('error', () => undefined);
await once(slow, 'connect');
slow.pause();
slow.write('GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n'.repeat(1000));

for (let opened = 0; opened < count; opened++) {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => undefined);
  socket.on('close', () => closed++);
  await once(socket, 'connect').catch(() => undefined);
  if (opened % 1000 === 999) process.stdout.write(`opened ${opened + 1}, closed ${closed}\n`);
}
process.stdout.write('done\n');
setInterval(() => undefined, 1000);
