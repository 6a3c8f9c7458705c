// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';
import { runCommand } from './command.ts';
import type { Hosts } from './network.ts';

/** The keep-alive of RFC 5626 §3.5.1, as it is also sent over UDP. */
export const crlfKeepAlive: Uint8Array = new TextEncoder().encode('\r\n\r\n');

/**
 * Sends payloads as UDP datagrams from the caller to the callee, in order, and returns when all are handed to the
 * kernel. Nothing needs to listen there. The source port is 40000, far from SIP's.
 */
export async function sendDatagrams(
  hosts: Hosts,
  port: number,
  payloads: readonly Uint8Array[],
  ipv6 = false,
): Promise<void> {
  const address = ipv6 ? hosts.callee.ipv6 : hosts.callee.ipv4;
  await runCommand(
    process.execPath,
    [join(import.meta.dirname, 'datagram-sender.ts'), '40000', address, String(port)],
    {
      namespace: hosts.caller.namespace,
      input: JSON.stringify(payloads.map((payload) => Buffer.from(payload).toString('hex'))),
      timeoutMillis: 20_000,
    },
  );
}
