// SPDX-License-Identifier: Apache-2.0
// Every golden call, sent in fragments, leaves behind what it leaves as it is.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Part, partsOf } from '../../support/fragments.ts';
import { randomSource } from '../../support/random.ts';
import { bytesOf, ethernet, fragmentHeader, ipv6, uint16 } from '../../support/udp-frame.ts';
import { callCases } from '../calls/cases.ts';
import { differences, figuresOf } from '../calls/figures.ts';
import { GoldenMonitor, type SeenFrame } from '../calls/monitor.ts';
import { play } from '../calls/scenario.ts';

const ETHERNET_LENGTH = 14;
const HEADER_LENGTH = 20;

/** The IPv4 header and the data of a frame of a golden call. */
function packetOf(bytes: Uint8Array): { header: Uint8Array; data: Uint8Array } {
  const start = ETHERNET_LENGTH + HEADER_LENGTH;
  return { header: bytes.slice(ETHERNET_LENGTH, start), data: bytes.slice(start) };
}

function ipv4Part(header: Uint8Array, { offset, hasMore, data }: Part): Uint8Array {
  const own = header.slice();
  own.set(uint16(HEADER_LENGTH + data.length), 2);
  own.set(uint16((hasMore ? 0x2000 : 0) | (offset >> 3)), 6);
  return ethernet(0x0800, bytesOf(own, data));
}

/** The same hosts in IPv6: the IPv4 address in the last four bytes. */
function ipv6Part(header: Uint8Array, { offset, hasMore, data }: Part): Uint8Array {
  const isWhole = offset === 0 && !hasMore;
  const identification = (header[4]! << 8) | header[5]!;
  const content = isWhole ? data : fragmentHeader(17, offset | (hasMore ? 1 : 0), data, identification);
  const packet = ipv6({ nextHeader: isWhole ? 17 : 44 }, content);
  packet.set(header.subarray(12, 16), 20);
  packet.set(header.subarray(16, 20), 36);
  return ethernet(0x86dd, packet);
}

/** Up to ten places to cut; for the same data always the same ones, as for the copy that a mirror makes. */
function cutsOf(data: Uint8Array): number[] {
  const random = randomSource(data.reduce((sum, byte) => (Math.imul(sum, 31) + byte) | 0, 7));
  const units = Math.ceil(data.length / 8) - 1;
  const count = Math.min(units, random(11));
  const cuts = new Set(Array.from({ length: count }, () => 8 * (1 + random(units))));
  return [...cuts].sort((a, b) => a - b);
}

function shuffled<T>(items: readonly T[], random: (limit: number) => number): T[] {
  const result = [...items];
  for (let i = result.length - 1; i > 0; i--) {
    const j = random(i + 1);
    [result[i], result[j]] = [result[j]!, result[i]!];
  }
  return result;
}

/** Each packet of a capture in fragments, in any order, some of them twice. */
function fragmented(
  frames: readonly SeenFrame[],
  partOf: typeof ipv4Part,
  random: (limit: number) => number,
): SeenFrame[] {
  return frames.flatMap((frame) => {
    const { header, data } = packetOf(frame.bytes);
    const parts = shuffled(partsOf(data, cutsOf(data)), random);
    // Never the last one: its copy would be a part of the next packet where all have the identification 0.
    const sent = parts.flatMap((part, i) =>
      i + 1 < parts.length && random(3) === 0 ? [part, part] : [part],
    );
    return sent.map((part) => ({ ...frame, bytes: partOf(header, part) }));
  });
}

function textOf(frames: readonly SeenFrame[]): string {
  const monitor = new GoldenMonitor();
  monitor.take(frames);
  monitor.finish();
  return monitor.text();
}

/** The sum of all series that begin so. */
const sumOf = (text: string, series: string): number =>
  text
    .split('\n')
    .filter((line) => line.startsWith(series))
    .reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);

for (const callCase of callCases) {
  test(`${callCase.name}, in fragments`, () => {
    // What is no UDP, such as a frame that only lets time pass, stays as it is.
    const frames = play(callCase).map((frame) => ({ ...frame, isUdp: frame.kind !== undefined }));
    const inIpv6 = frames.map((frame) => {
      if (!frame.isUdp) return frame;
      const { header, data } = packetOf(frame.bytes);
      return { ...frame, bytes: ipv6Part(header, { offset: 0, hasMore: false, data }) };
    });
    for (const [name, plain, partOf] of [
      ['IPv4', frames, ipv4Part],
      ['IPv6', inIpv6, ipv6Part],
    ] as const) {
      const expected = figuresOf(textOf(plain));
      for (const seed of [1, 2, 3]) {
        const random = randomSource(seed);
        const pieces = frames.flatMap((frame) =>
          frame.isUdp ? fragmented([frame], partOf, random) : [frame],
        );
        const text = textOf(pieces);
        assert.deepEqual(differences(figuresOf(text), expected), [], `${name}, seed ${seed}`);
        const ended = sumOf(text, 'ringtap_fragments_datagrams_total');
        const reassembled = sumOf(
          text,
          'ringtap_fragments_datagrams_total{interface="eth0",result="reassembled"}',
        );
        const elsewhere = sumOf(
          text,
          'ringtap_fragments_datagrams_total{interface="eth1",result="reassembled"}',
        );
        assert.equal(ended, reassembled + elsewhere);
        assert.ok(frames.length < 5 || reassembled > 0);
      }
    }
  });
}
