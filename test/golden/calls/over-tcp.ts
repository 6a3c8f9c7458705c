// SPDX-License-Identifier: Apache-2.0
import { type Random, type Segmentation, StreamSender } from '../../support/segmenter.ts';
import type { SeenFrame } from './monitor.ts';
import type { CapturedFrame } from './scenario.ts';

/** Bytes before the SIP message in every frame of a golden capture: Ethernet 14, IPv4 20, UDP 8. */
const SIP_OFFSET_BYTES = 42;
const PORT = 5060;

/** What a capture shows of the connections. */
export interface TcpStyle extends Segmentation {
  /** The handshakes are seen; else each connection is met in the middle. */
  readonly hasHandshake: boolean;
  /** Where sequence numbers begin: near their end, they wrap. */
  readonly firstSequence: number;
}

interface Connection {
  readonly ends: Readonly<Record<string, StreamSender>>;
}

/**
 * The frames of a golden capture as if the same messages were sent over TCP: a connection for each pair of addresses, all
 * segments of a message at the time of its datagram, so that every delay is the same.
 */
export function overTcp(frames: readonly CapturedFrame[], style: TcpStyle, random: Random): SeenFrame[] {
  const connections = new Map<string, Connection>();
  const seen: SeenFrame[] = [];
  const sent = new Map<Uint8Array, Uint8Array[]>();
  for (const { micros, bytes, interfaceIndex, kind } of frames) {
    const take = (segment: Uint8Array): void => {
      seen.push({ micros, interfaceIndex, bytes: segment });
    };
    if (kind === undefined) {
      take(bytes);
      continue;
    }
    const [source, destination] = [addressAt(bytes, 26), addressAt(bytes, 30)];
    const name = [source, destination].sort().join();
    let connection = connections.get(name);
    if (connection === undefined) {
      connection = open(source, destination, style, random);
      connections.set(name, connection);
      if (style.hasHandshake) handshake(connection, source, destination).forEach(take);
    }
    // A frame that was captured twice is captured twice as segments, too.
    const segments =
      sent.get(bytes) ?? connection.ends[source]!.send(bytes.subarray(SIP_OFFSET_BYTES), style);
    sent.set(bytes, segments);
    segments.forEach(take);
  }
  return seen;
}

function open(source: string, destination: string, { firstSequence }: TcpStyle, random: Random): Connection {
  const sender = (from: string, to: string): StreamSender =>
    new StreamSender({ address: from, port: PORT }, { address: to, port: PORT }, firstSequence, random);
  return { ends: { [source]: sender(source, destination), [destination]: sender(destination, source) } };
}

function handshake({ ends }: Connection, source: string, destination: string): Uint8Array[] {
  const [caller, callee] = [ends[source]!, ends[destination]!];
  const syn = caller.control('S');
  const synAck = callee.control('SA', caller.sequence);
  return [syn, synAck, caller.control('A', callee.sequence)];
}

function addressAt(bytes: Uint8Array, index: number): string {
  return bytes.subarray(index, index + 4).join('.');
}
