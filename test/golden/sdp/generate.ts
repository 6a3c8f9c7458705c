// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';
import { sdpBodies, sdpBytes } from '../../sdp-bodies/bodies.ts';
import { multipartBodies } from '../../sdp-bodies/multipart-bodies.ts';
import { inviteText } from '../../sdp-bodies/sip-message.ts';
import { writePcap } from '../../support/pcap.ts';
import { ascii, ethernet, ipv4, udp } from '../../support/udp-frame.ts';

// `node test/golden/sdp/generate.ts` writes descriptions.pcap: an INVITE for each session description.

const LINKTYPE_ETHERNET = 1;
const firstMicros = 1_700_000_000_000_000;
const fileName = 'descriptions.pcap';

/** A message of the capture and what is to be read of it. */
export interface SdpCase {
  readonly name: string;
  readonly text: string;
  readonly expected: readonly string[];
}

const bodyText = (lines: readonly string[], lineEnd?: string): string =>
  new TextDecoder().decode(sdpBytes(lines, lineEnd));

const plain: readonly SdpCase[] = sdpBodies.map(({ name, lines, expected }) => ({
  name,
  text: inviteText(['Content-Type: application/sdp'], bodyText(lines)),
  expected,
}));
const lineFeeds: readonly SdpCase[] = sdpBodies.map(({ name, lines, expected }) => ({
  name: `${name}, lines that end in LF, compact form`,
  text: inviteText(['c: application/sdp'], bodyText(lines, '\n')),
  expected,
}));
const inParts: readonly SdpCase[] = multipartBodies.map(({ name, fields, body, sdp }) => ({
  name,
  text: inviteText(fields, body),
  expected: sdpBodies.find((one) => one.name === sdp)!.expected,
}));

/** The messages, one a frame. */
export const sdpCases: readonly SdpCase[] = [...plain, ...lineFeeds, ...inParts];

/** Where the capture is in a folder. */
export const captureFile = (folder: string = import.meta.dirname): string => join(folder, fileName);

/** Writes a capture of messages, one a frame. */
export function writeCapture(file: string, texts: readonly string[]): void {
  const records = texts.map((text, index) => {
    const identification = index + 1;
    const packet = ipv4({ identification }, udp({ sourcePort: 5062, destinationPort: 5060 }, ascii(text)));
    return { micros: firstMicros + index * 1000, bytes: ethernet(0x0800, packet) };
  });
  writePcap(file, LINKTYPE_ETHERNET, records);
}

/** Writes the capture into a folder. */
export function generate(folder: string): void {
  writeCapture(
    captureFile(folder),
    sdpCases.map(({ text }) => text),
  );
}

if (import.meta.main) generate(import.meta.dirname);
