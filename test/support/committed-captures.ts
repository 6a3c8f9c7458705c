// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Fails where a folder holds anything but what its generator writes, byte for byte. */
export function assertCommitted(captureFolder: string, generate: (folder: string) => void): void {
  const fresh = mkdtempSync(join(tmpdir(), 'ringtap-golden-'));
  try {
    generate(fresh);
    assert.deepEqual(readdirSync(captureFolder).sort(), readdirSync(fresh).sort());
    for (const file of readdirSync(fresh)) {
      assert.ok(readFileSync(join(fresh, file)).equals(readFileSync(join(captureFolder, file))), file);
    }
  } finally {
    rmSync(fresh, { recursive: true });
  }
}
