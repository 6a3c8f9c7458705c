// SPDX-License-Identifier: Apache-2.0
import { gzipSync } from 'node:zlib';
import type { PcapRecord } from './pcap.ts';
import { joined, pcapBytes, pcapngBlock, pcapngBytes } from './pcap-formats.ts';

/** One packet of every kind of block that tells a time, and blocks of other types between them. */
const nameResolution = pcapngBlock(4, Uint8Array.of(0, 0, 0, 0));

/**
 * The same packets in every kind of file that is read, by file name. Times must be whole microseconds, and packets
 * whole (`originalLength` absent).
 */
export function captureVariants(
  linktype: number,
  records: readonly PcapRecord[],
): ReadonlyMap<string, Uint8Array> {
  const half = records.length >> 1;
  const one = [{ linktype }];
  const pcap = pcapBytes({ linktype }, records);
  const pcapng = pcapngBytes({ interfaces: one, packets: records });
  const ofBlock = (block: 'enhanced' | 'obsolete') => records.map((record) => ({ ...record, block }));
  const resolved = (resolution: number, offsetSeconds = 0): Uint8Array =>
    pcapngBytes({ interfaces: [{ linktype, resolution, offsetSeconds }], packets: records });
  return new Map([
    ['little.pcap', pcap],
    ['big.pcap', pcapBytes({ linktype, isBigEndian: true }, records)],
    ['little-nanos.pcap', pcapBytes({ linktype, isNanos: true }, records)],
    ['big-nanos.pcap', pcapBytes({ linktype, isNanos: true, isBigEndian: true }, records)],
    ['modified.pcap', pcapBytes({ linktype, modifiedPacketType: 255 }, records)],
    ['big-modified.pcap', pcapBytes({ linktype, modifiedPacketType: 255, isBigEndian: true }, records)],
    ['little.pcapng', pcapng],
    ['big.pcapng', pcapngBytes({ isBigEndian: true, interfaces: one, packets: records })],
    ['obsolete.pcapng', pcapngBytes({ interfaces: one, packets: ofBlock('obsolete') })],
    [
      'big-obsolete.pcapng',
      pcapngBytes({ isBigEndian: true, interfaces: one, packets: ofBlock('obsolete') }),
    ],
    ['other-blocks.pcapng', pcapngBytes({ interfaces: one, packets: records, between: nameResolution })],
    ['nanos.pcapng', resolved(9)],
    ['tenth-nanos.pcapng', resolved(10)],
    ['picos.pcapng', resolved(12, 1_700_000_000)],
    ['offset.pcapng', resolved(6, 1_000_000_000)],
    ['negative-offset.pcapng', resolved(6, -1000)],
    [
      'sections.pcapng',
      pcapngBytes(
        { interfaces: one, packets: records.slice(0, half) },
        {
          isBigEndian: true,
          // The first interface is another one, and no packet comes from it.
          interfaces: [{ linktype: 195 }, { linktype, resolution: 9 }],
          packets: records.slice(half).map((record) => ({ ...record, interfaceId: 1 })),
        },
      ),
    ],
    ['little.pcap.gz', gzipSync(pcap)],
    ['little.pcapng.gz', gzipSync(pcapng, { level: 0 })],
    [
      'members.pcap.gz',
      joined(...[0, 7, 30, 1000].map((from, i, all) => gzipSync(pcap.subarray(from, all[i + 1])))),
    ],
  ]);
}
