// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { firstGivenUp, TlsState } from '../../src/tls/tls-result.ts';
import { makeCertificate } from '../support/certificates.ts';
import { randomSource } from '../support/random.ts';
import { TlsReading } from '../support/tls-reading.ts';
import { type Piece, startRecordedServer, type TlsRecording, type Turn } from '../support/tls-recording.ts';

// FUZZ_SEED=n repeats the edits; handshakes are others each time. The seed is printed.

const rounds = 6000;
const maxHandshakeBytes = 8192;
const turns: readonly Turn[] = Array.from({ length: 6 }, (_, i) => ({
  from: i % 2 === 0 ? 'client' : 'server',
  text: `message ${i} `.repeat(20),
}));
const said = [0, 1].map((direction) =>
  turns
    .filter(({ from }) => (from === 'client' ? 0 : 1) === direction)
    .map(({ text }) => text)
    .join(''),
);

async function record(): Promise<TlsRecording[]> {
  using certificate = await makeCertificate();
  const { key, cert } = certificate;
  const recordings: TlsRecording[] = [];
  for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
    for (const ciphers of ['ECDHE+AESGCM', 'ECDHE+CHACHA20']) {
      const options = { minVersion: version, maxVersion: version, ...(version === 'TLSv1.2' && { ciphers }) };
      await using server = await startRecordedServer({ key, cert, ...options });
      recordings.push(await server.talk(turns, options));
    }
  }
  return recordings;
}

type Random = (limit: number) => number;

/** A connection with some of its bytes changed, lost, repeated, sent the other way, or made up. */
function edit(pieces: readonly Piece[], random: Random): Piece[] {
  const edited: Piece[] = pieces.map((piece) => ({ ...piece, bytes: Uint8Array.from(piece.bytes) }));
  for (let edits = random(4); edits > 0; edits--) {
    const index = random(edited.length);
    const { direction, bytes } = edited[index]!;
    const at = random(bytes.length);
    switch (random(8)) {
      case 0:
        bytes[at]! ^= 1 << random(8);
        break;
      case 1:
        bytes[at] = random(2) * 255;
        break;
      case 2:
        edited.splice(index, 1);
        break;
      case 3:
        edited.splice(random(edited.length), 0, { direction, bytes: Uint8Array.from(bytes) });
        break;
      case 4:
        edited[index] = { direction: (1 - direction) as 0 | 1, bytes };
        break;
      case 5:
        edited[index] = { direction, bytes: bytes.subarray(at) };
        break;
      case 6: {
        // Version, session id, suite or extensions of the ServerHello.
        const hello = edited.find((piece) => piece.direction === 1)?.bytes;
        if (hello !== undefined && hello.length > 120) hello[9 + random(110)]! ^= 1 << random(8);
        break;
      }
      default:
        edited.splice(index, 0, { direction, bytes: madeUp(random) });
    }
    if (edited.length === 0) return edited;
  }
  return edited;
}

/** A record with a header that is right, mostly, and anything in it. */
function madeUp(random: Random): Uint8Array {
  const length = random(4) === 0 ? 0 : random(300);
  const bytes = new Uint8Array(5 + length);
  for (let i = 5; i < bytes.length; i++) bytes[i] = random(256);
  bytes.set([20 + random(5), 3, random(5), length >> 8, length & 0xff]);
  // The beginning of a hello, a key update, a certificate that claims to be long.
  if (length > 5) bytes.set([[1, 2, 24, 11][random(4)]!, random(2), random(3), random(256)], 5);
  return bytes;
}

test('damaged connections: nothing throws, and only what was said is read, from its beginning', async (t) => {
  const seed = Number(process.env['FUZZ_SEED'] ?? Date.now() % 2 ** 31);
  t.diagnostic(`FUZZ_SEED=${seed}`);
  const random = randomSource(seed);
  const recordings = await record();
  const counts = new Map<number, number>();
  let whole = 0;
  for (let round = 0; round < rounds; round++) {
    const { pieces, keyLog } = recordings[random(recordings.length)]!;
    const keys = random(10) === 0 ? damagedKeys(keyLog, random) : keyLog;
    const reading = new TlsReading(random(4) === 0 ? '' : keys, maxHandshakeBytes);
    const cut = random(3) === 0 ? 1 + random(200) : 100_000;
    for (const { direction, bytes } of edit(pieces, random)) {
      for (let p = 0; p < bytes.length; p += cut)
        reading.read({ direction, bytes: bytes.subarray(p, p + cut) });
      if (random(8) === 0) reading.addKeys(keys);
    }
    reading.connection.end();
    const { state } = reading.connection;
    counts.set(state, (counts.get(state) ?? 0) + 1);
    for (const direction of [0, 1] as const) {
      // Pieces may have been sent the other way, hello and all: then the two are the other way round.
      const text = reading.text(direction);
      assert.ok(said[direction]!.startsWith(text) || said[1 - direction]!.startsWith(text), text);
    }
    if (state === TlsState.open && reading.text(0) === said[0] && reading.text(1) === said[1]) whole++;
  }
  for (const [state, count] of [...counts].sort(([a], [b]) => a - b)) {
    t.diagnostic(`${Object.keys(TlsState)[state]} ${count}`);
  }
  t.diagnostic(`whole ${whole}`);
  assert.ok(whole > rounds / 20, 'some stay whole');
  const reached = [
    TlsState.noKey,
    TlsState.noHandshake,
    TlsState.unsupportedVersion,
    TlsState.unsupportedCipherSuite,
    TlsState.malformed,
    TlsState.notAuthentic,
  ];
  for (const state of reached)
    assert.ok(counts.has(state), `${state} never came: the fuzzer does not reach it`);
  assert.ok([...counts.keys()].every((state) => state < firstGivenUp + 8));
});

function damagedKeys(keyLog: string, random: Random): string {
  const at = random(keyLog.length);
  return keyLog.slice(0, at) + String.fromCharCode(random(128)) + keyLog.slice(at + random(3));
}

test('noise: nothing throws, and what waits is less than a record', (t) => {
  const seed = Number(process.env['FUZZ_SEED'] ?? Date.now() % 2 ** 31);
  t.diagnostic(`FUZZ_SEED=${seed}`);
  const random = randomSource(seed);
  for (let round = 0; round < 20_000; round++) {
    const reading = new TlsReading('', maxHandshakeBytes);
    for (let pieces = random(12); pieces > 0; pieces--) {
      const direction = random(2) as 0 | 1;
      reading.read({ direction, bytes: madeUp(random).subarray(random(8) === 0 ? random(6) : 0) });
    }
    assert.equal(reading.opened.length, 0);
    for (const direction of [0, 1] as const) assert.ok(reading.waiting(direction) < 16_384 + 2048 + 5 + 400);
  }
});
