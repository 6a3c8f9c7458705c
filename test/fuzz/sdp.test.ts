// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { codecNames } from '../../src/rtp/codec.ts';
import { RATED_CODECS, REDUNDANT, Variant } from '../../src/rtp/rated-codec.ts';
import { BodyPart, findSessionDescription } from '../../src/sdp/body-parts.ts';
import { parseSessionDescription } from '../../src/sdp/parse-session-description.ts';
import { readSessionDescription } from '../../src/sdp/read-session-description.ts';
import type { SdpLimits } from '../../src/sdp/sdp-limits.ts';
import { SdpResult } from '../../src/sdp/sdp-result.ts';
import {
  type MediaDescription,
  maxCandidates,
  maxFormats,
  SessionDescription,
} from '../../src/sdp/session-description.ts';
import { SipMessage } from '../../src/sip/message.ts';
import { parseMessage } from '../../src/sip/parse-message.ts';
import { ParseResult } from '../../src/sip/parse-result.ts';
import { defaultParserLimits } from '../../src/sip/parser-limits.ts';
import { sdpBodies, sdpBytes } from '../sdp-bodies/bodies.ts';
import { multipartBodies } from '../sdp-bodies/multipart-bodies.ts';
import { inviteText } from '../sdp-bodies/sip-message.ts';
import { randomSource } from '../support/random.ts';

// FUZZ_SEED=n repeats a run; the seed is printed.

type Random = (limit: number) => number;

/** Small enough that mutations of the corpus exceed them. */
const limits: SdpLimits = { maxMedia: 3, maxBytes: 1750, maxParts: 4 };
const maxLength = 4096;
const encoder = new TextEncoder();
const bodies = sdpBodies.map(({ lines }) => sdpBytes(lines));
const messages = [
  ...multipartBodies.map(({ fields, body }) => encoder.encode(inviteText(fields, body))),
  ...bodies.map((body) => encoder.encode(inviteText(['c: application/sdp'], new TextDecoder().decode(body)))),
];
const meaningful = encoder.encode('\r\n =:/.-"*;0129acmovs\t\0');
const pieces = [
  ...'\r\nm=audio 9 RTP/AVP 0|\r\na=rtcp:|\r\nc=IN IP6 ::|\r\na=candidate:1 1 UDP 1 1.2.3.4 5|99999999999|\r\na=rtpmap:96 AMR-WB/16000\r\na=fmtp:96 mode-set=0,8|\r\na=fmtp:102 |;mode=20|\r\na=group:BUNDLE 0 1 2|\r\na=mid:1|\r\na=bundle-only|mode-set=|,7|\r\n\r\n'.split(
    '|',
  ),
  ...'--b|\r\n--unique-boundary-1\r\n|\r\n--outer2--\r\n|\r\nContent-Type: application/sdp\r\n|boundary=|multipart/mixed;'.split(
    '|',
  ),
  ` ${Array.from({ length: 40 }, (_, i) => i + 90).join(' ')}`,
  '\r\na=candidate:1 1 UDP 1 1.2.3.4 5'.repeat(20),
].map((text) => encoder.encode(text));

/** Changes `length` bytes of `packet` in one place, or joins them with a piece of the corpus; returns the new length. */
function mutate(packet: Uint8Array, length: number, corpus: readonly Uint8Array[], random: Random): number {
  const place = random(length + 1);
  const insert = (part: Uint8Array): number => {
    const inserted = part.subarray(0, maxLength - length);
    packet.copyWithin(place + inserted.length, place, length);
    packet.set(inserted, place);
    return length + inserted.length;
  };
  switch (random(7)) {
    case 0:
      if (place < length) packet[place]! ^= 1 << random(8);
      return length;
    case 1:
      if (place < length) packet[place] = meaningful[random(meaningful.length)]!;
      return length;
    case 2: {
      const removed = Math.min(length - place, 1 + random(30));
      packet.copyWithin(place, place + removed, length);
      return length - removed;
    }
    case 3:
      return insert(pieces[random(pieces.length)]!);
    case 4: {
      const other = corpus[random(corpus.length)]!;
      const from = random(other.length);
      return insert(other.subarray(from, from + random(600)));
    }
    case 5: {
      const at = random(meaningful.length - 3);
      return insert(meaningful.subarray(at, at + 1 + random(3)));
    }
    default:
      return random(4) === 0 ? place : length;
  }
}

/** Writes a mutation of the corpus at the end of `buffer`, so that a read behind it fails; returns its length. */
function writeMutation(
  buffer: Uint8Array,
  scratch: Uint8Array,
  corpus: readonly Uint8Array[],
  random: Random,
): number {
  const seed = corpus[random(corpus.length)]!;
  scratch.set(seed);
  let length = seed.length;
  for (let edits = random(4); edits > 0; edits--) length = mutate(scratch, length, corpus, random);
  buffer.set(scratch.subarray(0, length), buffer.length - length);
  return length;
}

const isWithin = (value: number, least: number, most: number): boolean =>
  Number.isInteger(value) && value >= least && value <= most;

/** One of `Codec`, or of its variants. */
function isRated(ratedCodec: number): boolean {
  const rated = ratedCodec & ~REDUNDANT;
  return rated < codecNames.length || isWithin(rated, Variant.bareG711 + 1, RATED_CODECS - 1);
}

