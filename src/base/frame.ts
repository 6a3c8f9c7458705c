// SPDX-License-Identifier: Apache-2.0

/** How the bytes of a frame begin. */
export const LinkType = {
  /** An Ethernet II header. */
  ethernet: 1,
  /** The network header itself; `Frame.protocol` is its EtherType (live capture: AF_PACKET SOCK_DGRAM). */
  network: 2,
  /** A bare IPv4 or IPv6 packet, told apart by its first four bits. */
  rawIp: 3,
  /** Linux cooked capture v1 (LINKTYPE_LINUX_SLL). */
  linuxCooked: 4,
  /** Linux cooked capture v2 (LINKTYPE_LINUX_SLL2). */
  linuxCooked2: 5,
  /** BSD loopback: an address family in four bytes (LINKTYPE_NULL, LINKTYPE_LOOP). */
  loopback: 6,
} as const;
export type LinkType = (typeof LinkType)[keyof typeof LinkType];

/** What the kernel says of a frame's way (`sll_pkttype`, linux/if_packet.h). */
export const PacketType = {
  host: 0,
  broadcast: 1,
  multicast: 2,
  otherHost: 3,
  outgoing: 4,
  /** A file does not tell. */
  unknown: 255,
} as const;
export type PacketType = (typeof PacketType)[keyof typeof PacketType];

/**
 * One captured frame, lent to a consumer: a single object is reused for every frame, and `bytes` may be a
 * view of the kernel's ring. Nothing of it is valid after the consumer returns, but `bytes` until its `release`.
 */
export class Frame {
  bytes: Uint8Array = new Uint8Array(0);
  /** The same memory as `bytes`, from the same first byte, for reading words. */
  view: DataView = new DataView(this.bytes.buffer);
  /** Where the frame begins in `bytes`. */
  offset = 0;
  /** Bytes of the frame that are there. */
  capturedLength = 0;
  /** Bytes the frame had on the wire; more than `capturedLength` when the sensor cut it. */
  originalLength = 0;
  /** Kernel timestamp, microseconds since the epoch. */
  arrivalMicros = 0;
  linkType: LinkType = LinkType.ethernet;
  /** EtherType of the bytes at `offset`, for `LinkType.network` only. */
  protocol = 0;
  /** VLAN tag control information the kernel took off the frame, or -1. */
  vlanTci = -1;
  packetType: PacketType = PacketType.unknown;
  /** Kernel index of the interface, 0 when not known. */
  interfaceIndex = 0;
  /** The ring was full and packets were lost before this one: between it and the one before, or up to a second ago. */
  isAfterLoss = false;
}

/** Takes lent frames. Must not throw or allocate. */
export interface FrameConsumer {
  /** Takes one frame; its bytes may be looked at until `release`, the object itself only inside the call. */
  packet(frame: Frame): void;
  /** The bytes of all frames taken so far are given back. */
  release(): void;
}
