// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs';
import { type LoadedBpfObject, loadBpfObject, updateMap } from '../ebpf/bpf-loader.ts';
import { parseBpfObject } from '../ebpf/bpf-object.ts';

const OBJECT_FILE = new URL('../../bpf/build/capture_entry.bpf.o', import.meta.url);

/** The program that is attached to sockets. */
export const ENTRY_NAME = 'capture_entry';
/** The map that has to stay open as long as a socket has it. */
export const PROGRAMS_MAP = 'programs';

/** Loads what goes on in `program`, which is too long to be attached itself before Linux 6.8. Throws SystemError. */
export function loadEntry(program: number): LoadedBpfObject {
  const entry = loadBpfObject(parseBpfObject(readFileSync(OBJECT_FILE)));
  const value = Int32Array.of(program);
  updateMap(entry.map(PROGRAMS_MAP), new Uint8Array(4), new Uint8Array(value.buffer));
  return entry;
}
