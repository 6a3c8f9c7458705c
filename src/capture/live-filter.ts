// SPDX-License-Identifier: Apache-2.0
import { PORT_BITMAP_BYTES, portBitmap } from '../base/port-bitmap.ts';
import { type Mapping, mapMemory, unmapMemory } from '../sys/memory.ts';
import { closeDescriptor } from '../sys/socket.ts';
import type { FilterHandle } from './capture-handles.ts';

/** A page; the kernel rounds it up where pages are larger. */
const SETTINGS_BYTES = 4096;
/** Index in `struct settings` of bpf/sip_capture.bpf.c. */
const DETECT = 0;

/**
 * What a filter that is attached lets through can be changed: its maps are mapped here, and to write them needs neither
 * privilege nor a call. The next packet is judged by them.
 */
export class LiveFilter {
  readonly #ports: Mapping;
  readonly #settings: Mapping;

  /** Takes over the descriptors. Throws SystemError. */
  constructor({ portsDescriptor, settingsDescriptor }: FilterHandle) {
    try {
      this.#ports = mapMemory(portsDescriptor, PORT_BITMAP_BYTES);
      this.#settings = mapMemory(settingsDescriptor, SETTINGS_BYTES);
    } finally {
      // The mappings keep the maps.
      closeDescriptor(portsDescriptor);
      closeDescriptor(settingsDescriptor);
    }
  }

  /** Lets through the packets of `ports` and, with `detect`, UDP on any port whose payload begins like SIP. */
  set(ports: readonly number[], detect: boolean): void {
    new Uint8Array(this.#ports.buffer, 0, PORT_BITMAP_BYTES).set(portBitmap(ports));
    Atomics.store(new Uint32Array(this.#settings.buffer, 0, 1), DETECT, detect ? 1 : 0);
  }

  /** Ends the mappings; it must not be used afterwards. */
  close(): void {
    unmapMemory(this.#ports);
    unmapMemory(this.#settings);
  }
}
