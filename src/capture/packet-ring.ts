// SPDX-License-Identifier: Apache-2.0
import { type Frame, type FrameConsumer, LinkType } from '../base/frame.ts';
import { type Mapping, mapMemory, unmapMemory } from '../sys/memory.ts';
import { BLOCK_BYTES, type RingHandle } from './capture-handles.ts';

/*
 * A ring of linux/if_packet.h TPACKET_V3, in 32-bit words, which the kernel aligns:
 *
 *   block (struct tpacket_block_desc)          packet (struct tpacket3_hdr, struct sockaddr_ll)
 *   word 2  block status                       word 0  bytes to the next packet
 *        3  number of packets                       1  seconds, 2 nanoseconds
 *        4  offset of the first packet              3  bytes captured, 4 bytes on the wire
 *                                                   5  status
 *                                                   6  u16 offset of the link header, u16 of the network header
 *                                                   8  VLAN tag control information
 *                                                  12  u16 AF_PACKET, u16 EtherType in network order
 *                                                  13  interface index
 *                                                  14  u16 device type, u8 packet type, u8 address length
 */
const BLOCK_WORDS = BLOCK_BYTES / 4;
const TP_STATUS_USER = 1;
/**
 * Of a block: the kernel counted lost packets that nobody read the statistics of yet. With TPACKET_V3 packets are lost
 * only where there is no block to put them in, so what is missing was to come before the first block that says so.
 */
const TP_STATUS_LOSING = 1 << 2;
const TP_STATUS_VLAN_VALID = 1 << 4;

// Device types of linux/if_arp.h whose frames begin with an Ethernet header.
const ARPHRD_ETHER = 1;
const ARPHRD_LOOPBACK = 772;

const NO_BYTES = new Uint8Array(0);
const NO_VIEW = new DataView(NO_BYTES.buffer);

/** What `headMicros` returns when no packet is ready. */
export const NO_PACKET = -1;

/**
 * A packet has the time at which it is written into the ring or, where anybody on the machine asks for times (SO_TIMESTAMP),
 * that at which it came to the kernel, which is a moment before.
 */
export const SETTLE_MICROS = 5_000;
/** From the socket being bound to the ring being mapped it takes less. */
const START_MICROS = 1_000_000;

/** Walks the ring of one socket: block after block as the kernel hands them over. */
export class PacketRing {
  readonly #mapping: Mapping;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #words: Int32Array;
  readonly #blockCount: number;
  /** The block to read next, or being read. */
  #block = 0;
  /** Packets of this block not yet delivered; 0: the block is not open. */
  #packetsLeft = 0;
  /** Byte offset of the next packet in the ring. */
  #packetAt = 0;
  /** This block says that packets were lost, and its first packet was not delivered yet. */
  #isAfterLoss = false;
  /** Blocks given back to the kernel since the start. */
  blocksReturned = 0;
  /** Nothing older than this is to come, as of the last packet or the last time that nothing was there. */
  #settledMicros: number;

  /** Maps the ring, at `nowMicros`. Throws SystemError. */
  constructor(handle: RingHandle, nowMicros: number) {
    this.#settledMicros = nowMicros - START_MICROS;
    this.#mapping = mapMemory(handle.descriptor, handle.ringBytes);
    this.#bytes = new Uint8Array(this.#mapping.buffer);
    this.#view = new DataView(this.#mapping.buffer);
    this.#words = new Int32Array(this.#mapping.buffer);
    this.#blockCount = handle.ringBytes / BLOCK_BYTES;
  }

