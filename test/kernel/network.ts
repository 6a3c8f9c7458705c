// SPDX-License-Identifier: Apache-2.0
// What the kernel tests share: a network namespace of their own, frames made by hand, and a collector.
// Needs root. The namespace ends with the process, however it ends.
import { execFileSync } from 'node:child_process';
import { closeSync, openSync, writeSync } from 'node:fs';
import { Frame, type FrameConsumer, type LinkType, type PacketType } from '../../src/base/frame.ts';
import { LiveCapture } from '../../src/capture/live-capture.ts';
import { LiveFilter } from '../../src/capture/live-filter.ts';
import { type CaptureOptions, openCapture } from '../../src/capture/open-capture.ts';
import { cBuffer, libc } from '../../src/sys/libc.ts';
import { bringInterfaceUp, interfaceIndexByName } from '../../src/sys/network-interface.ts';
import { enterNewNetworkNamespace } from '../../src/sys/network-namespace.ts';
import { bindPacketSocket, closeDescriptor, openPacketSocket } from '../../src/sys/socket.ts';
import { checked } from '../../src/sys/system-error.ts';

/** Moves this thread, and with it every child process, into a namespace of its own, with lo up. */
export function enterTestNamespace(): void {
  enterNewNetworkNamespace();
  ip('link set lo up');
}

/** Runs ip(8) with words separated by blanks. */
export function ip(words: string): void {
  execFileSync('ip', words.split(' '), { stdio: ['ignore', 'ignore', 'inherit'] });
}

/**
 * Creates a pair of connected interfaces, both up and ready to send. The one that came up first had no carrier then: the
 * kernel gives it a queueing discipline later, and until then drops what it sends without a word.
 */
export function createVethPair(one: string, other: string): void {
  ip(`link add ${one} type veth peer name ${other}`);
  for (const name of [one, other]) ip(`link set ${name} up`);
  const deadline = Date.now() + 60_000;
  for (const name of [one, other]) {
    while (/ qdisc noop /.test(execFileSync('ip', ['-o', 'link', 'show', name], { encoding: 'utf8' }))) {
      if (Date.now() > deadline) throw new Error(`${name} never became ready to send`);
    }
  }
}

/** Sends whole frames out of an interface. */
export class FrameSender {
  readonly #descriptor: number;

  constructor(interfaceName: string) {
    this.#descriptor = openPacketSocket();
    bindPacketSocket(this.#descriptor, interfaceIndexByName(this.#descriptor, interfaceName));
  }

  send(frame: Uint8Array): void {
    writeSync(this.#descriptor, frame);
  }

  close(): void {
    closeDescriptor(this.#descriptor);
  }
}

/** A copy of what a consumer was lent. */
export type CapturedFrame = {
  readonly bytes: Uint8Array;
  readonly originalLength: number;
  readonly arrivalMicros: number;
  readonly linkType: LinkType;
  readonly protocol: number;
  readonly vlanTci: number;
  readonly packetType: PacketType;
  readonly interfaceIndex: number;
};

/** Options of a capture with defaults fit for tests. */
export function captureOptions(
  interfaces: readonly string[],
  changed: Partial<CaptureOptions> = {},
): CaptureOptions {
  return {
    interfaces,
    ports: [5060],
    detect: false,
    tunnels: 0x1ff,
    promiscuous: false,
    ringBytes: 32 << 20,
    ...changed,
  };
}

/** A capture by one worker whose filter does not change. */
function openAlone(options: CaptureOptions): LiveCapture {
  const { handles, filters } = openCapture(options);
  for (const filter of filters) new LiveFilter(filter).close();
  return new LiveCapture(handles[0]!);
}

/** Opens a capture, uses it and closes it, also when a test fails. */
export function withCapture<Result>(options: CaptureOptions, use: (capture: LiveCapture) => Result): Result {
  const capture = openAlone(options);
  try {
    return use(capture);
  } finally {
    capture.close();
  }
}

/** As `withCapture`, for what takes time. */
export async function withCaptureAsync(
  options: CaptureOptions,
  use: (capture: LiveCapture) => Promise<void>,
): Promise<void> {
  const capture = openAlone(options);
  try {
    await use(capture);
  } finally {
    capture.close();
  }
}

/** Everything that comes before the last frame. */
export function collectUntil(
  capture: LiveCapture,
  isLast: (frame: CapturedFrame) => boolean,
): CapturedFrame[] {
  const frames: CapturedFrame[] = [];
  const lent = new Frame();
  const deadline = Date.now() + 60_000;
  let done = false;
  while (!done) {
    if (Date.now() > deadline) throw new Error(`the last frame never came, ${frames.length} others did`);
    capture.wait(200);
    const consumer = consumerOf((frame) => {
      const copy = copyOf(frame);
      if (!done && isLast(copy)) done = true;
      else frames.push(copy);
    });
    capture.read(lent, consumer, 4);
  }
  return frames;
}

/** A consumer that is done with each frame when it returns. */
export function consumerOf(packet: (frame: Frame) => void): FrameConsumer {
  return { packet, release() {} };
}

function copyOf(frame: Frame): CapturedFrame {
  return {
    bytes: frame.bytes.slice(frame.offset, frame.offset + frame.capturedLength),
    originalLength: frame.originalLength,
    arrivalMicros: frame.arrivalMicros,
    linkType: frame.linkType,
    protocol: frame.protocol,
    vlanTci: frame.vlanTci,
    packetType: frame.packetType,
    interfaceIndex: frame.interfaceIndex,
  };
}

/** A tun interface, up; a device whose packets have no link header. */
export function openTun(name: string): { receive: (packet: Uint8Array) => void; close: () => void } {
  const TUNSETIFF = 0x400454ca;
  const IFF_TUN_WITHOUT_PACKET_INFORMATION = 0x1001;
  const descriptor = openSync('/dev/net/tun', 'r+');
  const request = cBuffer(40);
  request.set(Buffer.from(name));
  new DataView(request.buffer).setUint16(16, IFF_TUN_WITHOUT_PACKET_INFORMATION, true);
  checked(libc().ioctl(descriptor, TUNSETIFF, request), 'ioctl TUNSETIFF', `create ${name}`);
  bringInterfaceUp(name);
  return {
    receive: (packet) => void writeSync(descriptor, packet),
    close: () => closeSync(descriptor),
  };
}
