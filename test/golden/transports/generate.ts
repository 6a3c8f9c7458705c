// SPDX-License-Identifier: Apache-2.0
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { writePcap } from '../../support/pcap.ts';
import { callCases } from '../calls/cases.ts';
import { type CapturedFrame, play } from '../calls/scenario.ts';
import { manners } from './manners.ts';
import { udpMessages } from './udp-message.ts';

// `node test/golden/transports/generate.ts` writes the same calls once for each way to send them, and a list, into
// captures/.

const LINKTYPE_ETHERNET = 1;

/** Where the captures are. */
export const captureFolder: string = join(import.meta.dirname, 'captures');

/** Cases whose calls are in every capture, at the same time. */
const names: ReadonlySet<string> = new Set([
  'auth-407-answered',
  'cancel-487',
  'dialog-plain-call',
  'failure-404',
  'register-challenged',
]);

/** The calls over UDP. */
export const udpFrames: readonly CapturedFrame[] = callCases
  .filter(({ name }) => names.has(name))
  .flatMap(play)
  .sort((a, b) => a.micros - b.micros);

/** Writes every capture and README.md into a folder, which is emptied before. */
export function generate(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const lines = [
    '# The same calls over WebSocket and SCTP',
    '',
    'Written by `node test/golden/transports/generate.ts`. Each has the calls of the golden captures',
    `${[...names].map((name) => `[${name}](../../calls/captures/${name}.pcap)`).join(', ')}, at the same time.`,
    '',
  ];
  for (const { name, meaning, carry } of manners) {
    writePcap(join(folder, `${name}.pcap`), LINKTYPE_ETHERNET, carry(udpMessages(udpFrames)).frames);
    lines.push(`- [${name}](${name}.pcap): ${meaning}.`);
  }
  writeFileSync(join(folder, 'README.md'), `${lines.join('\n')}\n`);
}

if (import.meta.main) generate(captureFolder);
