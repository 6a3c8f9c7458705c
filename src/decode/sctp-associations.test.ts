// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { randomSource } from '../../test/support/random.ts';
import {
  dataChunk,
  dataChunks,
  iDataChunk,
  pieceAt,
  sackChunk,
  sctp,
  sctpChunk,
} from '../../test/support/sctp.ts';
import { SctpListener } from '../../test/support/sctp-listener.ts';
import { ascii } from '../../test/support/udp-frame.ts';
import { DecodeResult } from './decode-result.ts';

const invite = `INVITE sip:bob@example.com SIP/2.0\r\n\r\n${'x'.repeat(500)}`;
const options = 'OPTIONS sip:bob@example.com SIP/2.0\r\n\r\n';

test('the messages of bundled chunks, other chunks between them', () => {
  const listener = new SctpListener();
  const packet = sctp(
    {},
    sackChunk(7),
    dataChunk({ tsn: 1 }, ascii(options)),
    sctpChunk(4, 0, ascii('heartbeat')),
    iDataChunk({ tsn: 2, message: 9 }, ascii(invite)),
    sctpChunk(200, 255, ascii('not known')),
    dataChunk({ tsn: 3, isUnordered: true, stream: 5 }, ascii('x')),
  );
  assert.equal(listener.take(packet), DecodeResult.sctpPacket);
  assert.deepEqual(listener.events, [options, invite, 'x']);
});

test('the bytes that fill up the last chunk may be missing', () => {
  const listener = new SctpListener();
  const packet = sctp({}, dataChunk({ tsn: 1 }, ascii('12345')));
  for (const missing of [3, 0]) listener.take(packet.subarray(0, packet.length - missing));
  assert.deepEqual(listener.events, ['12345', '<duplicate>']);
});

test('what is no chunk ends the packet', () => {
  const sound = dataChunk({ tsn: 1 }, ascii(options));
  const malformed: Record<string, Uint8Array> = {
    'cut in the chunk header': Uint8Array.of(0, 3, 0),
    'length 0': sctpChunk(3, 0, ascii('abcd'), 0),
    'length 3': sctpChunk(3, 0, ascii('abcd'), 3),
    'longer than the packet': sctpChunk(3, 0, ascii('abcd'), 9),
    'DATA without user data': dataChunk({ tsn: 2 }, new Uint8Array(0)),
    'DATA without all of its header': sctpChunk(0, 3, ascii('abcd')),
    'I-DATA without user data': iDataChunk({ tsn: 2 }, new Uint8Array(0)),
  };
  for (const [name, chunk] of Object.entries(malformed)) {
    const listener = new SctpListener();
    listener.take(sctp({}, sound, chunk));
    assert.deepEqual(listener.events, [options, '<bad_chunk 1>'], name);
  }
  const listener = new SctpListener();
  assert.equal(listener.take(sctp({}).subarray(0, 11)), DecodeResult.truncatedSctp);
  assert.equal(listener.take(sctp({})), DecodeResult.sctpPacket);
  assert.deepEqual(listener.events, []);
});

test('a chunk that is sent again counts once, in each association and direction', () => {
  const listener = new SctpListener();
  const data = (tsn: number): Uint8Array => dataChunk({ tsn }, ascii(`${tsn}`));
  listener.take(sctp({}, data(5), data(6)));
  listener.take(sctp({}, data(6), data(7)));
  listener.take(sctp({}, data(4)));
  listener.take(sctp({ verificationTag: 2 }, data(6)));
  listener.take(sctp({ sourcePort: 5070 }, data(6)));
  listener.take(sctp({}, data(4)));
  assert.deepEqual(listener.events, ['5', '6', '<duplicate>', '7', '4', '6', '6', '<duplicate>']);
  listener.take(sctp({}, data(4)), 61e6);
  assert.equal(listener.events.at(-1), '4', 'nothing was heard of the association for a minute');
});

test('the oldest association is forgotten when there are too many', () => {
  const listener = new SctpListener({ maxAssociations: 2 });
  const from = (verificationTag: number): string | undefined => {
    listener.take(sctp({ verificationTag }, dataChunk({ tsn: 1 }, ascii(`${verificationTag}`))));
    return listener.events.at(-1);
  };
  assert.deepEqual([1, 2, 1, 3, 1, 2].map(from), ['1', '2', '<duplicate>', '3', '<duplicate>', '2']);
  assert.equal(listener.associations.table.size, 2);
});

test('a message in pieces, the TSNs over the end of the numbers, in every order', () => {
  const chunks = dataChunks(0xfffffffe, ascii(invite), 200);
  assert.equal(chunks.length, 3);
  for (const order of [
    [0, 1, 2],
    [0, 2, 1],
    [1, 0, 2],
    [1, 2, 0],
    [2, 0, 1],
    [2, 1, 0],
  ]) {
    const listener = new SctpListener();
    for (const i of order) listener.take(sctp({}, chunks[i]!));
    listener.take(sctp({}, chunks[1]!));
    assert.deepEqual(listener.events, [invite, '<duplicate>'], `${order}`);
    assert.equal(listener.associations.fragments.table.size, 0);
  }
});

test('pieces of different messages are not mixed', () => {
  const listener = new SctpListener();
  const piece = (tsn: number, kind: 'first' | 'middle' | 'last', verificationTag = 1): void => {
    listener.take(sctp({ verificationTag }, dataChunk({ tsn, piece: kind }, ascii(`${tsn}${kind} `))));
  };
  piece(1, 'first');
  piece(2, 'middle', 2);
  piece(3, 'last');
  piece(2, 'first');
  assert.deepEqual(listener.events, ['2first 3last ']);
  piece(4, 'last');
  piece(5, 'last');
  piece(6, 'first');
  piece(7, 'first');
  assert.equal(listener.events.length, 1);
  piece(8, 'last');
  assert.deepEqual(listener.events.slice(1), ['7first 8last ']);
});

