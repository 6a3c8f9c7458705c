// SPDX-License-Identifier: Apache-2.0
import { readFileSync, writeFileSync } from 'node:fs';

/** One packet of a capture file. */
export interface PcapRecord {
  /** Microseconds since the epoch. */
  micros: number;
  /** What was captured of the packet. */
  bytes: Uint8Array;
  /** Bytes on the wire; `bytes.length` where absent. */
  originalLength?: number;
}

const magicMicros = 0xa1b2c3d4;
const fileHeaderLength = 24;
const recordHeaderLength = 16;
const snapLengthBytes = 262144;

/**
 * Writes a classic little-endian pcap file with microsecond times, `linktype` being a LINKTYPE_ number of
 * tcpdump.org. For tests: everything is in memory and errors throw.
 */
export function writePcap(path: string, linktype: number, records: readonly PcapRecord[]): void {
  const header = new DataView(new ArrayBuffer(fileHeaderLength));
  header.setUint32(0, magicMicros, true);
  header.setUint16(4, 2, true);
  header.setUint16(6, 4, true);
  header.setUint32(16, snapLengthBytes, true);
  header.setUint32(20, linktype, true);
  const parts: Uint8Array[] = [new Uint8Array(header.buffer)];
  for (const { micros, bytes, originalLength } of records) {
    const recordHeader = new DataView(new ArrayBuffer(recordHeaderLength));
    recordHeader.setUint32(0, Math.floor(micros / 1_000_000), true);
    recordHeader.setUint32(4, micros % 1_000_000, true);
    recordHeader.setUint32(8, bytes.length, true);
    recordHeader.setUint32(12, originalLength ?? bytes.length, true);
    parts.push(new Uint8Array(recordHeader.buffer), bytes);
  }
  writeFileSync(path, Buffer.concat(parts));
}

/** Reads what `writePcap` writes (little-endian, microseconds) and throws at anything else. */
export function readPcap(path: string): Required<PcapRecord>[] {
  const file = Uint8Array.from(readFileSync(path));
  const view = new DataView(file.buffer);
  if (view.getUint32(0, true) !== magicMicros) {
    throw new Error(`${path}: not a little-endian pcap file with microseconds`);
  }
  const records: Required<PcapRecord>[] = [];
  let position = fileHeaderLength;
  while (position < file.length) {
    const capturedLength = view.getUint32(position + 8, true);
    const end = position + recordHeaderLength + capturedLength;
    if (end > file.length) throw new Error(`${path}: cut inside record ${records.length + 1}`);
    records.push({
      micros: view.getUint32(position, true) * 1_000_000 + view.getUint32(position + 4, true),
      bytes: file.slice(position + recordHeaderLength, end),
      originalLength: view.getUint32(position + 12, true),
    });
    position = end;
  }
  return records;
}
