// SPDX-License-Identifier: Apache-2.0
// FUZZ_SEED=n repeats a run; the seed is printed. FUZZ_RUNS=n makes a longer one.
import assert from 'node:assert/strict';
import test from 'node:test';
import { gzipSync } from 'node:zlib';
import { CaptureFileError } from '../../src/capture/capture-file-error.ts';
import { captureVariants } from '../support/capture-variants.ts';
import { pcapBytes, pcapngBytes } from '../support/pcap-formats.ts';
import { randomSource } from '../support/random.ts';
import { CaptureFolder } from '../support/read-capture.ts';
import { ethernet } from '../support/udp-frame.ts';
import { replayHere } from './replay.ts';
import { traffic } from './traffic.ts';

const RUNS = Number(process.env['FUZZ_RUNS'] ?? 1500);
const records = traffic().map((record) => ({ ...record, bytes: ethernet(0x0800, record.bytes) }));
const originals = [
  ...captureVariants(1, records).values(),
  pcapBytes({ linktype: 113 }, records),
  pcapngBytes({
    interfaces: [{ linktype: 1, name: 'eth0', resolution: 9, offsetSeconds: 5 }],
    packets: records.map((record) => ({ ...record, options: [[2, Uint8Array.of(1, 0, 0, 0)]] })),
  }),
];

/** A copy with a few bytes or words changed, a piece taken out, doubled or cut off. */
function mutated(bytes: Uint8Array, random: (limit: number) => number): Uint8Array {
  let copy = Uint8Array.from(bytes);
  for (let edits = random(4); edits >= 0; edits--) {
    const at = random(copy.length);
    // The beginning has the headers: half of the changes go there.
    const place = random(2) === 0 ? at % 120 : at;
    switch (random(6)) {
      case 0:
        copy[place]! ^= 1 << random(8);
        break;
      case 1:
        copy[place] = random(2) * 255;
        break;
      case 2:
        for (let i = 0; i < 4 && place + i < copy.length; i++)
          copy[place + i] = random(4) === 0 ? random(256) : 255;
        break;
      case 3:
        copy = Uint8Array.from([...copy.subarray(0, place), ...copy.subarray(place + random(64))]);
        break;
      case 4:
        copy = Uint8Array.from([
          ...copy.subarray(0, place),
          ...copy.subarray(Math.max(0, place - random(64))),
        ]);
        break;
      case 5:
        if (random(4) === 0) copy = copy.slice(0, place);
    }
    if (copy.length === 0) return copy;
  }
  return copy;
}

test('files damaged at random give figures or a sentence, twice the same, and end', async (t) => {
  const seed = Number(process.env['FUZZ_SEED'] ?? Date.now() % 2 ** 31);
  t.diagnostic(`FUZZ_SEED=${seed}`);
  const random = randomSource(seed);
  using folder = new CaptureFolder();
  const counts = { figures: 0, warnings: 0, sentences: 0 };
  // The largest table there may be is not needed to read files, and small ones are evicted from.
  const small = ['transactions', 'attempts', 'dialogs', 'registration-attempts', 'registrations'].flatMap(
    (table) => [`--state.max-${table}`, '2'],
  );
  const attempt = async (path: string): Promise<string> => {
    try {
      const { stdout, warnings } = await replayHere(path, '--trace', '--format', 'text', ...small);
      assert.ok(stdout.endsWith('\n'));
      return `${warnings.join('\n')}\0${stdout}`;
    } catch (error) {
      assert.ok(error instanceof CaptureFileError, `seed ${seed}: ${(error as Error).stack}`);
      assert.match(
        error.message,
        /^\S+ (is corrupt at byte \d+: .+|is no capture file: .+|is empty|has version .+|ends .+)$/,
      );
      return error.message;
    }
  };
  for (let run = 0; run < RUNS; run++) {
    const original = originals[random(originals.length)]!;
    const damaged = mutated(original, random);
    const path = folder.write('file', random(8) === 0 ? gzipSync(damaged) : damaged);
    const first = await attempt(path);
    if (first.startsWith('\0')) counts.figures++;
    else if (first.includes('\0')) counts.warnings++;
    else counts.sentences++;
    if (run % 10 === 0) assert.ok(first === (await attempt(path)), `seed ${seed}: not the same twice`);
  }
  t.diagnostic(JSON.stringify(counts));
  for (const [kind, count] of Object.entries(counts)) assert.ok(count > RUNS / 50, `${kind}: ${count}`);
});
