// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { appendFileSync, mkdtempSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { SeededHash } from '../base/hash.ts';
import { PacketClock } from '../base/packet-clock.ts';
import { KeyLogReader } from '../tls/key-log.ts';
import { Secrets } from '../tls/secrets.ts';
import { KeyLogFile } from './key-log-file.ts';

const line = (n: number): string => `CLIENT_RANDOM ${n.toString(16).padStart(64, '0')} ${'ab'.repeat(48)}\n`;
const lines = (first: number, count: number): string =>
  Array.from({ length: count }, (_, i) => line(first + i)).join('');

function withFolder(run: (file: string, open: () => [KeyLogFile, Secrets]) => void): void {
  const folder = mkdtempSync(join(tmpdir(), 'ringtap-keys-'));
  const path = join(folder, 'keys.log');
  try {
    run(path, () => {
      const secrets = new Secrets(100_000, new SeededHash(1, 2), new PacketClock());
      return [new KeyLogFile(path, new KeyLogReader(secrets)), secrets];
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test('a key log is read as it grows, also in the middle of a line', () => {
  withFolder((path, open) => {
    writeFileSync(path, '');
    const [file, secrets] = open();
    assert.equal(file.look(), false);
    appendFileSync(path, line(1) + line(2).slice(0, 50));
    assert.equal(file.look(), true);
    assert.equal(secrets.table.size, 1);
    appendFileSync(path, line(2).slice(50));
    assert.equal(file.look(), true);
    assert.equal(secrets.table.size, 2);
    assert.equal(file.look(), false);
    assert.equal(file.errorCount, 0);
    file.close();
  });
});

test('a key log that was emptied, or put in the place of another, is read from its beginning', () => {
  withFolder((path, open) => {
    writeFileSync(path, lines(1, 3) + line(4).slice(0, 20));
    const [file, secrets] = open();
    file.look();
    truncateSync(path, 0);
    appendFileSync(path, line(5));
    file.look();
    assert.equal(secrets.table.size, 4);
    writeFileSync(`${path}.new`, lines(6, 9));
    renameSync(`${path}.new`, path);
    file.look();
    assert.equal(secrets.table.size, 13);
    rmSync(path);
    assert.equal(file.look(), false);
    assert.equal(file.errorCount, 1);
    writeFileSync(path, line(20));
    assert.equal(file.look(), true);
    assert.equal(secrets.table.size, 14);
    file.close();
  });
});

test('one look is bounded; readAll takes everything, the last line without its end too', () => {
  withFolder((path, open) => {
    writeFileSync(path, lines(1, 20_000).slice(0, -1));
    const [file, secrets] = open();
    assert.equal(file.look(), true);
    assert.ok(secrets.table.size > 5000 && secrets.table.size < 20_000, `${secrets.table.size}`);
    file.readAll();
    assert.equal(secrets.table.size, 20_000);
    file.close();
  });
});

test('what cannot be read is told in a sentence', () => {
  withFolder((_, open) => {
    assert.throws(open, { name: 'KeyLogError', message: /keys\.log cannot be read: there is no such file/ });
  });
  assert.throws(() => new KeyLogFile('/dev/zero', undefined as never), {
    name: 'KeyLogError',
    message: 'the key log /dev/zero is no file',
  });
});
