// SPDX-License-Identifier: Apache-2.0
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { writePcap } from '../../support/pcap.ts';
import { callCases, caseGroups } from './cases.ts';
import { play } from './scenario.ts';

// `node test/golden/calls/generate.ts` writes one capture for each case, and a list of them, into captures/.

const LINKTYPE_ETHERNET = 1;

/** Where the golden captures are. */
export const captureFolder: string = join(import.meta.dirname, 'captures');

/** Writes every golden capture and README.md into a folder, which is emptied before. */
export function generate(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const callCase of callCases) {
    writePcap(join(folder, `${callCase.name}.pcap`), LINKTYPE_ETHERNET, play(callCase));
  }
  writeFileSync(join(folder, 'README.md'), listOfCases());
}

function listOfCases(): string {
  const lines = ['# Golden captures', '', 'Written by `node test/golden/calls/generate.ts` from `cases/`.'];
  for (const { title, cases } of caseGroups) {
    lines.push('', `## ${title[0]!.toUpperCase()}${title.slice(1)}`, '');
    for (const { name, meaning, source } of cases)
      lines.push(`- [${name}](${name}.pcap): ${meaning} ${source}.`);
  }
  return `${lines.join('\n')}\n`;
}

if (import.meta.main) generate(captureFolder);
