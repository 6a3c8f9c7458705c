// SPDX-License-Identifier: Apache-2.0
import { type CBuffer, cBuffer, libc } from './libc.ts';
import { checked } from './system-error.ts';

/** linux/socket.h, linux/if_packet.h, linux/if_ether.h: what an AF_PACKET socket needs. */
export const Packet = {
  AF_PACKET: 17,
  SOCK_RAW: 3,
  ETH_P_ALL: 0x0003,
  SOL_PACKET: 263,
  PACKET_ADD_MEMBERSHIP: 1,
  PACKET_RX_RING: 5,
  PACKET_STATISTICS: 6,
  PACKET_VERSION: 10,
  PACKET_FANOUT: 18,
  PACKET_FANOUT_DATA: 22,
  PACKET_IGNORE_OUTGOING: 23,
  TPACKET_V3: 2,
  PACKET_MR_PROMISC: 1,
  PACKET_FANOUT_EBPF: 7,
  PACKET_FANOUT_FLAG_UNIQUEID: 0x2000,
} as const;

/** asm-generic/socket.h. */
export const Socket = {
  SOL_SOCKET: 1,
  SO_ERROR: 4,
  SO_ATTACH_BPF: 50,
} as const;

/** poll(2) events. */
export const Poll = { POLLIN: 1, POLLERR: 8 } as const;

const SOCK_CLOEXEC = 0o2000000;
const SOCKADDR_LL_BYTES = 20;

/**
 * A raw AF_PACKET socket that receives nothing yet: its protocol is 0 until `bindPacketSocket`.
 * Throws SystemError, with EPERM when CAP_NET_RAW is missing.
 */
export function openPacketSocket(): number {
  return checked(
    libc().socket(Packet.AF_PACKET, Packet.SOCK_RAW | SOCK_CLOEXEC, 0),
    'socket',
    'open a packet socket',
  );
}

/** Binds a packet socket to one interface, or with index 0 to all, for every protocol. Throws SystemError. */
export function bindPacketSocket(descriptor: number, interfaceIndex: number): void {
  const address = cBuffer(SOCKADDR_LL_BYTES);
  const view = new DataView(address.buffer);
  view.setUint16(0, Packet.AF_PACKET, true);
  view.setUint16(2, Packet.ETH_P_ALL, false);
  view.setInt32(4, interfaceIndex, true);
  checked(
    libc().bind(descriptor, address, SOCKADDR_LL_BYTES),
    'bind',
    `bind to interface index ${interfaceIndex}`,
  );
}

/** The interface index a packet socket is bound to: 0 for all, -1 not yet or after that interface was deleted. */
export function boundInterfaceIndex(descriptor: number): number {
  const address = cBuffer(SOCKADDR_LL_BYTES);
  checked(
    libc().getsockname(descriptor, address, Uint32Array.of(SOCKADDR_LL_BYTES)),
    'getsockname',
    'read the address of a packet socket',
  );
  const view = new DataView(address.buffer);
  const isBound = view.getUint16(2, false) === Packet.ETH_P_ALL;
  return isBound ? view.getInt32(4, true) : -1;
}

/** setsockopt(2). `action` completes "cannot ..." of the SystemError thrown on failure. */
export function setSocketOption(
  descriptor: number,
  level: number,
  option: number,
  value: CBuffer,
  action: string,
): void {
  checked(libc().setsockopt(descriptor, level, option, value, value.byteLength), 'setsockopt', action);
}

/** getsockopt(2) into `value`. `action` completes "cannot ..." of the SystemError thrown on failure. */
export function getSocketOption(
  descriptor: number,
  level: number,
  option: number,
  value: CBuffer,
  action: string,
): void {
  const length = Uint32Array.of(value.byteLength);
  checked(libc().getsockopt(descriptor, level, option, value, length), 'getsockopt', action);
}

/** Reads and clears the pending error of a socket, which poll(2) else reports for ever; 0: none. */
export function takeSocketError(descriptor: number): number {
  const value = new Int32Array(1);
  getSocketOption(descriptor, Socket.SOL_SOCKET, Socket.SO_ERROR, value, 'read the error of a socket');
  return value[0]!;
}

/** Another descriptor of the same, for whoever closes it on its own. Throws SystemError. */
export function duplicateDescriptor(descriptor: number): number {
  return checked(libc().dup(descriptor), 'dup', `duplicate descriptor ${descriptor}`);
}

/** close(2). Throws SystemError. */
export function closeDescriptor(descriptor: number): void {
  checked(libc().close(descriptor), 'close', `close descriptor ${descriptor}`);
}

/** Waits in poll(2) until one of a fixed set of descriptors is readable. */
export class Poller {
  readonly #descriptors: readonly number[];
  /** struct pollfd: int fd, short events, short revents. */
  readonly #words: Int32Array;

  constructor(descriptors: readonly number[]) {
    this.#descriptors = descriptors;
    this.#words = new Int32Array(descriptors.length * 2);
    for (let index = 0; index < descriptors.length; index++) this.watch(index, true);
  }

  /** Includes or leaves out one descriptor; poll(2) skips negative ones. */
  watch(index: number, watched: boolean): void {
    this.#words[index * 2] = watched ? this.#descriptors[index]! : -1;
    this.#words[index * 2 + 1] = Poll.POLLIN;
  }

  /** Waits. Returns how many descriptors have events; 0 after the time-out or when a signal came. */
  wait(timeoutMillis: number): number {
    const ready = libc().poll(this.#words, this.#descriptors.length, timeoutMillis);
    return Math.max(0, ready);
  }

  /** After `wait`: does this descriptor have an error to be taken? */
  hasError(index: number): boolean {
    return ((this.#words[index * 2 + 1]! >>> 16) & Poll.POLLERR) !== 0;
  }
}
