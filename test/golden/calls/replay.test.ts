// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { runCommand } from '../../support/command.ts';
import { callCases } from './cases.ts';
import { addressOf, networkOf } from './dialogue.ts';
import { bucketBounds, differences, expectedFigures, figuresOf } from './figures.ts';
import { captureFolder } from './generate.ts';
import { play } from './scenario.ts';

const program = join(import.meta.dirname, '../../../bin/ringtap.js');

/** One of each kind, above all those in which frames that are not SIP make time pass. */
const replayed: ReadonlySet<string> = new Set([
  'auth-407-answered',
  'auth-gave-up',
  'auth-still-waiting',
  'fork-two-2xx',
  'proxy-nat',
  'ringing-never-answered',
  'long-call-timer-expired',
  'register-expiry-clamped',
  'mirror-same-interface',
  'retransmissions-identification-0',
  'failure-held-at-end',
  'peer-flaps',
]);

for (const callCase of callCases.filter(({ name }) => replayed.has(name))) {
  test(`ringtap replay ${callCase.name}.pcap`, async () => {
    const { name, peer } = callCase;
    const address = peer === undefined ? '' : `${name}=${addressOf(networkOf(name), peer)}`;
    const exposition = await runCommand(process.execPath, [
      // Session descriptions are those of test/golden/media.
      ...[program, 'replay', '--no-rtp.capture', join(captureFolder, `${name}.pcap`)],
      ...(peer === undefined ? [] : ['--sip.peer', address]),
    ]);
    const expected = expectedFigures(callCase, play(callCase), bucketBounds(exposition));
    assert.deepEqual(differences(figuresOf(exposition), expected), []);
  });
}
