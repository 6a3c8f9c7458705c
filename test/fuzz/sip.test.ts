// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readAddressOfRecord } from '../../src/sip/address-of-record.ts';
import { ContactList } from '../../src/sip/contact-list.ts';
import { SipMessage } from '../../src/sip/message.ts';
import { methodNames } from '../../src/sip/method.ts';
import { parseMessage } from '../../src/sip/parse-message.ts';
import { ParseResult } from '../../src/sip/parse-result.ts';
import type { ParserLimits } from '../../src/sip/parser-limits.ts';
import { readSipCases } from '../sip-cases/sip-case.ts';
import { randomSource } from '../support/random.ts';

// FUZZ_SEED=n repeats a run; the seed is printed.

/** Small enough that mutations of the corpus exceed them. */
const limits: ParserLimits = { maxMessageBytes: 900, maxHeaderBytes: 400, maxHeaders: 24, maxVias: 6 };
const packetCount = 3_000_000;
const maxLength = 1024;
const corpus = readSipCases()
  .map(({ bytes }) => bytes)
  .filter((bytes) => bytes.length <= maxLength);
/** Bytes that mean something to the parser. */
const meaningful = new TextEncoder().encode('\r\n \t:;,"<>\\=/\0SIPVvFfTtIiLlC09');

/** Changes `length` bytes of `packet` in one place or joins them with another message; returns the new length. */
function mutate(packet: Uint8Array, length: number, random: (limit: number) => number): number {
  const place = random(length + 1);
  switch (random(6)) {
    case 0:
      if (place < length) packet[place]! ^= 1 << random(8);
      return length;
    case 1:
      if (place < length) packet[place] = meaningful[random(meaningful.length)]!;
      return length;
    case 2: {
      const removed = Math.min(length - place, 1 + random(12));
      packet.copyWithin(place, place + removed, length);
      return length - removed;
    }
    case 3: {
      const inserted = Math.min(maxLength - length, 1 + random(6));
      packet.copyWithin(place + inserted, place, length);
      for (let i = 0; i < inserted; i++) packet[place + i] = meaningful[random(meaningful.length)]!;
      return length + inserted;
    }
    case 4: {
      const other = corpus[random(corpus.length)]!;
      const from = random(other.length + 1);
      const part = other.subarray(from, from + maxLength - place);
      packet.set(part, place);
      return place + part.length;
    }
    default:
      return place;
  }
}

/** Writes a packet at the end of `buffer`, so that a read behind it fails; returns its length. */
function writePacket(buffer: Uint8Array, scratch: Uint8Array, random: (limit: number) => number): number {
  let length = 0;
  if (random(10) === 0) {
    length = random(100);
    const alphabet = random(2) === 0 ? 256 : 0;
    for (let i = 0; i < length; i++)
      scratch[i] = alphabet > 0 ? random(alphabet) : meaningful[random(meaningful.length)]!;
  } else {
    const seed = corpus[random(corpus.length)]!;
    scratch.set(seed);
    length = seed.length;
    for (let edits = random(4); edits > 0; edits--) length = mutate(scratch, length, random);
  }
  buffer.set(scratch.subarray(0, length), buffer.length - length);
  return length;
}

function isInside(offset: number, length: number, start: number, end: number): boolean {
  return length === 0 || (length > 0 && offset >= start && offset + length <= end);
}

/** A whole number of 0..most, or -1. */
function isNumber(value: number, most: number): boolean {
  return Number.isInteger(value) && value >= -1 && value <= most;
}

/** Whether all Contact values are inside the header fields, in order, and an expiry is a number. */
function areContactsSound(m: SipMessage, list: ContactList, start: number): boolean {
  let behind = start;
  list.read(m);
  while (list.next()) {
    const { uriOffset, uriLength, expiresSeconds } = list;
    if (uriOffset < behind || uriLength < 0 || uriOffset + uriLength > m.bodyOffset) return false;
    if (!isNumber(expiresSeconds, 0x7fffffff)) return false;
    behind = uriOffset + uriLength;
  }
  return true;
}

