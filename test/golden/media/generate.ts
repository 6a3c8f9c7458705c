// SPDX-License-Identifier: Apache-2.0
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { writePcap } from '../../support/pcap.ts';
import { mediaCases, recordsOf } from './cases.ts';

// `node test/golden/media/generate.ts` writes one capture for each case, and a list of them, into captures/.

const LINKTYPE_ETHERNET = 1;

/** Where the golden captures are. */
export const captureFolder: string = join(import.meta.dirname, 'captures');

/** Writes every golden capture and README.md into a folder, which is emptied before. */
export function generate(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const lines = [
    '# Golden captures of calls with media',
    '',
    'Written by `node test/golden/media/generate.ts`.',
    '',
  ];
  for (const mediaCase of mediaCases) {
    const { name, about, results, findings = {} } = mediaCase;
    writePcap(join(folder, `${name}.pcap`), LINKTYPE_ETHERNET, recordsOf(mediaCase));
    const figures = Object.entries({ ...results, ...findings }).map(
      ([figure, value]) => `${figure} ${value}`,
    );
    lines.push(`- [${name}](${name}.pcap): ${about} Expected: ${figures.join(', ')}.`);
  }
  writeFileSync(join(folder, 'README.md'), `${lines.join('\n')}\n`);
}

if (import.meta.main) generate(captureFolder);
