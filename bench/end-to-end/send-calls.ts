// SPDX-License-Identifier: Apache-2.0
// node bench/end-to-end/send-calls.ts --interface NAME --calls N --frames-per-second R
//
// Sends generated calls at rates that tcpreplay cannot reach: it makes the frames as it sends them (no file of
// gigabytes) and hands the kernel many with one sendmmsg(2). Prints one JSON line. Needs CAP_NET_RAW.
import { createRequire } from 'node:module';
import { parseArgs } from 'node:util';
import { cBuffer, libc } from '../../src/sys/libc.ts';
import { interfaceIndexByName } from '../../src/sys/network-interface.ts';
import { openPacketSocket, Packet, setSocketOption } from '../../src/sys/socket.ts';
import { checked } from '../../src/sys/system-error.ts';
import { CallStream, frameLimitBytes } from '../traffic/call-stream.ts';

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

/** The frames of one burst and the headers that point at them. */
class Burst {
  readonly #frames = cBuffer(burstFrames * frameLimitBytes);
  readonly #vectors = cBuffer(burstFrames * vectorBytes);
  readonly #headers = cBuffer(burstFrames * messageHeaderBytes);
  readonly #lengths = new DataView(this.#vectors.buffer);
  readonly #headersAddress = libc().addressOf(this.#headers);
  #count = 0;

  constructor() {
    const framesAddress = libc().addressOf(this.#frames);
    const vectorsAddress = libc().addressOf(this.#vectors);
    const headers = new DataView(this.#headers.buffer);
    for (let frame = 0; frame < burstFrames; frame++) {
      const header = frame * messageHeaderBytes;
      headers.setBigUint64(header + 16, vectorsAddress + BigInt(frame * vectorBytes), true);
      headers.setBigUint64(header + 24, 1n, true);
      this.#lengths.setBigUint64(frame * vectorBytes, framesAddress + BigInt(frame * frameLimitBytes), true);
    }
  }

  /** Takes frames of a stream; returns how many. */
  fill(stream: CallStream): number {
    for (this.#count = 0; this.#count < burstFrames; this.#count++) {
      const length = stream.next(this.#frames, this.#count * frameLimitBytes);
      if (length === 0) break;
      this.#lengths.setUint32(this.#count * vectorBytes + 8, length, true);
    }
    return this.#count;
  }

  send(descriptor: number): void {
    for (let sent = 0; sent < this.#count; ) {
      const header = this.#headersAddress + BigInt(sent * messageHeaderBytes);
      sent += checked(sendMessages(descriptor, header, this.#count - sent, 0), 'sendmmsg', 'send frames');
    }
  }
}

/** Sends a whole stream at an even pace; returns the seconds that took. */
function sendStream(descriptor: number, stream: CallStream, framesPerSecond: number): number {
  const burst = new Burst();
  const started = performance.now();
  for (let sent = 0, count = burst.fill(stream); count > 0; count = burst.fill(stream)) {
    const due = started + (sent * 1000) / framesPerSecond;
    // Sleeping is too coarse for gaps of a fraction of a millisecond.
    while (performance.now() < due);
    burst.send(descriptor);
    sent += count;
  }
  return (performance.now() - started) / 1000;
}

const { values } = parseArgs({
  options: {
    interface: { type: 'string', default: '' },
    calls: { type: 'string', default: '1' },
    'frames-per-second': { type: 'string', default: '1000' },
    'first-call': { type: 'string', default: '0' },
    'calls-in-flight': { type: 'string', default: '1000' },
  },
});
const stream = new CallStream(
  Number(values.calls),
  Number(values['calls-in-flight']),
  Number(values['first-call']),
);
const seconds = sendStream(openSender(values.interface), stream, Number(values['frames-per-second']));
console.log(JSON.stringify({ frames: stream.frames, seconds }));
