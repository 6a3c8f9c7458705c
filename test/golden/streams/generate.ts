// SPDX-License-Identifier: Apache-2.0
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type PcapRecord, writePcap } from '../../support/pcap.ts';
import { type StreamCase, streamCases } from './cases.ts';

// `node test/golden/streams/generate.ts` writes one capture for each case, and a list of them, into captures/.

const LINKTYPE_ETHERNET = 1;
const START_MICROS = 1_700_000_000_000_000;

/** Where the golden captures are. */
export const captureFolder: string = join(import.meta.dirname, 'captures');

/** The frames of a case, a millisecond apart. */
export function recordsOf({ frames }: StreamCase): PcapRecord[] {
  return frames.map((bytes, i) => ({ micros: START_MICROS + i * 1000, bytes }));
}

/** Writes every golden capture and README.md into a folder, which is emptied before. */
export function generate(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const lines = [
    '# Golden captures of TCP streams',
    '',
    'Written by `node test/golden/streams/generate.ts`.',
    '',
  ];
  for (const streamCase of streamCases) {
    writePcap(join(folder, `${streamCase.name}.pcap`), LINKTYPE_ETHERNET, recordsOf(streamCase));
    lines.push(`- [${streamCase.name}](${streamCase.name}.pcap): ${streamCase.meaning}`);
  }
  writeFileSync(join(folder, 'README.md'), `${lines.join('\n')}\n`);
}

if (import.meta.main) generate(captureFolder);