function isSound(m: SipMessage, start: number, end: number): boolean {
  return (
    isInside(m.methodOffset, m.methodLength, start, end) &&
    isInside(m.requestUriOffset, m.requestUriLength, start, end) &&
    isInside(m.sentByOffset, m.sentByLength, start, end) &&
    isInside(m.branchOffset, m.branchLength, start, end) &&
    isInside(m.fromTagOffset, m.fromTagLength, start, end) &&
    isInside(m.toTagOffset, m.toTagLength, start, end) &&
    isInside(m.callIdOffset, m.callIdLength, start, end) &&
    isInside(m.bodyOffset, m.bodyLength, start, end) &&
    isInside(m.toOffset, m.toLength, start, end) &&
    isInside(m.contactOffset, m.contactLength, start, end) &&
    isInside(m.contentTypeOffset, m.contentTypeLength, start, end) &&
    isNumber(m.expiresSeconds, 0x7fffffff) &&
    isNumber(m.sessionExpiresSeconds, 0x7fffffff) &&
    isNumber(m.rseq, 0x7fffffff) &&
    isNumber(m.reasonQ850, 999) &&
    isNumber(m.reasonSip, 999) &&
    m.method in methodNames &&
    (m.isRequest ? m.statusCode === 0 : m.statusCode === 0 || (m.statusCode >= 100 && m.statusCode <= 699)) &&
    m.viaCount >= 0 &&
    m.viaCount <= end - start
  );
}

function isComplete(m: SipMessage): boolean {
  return (
    m.sentByLength > 0 &&
    m.viaCount > 0 &&
    m.hasFrom &&
    m.hasTo &&
    m.callIdLength > 0 &&
    m.cseqNumber >= 0 &&
    m.cseqNumber <= 0x7fffffff &&
    m.viaCount <= limits.maxVias &&
    m.toLength > 0 &&
    (m.isRequest ? m.cseqMethodMatches && m.requestUriLength > 0 : m.statusCode >= 100)
  );
}

test('random and mutated packets give a result and stay in bounds', (t) => {
  const seed = Number(process.env['FUZZ_SEED'] ?? Date.now() % 2 ** 31);
  t.diagnostic(`FUZZ_SEED=${seed}`);
  const random = randomSource(seed);
  const counts = new Float64Array(Object.keys(ParseResult).length);
  const buffer = new Uint8Array(maxLength + 64).fill(0x3b);
  const view = new DataView(buffer.buffer);
  const scratch = new Uint8Array(maxLength);
  const message = new SipMessage();
  const contacts = new ContactList();
  const addressOfRecord = new Uint8Array(40);

  for (let count = 0; count < packetCount; count++) {
    const length = writePacket(buffer, scratch, random);
    const start = buffer.length - length;
    const result = parseMessage(buffer, view, start, length, limits, message);
    if (!(result in counts)) assert.fail(`no such result: ${result}`);
    counts[result]!++;
    const addressLength = readAddressOfRecord(buffer, message.toOffset, message.toLength, addressOfRecord);
    const isGood =
      isSound(message, start, buffer.length) &&
      addressLength <= Math.min(addressOfRecord.length, message.toLength) &&
      (result !== ParseResult.message || (isComplete(message) && areContactsSound(message, contacts, start)));
    if (!isGood)
      assert.fail(
        `result ${result}: ${JSON.stringify(new TextDecoder('latin1').decode(buffer.slice(start)))}`,
      );
  }

  assert.equal(
    counts.reduce((sum, count) => sum + count, 0),
    packetCount,
  );
  for (const [name, code] of Object.entries(ParseResult)) {
    t.diagnostic(`${name} ${counts[code]}`);
    // Frames of WebSocket, no datagrams.
    if (code === ParseResult.keepAlivePing || code === ParseResult.keepAlivePong) continue;
    assert.ok(counts[code]! > 0, `${name} never came: the fuzzer does not reach it`);
  }
});
