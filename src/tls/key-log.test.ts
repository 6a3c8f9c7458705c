// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { SeededHash } from '../base/hash.ts';
import { PacketClock } from '../base/packet-clock.ts';
import { KeyLogReader } from './key-log.ts';
import { Secret, Secrets } from './secrets.ts';

const limit = 4;
const random = (n: number): string => n.toString(16).padStart(64, 'a');
const master = (n: number): string => n.toString(16).padStart(96, 'b');
const traffic = (n: number): string => n.toString(16).padStart(64, 'c');

function open(): { secrets: Secrets; reader: KeyLogReader; counts: () => number[] } {
  const secrets = new Secrets(limit, new SeededHash(1, 2), new PacketClock());
  const reader = new KeyLogReader(secrets);
  return { secrets, reader, counts: () => [...reader.lineCounts] };
}

function read(reader: KeyLogReader, text: string): void {
  const bytes = Buffer.from(text, 'latin1');
  reader.read(bytes, bytes.length);
}

function secretOf(secrets: Secrets, n: number, kind: Secret): string {
  const key = new DataView(new Uint8Array(Buffer.from(random(n), 'hex')).buffer);
  const target = new DataView(new ArrayBuffer(48));
  const length = secrets.copy(key, kind, target);
  return Buffer.from(target.buffer, 0, length).toString('hex');
}

test('secrets by label and client random; the last one of a label holds', () => {
  const { secrets, reader, counts } = open();
  read(
    reader,
    `# made by hand\n\nCLIENT_RANDOM ${random(1)} ${master(1)}\r\n` +
      `CLIENT_TRAFFIC_SECRET_0 ${random(2)} ${traffic(2)}\nSERVER_TRAFFIC_SECRET_0 ${random(2)} ${master(3).toUpperCase()}\n` +
      `CLIENT_HANDSHAKE_TRAFFIC_SECRET ${random(2)} ${traffic(9)}\nEXPORTER_SECRET ${random(2)} ${traffic(9)}\n` +
      `CLIENT_RANDOM ${random(1)} ${master(5)}\n`,
  );
  assert.equal(secretOf(secrets, 1, Secret.master), master(5));
  assert.equal(secretOf(secrets, 1, Secret.clientTraffic), '');
  assert.equal(secretOf(secrets, 2, Secret.clientTraffic), traffic(2));
  assert.equal(secretOf(secrets, 2, Secret.serverTraffic), master(3));
  assert.equal(secretOf(secrets, 3, Secret.master), '');
  assert.deepEqual(counts(), [4, 3, 0]);
});

test('a line that is no secret is counted and nothing else', () => {
  const lines = [
    'CLIENT_RANDOM',
    `CLIENT_RANDOM ${random(1)}`,
    `CLIENT_RANDOM ${random(1)} `,
    `CLIENT_RANDOM ${random(1)} ${traffic(1)}`,
    `CLIENT_RANDOM ${random(1)} ${master(1)}0`,
    `CLIENT_RANDOM ${random(1)} ${master(1)}00`,
    `CLIENT_RANDOM ${random(1)}  ${master(1)}`,
    `CLIENT_RANDOM ${random(1).slice(2)} ${master(1)}`,
    `CLIENT_RANDOM ${random(1).replace('a', 'g')} ${master(1)}`,
    `CLIENT_RANDOM ${random(1)} ${master(1).replace('b', '/')}`,
    `client_random ${random(1)} ${master(1)}`,
    ` CLIENT_RANDOM ${random(1)} ${master(1)}`,
    `CLIENT_RANDOM ${random(1)} ${master(1)}${'0'.repeat(1000)}`,
    'no key log at all',
    '\x00\xff',
  ];
  for (const line of lines) {
    const { secrets, reader, counts } = open();
    read(reader, `${line}\nCLIENT_RANDOM ${random(2)} ${master(2)}\n`);
    assert.deepEqual(counts(), [1, 0, 1], line);
    assert.equal(secrets.table.size, 1);
    assert.equal(secretOf(secrets, 2, Secret.master), master(2));
  }
});

test('the log may come in any pieces, and its last line without an end', () => {
  const text =
    `CLIENT_RANDOM ${random(1)} ${master(1)}\n${'x'.repeat(999)}\n` +
    `CLIENT_TRAFFIC_SECRET_0 ${random(2)} ${traffic(2)}`;
  fc.assert(
    fc.property(fc.array(fc.nat(text.length), { maxLength: 20 }), (cuts) => {
      const { secrets, reader, counts } = open();
      let from = 0;
      for (const cut of [...cuts.sort((a, b) => a - b), text.length]) {
        read(reader, text.slice(from, cut));
        from = cut;
      }
      assert.equal(secretOf(secrets, 2, Secret.clientTraffic), '');
      reader.tryLine();
      assert.equal(secretOf(secrets, 1, Secret.master), master(1));
      assert.equal(secretOf(secrets, 2, Secret.clientTraffic), traffic(2));
      assert.deepEqual(counts(), [1, 0, 1]);
      read(reader, '\n');
      assert.deepEqual(counts(), [2, 0, 1]);
    }),
  );
});

test('any bytes: every line is counted once, nothing throws, memory is that of the table', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 400 }), { maxLength: 10 }), (pieces) => {
      const { reader, counts, secrets } = open();
      for (const piece of pieces) reader.read(piece, piece.length);
      read(reader, '\n');
      const lines = Buffer.concat(pieces)
        .toString('latin1')
        .split('\n')
        .filter((line) => line !== '');
      assert.equal(
        counts().reduce((sum, count) => sum + count, 0),
        lines.length,
      );
      assert.equal(secrets.table.size, 0);
    }),
  );
});

test('when it is full, secrets that were used go first, then the oldest', () => {
  const { secrets, reader } = open();
  const add = (n: number): void => read(reader, `CLIENT_RANDOM ${random(n)} ${master(n)}\n`);
  for (let n = 1; n <= limit; n++) add(n);
  assert.equal(secretOf(secrets, 3, Secret.master), master(3));
  add(5);
  assert.deepEqual([secrets.table.evictedFinished, secrets.table.evictedOpen], [1, 0]);
  assert.equal(secretOf(secrets, 3, Secret.master), '');
  add(6);
  assert.deepEqual([secrets.table.evictedFinished, secrets.table.evictedOpen], [1, 1]);
  assert.equal(secretOf(secrets, 1, Secret.master), '');
  for (const n of [2, 4, 5, 6]) assert.equal(secretOf(secrets, n, Secret.master), master(n));
  assert.equal(secrets.table.size, limit);
});
