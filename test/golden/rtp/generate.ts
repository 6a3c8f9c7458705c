// SPDX-License-Identifier: Apache-2.0
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestPacket } from '../../rtp/rtp-monitor.ts';
import { type PcapRecord, writePcap } from '../../support/pcap.ts';
import { bytesOf, ethernet, ipv4, udp } from '../../support/udp-frame.ts';
import { type RtpCase, rtpCases } from './cases.ts';

// `node test/golden/rtp/generate.ts` writes one capture for each case, and a list of them, into captures/.

const LINKTYPE_ETHERNET = 1;
const START_MICROS = 1_700_000_000_000_000;
/** As G.729 has it: small files. */
const payloadBytes = 20;

/** Where the golden captures are. */
export const captureFolder: string = join(import.meta.dirname, 'captures');

/** A packet as an Ethernet frame. */
export function frameOf(packet: TestPacket): Uint8Array {
  const { marker = false, payloadType = 0, sequenceNumber, timestamp, ssrc = 0x1234, source = 1 } = packet;
  const header = new DataView(new ArrayBuffer(12));
  header.setUint8(0, 0x80);
  header.setUint8(1, (marker ? 0x80 : 0) | payloadType);
  header.setUint16(2, sequenceNumber);
  header.setInt32(4, timestamp);
  header.setInt32(8, ssrc);
  const payload = bytesOf(new Uint8Array(header.buffer), new Uint8Array(payloadBytes));
  const { sourcePort = 10_000, destinationPort = 20_000, identification = sequenceNumber } = packet;
  const addresses = { source: `192.0.2.${source}`, destination: `192.0.2.${3 - source}`, identification };
  return ethernet(0x0800, ipv4(addresses, udp({ sourcePort, destinationPort }, payload)));
}

/** The frames of a case. */
export function recordsOf({ packets }: RtpCase): PcapRecord[] {
  return packets.map((packet) => ({ micros: START_MICROS + packet.micros, bytes: frameOf(packet) }));
}

/** Writes every golden capture and README.md into a folder, which is emptied before. */
export function generate(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const lines = ['# Golden captures of RTP', '', 'Written by `node test/golden/rtp/generate.ts`.', ''];
  for (const rtpCase of rtpCases) {
    const { name, about, expected, tshark, otherJitter } = rtpCase;
    writePcap(join(folder, `${name}.pcap`), LINKTYPE_ETHERNET, recordsOf(rtpCase));
    const figures = Object.entries(expected).map(([figure, value]) => `${figure} ${value}`);
    lines.push(`## ${name}`, '', `${about} Expected: ${figures.join(', ')}.`, '');
    if (tshark) lines.push(`tshark: ${tshark.packets} packets, ${tshark.lost} lost: ${tshark.why}.`, '');
    if (otherJitter) lines.push(`Jitter: ${otherJitter}.`, '');
  }
  writeFileSync(join(folder, 'README.md'), `${lines.join('\n').trimEnd()}\n`);
}

if (import.meta.main) generate(captureFolder);
