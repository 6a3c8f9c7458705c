// SPDX-License-Identifier: Apache-2.0
// Needs root. The single executable, alone in a folder: what the program does in a checkout it does here, threads, eBPF and the
// foreign function interface included.
import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { countCallsWithCapabilities } from '../e2e/counted-calls.ts';
import { planOf } from '../e2e/expected-figures.ts';
import { flows } from '../e2e/flows.ts';
import { killAndWait, runCommand, startCommand } from '../support/command.ts';
import { waitUntil } from '../support/deadline.ts';
import { writeMmdb } from '../support/mmdb.ts';
import { openNetwork } from '../support/network.ts';
import { settle, startRingtap } from '../support/ringtap.ts';
import { runCalls } from '../support/sipp.ts';

const root = join(import.meta.dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'ringtap-sea-'));
const single = join(folder, 'ringtap');

before(async () => {
  chmodSync(folder, 0o755);
  await runCommand(process.execPath, [join(root, 'scripts/build-sea.ts'), single], {
    timeoutMillis: 120_000,
  });
});
after(() => rmSync(folder, { recursive: true }));

test('it has a version, and replays as the program does, also with a database of countries', async () => {
  const program = join(root, 'bin/ringtap.js');
  const capture = join(root, 'test/golden/calls/captures/answer-202.pcap');
  const database = join(folder, 'country.mmdb');
  writeFileSync(
    database,
    writeMmdb(
      [
        { bits: '0', country: 'DE' },
        { bits: '1', country: 'DE' },
      ],
      4,
      24,
    ),
  );
  for (const args of [
    ['version'],
    ['run', '--help'],
    ['replay', '--trace', capture],
    ['replay', '--labels.country-database', database, capture],
  ]) {
    const said = await runCommand(single, args, { cwd: '/' });
    assert.equal(said, await runCommand(process.execPath, [program, ...args]));
    if (args.includes(database)) assert.match(said, /source_country="DE"/);
  }
});

test('root: the demo runs calls', async () => {
  const demo = await startCommand(single, ['demo', '--web.listen-address', '127.0.0.1:0'], { cwd: '/' });
  try {
    await waitUntil(
      'there are attempts',
      async () => /attempts [1-9]/.test(demo.stdout()) || undefined,
      20_000,
      demo.stderr,
    );
    assert.equal((await killAndWait(demo, 'SIGINT')).code, 0);
  } finally {
    await killAndWait(demo);
  }
});

test('root: it counts calls, also found in PATH, and as nobody then', async () => {
  await using network = await openNetwork();
  const command = ['env', `PATH=${folder}:${process.env['PATH']}`, 'ringtap'];
  await using ringtap = await startRingtap(network.callee, { command });
  assert.match(ringtap.log(), /privileges are given up" uid=65534/);
  await runCalls(network, planOf({ flow: flows.answered, calls: 20 }, { callsPerSecond: 200 }));
  const exposition = await settle(network, ringtap);
  assert.equal(exposition.sum('sip_requests_total', { method: 'INVITE' }), 20);
});

test('root: it counts calls with capabilities alone, in two workers, and those of HEP and of passwords', async () => {
  await countCallsWithCapabilities([single]);
});
