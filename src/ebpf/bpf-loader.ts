// SPDX-License-Identifier: Apache-2.0
import { BpfAttributes, BpfCommand, bpf } from '../sys/bpf.ts';
import { cBuffer } from '../sys/libc.ts';
import { closeDescriptor } from '../sys/socket.ts';
import { SystemError } from '../sys/system-error.ts';
import type { BpfObject, MapDefinition, ProgramDefinition } from './bpf-object.ts';
import { BpfObjectError } from './object-reader.ts';
import { parseVerifierLog } from './verifier-log.ts';

/** The kernel's verifier refused a program. */
export class VerifierError extends Error {
  override readonly name = 'VerifierError';
  /** The whole log. */
  readonly log: string;

  constructor(program: string, log: string, cause: SystemError) {
    const { instruction, reason } = parseVerifierLog(log);
    const place = instruction === '' ? '' : ` at "${instruction}"`;
    super(`the kernel's verifier refused eBPF program ${program}${place}: ${reason || cause.message}`, {
      cause,
    });
    this.log = log;
  }
}

/** Maps and programs in the kernel; they live until `close` and until nothing attached uses them. */
export type LoadedBpfObject = {
  /** Descriptor of a map. Throws BpfObjectError for an unknown name. */
  readonly map: (name: string) => number;
  /** Descriptor of a program. Throws BpfObjectError for an unknown name. */
  readonly program: (name: string) => number;
  /** Descriptor of a map that stays open after `close`; it is the caller's now. */
  readonly takeMap: (name: string) => number;
  readonly close: () => void;
};

const BPF_PSEUDO_MAP_FD = 1;
const INSTRUCTION_BYTES = 8;
const LOG_BYTES = 4 << 20;
const EPERM = 1;
const EAGAIN = 11;
const MAX_ATTEMPTS = 1000;
/** enum bpf_prog_type by section name. */
const PROGRAM_TYPES: Readonly<Record<string, number>> = { socket: 1, xdp: 6 };

/**
 * Creates the maps of an object and loads its programs. Maps that are `given`, by name, stay the caller's. Throws SystemError (EPERM: CAP_BPF is missing),
 * VerifierError or BpfObjectError; nothing stays open then.
 */
export function loadBpfObject(
  object: BpfObject,
  given: ReadonlyMap<string, number> = new Map(),
): LoadedBpfObject {
  const maps = new Map<string, number>();
  const programs = new Map<string, number>();
  const close = (): void => {
    for (const descriptors of [maps, programs]) {
      for (const descriptor of descriptors.values()) closeDescriptor(descriptor);
      descriptors.clear();
    }
  };
  try {
    for (const map of object.maps) {
      if (!given.has(map.name)) maps.set(map.name, createMap(map));
    }
    const all = new Map([...maps, ...given]);
    for (const program of object.programs) {
      programs.set(program.name, loadProgram(program, object.license, all));
    }
  } catch (error) {
    close();
    throw error;
  }
  return {
    map: (name) => named(maps, name, 'map'),
    program: (name) => named(programs, name, 'program'),
    takeMap: (name) => {
      const descriptor = named(maps, name, 'map');
      maps.delete(name);
      return descriptor;
    },
    close,
  };
}

/** Writes one value of a map. Key and value must have the sizes of its definition. Throws SystemError. */
export function updateMap(map: number, key: Uint8Array, value: Uint8Array): void {
  const attributes = new BpfAttributes(32);
  attributes.setUint32(0, map);
  attributes.setPointer(8, key);
  attributes.setPointer(16, value);
  bpf(BpfCommand.mapUpdateElement, attributes, 'write an eBPF map');
}

function createMap(definition: MapDefinition): number {
  const attributes = new BpfAttributes(48);
  attributes.setUint32(0, definition.type);
  attributes.setUint32(4, definition.keyBytes);
  attributes.setUint32(8, definition.valueBytes);
  attributes.setUint32(12, definition.maxEntries);
  attributes.setUint32(16, definition.flags);
  attributes.setName(28, definition.name);
  return bpf(BpfCommand.mapCreate, attributes, `create eBPF map ${definition.name}`);
}

function loadProgram(program: ProgramDefinition, license: string, maps: ReadonlyMap<string, number>): number {
  const type = PROGRAM_TYPES[program.section];
  if (type === undefined) {
    throw new BpfObjectError(`section ${program.section} is no program type that is supported`);
  }
  const instructions = withMaps(program, maps);
  const attributes = new BpfAttributes(72);
  attributes.setUint32(0, type);
  attributes.setUint32(4, instructions.byteLength / INSTRUCTION_BYTES);
  attributes.setPointer(8, instructions);
  attributes.setPointer(16, cText(license));
  attributes.setName(48, program.name);
  try {
    return tryToLoad(program.name, attributes);
  } catch (error) {
    if (!(error instanceof SystemError) || error.errno === EPERM) throw error;
  }
  // Once more for the reason: without a log loading is faster and never fails for want of log space.
  const log = cBuffer(LOG_BYTES);
  attributes.setUint32(24, 1);
  attributes.setUint32(28, log.byteLength);
  attributes.setPointer(32, log);
  try {
    return tryToLoad(program.name, attributes);
  } catch (error) {
    if (!(error instanceof SystemError)) throw error;
    throw new VerifierError(program.name, new TextDecoder().decode(log.subarray(0, log.indexOf(0))), error);
  }
}

/** The verifier gives up with EAGAIN when a signal arrives, such as those of the JavaScript engine. */
function tryToLoad(name: string, attributes: BpfAttributes): number {
  for (let attempt = 1; ; attempt++) {
    try {
      return bpf(BpfCommand.programLoad, attributes, `load eBPF program ${name}`);
    } catch (error) {
      const interrupted = error instanceof SystemError && error.errno === EAGAIN;
      if (!interrupted || attempt === MAX_ATTEMPTS) throw error;
    }
  }
}

/** The instructions with the descriptors of the maps in place. */
function withMaps(program: ProgramDefinition, maps: ReadonlyMap<string, number>): Uint8Array {
  const instructions = cBuffer(program.instructions.byteLength);
  instructions.set(program.instructions);
  const view = new DataView(instructions.buffer);
  for (const { instruction, mapName } of program.references) {
    const at = instruction * INSTRUCTION_BYTES;
    // Byte 1: destination register in the low half, source register in the high half.
    view.setUint8(at + 1, (view.getUint8(at + 1) & 0x0f) | (BPF_PSEUDO_MAP_FD << 4));
    view.setInt32(at + 4, named(maps, mapName, 'map'), true);
  }
  return instructions;
}

function named(descriptors: ReadonlyMap<string, number>, name: string, what: string): number {
  const descriptor = descriptors.get(name);
  if (descriptor === undefined) throw new BpfObjectError(`the object has no ${what} ${name}`);
  return descriptor;
}

function cText(text: string): Uint8Array {
  const encoded = new TextEncoder().encode(text);
  const buffer = cBuffer(encoded.byteLength + 1);
  buffer.set(encoded);
  return buffer;
}
