// SPDX-License-Identifier: Apache-2.0
import { cBuffer, libc } from './libc.ts';
import { closeDescriptor } from './socket.ts';

const AF_UNIX = 1;
const SOCK_DGRAM_CLOEXEC = 0o2000002;
const MSG_NOSIGNAL_DONTWAIT = 0x4000 | 0x40;
/** struct sockaddr_un: u16 family, char path[108]. */
const FAMILY_BYTES = 2;
const MAX_PATH_BYTES = 107;

/**
 * Tells systemd the state of this process, such as `READY=1`, where it wants to know (sd_notify(3)): node has no datagram
 * sockets of the file system. Never throws; returns whether it was told.
 */
export function notifyServiceManager(state: string): boolean {
  const path = process.env['NOTIFY_SOCKET'];
  if (path === undefined || !/^[@/]./.test(path)) return false;
  const address = addressOf(path);
  if (address === undefined) return false;
  const c = libc();
  const descriptor = c.socket(AF_UNIX, SOCK_DGRAM_CLOEXEC, 0);
  if (descriptor < 0) return false;
  const bytes = cBufferOf(new TextEncoder().encode(state));
  const sent = c.sendto(descriptor, bytes, bytes.length, MSG_NOSIGNAL_DONTWAIT, address, address.length);
  closeDescriptor(descriptor);
  return sent === bytes.length;
}

/** A name that begins with @ is abstract: its first byte is 0, and it ends where the address ends. */
function addressOf(path: string): Uint8Array | undefined {
  const name = new TextEncoder().encode(path);
  if (name.length > MAX_PATH_BYTES) return undefined;
  const isAbstract = path.startsWith('@');
  const address = cBuffer(FAMILY_BYTES + name.length + (isAbstract ? 0 : 1));
  new DataView(address.buffer).setUint16(0, AF_UNIX, true);
  address.set(name, FAMILY_BYTES);
  if (isAbstract) address[FAMILY_BYTES] = 0;
  return address;
}

function cBufferOf(bytes: Uint8Array): Uint8Array {
  const buffer = cBuffer(bytes.length);
  buffer.set(bytes);
  return buffer;
}

/** How often systemd wants to hear `WATCHDOG=1` from this process, in milliseconds; 0: never. */
export function watchdogMillis(environment: NodeJS.ProcessEnv, pid: number): number {
  const { WATCHDOG_USEC: micros, WATCHDOG_PID: forPid } = environment;
  if (forPid !== undefined && forPid !== `${pid}`) return 0;
  const millis = Number(micros ?? 0) / 1000;
  return millis > 0 && millis < 2 ** 31 ? millis : 0;
}
