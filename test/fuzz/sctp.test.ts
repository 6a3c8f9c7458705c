// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SeededHash } from '../../src/base/hash.ts';
import { PacketClock } from '../../src/base/packet-clock.ts';
import { Datagram } from '../../src/decode/datagram.ts';
import { SctpAssociations } from '../../src/decode/sctp-associations.ts';
import { SctpChunkKind, sctpUnreadNames } from '../../src/decode/sctp-events.ts';
import type { SctpLimits } from '../../src/decode/sctp-limits.ts';
import { randomSource } from '../support/random.ts';
import { dataChunk, iDataChunk, pieceAt, sackChunk } from '../support/sctp.ts';
import { ascii } from '../support/udp-frame.ts';

// FUZZ_SEED=n repeats a run; the seed is printed.

const packetCount = 500_000;
const limits: SctpLimits = {
  maxAssociations: 8,
  memoryBytes: 6000,
  maxFragments: 5,
  fragmentMicros: 1000,
};
const text = ascii('OPTIONS sip:bob@example.com SIP/2.0\r\n\r\n'.repeat(3));
const bufferBytes = 1024;
const maxMessageBytes = 300;

/** How many pieces messages have, one behind the other. */
const pieceCounts = [1, 3, 2, 7, 1, 4, 5, 2];

/** The chunks of some messages, so that pieces find each other: DATA and I-DATA by turns, and a SACK. */
const seeds: readonly Uint8Array[] = [
  sackChunk(1),
  ...Array.from({ length: 6 }, () => pieceCounts)
    .flat()
    .flatMap((count, message) =>
      Array.from({ length: count }, (_, pieceNumber) => ({
        message,
        pieceNumber,
        piece: pieceAt(pieceNumber, count),
      })),
    )
    .map((fields, i) =>
      (fields.message % 3 === 0 ? iDataChunk : dataChunk)(
        { ...fields, tsn: i, stream: fields.message & 1 },
        text.subarray(0, 1 + ((i * 37) % text.length)),
      ),
    ),
];

test('random and mutated SCTP packets: in bounds, nothing lent changes, tables within their limits', (t) => {
  const seed = Number(process.env['FUZZ_SEED'] ?? Date.now() % 2 ** 31);
  t.diagnostic(`FUZZ_SEED=${seed}`);
  const random = randomSource(seed);
  const clock = new PacketClock();
  clock.micros = 1e15;
  const counts = { whole: 0, reassembled: 0, fragments: 0, duplicates: 0 };
  const unread = new Float64Array(sctpUnreadNames.length);
  const buffer = new Uint8Array(bufferBytes);
  let start = 0;
  let end = 0;
  let lent: { bytes: Uint8Array; offset: number; length: number; sum: number }[] = [];
  const sumOf = (bytes: Uint8Array, offset: number, length: number): number => {
    let sum = length;
    for (let i = 0; i < length; i++) sum = (Math.imul(sum, 31) + bytes[offset + i]!) | 0;
    return sum;
  };
  const settle = (): void => {
    for (const { bytes, offset, length, sum } of lent) {
      if (sumOf(bytes, offset, length) !== sum) assert.fail('a lent message has changed');
    }
    lent = [];
  };
  const associations = new SctpAssociations(limits, maxMessageBytes, new SeededHash(seed, 1), clock, {
    sctpMessage(bytes, view, offset, length) {
      if (bytes === buffer) counts.whole++;
      else counts.reassembled++;
      const isInside =
        bytes === buffer ? offset >= start && offset + length <= end : length <= maxMessageBytes;
      if (!isInside || length < 1 || view.buffer !== bytes.buffer) assert.fail('out of bounds');
      lent.push({ bytes, offset, length, sum: sumOf(bytes, offset, length) });
    },
    sctpChunk(kind) {
      if (kind === SctpChunkKind.fragment) counts.fragments++;
      else if (kind === SctpChunkKind.duplicate) counts.duplicates++;
    },
    sctpUnread: (reason, chunks) => {
      if (chunks < 1) assert.fail('nothing is unread');
      unread[reason]! += chunks;
    },
    settle,
  });
  const datagram = new Datagram();
  datagram.bytes = buffer;
  datagram.view = new DataView(buffer.buffer);

  let place = 0;
  for (let packet = 0; packet < packetCount; packet++) {
    // Now and then so much that what waits is over.
    clock.micros += random(500) === 0 ? 2 * limits.fragmentMicros : 10;
    start = random(8);
    end = start;
    for (let chunks = random(4); chunks >= 0; chunks--) {
      place = random(20) === 0 ? random(seeds.length) : (place + 1) % seeds.length;
      const chunk = seeds[place]!;
      if (end + chunk.length > bufferBytes) break;
      buffer.set(chunk, end);
      if (random(10) === 0) buffer[end + random(chunk.length)] = random(256);
      end += chunk.length;
    }
    if (random(20) === 0) end -= random(end - start + 1);
    datagram.payloadOffset = start;
    datagram.payloadLength = end - start;
    datagram.verificationTag = random(10) === 0 ? random(10) : packet >> 6;
    while (associations.expire());
    associations.packet(datagram);
    const { size, limit } = associations.fragments.table;
    if (associations.table.size > limits.maxAssociations || size > limit) assert.fail('beyond a limit');
    settle();
  }

  t.diagnostic(JSON.stringify(counts));
  for (const [name, count] of Object.entries(counts)) assert.ok(count > 0, `no ${name}`);
  for (const [reason, name] of sctpUnreadNames.entries()) {
    t.diagnostic(`${name} ${unread[reason]}`);
    assert.ok(unread[reason]! > 0, `${name} never came: the fuzzer does not reach it`);
  }
});
