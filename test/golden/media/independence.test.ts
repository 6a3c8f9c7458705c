// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { join } from 'node:path';
import test from 'node:test';
import { type PcapRecord, readPcap } from '../../support/pcap.ts';
import { randomSource } from '../../support/random.ts';
import { callCases } from '../calls/cases.ts';
import { add, differences, type Figures, rounded } from '../calls/figures.ts';
import { play } from '../calls/scenario.ts';
import { paths, captureFolder as rtcpFolder } from '../rtcp/generate.ts';
import { rtpCases } from '../rtp/cases.ts';
import { recordsOf as recordsOfRtp } from '../rtp/generate.ts';
import { mediaCases, recordsOf } from './cases.ts';
import { figuresAt } from './monitor.ts';
import { START_MICROS } from './scenario.ts';

/** In a frame of Ethernet: the second byte of each address of IPv4. */
const SOURCE_BYTE = 14 + 13;
const DESTINATION_BYTE = 14 + 17;

interface Capture {
  readonly name: string;
  readonly records: readonly PcapRecord[];
}

/** Streams that nobody announced, between addresses of their own. */
function unannounced(name: string, records: readonly PcapRecord[], number: number): Capture {
  const moved = records.map(({ micros, bytes }) => {
    const copy = Uint8Array.from(bytes);
    copy[SOURCE_BYTE]! += number;
    copy[DESTINATION_BYTE]! += number;
    return { micros, bytes: copy };
  });
  return { name: `${name} ${number}`, records: moved };
}

/** All golden captures of calls with media, played by others each time, with the same SSRCs or with others. */
function calls(number: number, ssrcOffset: number): Capture[] {
  return mediaCases.map((mediaCase, i) => {
    const cast = { number: number * mediaCases.length + i + 1, ssrcOffset };
    return { name: `${mediaCase.name} ${number}`, records: recordsOf(mediaCase, cast) };
  });
}

/** Calls of signalling alone, and streams of RTP and reports of RTCP alone. */
function others(): Capture[] {
  const ipv4Paths = paths.filter(({ isIpv6 }) => !isIpv6);
  return [
    ...callCases
      .filter(({ peer }) => peer === undefined)
      .map((callCase) => ({ name: callCase.name, records: play(callCase) })),
    ...rtpCases.map((rtpCase, i) => unannounced(rtpCase.name, recordsOfRtp(rtpCase), 150 + i)),
    ...ipv4Paths.map(({ name }, i) => unannounced(name, readPcap(join(rtcpFolder, `${name}.pcap`)), 180 + i)),
  ];
}

/** Begins each capture at a time of its own, and compares the mixture with the sum of the captures, each followed by silence. */
function compareMixture(captures: readonly Capture[], spreadMicros: number, seed: number): void {
  const random = randomSource(seed);
  const moved = captures.map(({ records }) => {
    const laterMicros = START_MICROS - records[0]!.micros + random(spreadMicros);
    return records.map(({ micros, bytes }) => ({ micros: micros + laterMicros, bytes }));
  });
  const mixture = moved
    .flatMap((records, turn) =>
      records.map((record, place) => ({ ...record, turn: turn ^ random(64), place })),
    )
    .sort((a, b) => a.micros - b.micros || a.place - b.place || a.turn - b.turn);
  const endMicros = mixture.at(-1)!.micros + 10e6;
  const sum: Figures = new Map();
  for (const records of moved) for (const [key, value] of figuresAt(records, endMicros)) add(sum, key, value);
  const expected = rounded(sum);
  assert.deepEqual(differences(figuresAt(mixture, endMicros), expected), []);
  assert.deepEqual(differences(figuresAt(mixture, endMicros, 64), expected), []);
  assert.ok(expected.get('rtp_call_results_total result=both_ways')! >= 10, 'there is something to compare');
}

for (const seed of [1, 2, 3]) {
  test(`calls with media, at nearly the same time, are the sum of them alone (seed ${seed})`, () => {
    compareMixture([...calls(0, 0), ...calls(1, 0), ...calls(2, 0x100)], 2e6, seed);
  });
}

test('calls with media beside calls and streams without are the sum of all', () => {
  compareMixture([...calls(0, 0), ...calls(1, 0x100), ...others()], 30e6, 4);
});

test('the same over an hour, with silence in between', () => {
  compareMixture([...calls(0, 0), ...others()], 3600e6, 5);
});
