// SPDX-License-Identifier: Apache-2.0
import { InterfaceFlag, interfaceFlags, interfaceIndexByName } from '../sys/network-interface.ts';
import { bindPacketSocket, boundInterfaceIndex, Packet, setSocketOption } from '../sys/socket.ts';
import { SystemError } from '../sys/system-error.ts';
import { ANY_INTERFACE } from './capture-handles.ts';

/** Whether packets can come from an interface. */
export type InterfaceState = 'up' | 'down' | 'missing';

/** linux/if_packet.h struct packet_mreq: int index, u16 type, u16 address length, u8 address[8]. */
const PACKET_MREQ_WORDS = 4;
/** Of linux/errno.h: there is no such device. */
export const ENODEV = 19;

/**
 * Binds a packet socket to the interface that has the name now, or with `any` to all, if it is not bound to it already: the first
 * time, and again when the interface was deleted and created anew, where the kernel forgets the binding. An
 * interface that only goes down and up again keeps it.
 * Returns the state of the interface; needs no privilege. Throws SystemError.
 */
export function bindToInterface(descriptor: number, name: string, promiscuous: boolean): InterfaceState {
  const isAny = name === ANY_INTERFACE;
  const index = isAny ? 0 : interfaceIndexByName(descriptor, name);
  if (index === 0 && !isAny) return 'missing';
  // The kernel knows best: the index it reports is -1 after the interface went, even if it comes back with
  // the same index, as from another network namespace.
  if (boundInterfaceIndex(descriptor) !== index && !bind(descriptor, index, promiscuous)) return 'missing';
  return isAny ? 'up' : stateOfInterface(descriptor, name);
}

/** The state of an interface of the network namespace of the socket `descriptor`. Throws SystemError. */
export function stateOfInterface(descriptor: number, name: string): InterfaceState {
  const flags = interfaceFlags(descriptor, name);
  if (flags < 0) return 'missing';
  const needed = InterfaceFlag.up | InterfaceFlag.running;
  return (flags & needed) === needed ? 'up' : 'down';
}

/** Returns false when the interface has gone meanwhile. */
function bind(descriptor: number, index: number, promiscuous: boolean): boolean {
  try {
    bindPacketSocket(descriptor, index);
    if (promiscuous) makePromiscuous(descriptor, index);
    return true;
  } catch (error) {
    if (error instanceof SystemError && error.errno === ENODEV) return false;
    throw error;
  }
}

/** Makes an interface promiscuous until the socket is closed. Throws SystemError, with ENODEV when the interface has gone. */
export function makePromiscuous(descriptor: number, index: number): void {
  const request = new Int32Array(PACKET_MREQ_WORDS);
  request[0] = index;
  request[1] = Packet.PACKET_MR_PROMISC;
  const action = `make interface index ${index} promiscuous`;
  setSocketOption(descriptor, Packet.SOL_PACKET, Packet.PACKET_ADD_MEMBERSHIP, request, action);
}
