// SPDX-License-Identifier: Apache-2.0
import { runCommand } from './command.ts';

/** One RTP stream as `tshark -z rtp,streams` tells it. */
export type JudgedStream = {
  readonly source: string;
  readonly sourcePort: number;
  readonly destination: string;
  readonly destinationPort: number;
  readonly packets: number;
  /** Less than 0 where packets came again. */
  readonly lost: number;
  /** -1 where the clock is not known. */
  readonly minJitterMillis: number;
  readonly maxJitterMillis: number;
};

/** One RTP packet as tshark reads it. */
export type JudgedPacket = {
  /** Addresses, ports and SSRC. */
  readonly stream: string;
  readonly micros: number;
  readonly sequenceNumber: number;
  readonly timestamp: number;
  readonly payloadType: number;
};

/** Ports that are RTP though no description said so. */
const decodeAs = (ports: readonly number[]): string[] =>
  ports.flatMap((port) => ['-d', `udp.port==${port},rtp`]);

const streamLine =
  /^\s*[\d.]+\s+[\d.]+\s+(\S+)\s+(\d+)\s+(\S+)\s+(\d+)\s+0x[0-9A-F]{8}\s+.*?\s+(\d+)\s+(-?\d+) \(-?[\d.]+%\)(?:\s+-?[\d.]+){3}\s+(-?[\d.]+)\s+[\d.]+\s+([\d.]+)/gm;

/** The streams of a capture file, ordered by source and destination. */
export async function judgeStreams(file: string, ports: readonly number[] = []): Promise<JudgedStream[]> {
  const text = await runCommand('tshark', ['-n', '-r', file, ...decodeAs(ports), '-q', '-z', 'rtp,streams']);
  const streams = [...text.matchAll(streamLine)].map((match): JudgedStream => {
    const [, source, sourcePort, destination, destinationPort, packets, lost, minJitter, maxJitter] = match;
    return {
      source: source!,
      sourcePort: Number(sourcePort),
      destination: destination!,
      destinationPort: Number(destinationPort),
      packets: Number(packets),
      lost: Number(lost),
      minJitterMillis: Number(minJitter),
      maxJitterMillis: Number(maxJitter),
    };
  });
  const name = (stream: JudgedStream): string =>
    `${stream.source} ${stream.sourcePort} ${stream.destination} ${stream.destinationPort}`;
  return streams.sort((a, b) => (name(a) < name(b) ? -1 : 1));
}

/** The RTP packets of a capture file by stream, in order of arrival. */
export async function judgePackets(
  file: string,
  ports: readonly number[] = [],
): Promise<Map<string, JudgedPacket[]>> {
  const fields = [
    ...['frame.time_epoch', 'ip.src', 'ipv6.src', 'udp.srcport', 'ip.dst', 'ipv6.dst', 'udp.dstport'],
    ...['rtp.ssrc', 'rtp.seq', 'rtp.timestamp', 'rtp.p_type'],
  ];
  const text = await runCommand('tshark', [
    ...['-n', '-r', file, ...decodeAs(ports), '-Y', 'rtp && !icmp && !icmpv6', '-T', 'fields'],
    ...['-E', 'occurrence=f', ...fields.flatMap((field) => ['-e', field])],
  ]);
  const streams = new Map<string, JudgedPacket[]>();
  for (const line of text.split('\n')) {
    if (line === '') continue;
    const values = line.split('\t');
    const [sequenceNumber, timestamp, payloadType] = values.slice(8).map(Number) as [number, number, number];
    const stream = values.slice(1, 8).join(' ');
    const packets = streams.get(stream) ?? [];
    streams.set(stream, packets);
    packets.push({ stream, micros: microsOf(values[0]!), sequenceNumber, timestamp, payloadType });
  }
  return streams;
}

/** Whole microseconds of `seconds.nanoseconds`, of which a double holds all digits only apart. */
function microsOf(time: string): number {
  const [seconds = '', fraction = ''] = time.split('.');
  return Number(seconds) * 1e6 + Number(fraction.slice(0, 6).padEnd(6, '0'));
}
