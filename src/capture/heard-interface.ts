// SPDX-License-Identifier: Apache-2.0
import { type Mapping, mapMemory, unmapMemory } from '../sys/memory.ts';
import { interfaceIndexByName } from '../sys/network-interface.ts';
import { closeDescriptor } from '../sys/socket.ts';
import { SystemError } from '../sys/system-error.ts';
import { ANY_INTERFACE, type RingHandle } from './capture-handles.ts';
import { ENODEV, type InterfaceState, makePromiscuous, stateOfInterface } from './interface-binding.ts';

/** As bpf/sip_capture.bpf.c has them; any other number is the index of an interface. */
const EVERY_INTERFACE = 0;
export const NO_INTERFACE = 0xffffffff;

/** A page; the kernel rounds it up where pages are larger. */
const MAP_BYTES = 4096;

/**
 * Which interface a fanout group hears. The kernel binds no socket of a group anew when its interface was deleted and
 * made again, so the sockets are bound to all and the filter looks at a map, which is mapped here: to write it needs
 * neither privilege nor a call.
 */
export class HeardInterface {
  readonly #handle: RingHandle;
  readonly #descriptor: number;
  readonly #mapping: Mapping;
  readonly #word: Uint32Array;

  /** For the handle of a ring with a `heardDescriptor`, which it owns from now on. Throws SystemError. */
  constructor(handle: RingHandle, heardDescriptor: number) {
    this.#handle = handle;
    this.#descriptor = heardDescriptor;
    this.#mapping = mapMemory(heardDescriptor, MAP_BYTES);
    this.#word = new Uint32Array(this.#mapping.buffer, 0, 1);
  }

  /** Lets the group hear the interface that has the name now. Returns the interface's state. Throws SystemError. */
  update(): InterfaceState {
    const { descriptor, interfaceName, promiscuous } = this.#handle;
    if (interfaceName === ANY_INTERFACE) {
      this.#hear(EVERY_INTERFACE);
      return 'up';
    }
    const index = interfaceIndexByName(descriptor, interfaceName);
    if (index !== 0 && index !== this.#word[0] && promiscuous && !tryPromiscuous(descriptor, index))
      return 'missing';
    this.#hear(index === 0 ? NO_INTERFACE : index);
    return index === 0 ? 'missing' : stateOfInterface(descriptor, interfaceName);
  }

  close(): void {
    unmapMemory(this.#mapping);
    closeDescriptor(this.#descriptor);
  }

  #hear(index: number): void {
    Atomics.store(this.#word, 0, index);
  }
}

/** Returns false when the interface has gone meanwhile. */
function tryPromiscuous(descriptor: number, index: number): boolean {
  try {
    makePromiscuous(descriptor, index);
    return true;
  } catch (error) {
    if (error instanceof SystemError && error.errno === ENODEV) return false;
    throw error;
  }
}
