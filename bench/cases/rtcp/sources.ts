// SPDX-License-Identifier: Apache-2.0
import { SeededHash } from '../../../src/base/hash.ts';
import { PacketClock } from '../../../src/base/packet-clock.ts';
import { Datagram } from '../../../src/decode/datagram.ts';
import { Space } from '../../../src/metrics/definition.ts';
import { RtcpMetrics } from '../../../src/metrics/rtcp-metrics.ts';
import { ShardMemory } from '../../../src/metrics/shard-memory.ts';
import { ShardWriter } from '../../../src/metrics/shard-writer.ts';
import { RtcpSources } from '../../../src/rtp/rtcp/rtcp-sources.ts';
import { senderReport, sourceDescription } from '../../../test/support/rtcp.ts';
import { bytesOf } from '../../../test/support/udp-frame.ts';
import type { BenchCase } from '../../measure-case.ts';

const CALLS = 10_000;
const SECOND = 1_000_000;
/** Where a sender report has the middle of its NTP time, and LSR and DLSR of its block. */
const NTP = 10;
const HIGHEST = 36;
const LSR = 44;
const DLSR = 48;

/** 10,000 calls whose two ends answer each other's sender reports: state, round trips and metrics. */
export default function prepare(): BenchCase {
  const budget = { maxSeries: 50_000, maxSeriesPerFamily: 30_000 };
  const writer = new ShardWriter(ShardMemory.allocate(budget), budget);
  const context = writer.context(Space.traffic, ['eth0', 'inbound']);
  writer.openAll(Space.traffic, context);
  const clock = new PacketClock();
  const datagram = new Datagram();
  const rates = { clockRateOf: () => 8000 };
  const metrics = new RtcpMetrics(writer);
  const sources = new RtcpSources({ maxSources: 65_536 }, clock, new SeededHash(1, 2), metrics, rates);
  const bytes = bytesOf(senderReport(1, 0, [{ ssrc: 1 }]), sourceDescription(1));
  const view = new DataView(bytes.buffer);
  datagram.bytes = bytes;
  datagram.view = view;
  datagram.payloadLength = bytes.length;
  let round = 0;
  return {
    units: 2 * CALLS,
    pass() {
      round++;
      clock.micros = 1_767_225_600_000_000 + round * 5 * SECOND;
      for (let call = 0; call < CALLS; call++) {
        for (let side = 0; side < 2; side++) {
          datagram.sourceAddress[3] = side === 0 ? call : -call;
          datagram.destinationAddress[3] = side === 0 ? -call : call;
          datagram.sourcePort = 5001 + side;
          datagram.destinationPort = 5002 - side;
          view.setInt32(NTP, round * 2 + side);
          view.setInt32(HIGHEST, round * 250);
          view.setInt32(LSR, round * 2 + 1 - side - (side === 0 ? 2 : 0));
          view.setInt32(DLSR, round);
          sources.datagram(datagram, context, false);
        }
      }
      if (sources.table.size !== 2 * CALLS) throw new Error(`${sources.table.size} sources`);
    },
  };
}
