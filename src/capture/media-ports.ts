// SPDX-License-Identifier: Apache-2.0
import { PORT_COUNTS_BYTES, PortCounts } from '../base/port-counts.ts';
import { type Mapping, mapMemory, unmapMemory } from '../sys/memory.ts';
import { closeDescriptor } from '../sys/socket.ts';

/**
 * The ports whose media the filter lets through. They are counts in an eBPF map that is mapped here: to write it needs
 * neither privilege nor a call, and the next packet is judged by it.
 */
export class MediaPorts {
  readonly ports: PortCounts;
  readonly #mapping: Mapping;

  /** Takes over the descriptor of the map `media_ports`; `isShared` as in `PortCounts`. Throws SystemError. */
  constructor(descriptor: number, isShared: boolean) {
    this.#mapping = mapMemory(descriptor, PORT_COUNTS_BYTES);
    // The mapping keeps the map.
    closeDescriptor(descriptor);
    this.ports = new PortCounts(new Uint32Array(this.#mapping.buffer), isShared);
  }

  /** Ends the mapping; `ports` must not be used afterwards. */
  close(): void {
    unmapMemory(this.#mapping);
  }
}
