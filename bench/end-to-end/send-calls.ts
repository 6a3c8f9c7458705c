// SPDX-License-Identifier: Apache-2.0
// node bench/end-to-end/send-calls.ts --interface NAME --passes N --frames-per-second R
//
// Sends generated calls at rates that tcpreplay cannot reach: the frames of some thousand calls are made once, get new
// Call-IDs for each pass, and the kernel is handed many with one sendmmsg(2). Prints one JSON line. Needs CAP_NET_RAW.
import { createRequire } from 'node:module';
import { parseArgs } from 'node:util';
import { cBuffer, libc } from '../../src/sys/libc.ts';
import { interfaceIndexByName } from '../../src/sys/network-interface.ts';
import { openPacketSocket, Packet, setSocketOption } from '../../src/sys/socket.ts';
import { checked } from '../../src/sys/system-error.ts';
import { FrameSet } from '../traffic/frame-set.ts';

/** linux/if_packet.h. */
const PACKET_QDISC_BYPASS = 20;
/** Frames handed over by one call: at 300,000 a second 64 frames are 0.2 ms. */
const burstFrames = 64;
/** struct mmsghdr and struct iovec (sys/socket.h, sys/uio.h) where a pointer has 64 bits. */
const messageHeaderBytes = 64;
const vectorBytes = 16;

type SendMessages = (descriptor: number, headers: bigint, count: number, flags: number) => number;
// Loaded here, not in src/sys: the program itself never sends a packet.
const koffi = createRequire(import.meta.url)('koffi') as typeof import('koffi');
const sendMessages = koffi.load(null).func('int sendmmsg(int, intptr_t, uint32_t, int)') as SendMessages;

/** A packet socket that sends on one interface and, with protocol 0, receives nothing. */
function openSender(interfaceName: string): number {
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

/** A header for each frame of a set, ready to be handed over: sending a frame again costs no more than the call. */
class FrameHeaders {
  readonly #vectors: Uint8Array;
  readonly #headers: Uint8Array;
  readonly #address: bigint;

  constructor({ bytes, offsets, lengths }: FrameSet) {
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

/** Sends a set so many times, each with calls of its own, at an even pace; returns the seconds that took. */
function sendSet(descriptor: number, set: FrameSet, passes: number, framesPerSecond: number): number {
  const headers = new FrameHeaders(set);
  const frames = set.offsets.length;
  const started = performance.now();
  for (let pass = 0; pass < passes; pass++) {
    set.nextGeneration();
    for (let first = 0; first < frames; first += burstFrames) {
      const count = Math.min(burstFrames, frames - first);
      for (let frame = first; frame < first + count; frame++) set.renew(frame);
      const due = started + ((pass * frames + first) * 1000) / framesPerSecond;
      // Sleeping is too coarse for gaps of a fraction of a millisecond.
      while (performance.now() < due);
      headers.send(descriptor, first, count);
    }
  }
  return (performance.now() - started) / 1000;
}

const { values } = parseArgs({
  options: {
    interface: { type: 'string', default: '' },
    passes: { type: 'string', default: '1' },
    'frames-per-second': { type: 'string', default: '1000' },
    'calls-in-a-pass': { type: 'string', default: '1000' },
    'calls-in-flight': { type: 'string', default: '100' },
    'first-generation': { type: 'string', default: '0' },
  },
});
const passes = Number(values.passes);
const set = new FrameSet(
  Number(values['calls-in-a-pass']),
  Number(values['calls-in-flight']),
  Number(values['first-generation']),
);
const seconds = sendSet(openSender(values.interface), set, passes, Number(values['frames-per-second']));
console.log(JSON.stringify({ frames: passes * set.offsets.length, seconds }));