function isMediaSound(m: MediaDescription): boolean {
  if (!isWithin(m.formatCount, 0, maxFormats) || !isWithin(m.candidateCount, 0, maxCandidates)) return false;
  for (let i = 0; i < m.formatCount; i++) {
    const isFormat =
      m.payloadTypes[i]! <= 127 &&
      codecNames[m.codecs[i]!] !== undefined &&
      isRated(m.ratedCodecs[i]!) &&
      isWithin(m.clockRates[i]!, 1, 1e6);
    if (!isFormat) return false;
  }
  for (let i = 0; i < m.candidateCount; i++) {
    if (m.candidatePorts[i] === 0 || !isWithin(m.candidateComponents[i]!, 1, 2)) return false;
  }
  return (
    isWithin(m.kind, 0, 3) &&
    isWithin(m.port, 0, 65_535) &&
    isWithin(m.rtcpPort, 0, 65_535) &&
    isWithin(m.direction, 0, 3) &&
    isWithin(m.security, 0, 2) &&
    isWithin(m.packetTimeMillis, 0, 65_535) &&
    isWithin(m.bundle, 0, 32) &&
    (m.isRtp || m.formatCount === 0) &&
    (m.port > 0 || m.rtcpPort === 0) &&
    (m.hasAddress || !m.isNullAddress)
  );
}

/** Whether a description is what its result says; `length` is that of its bytes. */
function isSound(d: SessionDescription, result: SdpResult, length: number): boolean {
  if (result !== SdpResult.description) return d.mediaCount === 0 && d.leftOut === 0;
  return (
    isWithin(d.mediaCount, 0, limits.maxMedia) &&
    isWithin(d.leftOut, 0, length) &&
    d.media.slice(0, d.mediaCount).every(isMediaSound)
  );
}

function textOf(bytes: Uint8Array): string {
  return JSON.stringify(new TextDecoder('latin1').decode(bytes));
}

const seedOf = (t: { diagnostic(text: string): void }): number => {
  const seed = Number(process.env['FUZZ_SEED'] ?? Date.now() % 2 ** 31);
  t.diagnostic(`FUZZ_SEED=${seed}`);
  return seed;
};

test('mutated session descriptions give a result and stay in bounds', (t) => {
  const random = randomSource(seedOf(t));
  const counts = new Float64Array(Object.keys(SdpResult).length);
  const buffer = new Uint8Array(maxLength + 64).fill(0x30);
  const view = new DataView(buffer.buffer);
  const scratch = new Uint8Array(maxLength);
  const description = new SessionDescription(limits.maxMedia);
  let overflows = 0;
  for (let count = 0; count < 500_000; count++) {
    const length = writeMutation(buffer, scratch, bodies, random);
    const start = buffer.length - length;
    const result = parseSessionDescription(buffer, view, start, length, limits, description);
    if (!(result in counts)) assert.fail(`no such result: ${result}`);
    counts[result]!++;
    overflows += description.leftOut;
    if (!isSound(description, result, length))
      assert.fail(`result ${result}: ${textOf(buffer.slice(start))}`);
  }
  for (const name of ['description', 'notSdp', 'unsupportedVersion', 'badMediaLine', 'tooLong'] as const) {
    t.diagnostic(`${name} ${counts[SdpResult[name]]}`);
    assert.ok(counts[SdpResult[name]]! > 0, `${name} never came: the fuzzer does not reach it`);
  }
  assert.ok(overflows > 0);
});

test('descriptions in mutated messages, with parts and without, are found within the body or not at all', (t) => {
  const random = randomSource(seedOf(t));
  const counts = new Float64Array(Object.keys(SdpResult).length);
  const buffer = new Uint8Array(maxLength + 64).fill(0x2d);
  const view = new DataView(buffer.buffer);
  const scratch = new Uint8Array(maxLength);
  const message = new SipMessage();
  const part = new BodyPart();
  const description = new SessionDescription(limits.maxMedia);
  for (let count = 0; count < 300_000; count++) {
    const length = writeMutation(buffer, scratch, messages, random);
    const start = buffer.length - length;
    if (parseMessage(buffer, view, start, length, defaultParserLimits, message) !== ParseResult.message)
      continue;
    const found = findSessionDescription(message, limits, part);
    const partEnd = part.offset + part.length;
    const isFound =
      found === SdpResult.description
        ? part.length > 0 &&
          part.offset >= message.bodyOffset &&
          partEnd <= message.bodyOffset + message.bodyLength
        : part.length === 0;
    const result = readSessionDescription(message, limits, description);
    if (!(result in counts)) assert.fail(`no such result: ${result}`);
    counts[result]!++;
    const isGood =
      isFound &&
      isSound(description, result, length) &&
      (found !== SdpResult.description || part.partCount <= limits.maxParts);
    if (!isGood) assert.fail(`${found}, ${result}: ${textOf(buffer.slice(start))}`);
  }
  for (const [name, code] of Object.entries(SdpResult)) {
    t.diagnostic(`${name} ${counts[code]}`);
    assert.ok(counts[code]! > 0, `${name} never came: the fuzzer does not reach it`);
  }
});
