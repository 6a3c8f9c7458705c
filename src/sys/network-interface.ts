// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs';
import { cBuffer, libc } from './libc.ts';
import { closeDescriptor } from './socket.ts';
import { checked, SystemError } from './system-error.ts';

// linux/sockios.h
const SIOCGIFNAME = 0x8910;
const SIOCGIFFLAGS = 0x8913;
const SIOCSIFFLAGS = 0x8914;
const SIOCGIFINDEX = 0x8933;

/** linux/if.h: flags of an interface. */
export const InterfaceFlag = {
  /** Set up by the administrator. */
  up: 0x1,
  loopback: 0x8,
  /** Has a carrier (or does not know). */
  running: 0x40,
  promiscuous: 0x100,
} as const;

/** struct ifreq: char name[16], then a union of 24 bytes. */
const IFREQ_BYTES = 40;
const IFREQ_UNION = 16;
const MAX_NAME_BYTES = 15;
const ENODEV = 19;
const ENXIO = 6;
const AF_INET = 2;
const SOCK_DGRAM_CLOEXEC = 0o2000002;

/**
 * Index of the interface with this name in the network namespace of the socket `descriptor`, 0 when there is
 * none. Throws SystemError.
 */
export function interfaceIndexByName(descriptor: number, name: string): number {
  const request = interfaceRequest(name);
  if (request === undefined || !ioctl(descriptor, SIOCGIFINDEX, request, 'SIOCGIFINDEX', name)) return 0;
  return new DataView(request.buffer).getInt32(IFREQ_UNION, true);
}

/** Name of the interface with this index in the namespace of `descriptor`, '' when there is none. */
export function interfaceNameByIndex(descriptor: number, interfaceIndex: number): string {
  const request = cBuffer(IFREQ_BYTES);
  new DataView(request.buffer).setInt32(IFREQ_UNION, interfaceIndex, true);
  if (!ioctl(descriptor, SIOCGIFNAME, request, 'SIOCGIFNAME', `index ${interfaceIndex}`)) return '';
  return new TextDecoder().decode(request.subarray(0, request.indexOf(0)));
}

/** `InterfaceFlag` bits of an interface in the namespace of `descriptor`, -1 when there is none. */
export function interfaceFlags(descriptor: number, name: string): number {
  const request = interfaceRequest(name);
  if (request === undefined || !ioctl(descriptor, SIOCGIFFLAGS, request, 'SIOCGIFFLAGS', name)) return -1;
  return new DataView(request.buffer).getUint16(IFREQ_UNION, true);
}

/** Brings an interface of this thread's network namespace up. Throws SystemError (CAP_NET_ADMIN). */
export function bringInterfaceUp(name: string): void {
  withControlSocket((descriptor) => {
    const request = interfaceRequest(name);
    const flags = interfaceFlags(descriptor, name);
    if (request === undefined || flags < 0) throw new SystemError('ioctl', ENODEV, `bring ${name} up`);
    new DataView(request.buffer).setUint16(IFREQ_UNION, flags | InterfaceFlag.up, true);
    checked(libc().ioctl(descriptor, SIOCSIFFLAGS, request), 'ioctl SIOCSIFFLAGS', `bring ${name} up`);
  });
}

/** Names of the interfaces of this thread's network namespace that are up, in the kernel's order. */
export function interfacesThatAreUp(): string[] {
  return withControlSocket((descriptor) =>
    interfaceNames().filter((name) => (interfaceFlags(descriptor, name) & InterfaceFlag.up) !== 0),
  );
}

/** Names of all interfaces of this thread's network namespace. */
function interfaceNames(): string[] {
  // `self` would be the main thread, which may live in another namespace.
  const lines = readFileSync('/proc/thread-self/net/dev', 'utf8').split('\n').slice(2);
  return lines.filter((line) => line.includes(':')).map((line) => line.slice(0, line.indexOf(':')).trim());
}

function withControlSocket<Result>(use: (descriptor: number) => Result): Result {
  const descriptor = checked(
    libc().socket(AF_INET, SOCK_DGRAM_CLOEXEC, 0),
    'socket',
    'open a socket to ask about interfaces',
  );
  try {
    return use(descriptor);
  } finally {
    closeDescriptor(descriptor);
  }
}

/** A struct ifreq for a name; undefined when no interface can have it. */
function interfaceRequest(name: string): Uint8Array | undefined {
  const bytes = new TextEncoder().encode(name);
  if (bytes.length === 0 || bytes.length > MAX_NAME_BYTES) return undefined;
  const request = cBuffer(IFREQ_BYTES);
  request.set(bytes);
  return request;
}

/** Returns false when there is no such interface. */
function ioctl(
  descriptor: number,
  request: number,
  argument: Uint8Array,
  call: string,
  name: string,
): boolean {
  if (libc().ioctl(descriptor, request, argument) >= 0) return true;
  const errno = libc().errno();
  if (errno === ENODEV || errno === ENXIO) return false;
  throw new SystemError(`ioctl ${call}`, errno, `ask about interface ${name}`);
}
