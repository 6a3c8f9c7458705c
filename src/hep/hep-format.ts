// SPDX-License-Identifier: Apache-2.0

// Facts of the "HEP3 Network Protocol Specification" (github.com/sipcapture/HEP) that reader and writer share.

/** The letters `HEP3`. */
export const hep3Magic = 0x48455033;
/** Magic and length. */
export const hep3HeaderLength = 6;
/** Vendor, type and length, which counts all of the chunk. */
export const chunkHeaderLength = 6;
/** The longest packet its length field can tell. */
export const maxHep3Length = 0xffff;

/** The vendor of the chunks that the specification defines. */
export const genericVendor = 0;

/** Their types. */
export const ChunkType = {
  family: 1,
  protocol: 2,
  ipv4Source: 3,
  ipv4Destination: 4,
  ipv6Source: 5,
  ipv6Destination: 6,
  sourcePort: 7,
  destinationPort: 8,
  seconds: 9,
  micros: 10,
  protocolType: 11,
  nodeId: 12,
  authKey: 14,
  payload: 15,
  compressedPayload: 16,
  correlationId: 17,
  vlanId: 18,
} as const;
export type ChunkType = (typeof ChunkType)[keyof typeof ChunkType];

/** Address families, by their numbers on Linux. */
export const Family = { ipv4: 2, ipv6: 10 } as const;

/** Their addresses' lengths in bytes. */
export const ipv4Length = 4;
export const ipv6Length = 16;
