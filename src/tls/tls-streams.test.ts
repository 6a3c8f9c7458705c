// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type Certificate, makeCertificate } from '../../test/support/certificates.ts';
import { randomSource } from '../../test/support/random.ts';
import {
  type Piece,
  startRecordedServer,
  type TlsRecording,
  type Turn,
} from '../../test/support/tls-recording.ts';
import { SeededHash } from '../base/hash.ts';
import { PacketClock } from '../base/packet-clock.ts';
import { nodeTlsCrypto } from '../crypto/node-tls-crypto.ts';
import { BufferPool } from '../decode/buffer-pool.ts';
import type { StreamChunk, StreamReader } from '../decode/byte-stream.ts';
import { streamLossNames } from '../decode/stream-events.ts';
import { StreamRests } from '../decode/stream-rests.ts';
import { KeyLogReader } from './key-log.ts';
import { Secrets } from './secrets.ts';
import { firstGivenUp, tlsReasonNames } from './tls-result.ts';
import { TlsStreams } from './tls-streams.ts';

// Streams of real connections, under the numbers and with the memory that TCP would give them.

const turns: readonly Turn[] = [
  { from: 'client', text: 'INVITE;' },
  { from: 'server', text: '100;200;' },
  { from: 'client', text: 'ACK;' },
  { from: 'client', text: 'BYE;' },
  { from: 'server', text: '200;' },
];
const dialogue = 'client INVITE;server 100;server 200;client ACK;client BYE;server 200;';
const maxConnections = 8;
let certificate: Certificate;
let recordings: readonly TlsRecording[];

before(async () => {
  certificate = await makeCertificate();
  const { key, cert } = certificate;
  const made: TlsRecording[] = [];
  for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
    const options = { minVersion: version, maxVersion: version };
    await using server = await startRecordedServer({ key, cert, ...options });
    made.push(await server.talk(turns, options));
  }
  recordings = made;
});
after(() => certificate[Symbol.dispose]());

/** Reads units that end with a semicolon, and writes down who sent them. */
class Units implements StreamReader {
  text = '';
  /** Packet time of each unit. */
  readonly micros: number[] = [];
  readonly told: string[] = [];
  readonly #clock: PacketClock;

  constructor(clock: PacketClock) {
    this.#clock = clock;
  }

