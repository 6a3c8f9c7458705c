// SPDX-License-Identifier: Apache-2.0
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { writePcap } from '../../support/pcap.ts';
import { encapsulations, recordsOf } from './encapsulations.ts';

// `node test/golden/tunnels/generate.ts` writes one capture for each link and tunnel into captures/.

/** Where the golden captures are. */
export const captureFolder: string = join(import.meta.dirname, 'captures');

/** Writes every golden capture into a folder, which is emptied before. */
export function generate(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const one of encapsulations) writePcap(join(folder, `${one.name}.pcap`), one.linktype, recordsOf(one));
}

if (import.meta.main) generate(captureFolder);
