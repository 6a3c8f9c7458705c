// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Datagram } from '../../src/decode/datagram.ts';
import { HepPacket } from '../../src/hep/hep-packet.ts';
import { HepResult } from '../../src/hep/hep-result.ts';
import { HepStream } from '../../src/hep/hep-stream.ts';
import { parseHep } from '../../src/hep/parse-hep.ts';
import { RtcpJson } from '../../src/hep/rtcp-json.ts';
import { parseRtcp } from '../../src/rtp/rtcp/parse-rtcp.ts';
import { RtcpResult } from '../../src/rtp/rtcp/rtcp-result.ts';
import type { RtcpVisitor } from '../../src/rtp/rtcp/rtcp-visitor.ts';
import { chunk, encode, hep3, hepJsPacket, options } from '../hep/packets.ts';
import { asteriskReport, captagentReport, heplifyReport, hepOf, rtpengineReport } from '../hep/reports.ts';
import { randomSource } from '../support/random.ts';
import { ascii, bytesOf } from '../support/udp-frame.ts';

// FUZZ_SEED=n repeats a run; the seed is printed.

const packetCount = 1_000_000;
const maxLength = 512;
const message = ascii(options);
const hep2 = bytesOf([2, 16, 2, 17, 0x13, 0xc4, 0x13, 0xc4], new Uint8Array(20), message);
const seeds = [
  hepJsPacket,
  encode(message, { isIpv6: true, key: 'key' }),
  hep2,
  hep3([chunk(11, [1])]),
  hepOf('{"ssrc":1}'),
];

const nothing = (): void => undefined;
const noVisitor = (): RtcpVisitor => ({
  ...{ packet: nothing, senderReport: nothing, reportBlock: nothing, bye: nothing },
  ...{ feedback: nothing, extendedBlock: nothing, voipMetrics: nothing },
});

function newRandom(diagnostic: (text: string) => void): (limit: number) => number {
  const seed = Number(process.env['FUZZ_SEED'] ?? Date.now() % 2 ** 31);
  diagnostic(`FUZZ_SEED=${seed}`);
  return randomSource(seed);
}

/** Told by others than the parser. */
const told: ReadonlySet<HepResult> = new Set([HepResult.tooLong, HepResult.segment, HepResult.badReport]);

/** Writes one packet into `target` and returns its length: noise, or one of the seeds with a few changes. */
function writePacket(target: Uint8Array, random: (limit: number) => number): number {
  if (random(8) === 0) {
    const length = random(maxLength);
    for (let index = 0; index < length; index++) target[index] = random(256);
    if (random(2) === 0) target.set(hepJsPacket.subarray(0, Math.min(4, length)));
    return length;
  }
  const seed = seeds[random(seeds.length)]!;
  target.set(seed);
  for (let edits = random(5); edits > 0; edits--) {
    const index = random(random(2) === 0 ? Math.min(110, seed.length) : seed.length);
    const kind = random(3);
    target[index] =
      kind === 0 ? target[index]! ^ (1 << random(8)) : kind === 1 ? random(2) * 255 : random(24);
  }
  return random(4) === 0 ? random(seed.length + 1) : seed.length;
}

test('random and mutated packets give a code and stay in bounds', (t) => {
  const random = newRandom((text) => t.diagnostic(text));
  const counts = new Float64Array(Object.keys(HepResult).length);
  const packet = new HepPacket();
  const datagram = new Datagram();
  const buffer = new Uint8Array(maxLength * 2);
  for (let count = 0; count < packetCount; count++) {
    const offset = random(maxLength);
    const end = offset + writePacket(buffer.subarray(offset), random);
    // The packet ends where its buffer does or leaves a gap, so that a read beyond it would not go unseen.
    const bytes = random(2) === 0 ? buffer : buffer.subarray(0, end);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    const result = parseHep(bytes, view, offset, end - offset, packet, datagram);
    if (!(result in counts)) assert.fail(`no such code: ${result}`);
    counts[result]!++;
    if (result !== HepResult.message && result !== HepResult.rtcp) continue;
    const { payloadOffset, payloadLength, sourcePort, destinationPort } = datagram;
    assert.ok(payloadOffset >= offset && payloadLength >= 0 && payloadOffset + payloadLength <= end);
    assert.ok(
      packet.keyLength >= 0 && (packet.keyLength === 0 || packet.keyOffset + packet.keyLength <= end),
    );
    assert.ok(packet.captureMicros >= 0 && packet.captureMicros <= 2 ** 32 * 1e6 + 2 ** 32);
    assert.ok(sourcePort <= 0xffff && destinationPort <= 0xffff && packet.nodeId < 2 ** 32);
  }
  for (const [name, code] of Object.entries(HepResult)) {
    t.diagnostic(`${name}: ${counts[code]}`);
    // A compressed payload needs more luck than there is.
    const isRare = told.has(code) || code === HepResult.compressed;
    if (!isRare) assert.ok(counts[code]! > 0, name);
  }
});

