// SPDX-License-Identifier: Apache-2.0
import { after, type TestPacket, voice } from '../../rtp/rtp-monitor.ts';

/** What all streams of a capture add up to. */
export interface RtpFigures {
  streams: number;
  received: number;
  lost: number;
  duplicate: number;
  copies: number;
  outOfOrder: number;
  restarts: number;
  codecChanges: number;
  ssrcChanges: number;
}

/** What tshark's `rtp,streams` says of them. */
export interface TsharkFigures {
  packets: number;
  lost: number;
}

export interface RtpCase {
  readonly name: string;
  readonly about: string;
  readonly packets: readonly TestPacket[];
  /** Only what is not 0, and more than one stream. */
  readonly expected: Partial<RtpFigures> & { received: number };
  /** One stream whose figures the reference has too: without restart, hold and copies. */
  readonly hasReference?: boolean;
  /** Where tshark says something else: what, and why. */
  readonly tshark?: TsharkFigures & { why: string };
  /** tshark has another jitter, and why. */
  readonly otherJitter?: string;
}

const delayed = (packet: TestPacket, micros: number): TestPacket => ({
  ...packet,
  micros: packet.micros + micros,
});
const inOrderOfTime = (packets: readonly TestPacket[]): TestPacket[] =>
  [...packets].sort((a, b) => a.micros - b.micros);

const talk = voice(100);
const digit = after(talk, 8, { payloadType: 101 }).map((packet, i, all) => ({
  ...packet,
  timestamp: all[0]!.timestamp,
  marker: i === 0,
}));
const behindDigit = after(digit, 100, { payloadType: 0, timestamp: digit[0]!.timestamp + 8 * 160 });
const [noise] = after(talk, 1, { payloadType: 13 });
const behindNoise = after([noise!], 100, {
  payloadType: 0,
  micros: noise!.micros + 4e6,
  timestamp: noise!.timestamp + 32_000,
}).map((packet, i) => ({ ...packet, marker: i === 0 }));

/** Every golden capture of RTP. */
export const rtpCases: readonly RtpCase[] = [
  {
    name: 'clean',
    about: 'Twelve seconds of G.711.',
    packets: voice(600),
    expected: { received: 600 },
    hasReference: true,
  },
  {
    name: 'single-losses',
    about: 'Every 50th packet is lost.',
    packets: voice(610).filter((_, i) => i % 50 !== 49),
    expected: { received: 598, lost: 12 },
    hasReference: true,
  },
  {
    name: 'bursts',
    about:
      'Bursts of 5, 10 and 30 losses, and one with packets between: three losses, each 5 packets from the next.',
    packets: voice(600).filter(
      (_, i) =>
        !(i >= 50 && i < 55) &&
        !(i >= 150 && i < 160) &&
        !(i >= 300 && i < 330) &&
        ![500, 505, 510].includes(i),
    ),
    expected: { received: 552, lost: 48 },
    hasReference: true,
  },
  {
    name: 'wrap',
    about: 'The sequence number wraps in the middle of a loss.',
    packets: voice(300, { sequenceNumber: 65_400 }).filter((_, i) => i < 130 || i >= 140),
    expected: { received: 290, lost: 10 },
    hasReference: true,
  },
  {
    name: 'jitter',
    about: 'Each packet is up to 10 ms late.',
    packets: voice(600).map((packet, i) => delayed(packet, ((i * 7919) % 11) * 1000)),
    expected: { received: 600 },
    hasReference: true,
  },
  {
    name: 'order',
    about: 'Every 20th packet comes behind the next one.',
    packets: inOrderOfTime(voice(600).map((packet, i) => delayed(packet, i % 20 === 10 ? 21_000 : 0))),
    expected: { received: 600, outOfOrder: 30 },
    hasReference: true,
  },
  {
    name: 'late',
    about: 'One packet comes half a second late, when it was given up: its loss is given back.',
    packets: inOrderOfTime(voice(600).map((packet, i) => delayed(packet, i === 300 ? 500_500 : 0))),
    expected: { received: 600, outOfOrder: 1 },
    hasReference: true,
  },
  {
    name: 'duplicates',
    about: 'Every 30th packet comes again 61 ms later.',
    packets: inOrderOfTime(
      voice(600).flatMap((packet, i) => (i % 30 === 9 ? [packet, delayed(packet, 61_000)] : [packet])),
    ),
    expected: { received: 600, duplicate: 20 },
    hasReference: true,
    tshark: {
      packets: 620,
      lost: -20,
      why: 'tshark counts duplicates as packets, so that more came than were sent',
    },
    otherJitter: 'tshark takes duplicates for late packets',
  },
  {
    name: 'mirror',
    about: 'A mirror port shows every packet twice, 30 us apart; ten packets are lost.',
    packets: voice(300)
      .filter((_, i) => i % 30 !== 20)
      .flatMap((packet) => [packet, delayed(packet, 30)]),
    expected: { received: 290, lost: 10, copies: 290 },
    tshark: { packets: 580, lost: -280, why: 'tshark counts copies as packets: the loss is gone' },
    otherJitter: 'tshark takes copies for late packets',
  },
  {
    name: 'dtmf',
    about: 'A digit of RFC 4733 between speech: eight packets with one timestamp.',
    packets: [...talk, ...digit, ...behindDigit],
    expected: { received: 208 },
    hasReference: true,
    otherJitter: 'tshark takes the packets of a digit, whose timestamp stands still, for late ones',
  },
  {
    name: 'comfort-noise',
    about: 'One packet of comfort noise, four seconds of silence, and speech again.',
    packets: [...talk, noise!, ...behindNoise],
    expected: { received: 201 },
    hasReference: true,
  },
  {
    name: 'restart',
    about: 'The sender begins anew with another sequence number and timestamp, the same SSRC.',
    packets: [...talk, ...after(talk, 100, { sequenceNumber: 40_000, timestamp: 1_000_000 })],
    expected: { received: 200, restarts: 1 },
    tshark: { packets: 200, lost: 38_900, why: 'tshark takes every jump forward for a loss' },
    otherJitter: 'tshark takes the jump of the timestamp for jitter',
  },
  {
    name: 'ssrc-change',
    about: 'Another SSRC takes over on the same addresses and ports.',
    packets: [...talk, ...after(talk, 100, { ssrc: 0x5678, sequenceNumber: 9, timestamp: 9 })],
    expected: { streams: 2, received: 200, ssrcChanges: 1 },
  },
  {
    name: 'codec-change',
    about: 'PCMU becomes PCMA.',
    packets: [...talk, ...after(talk, 100, { payloadType: 8 })],
    expected: { received: 200, codecChanges: 1 },
  },
  {
    name: 'hold',
    about: 'Twenty seconds of hold, during which the timestamp stands still.',
    packets: [...talk, ...after(talk, 100, { micros: talk.at(-1)!.micros + 20e6 })],
    expected: { received: 200 },
    otherJitter: 'tshark takes the silence for a delay of 20 s',
  },
  {
    name: 'both-directions',
    about: 'Both ends use one SSRC, as SIPp does; one direction loses three packets.',
    packets: inOrderOfTime([
      ...voice(200),
      ...voice(200, { source: 2, sourcePort: 20_000, destinationPort: 10_000 }).filter(
        (_, i) => i % 60 !== 50,
      ),
    ]),
    expected: { streams: 2, received: 397, lost: 3 },
  },
];