  /** When the next packet came, microseconds since the epoch, or NO_PACKET. */
  headMicros(): number {
    if (this.#packetsLeft === 0 && !this.#openBlock()) return NO_PACKET;
    return arrivalMicros(this.#words, this.#packetAt >>> 2);
  }

  /**
   * Nothing older than this is to come, microseconds since the epoch; `nowMicros` is to be read before the call. It is the
   * time of the next packet if one is ready. Else the kernel may hold some back: it counts a packet in the block that it
   * fills first and takes its time then (tpacket_rcv in net/packet/af_packet.c). So with none counted nothing was there
   * at `nowMicros`, however late its timer is; with some counted it is known only what was known before. In a block that
   * is not open yet an old count stands: it says some.
   */
  floorMicros(nowMicros: number): number {
    const head = this.headMicros();
    if (head !== NO_PACKET) return head;
    if (Atomics.load(this.#words, this.#block * BLOCK_WORDS + 3) === 0) {
      this.#settledMicros = nowMicros - SETTLE_MICROS;
    }
    return this.#settledMicros;
  }

  /** Whether a packet is ready, as of the last call of anything else. */
  get isReady(): boolean {
    return this.#packetsLeft > 0;
  }

  /** Whether a share of the ring, 0 to below 1, or more waits to be read. */
  isFilled(share: number): boolean {
    const block = (this.#block + Math.floor(this.#blockCount * share)) % this.#blockCount;
    return (Atomics.load(this.#words, block * BLOCK_WORDS + 2) & TP_STATUS_USER) !== 0;
  }

  /**
   * Delivers packets that came until `limitMicros` (included), out of at most `budgetBlocks` blocks. Returns
   * how many packets were delivered.
   */
  deliver(frame: Frame, consumer: FrameConsumer, limitMicros: number, budgetBlocks: number): number {
    const words = this.#words;
    let delivered = 0;
    frame.bytes = this.#bytes;
    frame.view = this.#view;
    for (let blocks = 0; blocks < budgetBlocks; blocks++) {
      if (this.#packetsLeft === 0 && !this.#openBlock()) break;
      let left = this.#packetsLeft;
      let at = this.#packetAt;
      while (left > 0) {
        const word = at >>> 2;
        const arrival = arrivalMicros(words, word);
        if (arrival > limitMicros) break;
        frame.arrivalMicros = arrival;
        fillFrame(frame, words, at);
        frame.isAfterLoss = this.#isAfterLoss;
        this.#isAfterLoss = false;
        consumer.packet(frame);
        delivered++;
        left--;
        at += words[word]!;
      }
      this.#packetsLeft = left;
      this.#packetAt = at;
      consumer.release();
      if (left > 0) break;
      this.#returnBlock();
    }
    if (delivered > 0) this.#settledMicros = frame.arrivalMicros;
    frame.bytes = NO_BYTES;
    frame.view = NO_VIEW;
    return delivered;
  }

  /** Ends the mapping; nothing of the ring may be used afterwards. */
  close(): void {
    unmapMemory(this.#mapping);
  }

  #openBlock(): boolean {
    const words = this.#words;
    // A block the kernel hands over without packets goes back at once; then the next may be ready.
    for (let blocks = 0; blocks < this.#blockCount; blocks++) {
      const word = this.#block * BLOCK_WORDS;
      const status = Atomics.load(words, word + 2);
      if ((status & TP_STATUS_USER) === 0) return false;
      if ((status & TP_STATUS_LOSING) !== 0) this.#isAfterLoss = true;
      const packets = words[word + 3]!;
      if (packets > 0) {
        this.#packetsLeft = packets;
        this.#packetAt = this.#block * BLOCK_BYTES + words[word + 4]!;
        return true;
      }
      this.#returnBlock();
    }
    return false;
  }

  #returnBlock(): void {
    Atomics.store(this.#words, this.#block * BLOCK_WORDS + 2, 0);
    this.#block = this.#block + 1 === this.#blockCount ? 0 : this.#block + 1;
    this.blocksReturned++;
  }
}

function arrivalMicros(words: Int32Array, word: number): number {
  return (words[word + 1]! >>> 0) * 1e6 + words[word + 2]! / 1e3;
}

/** Fills in all but `bytes` and `arrivalMicros`. */
function fillFrame(frame: Frame, words: Int32Array, at: number): void {
  const word = at >>> 2;
  const offsets = words[word + 6]!;
  const device = words[word + 14]!;
  const deviceType = device & 0xffff;
  const linkAt = offsets & 0xffff;
  if (deviceType === ARPHRD_ETHER || deviceType === ARPHRD_LOOPBACK) {
    frame.linkType = LinkType.ethernet;
    frame.protocol = 0;
    frame.offset = at + linkAt;
    frame.capturedLength = words[word + 3]!;
    frame.originalLength = words[word + 4]!;
  } else {
    // A tunnel or the like: whatever its link header is, the kernel tells what follows and where.
    const networkAt = offsets >>> 16;
    const protocol = words[word + 12]! >>> 16;
    const skipped = networkAt - linkAt;
    frame.linkType = LinkType.network;
    frame.protocol = ((protocol & 0xff) << 8) | (protocol >>> 8);
    frame.offset = at + networkAt;
    frame.capturedLength = Math.max(0, words[word + 3]! - skipped);
    frame.originalLength = Math.max(0, words[word + 4]! - skipped);
  }
  frame.vlanTci = (words[word + 5]! & TP_STATUS_VLAN_VALID) === 0 ? -1 : words[word + 8]! & 0xffff;
  frame.packetType = ((device >>> 16) & 0xff) as Frame['packetType'];
  frame.interfaceIndex = words[word + 13]!;
}
