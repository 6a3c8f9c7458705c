// SPDX-License-Identifier: Apache-2.0
import { runCommand } from './command.ts';
import type { Host } from './network.ts';
import { addCount, type SipCounts } from './sip-counts.ts';

/** What tshark finds where a packet may have any number of messages. */
export type StreamCounts = SipCounts & {
  /** WebSocket control frames by direction and opcode, as in `inbound 10`. */
  readonly control: Record<string, number>;
};

/** Control frames that keep connections alive: ping and pong (RFC 6455 §11.8). */
const keepAliveOpcodes: ReadonlySet<string> = new Set(['9', '10']);

/**
 * Counts the SIP messages of a capture file, seen from a host: requests by `direction method`, responses by
 * `direction code`. HTTP is looked for on these TCP ports; from its upgrade on tshark finds WebSocket by itself, and
 * SCTP anyway. With a key log it looks for HTTP in TLS there.
 */
export async function countInStreams(
  file: string,
  host: Host,
  httpPorts: readonly number[] = [],
  keyLogFile?: string,
): Promise<StreamCounts> {
  const fields = ['ip.src', 'sip.Method', 'sip.Status-Code', 'websocket.opcode'];
  const output = await runCommand('tshark', [
    ...['-n', '-r', file],
    ...httpPorts.flatMap((port) => ['-d', `tcp.port==${port},${keyLogFile === undefined ? 'http' : 'tls'}`]),
    ...(keyLogFile === undefined ? [] : ['-o', `tls.keylog_file:${keyLogFile}`]),
    ...['-T', 'fields', '-E', 'occurrence=a', ...fields.flatMap((field) => ['-e', field])],
  ]);
  const counts: StreamCounts = { requests: {}, responses: {}, control: {} };
  for (const line of output.split('\n')) {
    const [source, methods = '', codes = '', opcodes = ''] = line.split('\t');
    const direction = source === host.ipv4 ? 'outbound' : 'inbound';
    const add = (to: Record<string, number>, values: string): void => {
      for (const value of values.split(',')) if (value !== '') addCount(to, `${direction} ${value}`, 1);
    };
    add(counts.requests, methods);
    add(counts.responses, codes);
    add(
      counts.control,
      opcodes
        .split(',')
        .filter((opcode) => keepAliveOpcodes.has(opcode))
        .join(','),
    );
  }
  return counts;
}