test('streams of mutated packets in random pieces: whole packets or a reason, never more than one is kept', (t) => {
  const random = newRandom((text) => t.diagnostic(text));
  const buffer = new Uint8Array(maxLength * 2);
  for (let count = 0; count < 20_000; count++) {
    let consumed = 0;
    const stream = new HepStream(1024, (bytes, _view, offset, length) => {
      assert.ok(length >= 6 && length <= 1024 && offset >= 0 && offset + length <= bytes.length);
      assert.deepEqual([...bytes.subarray(offset, offset + 4)], [...ascii('HEP3')]);
      consumed += length;
    });
    const sent = bytesOf(...Array.from({ length: 4 }, () => buffer.slice(0, writePacket(buffer, random))));
    let position = 0;
    let result: HepResult = HepResult.message;
    while (position < sent.length && result === HepResult.message) {
      const piece = sent.subarray(position, position + 1 + random(300));
      position += piece.length;
      result = stream.push(piece, new DataView(piece.buffer, piece.byteOffset, piece.length));
      assert.ok(consumed <= position);
      if (result === HepResult.message) assert.ok(stream.isIncomplete === consumed < position);
    }
  }
});

const block = { ssrc: 5, highest: 9, jitter: 3, lastSenderReport: 7, delay: 4, cumulativeLost: -1 };
const report = { ssrc: 1, ntp: [0xe8f0_0001, 77], blocks: [block, block] } as const;
const reportSeeds = [
  rtpengineReport(report),
  heplifyReport(report, { type: 7, id: 3, burst_duration: 70_000 }, 207),
  asteriskReport(report),
  captagentReport(report),
].map(ascii);
const nowMicros = 1_790_000_000e6;
/** What makes JSON another one. */
const marks = ascii('{}[]"\\:,-+.eE0 ');

test('reports in JSON, mutated: RTCP that is right, or none; nothing beyond the text is read', (t) => {
  const random = newRandom((text) => t.diagnostic(text));
  const json = new RtcpJson();
  const counts = { read: 0, refused: 0 };
  const visitor = noVisitor();
  for (let count = 0; count < 100_000; count++) {
    const seed = reportSeeds[random(reportSeeds.length)]!;
    const text = seed.slice(0, random(4) === 0 ? random(seed.length + 1) : seed.length);
    for (let edits = random(4); edits > 0 && text.length > 0; edits--) {
      const mark = random(2) === 0 ? marks[random(marks.length)]! : random(256);
      text[random(text.length)] = mark;
    }
    const datagram = new Datagram();
    // A byte beyond the end would be a closing brace, which makes a report of a text that is cut.
    const around = random(2) === 0 ? text : bytesOf(text, ascii('}}]}}'));
    datagram.bytes = around;
    datagram.payloadLength = text.length;
    const isRead = json.open(datagram, nowMicros);
    counts[isRead ? 'read' : 'refused']++;
    if (isRead) {
      const { bytes, payloadOffset, payloadLength } = datagram;
      assert.equal(parseRtcp(bytes, payloadOffset, payloadLength, false, visitor), RtcpResult.compound);
    }
    if (around !== text) {
      const alone = new Datagram();
      alone.bytes = text;
      alone.payloadLength = text.length;
      assert.equal(json.open(alone, nowMicros), isRead);
    }
  }
  t.diagnostic(JSON.stringify(counts));
  assert.ok(counts.read > 1000 && counts.refused > 1000);
});

test('time grows with the length of JSON, not faster', () => {
  const json = new RtcpJson();
  for (const length of [1000, 30_000]) {
    for (const text of [
      `{"a":[${'1,'.repeat(length / 2)}`,
      `{"${'a'.repeat(length)}`,
      `{${'"":1,'.repeat(length / 5)}`,
      `{"a":"${'1'.repeat(length)}"}`,
      `{"a":[${'{"b":[]},'.repeat(length / 9)}`,
      ' '.repeat(length),
    ]) {
      const bytes = ascii(text);
      let reads = 0;
      const watched = new Proxy(bytes, {
        get(target, key) {
          reads++;
          return Reflect.get(target, key, target);
        },
      });
      const datagram = new Datagram();
      datagram.bytes = watched;
      datagram.payloadLength = bytes.length;
      json.open(datagram, nowMicros);
      assert.ok(reads <= 10 * bytes.length, `${text.slice(0, 12)}: ${bytes.length} bytes, ${reads} reads`);
    }
  }
});

test('time grows with the length, not faster: packets of nothing but the smallest chunks', () => {
  const packet = new HepPacket();
  const datagram = new Datagram();
  for (const chunks of [1000, 10_000]) {
    const bytes = hep3(new Array<Uint8Array>(chunks).fill(chunk(31, [])));
    // Counted, because no other load on the machine can change that.
    let reads = 0;
    const watched = new Proxy(bytes, {
      get(target, key) {
        reads++;
        return Reflect.get(target, key, target);
      },
    });
    const view = new DataView(bytes.buffer);
    assert.equal(parseHep(watched, view, 0, bytes.length, packet, datagram), HepResult.missingChunk);
    assert.ok(reads > bytes.length / 2 && reads <= 2 * bytes.length, `${bytes.length} bytes: ${reads} reads`);
  }
});
