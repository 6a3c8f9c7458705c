// SPDX-License-Identifier: Apache-2.0
import { createRequire } from 'node:module';
import { cBuffer, libc } from '../../src/sys/libc.ts';
import { interfaceIndexByName } from '../../src/sys/network-interface.ts';
import { openPacketSocket, Packet, setSocketOption } from '../../src/sys/socket.ts';
import { checked } from '../../src/sys/system-error.ts';

/** linux/if_packet.h. */
const PACKET_QDISC_BYPASS = 20;
/** Frames handed over by one call: at 300,000 a second 64 frames are 0.2 ms. */
export const burstFrames = 64;
/** struct mmsghdr and struct iovec (sys/socket.h, sys/uio.h) where a pointer has 64 bits. */
const messageHeaderBytes = 64;
const vectorBytes = 16;

type SendMessages = (descriptor: number, headers: bigint, count: number, flags: number) => number;
// Loaded here, not in src/sys: the program itself never sends a packet.
const koffi = createRequire(import.meta.url)('koffi') as typeof import('koffi');
const sendMessages = koffi.load(null).func('int sendmmsg(int, intptr_t, uint32_t, int)') as SendMessages;

/** A packet socket that sends on one interface and, with protocol 0, receives nothing. */
export function openSender(interfaceName: string): number {
  const descriptor = openPacketSocket();
  const on = cBuffer(4);
  on[0] = 1;
  setSocketOption(
    descriptor,
    Packet.SOL_PACKET,
    PACKET_QDISC_BYPASS,
    on,
    'send past the queueing discipline',
  );
  const address = cBuffer(20);
  const view = new DataView(address.buffer);
  view.setUint16(0, Packet.AF_PACKET, true);
  view.setInt32(4, interfaceIndexByName(descriptor, interfaceName), true);
  checked(libc().bind(descriptor, address, address.length), 'bind', `bind to ${interfaceName}`);
  return descriptor;
}

/** Frames in memory that does not move. */
export interface Frames {
  readonly bytes: Uint8Array;
  readonly offsets: Uint32Array;
  readonly lengths: Uint32Array;
}

/** A header for each frame of a set, ready to be handed over: sending a frame again costs no more than the call. */
export class FrameHeaders {
  readonly #vectors: Uint8Array;
  readonly #headers: Uint8Array;
  readonly #address: bigint;

  constructor({ bytes, offsets, lengths }: Frames) {
    const count = offsets.length;
    this.#vectors = cBuffer(count * vectorBytes);
    this.#headers = cBuffer(count * messageHeaderBytes);
    this.#address = libc().addressOf(this.#headers);
    const framesAddress = libc().addressOf(bytes);
    const vectorsAddress = libc().addressOf(this.#vectors);
    const headers = new DataView(this.#headers.buffer);
    const vectors = new DataView(this.#vectors.buffer);
    for (let frame = 0; frame < count; frame++) {
      headers.setBigUint64(
        frame * messageHeaderBytes + 16,
        vectorsAddress + BigInt(frame * vectorBytes),
        true,
      );
      headers.setBigUint64(frame * messageHeaderBytes + 24, 1n, true);
      vectors.setBigUint64(frame * vectorBytes, framesAddress + BigInt(offsets[frame]!), true);
      vectors.setBigUint64(frame * vectorBytes + 8, BigInt(lengths[frame]!), true);
    }
  }

  send(descriptor: number, first: number, count: number): void {
    for (let sent = 0; sent < count; ) {
      const header = this.#address + BigInt((first + sent) * messageHeaderBytes);
      sent += checked(sendMessages(descriptor, header, count - sent, 0), 'sendmmsg', 'send frames');
    }
  }
}
