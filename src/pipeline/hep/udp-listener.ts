// SPDX-License-Identifier: Apache-2.0
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { isIPv6 } from 'node:net';
import { type HepInputMetrics, HepRefusal, HepTransport } from '../../metrics/hep-metrics.ts';
import type { HepIntake } from './hep-intake.ts';
import { type HepAddress, hepAddressText } from './hep-options.ts';
import type { HepSources } from './hep-sources.ts';
import type { Listener } from './listener.ts';

/** What is asked of the kernel; it gives no more than net.core.rmem_max. */
const RECEIVE_BUFFER_BYTES = 4 * 2 ** 20;

/** Receives HEP by UDP, a packet a datagram. Rejects when the address cannot be had. */
export async function listenUdp(
  { host, port }: HepAddress,
  sources: HepSources,
  intake: HepIntake,
  metrics: HepInputMetrics,
): Promise<Listener> {
  const socket = createSocket({
    type: isIPv6(host) ? 'udp6' : 'udp4',
    recvBufferSize: RECEIVE_BUFFER_BYTES,
  });
  socket.on('message', (bytes, { address }) => {
    if (!sources.allows(address)) {
      metrics.refused(HepRefusal.source);
      return;
    }
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    intake.packet(bytes, view, 0, bytes.length, HepTransport.udp);
  });
  socket.bind({ address: host, port, exclusive: true });
  try {
    await once(socket, 'listening');
  } catch (error) {
    socket.close();
    throw error;
  }
  // What is left are answers to what was never sent.
  socket.on('error', () => undefined);
  const bound = socket.address();
  const localAddress = procNetAddress(bound.address, bound.port);
  let drops = 0;
  return {
    address: hepAddressText({ transport: 'udp', host: bound.address, port: bound.port }),
    connectionCount: 0,
    get socketDrops() {
      return drops;
    },
    upkeep: () => {
      drops = dropsOf(bound.family, localAddress) ?? drops;
    },
    close: () => socket.close(),
  };
}

/** A socket address as /proc/net/udp writes it: 32-bit words in the byte order of the host, which is little-endian. */
export function procNetAddress(address: string, port: number): string {
  const bytes = address.includes(':') ? ipv6Bytes(address) : address.split('.').map(Number);
  const words: string[] = [];
  for (let i = 0; i < bytes.length; i += 4) {
    const word = bytes.slice(i, i + 4).reverse();
    words.push(word.map((byte) => byte.toString(16).padStart(2, '0')).join(''));
  }
  return `${words.join('')}:${port.toString(16).padStart(4, '0')}`.toUpperCase();
}

function ipv6Bytes(address: string): number[] {
  const [head = '', tail] = address.replace(/%.*/, '').split('::');
  const groups = (text: string): string[] => (text === '' ? [] : text.split(':'));
  const first = groups(head);
  const last = groups(tail ?? '');
  const all = [...first, ...new Array<string>(8 - first.length - last.length).fill('0'), ...last];
  return all.flatMap((group) => {
    const value = Number.parseInt(group, 16);
    return [value >> 8, value & 0xff];
  });
}

/** The column "drops" of a socket in /proc/net/udp, proc_pid_net(5); undefined where it cannot be read. */
function dropsOf(family: string, localAddress: string): number | undefined {
  try {
    const text = readFileSync(family === 'IPv6' ? '/proc/net/udp6' : '/proc/net/udp', 'latin1');
    for (const line of text.split('\n')) {
      const fields = line.trim().split(/\s+/);
      if (fields[1] === localAddress) return Number(fields.at(-1));
    }
  } catch {
    // Not Linux, or no file descriptor left: known no better than before.
  }
  return undefined;
}