test('I-DATA: messages of several streams at once', () => {
  const listener = new SctpListener();
  const send = (
    tsn: number,
    stream: number,
    message: number,
    number: number,
    count: number,
    more = {},
  ): void => {
    const name = `${stream}.${message}.${number} `;
    const piece = pieceAt(number, count);
    listener.take(
      sctp({}, iDataChunk({ tsn, stream, message, piece, pieceNumber: number, ...more }, ascii(name))),
    );
  };
  send(1, 1, 7, 0, 3);
  send(2, 2, 7, 0, 2);
  send(3, 1, 7, 1, 3);
  send(4, 1, 7, 0, 2, { isUnordered: true });
  send(6, 1, 8, 1, 2);
  send(5, 2, 7, 1, 2);
  send(7, 1, 7, 2, 3);
  send(8, 1, 8, 0, 2);
  send(9, 1, 7, 1, 2, { isUnordered: true });
  assert.deepEqual(listener.events, ['2.7.0 2.7.1 ', '1.7.0 1.7.1 1.7.2 ', '1.8.0 1.8.1 ', '1.7.0 1.7.1 ']);
});

test('what does not become whole in time is given up', () => {
  const listener = new SctpListener();
  const [first, second, third] = dataChunks(1, ascii(invite), 200);
  listener.take(sctp({}, first!, third!));
  listener.take(sctp({}), 29e6);
  assert.deepEqual(listener.events, []);
  listener.take(sctp({}), 1e6);
  listener.take(sctp({}, second!));
  assert.deepEqual(listener.events, ['<expired 2>']);
});

test('limits of one message', () => {
  const small = { maxFragments: 4 };
  const cases: readonly (readonly [string, number, readonly string[]])[] = [
    ['x'.repeat(500), 125, ['x'.repeat(500)]],
    ['x'.repeat(501), 126, ['<message_too_large 4>']],
    ['x'.repeat(500), 100, ['<too_many_fragments 5>']],
    ['x'.repeat(1002), 501, ['<message_too_large 1>', '<message_too_large 1>']],
  ];
  for (const [message, pieceBytes, expected] of cases) {
    for (const isReversed of [false, true]) {
      const chunks = dataChunks(1, ascii(message), pieceBytes);
      if (isReversed) chunks.reverse();
      const listener = new SctpListener(small, 500);
      for (const chunk of chunks) listener.take(sctp({}, chunk));
      assert.deepEqual(listener.events, expected);
      assert.equal(listener.associations.fragments.table.size, 0);
    }
  }
});

test('the buffer is a ring: the oldest pieces make room', () => {
  const listener = new SctpListener({ memoryBytes: 2048 }, 2000);
  const filler = (tsn: number, bytes: number): void => {
    listener.take(sctp({ verificationTag: tsn }, dataChunk({ tsn, piece: 'middle' }, new Uint8Array(bytes))));
  };
  filler(1, 800);
  filler(2, 800);
  filler(3, 448);
  assert.deepEqual(listener.events, []);
  filler(4, 1);
  assert.deepEqual(listener.events, ['<evicted 1>']);
  filler(5, 1900);
  assert.deepEqual(listener.events, ['<evicted 1>', '<evicted 1>', '<evicted 1>'], 'not the fourth');
  const [first, last] = dataChunks(7, ascii('y'.repeat(1800)), 1700);
  listener.take(sctp({}, first!));
  listener.take(sctp({}, last!));
  assert.deepEqual(listener.events.slice(3), ['<evicted 1>', '<evicted 1>', 'y'.repeat(1800)]);
});

test('any messages, in any pieces, in any order within the window, with copies: exactly these messages', () => {
  const message = fc.string({ minLength: 1, maxLength: 300 });
  fc.assert(
    fc.property(
      fc.array(fc.tuple(message, fc.integer({ min: 5, max: 400 })), { maxLength: 30 }),
      fc.nat(),
      (all, seed) => {
        const random = randomSource(seed);
        const messages = all.map(([text]) => Buffer.from(text));
        let tsn = random(2 ** 31) * 2;
        const chunks = messages.flatMap((bytes, i) => {
          const pieces = dataChunks(tsn, bytes, Math.max(all[i]![1], Math.ceil(bytes.length / 64)));
          tsn = (tsn + pieces.length) >>> 0;
          return pieces;
        });
        const copies = chunks.filter(() => random(4) === 0);
        const order = [...chunks, ...copies].map((chunk) => ({ chunk, at: random(1000) }));
        order.sort((a, b) => a.at - b.at);
        const listener = new SctpListener();
        // Bundles of one to three.
        for (let i = 0; i < order.length; ) {
          const count = 1 + random(3);
          listener.take(sctp({}, ...order.slice(i, i + count).map(({ chunk }) => chunk)));
          i += count;
        }
        listener.settle();
        const isMessage = (event: string): boolean => event !== '<duplicate>';
        assert.deepEqual(
          listener.events.filter(isMessage).sort(),
          messages.map((bytes) => bytes.toString('latin1')).sort(),
        );
        assert.equal(listener.events.length - messages.length, copies.length);
        assert.equal(listener.associations.fragments.table.size, 0);
      },
    ),
  );
});
