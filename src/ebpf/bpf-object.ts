// SPDX-License-Identifier: Apache-2.0
import { BtfKind, type BtfMember, type BtfType, btfSizeBytes, parseBtf, resolveBtf } from './btf.ts';
import { type ElfFile, parseElf, relocationsOf, SymbolType } from './elf.ts';
import { BpfObjectError, ObjectReader } from './object-reader.ts';

/** A map as the object defines it in its `.maps` section. */
export type MapDefinition = {
  readonly name: string;
  /** enum bpf_map_type of linux/bpf.h. */
  readonly type: number;
  readonly keyBytes: number;
  readonly valueBytes: number;
  readonly maxEntries: number;
  readonly flags: number;
};

/** A place in a program that loads the address of a map. */
export type MapReference = {
  /** Index of the first of the two instruction slots. */
  readonly instruction: number;
  readonly mapName: string;
};

/** A program as the object defines it: one in a section. */
export type ProgramDefinition = {
  readonly name: string;
  /** Name of its section, which says the program type, such as `socket`. */
  readonly section: string;
  /** Eight bytes an instruction; map references not yet filled in. */
  readonly instructions: Uint8Array;
  readonly references: readonly MapReference[];
};

/** What an eBPF object contains. */
export type BpfObject = {
  readonly maps: readonly MapDefinition[];
  readonly programs: readonly ProgramDefinition[];
  readonly license: string;
};

const INSTRUCTION_BYTES = 8;
const R_BPF_64_64 = 1;
const LOAD_64_BIT_IMMEDIATE = 0x18;

/** Reads an object file compiled by `clang -g -target bpf`. Throws BpfObjectError. */
export function parseBpfObject(bytes: Uint8Array): BpfObject {
  const elf = parseElf(bytes);
  const license = sectionNamed(elf, 'license');
  if (license === undefined) throw new BpfObjectError('the object has no license section');
  return {
    maps: parseMaps(elf),
    programs: parsePrograms(elf),
    license: new ObjectReader(license, 'license section').text(0),
  };
}

function sectionNamed(elf: ElfFile, name: string): Uint8Array | undefined {
  return elf.sections.find((section) => section.name === name)?.bytes;
}

function parsePrograms(elf: ElfFile): ProgramDefinition[] {
  const programs: ProgramDefinition[] = [];
  for (const [index, section] of elf.sections.entries()) {
    if (!section.isExecutable || section.bytes.byteLength === 0) continue;
    if (section.bytes.byteLength % INSTRUCTION_BYTES !== 0) {
      throw new BpfObjectError(`section ${section.name} ends within an instruction`);
    }
    const functions = elf.symbols.filter(
      (symbol) => symbol.section === index && symbol.type === SymbolType.function,
    );
    if (functions.length !== 1) {
      throw new BpfObjectError(`section ${section.name} has ${functions.length} functions, one is supported`);
    }
    programs.push({
      name: functions[0]!.name,
      section: section.name,
      instructions: section.bytes,
      references: parseReferences(elf, index),
    });
  }
  return programs;
}

function parseReferences(elf: ElfFile, programSection: number): MapReference[] {
  const program = elf.sections[programSection]!;
  const mapsSection = elf.sections.findIndex((section) => section.name === '.maps');
  return relocationsOf(elf, programSection).map(({ offset, type, symbol }) => {
    if (type !== R_BPF_64_64 || symbol.section !== mapsSection) {
      throw new BpfObjectError(
        `section ${program.name} refers to ${symbol.name || `section ${symbol.section}`}, only maps are supported`,
      );
    }
    const isAtLoad =
      offset % INSTRUCTION_BYTES === 0 &&
      offset + 2 * INSTRUCTION_BYTES <= program.bytes.byteLength &&
      program.bytes[offset] === LOAD_64_BIT_IMMEDIATE;
    if (!isAtLoad) {
      throw new BpfObjectError(
        `section ${program.name} refers to map ${symbol.name} where no address is loaded`,
      );
    }
    return { instruction: offset / INSTRUCTION_BYTES, mapName: symbol.name };
  });
}

/** Maps are variables of anonymous struct types whose members spell the attributes (bpf_helpers.h). */
function parseMaps(elf: ElfFile): MapDefinition[] {
  const btf = sectionNamed(elf, '.BTF');
  if (sectionNamed(elf, '.maps') === undefined) return [];
  if (btf === undefined) throw new BpfObjectError('the object has maps but no BTF: compile it with -g');
  const types = parseBtf(btf);
  const section = types.find((type) => type.kind === BtfKind.dataSection && type.name === '.maps');
  if (section === undefined) throw new BpfObjectError('BTF does not describe the .maps section');
  return section.members.map((member) => {
    const variable = resolveBtf(types, member.type);
    const definition = resolveBtf(types, variable.sizeOrType);
    if (variable.kind !== BtfKind.variable || definition.kind !== BtfKind.struct) {
      throw new BpfObjectError('the .maps section holds something that is not a map');
    }
    return parseMap(types, variable.name, definition.members);
  });
}

function parseMap(types: readonly BtfType[], name: string, members: readonly BtfMember[]): MapDefinition {
  const attributes = new Map<string, number>();
  for (const member of members) {
    const pointer = resolveBtf(types, member.type);
    if (pointer.kind !== BtfKind.pointer)
      throw new BpfObjectError(`map ${name}: ${member.name} is no pointer`);
    if (member.name === 'key' || member.name === 'value') {
      attributes.set(`${member.name}_size`, btfSizeBytes(types, pointer.sizeOrType));
      continue;
    }
    // __uint(x, n) is a pointer to an array of n int.
    const array = resolveBtf(types, pointer.sizeOrType);
    if (array.kind !== BtfKind.array) throw new BpfObjectError(`map ${name}: ${member.name} is no number`);
    attributes.set(member.name, array.elementCount);
  }
  const known = ['type', 'key_size', 'value_size', 'max_entries', 'map_flags'];
  const unknown = [...attributes.keys()].find((attribute) => !known.includes(attribute));
  if (unknown !== undefined) throw new BpfObjectError(`map ${name}: ${unknown} is not supported`);
  const type = attributes.get('type');
  if (type === undefined) throw new BpfObjectError(`map ${name} has no type`);
  return {
    name,
    type,
    keyBytes: attributes.get('key_size') ?? 0,
    valueBytes: attributes.get('value_size') ?? 0,
    maxEntries: attributes.get('max_entries') ?? 0,
    flags: attributes.get('map_flags') ?? 0,
  };
}