  read(stream: number, { bytes, start, end }: StreamChunk): number {
    let used = 0;
    for (let p = start; p < end; p++) {
      if (bytes[p] !== 0x3b) continue;
      this.text += `${stream & 1 ? 'server' : 'client'} ${Buffer.from(bytes.subarray(start + used, p + 1)).toString()}`;
      this.micros.push(this.#clock.micros);
      used = p + 1 - start;
    }
    return used;
  }

  gap(stream: number): void {
    this.told.push(`gap ${stream}`);
  }

  end(connection: number): void {
    this.told.push(`end ${connection}`);
  }
}

interface Options {
  readonly keyLog?: string;
  /** What the key log has when it is looked at because a record waits. */
  readonly refresh?: () => string;
  readonly limitConnections?: number;
}

function open({ keyLog = '', refresh, limitConnections = 4 }: Options) {
  const clock = new PacketClock();
  clock.micros = 1e15;
  const secrets = new Secrets(100, new SeededHash(1, 2), clock);
  const reader = new KeyLogReader(secrets);
  const addKeys = (text: string): void => reader.read(Buffer.from(text), text.length);
  addKeys(keyLog);
  const units = new Units(clock);
  const log: string[] = [];
  const pool = new BufferPool(2 ** 20, 2 ** 16, () => undefined);
  const streamEvents = {
    segmentKind: () => undefined,
    lost: (stream: number, reason: number) => log.push(`lost ${stream} ${streamLossNames[reason]}`),
    lostBytes: () => undefined,
    unread: (_stream: number, bytes: number) => {
      counts.unread += bytes;
    },
    noContentLength: () => undefined,
  };
  const counts = { found: 0, unread: 0, connections: 0, records: 0, looks: 0 };
  const inside = new StreamRests(maxConnections, 2 ** 16, pool, units, streamEvents);
  const streams = new TlsStreams({
    maxStreamConnections: maxConnections,
    limits: { maxKeys: 100, maxConnections: limitConnections, maxHandshakeBytes: 65_536, keyWaitMicros: 1e6 },
    tlsCrypto: nodeTlsCrypto,
    keys: {
      secrets,
      refresh: () => {
        counts.looks++;
        const text = refresh?.() ?? '';
        addKeys(text);
        return text !== '';
      },
    },
    clock,
    inside,
    insideReader: units,
    readAgain: (stream) => rests.readAgain(stream),
    seenAt: (micros) => {
      clock.micros = micros;
    },
    events: {
      connection: () => counts.connections++,
      givenUp: (reason) => log.push(tlsReasonNames[reason - firstGivenUp]!),
      foundAgain: () => {
        counts.found++;
      },
      opened: (records) => {
        counts.records += records;
      },
    },
    streamEvents,
  });
  const rests: StreamRests = new StreamRests(maxConnections, 2 ** 16, pool, streams, streamEvents);
  const deliver = (connection: number, { direction, bytes }: Piece): void => {
    const copy = Uint8Array.from(bytes);
    rests.deliver(connection * 2 + direction, copy, new DataView(copy.buffer), 0, copy.length);
    copy.fill(0);
    streams.settle();
    while (streams.expire());
  };
  return { clock, units, log, counts, streams, rests, pool, addKeys, deliver };
}

test('what streams of TLS carry goes on in streams inside, whatever the cut', () => {
  for (const { pieces, keyLog } of recordings) {
    for (const cut of [1, 3, 100, 100_000]) {
      const { units, log, counts, streams, deliver } = open({ keyLog });
      let openPieces = 0;
      for (const { direction, bytes } of pieces) {
        for (let p = 0; p < bytes.length; p += cut)
          deliver(3, { direction, bytes: bytes.subarray(p, p + cut) });
        if (streams.table.size > 0) openPieces++;
      }
      assert.equal(units.text, dialogue);
      assert.ok(openPieces >= 3 && openPieces < pieces.length);
      assert.deepEqual(log, []);
      assert.deepEqual([counts.connections, counts.records, counts.unread], [1, 5, 0]);
      streams.end(3);
      assert.deepEqual(units.told, ['end 3']);
    }
  }
});

test('a key that is there when it is looked for: nothing waits', () => {
  for (const { pieces, keyLog } of recordings) {
    const { units, counts, deliver } = open({ refresh: () => (counts.looks === 1 ? keyLog : '') });
    for (const piece of pieces) deliver(0, piece);
    assert.equal(units.text, dialogue);
    assert.equal(counts.looks, 1);
  }
});

test('keys that come late: what waited is read in the order of the wire', () => {
  for (const { pieces, keyLog } of recordings) {
    for (const isFound of [false, true]) {
      const late = pieces.length - 1;
      let position = 0;
      const { clock, units, log, rests, streams, addKeys, deliver } = open({
        refresh: () => (isFound && position === late ? keyLog : ''),
      });
      for (const piece of pieces.slice(0, -1)) {
        deliver(0, piece);
        clock.micros += 10_000;
        position++;
      }
      assert.equal(units.text, '');
      if (!isFound) {
        addKeys(keyLog);
        streams.keysCame();
        assert.equal(units.text, dialogue);
        assert.ok(units.micros.at(-1)! > units.micros[0]!, 'each with its own time');
      }
      deliver(0, pieces.at(-1)!);
      assert.equal(units.text, dialogue);
      assert.equal(rests.lengthOf(0) + rests.lengthOf(1), 0);
      assert.deepEqual(log, []);
    }
  }
});

test('keys that do not come: the connection is given up in time, and its bytes with it', () => {
  for (const { pieces, keyLog } of recordings) {
    const { clock, units, log, counts, rests, streams, addKeys, deliver } = open({});
    for (const piece of pieces.slice(0, -2)) deliver(0, piece);
    assert.ok(rests.lengthOf(0) + rests.lengthOf(1) > 0);
    clock.micros += 999_999;
    while (streams.expire());
    assert.deepEqual(log, []);
    clock.micros += 1;
    while (streams.expire());
    assert.deepEqual(log, ['no_key']);
    assert.equal(rests.lengthOf(0) + rests.lengthOf(1), 0);
    addKeys(keyLog);
    streams.keysCame();
    const unread = counts.unread;
    for (const piece of pieces.slice(-2)) deliver(0, piece);
    assert.ok(counts.unread > unread);
    assert.equal(units.text, '');
    streams.end(0);
    assert.deepEqual(log, ['no_key']);
  }
});

test('ends: a reason once, and what is inside is told', () => {
  for (const { pieces, keyLog } of recordings) {
    const waiting = open({});
    for (const piece of pieces) waiting.deliver(1, piece);
    waiting.streams.end(1);
    assert.deepEqual(waiting.log, ['no_key']);

    const unfinished = open({ keyLog });
    unfinished.deliver(1, pieces[0]!);
    unfinished.streams.end(1);
    assert.deepEqual(unfinished.log, ['no_handshake']);
  }
});

test('behind a gap a direction is found again, at any byte, whatever is missing', () => {
  for (const { pieces, keyLog } of recordings) {
    // The first message of the client, and its next ones.
    const messages = [...pieces.keys()].filter((i) => pieces[i]!.direction === 0 && i > 2);
    const [invite = 0, ack = 0, bye = 0] = messages.slice(-4, -1);
    for (const cut of [0, 1, 4, 5, 20, pieces[ack]!.bytes.length]) {
      const { units, log, counts, streams, rests, deliver } = open({ keyLog });
      for (const piece of pieces.slice(0, ack)) deliver(1, piece);
      assert.equal(units.text, 'client INVITE;server 100;server 200;');
      rests.gap(2);
      assert.deepEqual(units.told, ['gap 2']);
      const { direction, bytes } = pieces[ack]!;
      // The end of a record, or all of it.
      deliver(1, { direction, bytes: bytes.subarray(cut) });
      for (const piece of pieces.slice(ack + 1)) deliver(1, piece);
      const isWhole = cut === 0;
      assert.equal(
        units.text,
        `client INVITE;server 100;server 200;${isWhole ? 'client ACK;' : ''}client BYE;server 200;`,
      );
      assert.deepEqual([log, counts.found], [[], 1]);
      assert.ok(bye > ack && ack > invite);
      streams.end(1);
      assert.deepEqual(log, []);
    }
  }
});

test('gaps in a handshake, and too much missing: the connection is given up', () => {
  for (const { pieces, keyLog } of recordings) {
    const early = open({ keyLog });
    early.deliver(1, pieces[0]!);
    early.rests.gap(3);
    assert.deepEqual(early.log, ['gap']);

    const other = open({ keyLog });
    for (const piece of pieces.slice(0, -3)) other.deliver(1, piece);
    other.rests.gap(2);
    // Records that are none of this connection.
    const record = new Uint8Array(5 + 100).fill(9);
    record.set([23, 3, 3, 0, 100]);
    for (let count = 0; count < 20; count++) other.deliver(1, { direction: 0, bytes: record });
    assert.deepEqual(other.log, ['gap']);
    assert.equal(other.rests.lengthOf(2), 0);
  }
});

test('more connections at once than allowed: handshakes make room first, then what was silent longest', () => {
  const { pieces, keyLog } = recordings[1]!;
  const { units, log, streams, deliver } = open({ keyLog, limitConnections: 3 });
  // Behind this one the first message was read.
  const first = pieces.findIndex(({ direction }, i) => i > 2 && direction === 0) + 1;
  const begin = (connection: number): void => {
    for (const piece of pieces.slice(0, first)) deliver(connection, piece);
  };
  begin(0);
  deliver(1, pieces[0]!);
  begin(2);
  assert.equal(units.text, 'client INVITE;'.repeat(2));
  deliver(3, pieces[0]!);
  assert.deepEqual(log, ['evicted']);
  begin(4);
  assert.deepEqual(log, ['evicted', 'evicted']);
  for (const piece of pieces.slice(first, first + 1)) deliver(0, piece);
  // All three are open; 2 was silent longest.
  deliver(5, pieces[0]!);
  for (const piece of pieces.slice(first)) deliver(2, piece);
  assert.deepEqual(log, ['evicted', 'evicted', 'evicted']);
  assert.equal(units.text, `${'client INVITE;'.repeat(3)}server 100;server 200;`);
  assert.deepEqual([streams.table.evictedFinished, streams.table.evictedOpen, streams.table.size], [2, 1, 3]);
  for (let connection = 0; connection < 6; connection++) streams.end(connection);
  assert.deepEqual(log, ['evicted', 'evicted', 'evicted', 'no_handshake']);
});

test('a connection that both sides closed makes room at once, and is none that was given up', () => {
  for (const { pieces, keyLog } of recordings) {
    const { log, streams, units, counts, deliver } = open({ keyLog, limitConnections: 1 });
    for (const connection of [0, 1, 2]) {
      for (const piece of pieces) deliver(connection, piece);
      assert.equal(streams.table.size, 0);
    }
    assert.equal(units.text, dialogue.repeat(3));
    for (const connection of [0, 1, 2]) streams.end(connection);
    assert.deepEqual(log, []);
    assert.deepEqual(units.told, ['end 0', 'end 1', 'end 2']);
    assert.deepEqual([counts.connections, counts.records], [3, 15]);
  }
});

test('any mix of connections, cuts, gaps, ends and late keys: what is read was said, and nothing is left over', (t) => {
  const seed = Number(process.env['FUZZ_SEED'] ?? Date.now() % 2 ** 31);
  t.diagnostic(`FUZZ_SEED=${seed}`);
  const random = randomSource(seed);
  let whole = 0;
  for (let round = 0; round < 300; round++) {
    const { pieces, keyLog } = recordings[random(2)]!;
    let hasKeys = random(2) === 0;
    const reading = open({
      keyLog: hasKeys ? keyLog : '',
      refresh: () => (hasKeys ? keyLog : ''),
      limitConnections: 1 + random(3),
    });
    const { clock, units, streams, rests, pool, addKeys, deliver } = reading;
    const next = new Uint16Array(maxConnections);
    const end = (connection: number): void => {
      for (const stream of [connection * 2, connection * 2 + 1])
        if (rests.lengthOf(stream) > 0) rests.gap(stream);
      streams.end(connection);
      if (units.text === dialogue) whole++;
      assert.ok(isMix(units.text), units.text);
      next[connection] = 0;
    };
    const used = 1 + random(2);
    for (let step = 0; step < 60; step++) {
      const connection = random(used);
      clock.micros += random(30_000);
      const piece = pieces[next[connection]!];
      const chance = random(60);
      if (piece === undefined || chance === 0) end(connection);
      else if (chance === 1) rests.gap(connection * 2 + random(2));
      else {
        const cut = 1 + random(piece.bytes.length);
        deliver(connection, { ...piece, bytes: piece.bytes.subarray(0, cut) });
        if (cut < piece.bytes.length) deliver(connection, { ...piece, bytes: piece.bytes.subarray(cut) });
        next[connection]!++;
      }
      if (random(20) === 0) {
        hasKeys = true;
        addKeys(keyLog);
        streams.keysCame();
      }
      assert.ok(streams.table.size <= streams.table.limit);
    }
    for (let connection = 0; connection < used; connection++) end(connection);
    assert.deepEqual([pool.usedBytes, streams.table.size], [0, 0]);
  }
  t.diagnostic(`whole ${whole}`);
  assert.ok(whole > 0);
});

/** Whether there is nothing but what one of the two said. */
function isMix(text: string): boolean {
  const known = new Set(dialogue.split(';'));
  return text.split(';').every((unit) => known.has(unit));
}
