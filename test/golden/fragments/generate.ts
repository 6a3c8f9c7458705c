// SPDX-License-Identifier: Apache-2.0
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { writePcap } from '../../support/pcap.ts';
import { fragmentCases } from './cases.ts';

// `node test/golden/fragments/generate.ts` writes one capture for each case into captures/.

const LINKTYPE_ETHERNET = 1;

/** Where the golden captures are. */
export const captureFolder: string = join(import.meta.dirname, 'captures');

/** Writes every golden capture into a folder, which is emptied before. */
export function generate(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const { name, records } of fragmentCases)
    writePcap(join(folder, `${name}.pcap`), LINKTYPE_ETHERNET, records);
}

if (import.meta.main) generate(captureFolder);
