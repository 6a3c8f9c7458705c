// SPDX-License-Identifier: Apache-2.0
import { Frame, PacketType } from '../../src/base/frame.ts';
import { SeededHash } from '../../src/base/hash.ts';
import { PortCounts } from '../../src/base/port-counts.ts';
import { cellsPerContext } from '../../src/metrics/definition.ts';
import { families, familyId } from '../../src/metrics/families.ts';
import { ShardMemory } from '../../src/metrics/shard-memory.ts';
import { ShardWriter } from '../../src/metrics/shard-writer.ts';
import { PacketPipeline } from '../../src/pipeline/packet-pipeline.ts';
import { adviseHugePages } from '../../src/sys/memory.ts';
import type { BenchCase } from '../measure-case.ts';
import { benchAnalysis } from './bench-limits.ts';

const budget = { maxSeriesPerFamily: 10_000, maxSeries: 100_000 };
const headersBytes = 42;
const snapshotBytes = headersBytes + 76;
const wireBytes = headersBytes + 12 + 160;
const packetMicros = 20_000;
const rounds = 5;
const callsPerHost = 250;

/** A pipeline that was told of `streams` streams, two a call, by its descriptions, and one packet of each in turn. */
export function prepareSignalledStreams(streams: number): BenchCase {
  const writer = new ShardWriter(ShardMemory.allocate(budget), budget);
  const pipeline = new PacketPipeline({
    writer,
    analysis: benchAnalysis,
    hash: new SeededHash(1, 2),
    nameOfInterface: () => 'eth0',
    batch: 64,
    mediaPorts: new PortCounts(),
  });
  for (const buffer of pipeline.tableBuffers) adviseHugePages(buffer);
  const frame = new Frame();
  frame.packetType = PacketType.otherHost;
  frame.interfaceIndex = 1;
  frame.arrivalMicros = 1_767_225_600e6;
  for (let call = 0; call < streams / 2; call++) {
    for (const message of [invite(call), answer(call)]) takeMessage(pipeline, frame, message);
  }
  const packets = packetsOf(streams);
  frame.bytes = packets;
  frame.view = new DataView(packets.buffer);
  frame.capturedLength = snapshotBytes;
  frame.originalLength = wireBytes;
  const { view } = frame;
  const take = (index: number): void => {
    const offset = index * snapshotBytes;
    frame.offset = offset;
    frame.arrivalMicros += packetMicros / streams;
    view.setUint16(offset + headersBytes + 2, view.getUint16(offset + headersBytes + 2) + 1);
    view.setInt32(offset + headersBytes + 4, view.getInt32(offset + headersBytes + 4) + 160);
    pipeline.packet(frame);
  };
  let sent = 0;
  return {
    units: streams * rounds,
    pass() {
      for (let round = 0; round < rounds; round++) for (let i = 0; i < streams; i++) take(i);
      sent += streams * rounds;
      pipeline.refreshGauges();
      const counted = total(writer, 'rtp_packets_total');
      if (counted !== sent) throw new Error(`${counted} of ${sent} packets`);
    },
  };
}

const hostOf = (call: number, side: number): readonly number[] => [
  10,
  side,
  0,
  Math.floor(call / callsPerHost) + 1,
];
const portOf = (call: number): number => 10_000 + (call % callsPerHost) * 2;

function description(call: number, side: number): string {
  const address = hostOf(call, side).join('.');
  return `v=0\r\no=- 1 1 IN IP4 ${address}\r\ns=-\r\nc=IN IP4 ${address}\r\nt=0 0\r\nm=audio ${portOf(call)} RTP/AVP 0\r\n`;
}

function message(startLine: string, call: number, side: number): Uint8Array {
  const lines = [startLine, `Via: SIP/2.0/UDP h;branch=z9hG4bK${call}`, 'From: <sip:a@x>;tag=a'];
  const to = side === 0 ? 'To: <sip:b@x>' : 'To: <sip:b@x>;tag=b';
  const type = 'Content-Type: application/sdp';
  lines.push(to, `Call-ID: ${call}-call@bench`, 'CSeq: 1 INVITE', type, '', description(call, side));
  return new TextEncoder().encode(lines.join('\r\n'));
}
const invite = (call: number): Uint8Array => message('INVITE sip:b@x SIP/2.0', call, 0);
const answer = (call: number): Uint8Array => message('SIP/2.0 200 OK', call, 1);

function takeMessage(pipeline: PacketPipeline, frame: Frame, text: Uint8Array): void {
  const bytes = new Uint8Array(headersBytes + text.length);
  writeHeaders(bytes, 0, [10, 9, 0, 1], [10, 9, 0, 2], 5060, 5060, text.length);
  bytes.set(text, headersBytes);
  frame.bytes = bytes;
  frame.view = new DataView(bytes.buffer);
  frame.offset = 0;
  frame.capturedLength = bytes.length;
  frame.originalLength = bytes.length;
  frame.arrivalMicros += 10;
  pipeline.packet(frame);
  pipeline.release();
}

/** One packet of each stream, cut as the filter in the kernel does, behind one another as in a ring; records are not. */
function packetsOf(streams: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(streams * snapshotBytes);
  const view = new DataView(bytes.buffer);
  for (let index = 0; index < streams; index++) {
    const stream = (index * 7919) % streams;
    const call = stream >> 1;
    const side = stream & 1;
    const offset = index * snapshotBytes;
    const port = portOf(call);
    writeHeaders(
      bytes,
      offset,
      hostOf(call, side),
      hostOf(call, 1 - side),
      port,
      port,
      wireBytes - headersBytes,
    );
    view.setUint16(offset + headersBytes, 0x8000);
    view.setUint16(offset + headersBytes + 2, stream);
    view.setInt32(offset + headersBytes + 8, Math.imul(stream + 1, 0x85ebca6b));
  }
  return bytes;
}

function writeHeaders(
  bytes: Uint8Array<ArrayBuffer>,
  offset: number,
  source: readonly number[],
  destination: readonly number[],
  sourcePort: number,
  destinationPort: number,
  payloadBytes: number,
): void {
  const view = new DataView(bytes.buffer, offset, headersBytes);
  view.setUint16(12, 0x0800);
  view.setUint8(14, 0x45);
  view.setUint16(16, 28 + payloadBytes);
  view.setUint8(22, 64);
  view.setUint8(23, 17);
  bytes.set(source, offset + 26);
  bytes.set(destination, offset + 30);
  view.setUint16(34, sourcePort);
  view.setUint16(36, destinationPort);
  view.setUint16(38, 8 + payloadBytes);
}

function total(writer: ShardWriter, name: string): number {
  const family = familyId(name);
  let sum = 0;
  for (const base of writer.basesOf(family)) {
    if (base < 0) continue;
    const cells = writer.memory.cells.subarray(base, base + cellsPerContext(families[family]!));
    sum += cells.reduce((all, value) => all + value, 0);
  }
  return sum;
}
