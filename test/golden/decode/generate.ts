// SPDX-License-Identifier: Apache-2.0
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { writePcap } from '../../support/pcap.ts';
import { goldenCaptures } from './cases.ts';

// `node test/golden/decode/generate.ts` writes the captures and expected.jsonl beside this file, from cases.ts.

const firstMicros = 1_700_000_000_000_000;

/** Writes every golden capture and `expected.jsonl`, one line a frame in the captures' order, into a folder. */
export function generate(folder: string): void {
  const lines: string[] = [];
  for (const { file, linktype, cases } of goldenCaptures) {
    const records = cases.map((one, index) => ({ micros: firstMicros + index, ...one }));
    writePcap(join(folder, file), linktype, records);
    for (const { name, expected } of cases) lines.push(JSON.stringify({ file, name, expected }));
  }
  writeFileSync(join(folder, 'expected.jsonl'), `${lines.join('\n')}\n`);
}

if (import.meta.main) generate(import.meta.dirname);
