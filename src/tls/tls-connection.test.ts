// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import type { SecureContextOptions } from 'node:tls';
import { makeCertificate } from '../../test/support/certificates.ts';
import { readRecording, TlsReading } from '../../test/support/tls-reading.ts';
import { startRecordedServer, type Turn } from '../../test/support/tls-recording.ts';
import { TlsState } from './tls-result.ts';

// Real handshakes between node:tls and itself, over loopback.

const turns: readonly Turn[] = [
  { from: 'client', text: 'INVITE sip:bob@example.com SIP/2.0\r\n' },
  { from: 'server', text: 'SIP/2.0 100 Trying\r\n' },
  { from: 'server', text: `SIP/2.0 200 OK\r\n${'x'.repeat(40_000)}` },
  { from: 'client', text: 'ACK sip:bob@example.com SIP/2.0\r\n' },
];
const textOf = (from: 'client' | 'server'): string =>
  turns
    .filter((turn) => turn.from === from)
    .map(({ text }) => text)
    .join('');

function assertOpened(reading: TlsReading): void {
  assert.equal(reading.connection.state, TlsState.open);
  assert.equal(reading.text(0), textOf('client'));
  assert.equal(reading.text(1), textOf('server'));
}

const tls12 = { minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2' } as const;
const tls13 = { minVersion: 'TLSv1.3', maxVersion: 'TLSv1.3' } as const;

const suites: readonly (readonly [string, SecureContextOptions, 'ec' | 'rsa'])[] = [
  ...['TLS_AES_128_GCM_SHA256', 'TLS_AES_256_GCM_SHA384', 'TLS_CHACHA20_POLY1305_SHA256'].map(
    (ciphers) => [ciphers, { ...tls13, ciphers }, 'ec'] as const,
  ),
  ...['AES128-GCM-SHA256', 'AES256-GCM-SHA384', 'CHACHA20-POLY1305'].flatMap((name) => [
    [`ECDHE-ECDSA-${name}`, { ...tls12, ciphers: `ECDHE-ECDSA-${name}` }, 'ec'] as const,
    [`ECDHE-RSA-${name}`, { ...tls12, ciphers: `ECDHE-RSA-${name}` }, 'rsa'] as const,
  ]),
  ['AES128-GCM-SHA256', { ...tls12, ciphers: 'AES128-GCM-SHA256' }, 'rsa'],
  ['AES256-GCM-SHA384', { ...tls12, ciphers: 'AES256-GCM-SHA384' }, 'rsa'],
];

test('application data of every suite, cut anywhere', async (t) => {
  using ec = await makeCertificate('ec');
  using rsa = await makeCertificate('rsa');
  for (const [name, options, kind] of suites) {
    await t.test(name, async () => {
      const { key, cert } = kind === 'ec' ? ec : rsa;
      await using server = await startRecordedServer({ key, cert, ...options });
      const { pieces, keyLog } = await server.talk(turns, options);
      for (const cut of [0, 1, 7, 1000]) assertOpened(readRecording(pieces, keyLog, cut));
    });
  }
});

test('resumption, HelloRetryRequest and client certificates', async (t) => {
  using certificate = await makeCertificate();
  const { key, cert } = certificate;
  for (const [name, version] of [
    ['TLS 1.2', tls12],
    ['TLS 1.3', tls13],
  ] as const) {
    await t.test(`${name} resumed`, async () => {
      await using server = await startRecordedServer({ key, cert, ...version });
      const first = await server.talk(turns, version);
      const second = await server.talk(turns, { ...version, session: server.session! });
      assert.ok(
        sizeOf(second.pieces.slice(0, 4)) < sizeOf(first.pieces.slice(0, 4)),
        'without certificates the handshake is shorter',
      );
      assertOpened(readRecording(second.pieces, first.keyLog + second.keyLog));
    });
    await t.test(`${name} with a client certificate`, async () => {
      const asks = { requestCert: true, rejectUnauthorized: false };
      await using server = await startRecordedServer({ key, cert, ...version, ...asks });
      const { pieces, keyLog } = await server.talk(turns, { ...version, key, cert });
      assertOpened(readRecording(pieces, keyLog));
      assertOpened(readRecording(pieces, keyLog, 3));
    });
  }
  await t.test('TLS 1.3 with HelloRetryRequest', async () => {
    await using server = await startRecordedServer({ key, cert, ...tls13, ecdhCurve: 'P-384' });
    const { pieces, keyLog } = await server.talk(turns, { ...tls13, ecdhCurve: 'X25519:P-384' });
    const retryRequest = createHash('sha256').update('HelloRetryRequest').digest();
    assert.ok(
      pieces.some(({ direction, bytes }) => direction === 1 && Buffer.from(bytes).includes(retryRequest)),
    );
    assertOpened(readRecording(pieces, keyLog));
    assertOpened(readRecording(pieces, keyLog, 1));
  });
});

const sizeOf = (pieces: readonly { bytes: Uint8Array }[]): number =>
  pieces.reduce((sum, { bytes }) => sum + bytes.length, 0);

test('keys that come late: records wait, and open once their secret is there', async () => {
  using certificate = await makeCertificate();
  for (const version of [tls12, tls13]) {
    await using server = await startRecordedServer({ ...certificate, ...version });
    const { pieces, keyLog } = await server.talk(turns, version);
    const reading = new TlsReading('');
    for (const piece of pieces) reading.read(piece);
    assert.equal(reading.connection.state, TlsState.handshake);
    assert.equal(reading.opened.length, 0);
    assert.ok(reading.waiting(0) > 0 && reading.waiting(1) > 0);
    reading.addKeys(keyLog);
    for (const direction of [0, 1] as const) reading.read({ direction, bytes: new Uint8Array(0) });
    assertOpened(reading);
    assert.equal(reading.waiting(0) + reading.waiting(1), 0);
  }
});

test('what cannot be opened is told by its reason', async (t) => {
  using certificate = await makeCertificate('rsa');
  const { key, cert } = certificate;
  const record = async (options: SecureContextOptions) => {
    await using server = await startRecordedServer({ key, cert, ...options });
    return await server.talk(turns, options);
  };
  const state = (reading: TlsReading): TlsState => reading.connection.state;
  await t.test('CBC', async () => {
    const { pieces, keyLog } = await record({ ...tls12, ciphers: 'ECDHE-RSA-AES128-SHA256' });
    assert.equal(state(readRecording(pieces, keyLog)), TlsState.unsupportedCipherSuite);
  });
  await t.test('TLS 1.1', async () => {
    const old = { minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' } as const;
    const { pieces, keyLog } = await record(old);
    assert.equal(state(readRecording(pieces, keyLog)), TlsState.unsupportedVersion);
  });
  await t.test('begun before the capture', async () => {
    for (const version of [tls12, tls13]) {
      const { pieces, keyLog } = await record(version);
      const hellos = pieces.findIndex(({ direction }) => direction === 1) + 1;
      assert.equal(state(readRecording(pieces.slice(hellos), keyLog)), TlsState.noHandshake);
      assert.equal(state(readRecording(pieces.slice(1), keyLog)), TlsState.noHandshake);
      const ack = pieces.findLastIndex(({ bytes }) => bytes.length > 50);
      assert.equal(state(readRecording(pieces.slice(ack), keyLog)), TlsState.noHandshake);
    }
  });
  await t.test('the secret of another connection', async () => {
    for (const [version, expected] of [
      [tls12, TlsState.notAuthentic],
      [tls13, TlsState.handshake],
    ] as const) {
      const { pieces, keyLog } = await record(version);
      const wrong = keyLog.replaceAll(/[0-9a-f]{8}$/gm, '00000000');
      assert.notEqual(wrong, keyLog);
      const reading = readRecording(pieces, wrong);
      assert.equal(state(reading), expected);
      assert.equal(reading.opened.length, 0);
    }
  });
  await t.test('a record that is missing or changed', async () => {
    for (const version of [tls12, tls13]) {
      const { pieces, keyLog } = await record(version);
      const ack = pieces.findLastIndex(({ direction, bytes }) => direction === 0 && bytes.length > 50);
      const changed = pieces.map((piece, index) => {
        if (index !== ack) return piece;
        const bytes = Uint8Array.from(piece.bytes);
        bytes[20]! ^= 1;
        return { ...piece, bytes };
      });
      assert.equal(state(readRecording(changed, keyLog)), TlsState.notAuthentic);
      const missing = pieces.filter((_, index) => index !== ack);
      // Behind the ACK comes nothing but an alert.
      const reading = readRecording(missing, keyLog);
      assert.equal(reading.text(0), turns[0]!.text);
    }
  });
  await t.test('more handshake than is allowed', async () => {
    const { pieces, keyLog } = await record(tls13);
    const reading = new TlsReading(keyLog, 600);
    for (const piece of pieces) reading.read(piece);
    assert.equal(state(reading), TlsState.handshakeTooLong);
  });
});
