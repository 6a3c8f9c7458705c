// SPDX-License-Identifier: Apache-2.0
import { Datagram } from '../../../src/decode/datagram.ts';
import { parseRtpHeader } from '../../../src/rtp/parse-rtp-header.ts';
import { RtpHeader } from '../../../src/rtp/rtp-header.ts';
import type { BenchCase } from '../../measure-case.ts';
import { headerBytes, payloadBytes, RtpPackets } from '../../support/rtp-packets.ts';

const packetCount = 1000;

/** The header alone, with what it takes to make one. */
export default function prepare(): BenchCase {
  const packets = new RtpPackets(packetCount);
  const datagram = new Datagram();
  const header = new RtpHeader();
  return {
    units: packetCount,
    pass() {
      let bytes = 0;
      for (let index = 0; index < packetCount; index++) {
        const offset = packets.next(index, datagram);
        parseRtpHeader(packets.view, offset, headerBytes, headerBytes + payloadBytes, header);
        bytes += header.payloadBytes;
      }
      if (bytes !== packetCount * payloadBytes) throw new Error(`${bytes} bytes`);
    },
  };
}
