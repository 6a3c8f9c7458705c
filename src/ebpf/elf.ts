// SPDX-License-Identifier: Apache-2.0
import { BpfObjectError, ObjectReader } from './object-reader.ts';

/** One section of an ELF file, elf(5) Elf64_Shdr. */
export type ElfSection = {
  readonly name: string;
  /** `SectionType`, others exist. */
  readonly type: number;
  readonly isExecutable: boolean;
  /** For a relocation section: index of the section it changes. For a symbol table: see elf(5). */
  readonly info: number;
  /** For a symbol table: index of its string table. */
  readonly link: number;
  readonly bytes: Uint8Array;
};

/** One symbol, Elf64_Sym. */
export type ElfSymbol = {
  readonly name: string;
  readonly type: number;
  /** Index of its section. */
  readonly section: number;
  /** Offset in its section. */
  readonly value: number;
};

/** One relocation without addend, Elf64_Rel. */
export type ElfRelocation = {
  readonly offset: number;
  readonly type: number;
  readonly symbol: ElfSymbol;
};

/** The parts of an ELF64 file for the BPF machine. */
export type ElfFile = {
  readonly sections: readonly ElfSection[];
  readonly symbols: readonly ElfSymbol[];
};

export const SectionType = { symbolTable: 2, noBits: 8, relocations: 9 } as const;
export const SymbolType = { object: 1, function: 2 } as const;

const EM_BPF = 247;
const HEADER_BYTES = 64;
const SECTION_HEADER_BYTES = 64;
const SYMBOL_BYTES = 24;
const RELOCATION_BYTES = 16;
const SHF_EXECINSTR = 4;

/** Reads an eBPF object as clang writes it: ELF, 64 bits, little endian. Throws BpfObjectError. */
export function parseElf(bytes: Uint8Array): ElfFile {
  const file = new ObjectReader(bytes, 'object');
  if (bytes.byteLength < HEADER_BYTES || file.uint32(0) !== 0x464c457f) {
    throw new BpfObjectError('the object is not an ELF file');
  }
  if (file.uint8(4) !== 2 || file.uint8(5) !== 1 || file.uint16(18) !== EM_BPF) {
    throw new BpfObjectError('the object is not ELF for 64-bit little-endian BPF (clang -target bpf)');
  }
  const sections = parseSections(file);
  const table = sections.find((section) => section.type === SectionType.symbolTable);
  return { sections, symbols: table === undefined ? [] : parseSymbols(table, sections) };
}

/** The relocations that change the section with this index. Throws BpfObjectError. */
export function relocationsOf(elf: ElfFile, sectionIndex: number): ElfRelocation[] {
  const relocations: ElfRelocation[] = [];
  for (const section of elf.sections) {
    if (section.type !== SectionType.relocations || section.info !== sectionIndex) continue;
    const reader = new ObjectReader(section.bytes, `section ${section.name}`);
    for (let at = 0; at < section.bytes.byteLength; at += RELOCATION_BYTES) {
      const symbol = elf.symbols[reader.uint32(at + 12)];
      if (symbol === undefined) throw new BpfObjectError(`section ${section.name} names an unknown symbol`);
      relocations.push({ offset: reader.uint64(at), type: reader.uint32(at + 8), symbol });
    }
  }
  return relocations;
}

function parseSections(file: ObjectReader): ElfSection[] {
  const tableOffset = file.uint64(40);
  const count = file.uint16(60);
  if (file.uint16(58) !== SECTION_HEADER_BYTES) throw new BpfObjectError('the section headers are not ELF64');
  const table = new ObjectReader(
    file.slice(tableOffset, count * SECTION_HEADER_BYTES),
    'section header table',
  );
  const names = new ObjectReader(sectionBytes(file, table, file.uint16(62)), 'table of section names');
  const sections: ElfSection[] = [];
  for (let index = 0; index < count; index++) {
    const at = index * SECTION_HEADER_BYTES;
    sections.push({
      name: names.text(table.uint32(at)),
      type: table.uint32(at + 4),
      isExecutable: (table.uint32(at + 8) & SHF_EXECINSTR) !== 0,
      link: table.uint32(at + 40),
      info: table.uint32(at + 44),
      bytes: sectionBytes(file, table, index),
    });
  }
  return sections;
}

function sectionBytes(file: ObjectReader, table: ObjectReader, index: number): Uint8Array {
  const at = index * SECTION_HEADER_BYTES;
  if (table.uint32(at + 4) === SectionType.noBits) return new Uint8Array(0);
  return file.slice(table.uint64(at + 24), table.uint64(at + 32));
}

function parseSymbols(table: ElfSection, sections: readonly ElfSection[]): ElfSymbol[] {
  const nameSection = sections[table.link];
  if (nameSection === undefined) throw new BpfObjectError('the symbol table has no names');
  const names = new ObjectReader(nameSection.bytes, 'table of symbol names');
  const reader = new ObjectReader(table.bytes, 'symbol table');
  const symbols: ElfSymbol[] = [];
  for (let at = 0; at < table.bytes.byteLength; at += SYMBOL_BYTES) {
    symbols.push({
      name: names.text(reader.uint32(at)),
      type: reader.uint8(at + 4) & 0x0f,
      section: reader.uint16(at + 6),
      value: reader.uint64(at + 8),
    });
  }
  return symbols;
}
