// SPDX-License-Identifier: Apache-2.0
import { type CBuffer, cBuffer, libc } from './libc.ts';
import { SystemError } from './system-error.ts';

/** enum bpf_cmd of linux/bpf.h. */
export const BpfCommand = {
  mapCreate: 0,
  mapUpdateElement: 2,
  programLoad: 5,
} as const;
export type BpfCommand = (typeof BpfCommand)[keyof typeof BpfCommand];

const SYSCALL_NUMBERS: Readonly<Record<string, number>> = { x64: 321, arm64: 280 };

/** A `union bpf_attr` under construction. It keeps the buffers it points to alive. */
export class BpfAttributes {
  readonly bytes: Uint8Array;
  readonly #view: DataView;
  #pointedTo: CBuffer[] = [];

  constructor(lengthBytes: number) {
    this.bytes = cBuffer(lengthBytes);
    this.#view = new DataView(this.bytes.buffer);
  }

  setUint32(offset: number, value: number): void {
    this.#view.setUint32(offset, value, true);
  }

  setPointer(offset: number, buffer: CBuffer): void {
    this.#pointedTo.push(buffer);
    this.#view.setBigUint64(offset, libc().addressOf(buffer), true);
  }

  /** An object name: 15 bytes and a NUL. */
  setName(offset: number, name: string): void {
    this.bytes.set(new TextEncoder().encode(name).subarray(0, 15), offset);
  }

  /** bpf(2) may be the last to read the buffers, which the garbage collector cannot know. */
  keepAlive(): void {
    this.#pointedTo = [...this.#pointedTo];
  }
}

/**
 * bpf(2). Returns the new descriptor, or 0. `action` completes "cannot ..." of the SystemError thrown on
 * failure.
 */
export function bpf(command: BpfCommand, attributes: BpfAttributes, action: string): number {
  const number = SYSCALL_NUMBERS[process.arch];
  if (number === undefined) throw new Error(`eBPF needs x86-64 or arm64, this is ${process.arch}`);
  const result = libc().syscall(number, command, attributes.bytes, attributes.bytes.byteLength);
  const errno = result < 0 ? libc().errno() : 0;
  attributes.keepAlive();
  if (result < 0) throw new SystemError('bpf', errno, action);
  return result;
}
