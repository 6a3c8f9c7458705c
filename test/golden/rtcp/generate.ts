// SPDX-License-Identifier: Apache-2.0
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type PcapRecord, writePcap } from '../../support/pcap.ts';
import {
  application,
  type BlockFields,
  bye,
  extendedReport,
  feedback,
  receiverReport,
  senderReport,
  sourceDescription,
  uint32,
  voipMetrics,
  xrBlock,
} from '../../support/rtcp.ts';
import { bytesOf, ethernet, ipv4, ipv6, udp } from '../../support/udp-frame.ts';

// `node test/golden/rtcp/generate.ts` writes the captures into captures/: two ends that send reports every 5 s through a
// sensor, with delays, loss and jitter that are written down here.

/** Where the golden captures are. */
export const captureFolder: string = join(import.meta.dirname, 'captures');

/** UDP ports of RTCP in the captures. */
export const rtcpPorts: readonly number[] = [5001, 6001];

const START_MICROS = 1_767_225_600_000_000;
/** Reports of one end, and how often the two ends answer one another. */
const ROUNDS = 12;

/** What the sensor stands between. */
interface Path {
  readonly name: string;
  readonly isIpv6: boolean;
  /** Microseconds there and back between sensor and each end. */
  readonly toA: number;
  readonly toB: number;
}

/** One capture each. */
export const paths: readonly Path[] = [
  { name: 'beside-a', isIpv6: false, toA: 0, toB: 48_000 },
  { name: 'between', isIpv6: false, toA: 21_500, toB: 130_250 },
  { name: 'ipv6', isIpv6: true, toA: 3000, toB: 600_000 },
];

const SSRC_A = 0xa0000001;
const SSRC_B = 0xb0000002;
/** Packets B misses in each round of 250, late ones given back in one of them; and jitter in units of 8 kHz. */
export const lossOfB: readonly number[] = [0, 0, 5, 25, -3, 1, 0, 250, 0, 2, 2, 2];
const jitterOfB: readonly number[] = [0, 8, 40, 800, 160, 80, 40, 16_000, 80, 80, 80, 80];

function recordsOf({ isIpv6, toA, toB }: Path): PcapRecord[] {
  const records: PcapRecord[] = [];
  const send = (micros: number, isFromA: boolean, ...packets: readonly Uint8Array[]): void => {
    const [sourcePort, destinationPort] = isFromA ? [5001, 6001] : [6001, 5001];
    const datagram = udp({ sourcePort, destinationPort }, bytesOf(...packets));
    const ends = isIpv6 ? ['2001:db8::a', '2001:db8::b'] : ['192.0.2.10', '198.51.100.20'];
    const [source, destination] = isFromA ? [ends[0]!, ends[1]!] : [ends[1]!, ends[0]!];
    const bytes = isIpv6
      ? ethernet(0x86dd, ipv6({ source, destination }, datagram))
      : ethernet(0x0800, ipv4({ source, destination }, datagram));
    records.push({ micros: START_MICROS + micros, bytes });
  };
  /** The middle of the NTP time of an end, whose clock is its own. */
  const ntpOf = (micros: number, offset: number): number =>
    Math.floor((micros * 65_536) / 1e6 + offset) >>> 0;
  let lost = 0;
  let lastOfB: { ntp: number; seenMicros: number } | undefined;
  for (let round = 0; round < ROUNDS; round++) {
    const seenOfA = 5_000_000 * round;
    // What A has of B: nothing is lost there.
    const answerOfA: BlockFields[] =
      lastOfB === undefined
        ? []
        : [
            {
              ssrc: SSRC_B,
              highest: 1000 + 250 * round,
              jitter: 12,
              lastSenderReport: lastOfB.ntp,
              delay: Math.floor(((seenOfA - lastOfB.seenMicros - toA) * 65_536) / 1e6),
            },
          ];
    const ntpOfA = ntpOf(seenOfA, 0x01234567);
    send(seenOfA, true, senderReport(SSRC_A, ntpOfA, answerOfA), sourceDescription(SSRC_A));
    // B has it toB / 2 later and answers after two seconds and a bit.
    lost += lossOfB[round]!;
    const holdMicros = 2_000_000 + 1234 * round;
    const seenOfB = seenOfA + toB + holdMicros;
    const answerOfB: BlockFields = {
      ssrc: SSRC_A,
      fractionLost: Math.floor((Math.max(0, lossOfB[round]!) * 256) / 250) & 0xff,
      cumulativeLost: lost,
      highest: 65_000 + 250 * round,
      jitter: jitterOfB[round]!,
      lastSenderReport: ntpOfA,
      delay: Math.floor((holdMicros * 65_536) / 1e6),
    };
    lastOfB = { ntp: ntpOf(seenOfB, 0x89abcdef), seenMicros: seenOfB };
    const values = { lossRate: round, discardRate: 2, roundTripMillis: 100 + round, endSystemMillis: 60 };
    send(
      seenOfB,
      false,
      senderReport(SSRC_B, lastOfB.ntp, [answerOfB]),
      sourceDescription(SSRC_B, 'b@example.net'),
      extendedReport(
        SSRC_B,
        xrBlock(4, [...uint32(1), ...uint32(2)]),
        voipMetrics(SSRC_A, { ...values, rFactor: 80 + round, mosCq: 40 }),
      ),
    );
  }
  const end = 5_000_000 * ROUNDS;
  send(end, true, feedback(206, 1), feedback(205, 1, uint32(0x00010000)));
  send(end + 1000, true, receiverReport(SSRC_A, [], 8));
  send(end + 2000, true, application(SSRC_A));
  send(end + 3000, true, receiverReport(SSRC_A), sourceDescription(SSRC_A), bye(SSRC_A));
  return records;
}

/** Writes every golden capture into a folder, which is emptied before. */
export function generate(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const path of paths) writePcap(join(folder, `${path.name}.pcap`), 1, recordsOf(path));
}

if (import.meta.main) generate(captureFolder);
