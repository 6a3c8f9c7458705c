// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { defaultTlsLimits } from '../../../src/tls/tls-limits.ts';
import { makeCertificate } from '../../support/certificates.ts';
import { runCommand } from '../../support/command.ts';
import { callCases } from '../calls/cases.ts';
import { differences, type Figures, figuresOf } from '../calls/figures.ts';
import { GoldenMonitor, replay } from '../calls/monitor.ts';
import { play } from '../calls/scenario.ts';
import { tlsCaptures } from './generate-tls.ts';
import { overTls, type TlsManner } from './over-tls.ts';
import { udpMessages } from './udp-message.ts';

/** Copies of a frame are known by their IP identification, which TCP does not have for a message. */
const captures = callCases
  .map((callCase) => ({ name: callCase.name, frames: play(callCase) }))
  .filter(({ frames }) => !frames.some(({ isDuplicate }) => isDuplicate))
  .map(({ name, frames }) => ({ name, messages: udpMessages(frames), expected: figuresOf(replay(frames)) }));

const manners: readonly (readonly [string, 'tls' | 'wss', 'TLSv1.2' | 'TLSv1.3', Partial<TlsManner>])[] = [
  ['TLS 1.2', 'tls', 'TLSv1.2', {}],
  ['TLS 1.3', 'tls', 'TLSv1.3', {}],
  ['TLS 1.3 in segments of 1 to 200 bytes', 'tls', 'TLSv1.3', { isCut: true }],
  ['WebSocket over TLS 1.2', 'wss', 'TLSv1.2', {}],
  ['WebSocket over TLS 1.3 in segments of 1 to 200 bytes', 'wss', 'TLSv1.3', { isCut: true }],
];

const isTransport = (key: string): boolean => key.startsWith('sip_transport_messages_total ');

// Each case in one manner: handshakes take their time.
for (const [i, [meaning, transport, version, manner]] of manners.entries()) {
  test(`${meaning}: its cases give the figures they give over UDP`, async () => {
    const cases = captures.filter((_, index) => index % manners.length === i);
    assert.ok(cases.length > 20);
    using certificate = await makeCertificate();
    const { key, cert, folder } = certificate;
    const context = { key, cert, minVersion: version, maxVersion: version };
    const isWebSocket = transport === 'wss';
    const keyLogFile = join(folder, 'keys.log');
    for (const { name, messages, expected } of cases) {
      const { frames, keyLog } = await overTls(messages, { context, isWebSocket, seed: 8446, ...manner });
      writeFileSync(keyLogFile, keyLog);
      const exposition = replay(frames, { keyLogFile, limits: defaultTlsLimits });
      const figures = figuresOf(exposition);
      const meaning = (all: Figures): Figures => new Map([...all].filter(([key]) => !isTransport(key)));
      assert.deepEqual(differences(meaning(figures), meaning(expected)), [], name);
      assert.equal(
        figures.get(`sip_transport_messages_total transport=${transport}`),
        expected.get('sip_transport_messages_total transport=udp'),
        name,
      );
      assert.doesNotMatch(
        exposition,
        /^ringtap_(tls_connections_given_up|stream_losses)_total\{.*\} [1-9]/m,
        name,
      );
    }
  });
}

test('keys that come up to a second late change no figure: what waits has the times of the wire', async () => {
  using certificate = await makeCertificate();
  const { key, cert, folder } = certificate;
  const keyLogFile = join(folder, 'keys.log');
  const { messages, expected } = captures.find(({ name }) => name === 'auth-407-answered')!;
  for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
    const context = { key, cert, minVersion: version, maxVersion: version };
    const { frames, keyLog } = await overTls(messages, { context, seed: 8446 });
    const firstMicros = frames[0]!.micros;
    const early = frames.filter(({ micros }) => micros < firstMicros + 900e3).length;
    for (let count = 1; count <= early; count++) {
      writeFileSync(keyLogFile, '');
      const monitor = new GoldenMonitor({ keyLogFile, limits: defaultTlsLimits });
      monitor.take(frames.slice(0, count));
      writeFileSync(keyLogFile, keyLog);
      // Once a second, in the program.
      monitor.text();
      monitor.take(frames.slice(count));
      monitor.finish();
      const figures = monitor.figures();
      const meaning = (all: Figures): Figures => new Map([...all].filter(([key]) => !isTransport(key)));
      assert.deepEqual(differences(meaning(figures), meaning(expected)), [], `${version} ${count}`);
    }
    assert.ok(early > 8);
  }
});

const program = join(import.meta.dirname, '../../../bin/ringtap.js');

for (const { name, callCase, transport } of tlsCaptures) {
  test(`ringtap replay --tls.keylog ${name}.keys ${name}.pcap gives the figures of ${callCase}`, async () => {
    const [keyLog, capture] = ['keys', 'pcap'].map((kind) =>
      join(import.meta.dirname, 'tls-captures', `${name}.${kind}`),
    );
    const exposition = await runCommand(process.execPath, [
      program,
      'replay',
      '--no-rtp.capture',
      '--tls.keylog',
      keyLog!,
      capture!,
    ]);
    const figures = figuresOf(exposition);
    const { expected } = captures.find((other) => other.name === callCase)!;
    const meaning = (all: Figures): Figures => new Map([...all].filter(([key]) => !isTransport(key)));
    assert.deepEqual(differences(meaning(figures), meaning(expected)), []);
    const count = expected.get('sip_transport_messages_total transport=udp')!;
    assert.equal(figures.get(`sip_transport_messages_total transport=${transport}`), count);
    // A second opinion on the files themselves.
    const judged = await runCommand('tshark', [
      ...['-n', '-r', capture!, '-o', `tls.keylog_file:${keyLog!}`, '-d', 'tcp.port==5061,tls'],
      ...['-Y', 'sip', '-T', 'fields', '-e', 'sip.CSeq'],
    ]);
    assert.equal(judged.split(/[\n,]/).filter((line) => line !== '').length, count);
  });
}
