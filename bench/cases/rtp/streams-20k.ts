// SPDX-License-Identifier: Apache-2.0
import { SeededHash } from '../../../src/base/hash.ts';
import { PacketClock } from '../../../src/base/packet-clock.ts';
import { Ticks } from '../../../src/base/ticks.ts';
import { Datagram } from '../../../src/decode/datagram.ts';
import { Codec } from '../../../src/rtp/codec.ts';
import { parseRtpHeader, RtpResult } from '../../../src/rtp/parse-rtp-header.ts';
import { RtpHeader } from '../../../src/rtp/rtp-header.ts';
import { RtpStreams } from '../../../src/rtp/streams.ts';
import type { BenchCase } from '../../measure-case.ts';
import { CountedStreams, directoryOfAll, rtpLimits } from '../../support/rtp-fakes.ts';
import { headerBytes, packetMicros, payloadBytes, RtpPackets } from '../../support/rtp-packets.ts';

const streamCount = 20_000;
const rounds = 5;

/** A packet of each of 20,000 streams in turn, from its header to the counters: no two touch the same record. */
export default function prepare(): BenchCase {
  const packets = new RtpPackets(streamCount);
  const clock = new PacketClock();
  clock.micros = 1_767_225_600e6;
  const events = new CountedStreams();
  const streams = new RtpStreams(rtpLimits, directoryOfAll, new SeededHash(1, 2), clock, events);
  const ticks = new Ticks(clock, 100_000, [streams]);
  const datagram = new Datagram();
  datagram.sourceAddress[2] = 0xffff;
  datagram.destinationAddress[2] = 0xffff;
  const header = new RtpHeader();
  const take = (index: number): void => {
    const offset = packets.next(index, datagram);
    clock.next[0]! += packetMicros / streamCount;
    clock.advance();
    ticks.advance();
    const result = parseRtpHeader(packets.view, offset, headerBytes, headerBytes + payloadBytes, header);
    if (result === RtpResult.packet) streams.packet(datagram, header, 0);
  };
  let sent = 0;
  return {
    units: streamCount * rounds,
    pass() {
      for (let round = 0; round < rounds; round++) {
        for (let index = 0; index < streamCount; index++) take(index);
      }
      sent += streamCount * rounds;
      const counted = streams.tally.packets[streams.tally.cell(0, Codec.pcmu)]!;
      if (counted !== sent || events.lost !== 0) throw new Error(`${counted} of ${sent} packets`);
    },
  };
}
