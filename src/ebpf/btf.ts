// SPDX-License-Identifier: Apache-2.0
import { BpfObjectError, ObjectReader } from './object-reader.ts';

/** Kinds of a BTF type, enum in linux/btf.h. */
export const BtfKind = {
  int: 1,
  pointer: 2,
  array: 3,
  struct: 4,
  union: 5,
  enum: 6,
  forward: 7,
  typedef: 8,
  volatile: 9,
  const: 10,
  restrict: 11,
  function: 12,
  functionPrototype: 13,
  variable: 14,
  dataSection: 15,
  float: 16,
  declarationTag: 17,
  typeTag: 18,
  enum64: 19,
} as const;

/** A named reference to a type: a struct member or a variable of a data section. */
export type BtfMember = { readonly name: string; readonly type: number };

/** One type, struct btf_type. What a field means depends on the kind. */
export type BtfType = {
  readonly kind: number;
  readonly name: string;
  /** Size in bytes (int, struct, union, enum, data section) or the id of the type referred to. */
  readonly sizeOrType: number;
  /** Members of a struct or union; variables of a data section, without names. */
  readonly members: readonly BtfMember[];
  /** Of an array: the type of an element and how many there are. */
  readonly elementType: number;
  readonly elementCount: number;
};

const MAGIC = 0xeb9f;
const VOID: BtfType = { kind: 0, name: 'void', sizeOrType: 0, members: [], elementType: 0, elementCount: 0 };
/** Typedefs of typedefs end somewhere; a broken object may turn in circles. */
const MAX_DEPTH = 32;

/** Reads a `.BTF` section: the types by their id. Throws BpfObjectError. */
export function parseBtf(bytes: Uint8Array): BtfType[] {
  const header = new ObjectReader(bytes, 'BTF section');
  if (header.uint16(0) !== MAGIC) throw new BpfObjectError('the BTF section does not begin like BTF');
  const headerBytes = header.uint32(4);
  const types = new ObjectReader(
    header.slice(headerBytes + header.uint32(8), header.uint32(12)),
    'BTF types',
  );
  const names = new ObjectReader(
    header.slice(headerBytes + header.uint32(16), header.uint32(20)),
    'BTF names',
  );
  const result = [VOID];
  let at = 0;
  while (at < types.bytes.byteLength) {
    const info = types.uint32(at + 4);
    const kind = (info >>> 24) & 0x1f;
    const count = info & 0xffff;
    const body = at + 12;
    const isArray = kind === BtfKind.array;
    result.push({
      kind,
      name: names.text(types.uint32(at)),
      sizeOrType: types.uint32(at + 8),
      members: parseMembers(types, names, kind, count, body),
      elementType: isArray ? types.uint32(body) : 0,
      elementCount: isArray ? types.uint32(body + 8) : 0,
    });
    at = body + bodyBytes(kind, count);
  }
  return result;
}

/** The type with this id, behind typedefs, const and the like. Throws BpfObjectError. */
export function resolveBtf(types: readonly BtfType[], id: number): BtfType {
  let next = id;
  for (let depth = 0; depth < MAX_DEPTH; depth++) {
    const type = types[next];
    if (type === undefined) throw new BpfObjectError(`BTF has no type ${next}`);
    const isModifier =
      type.kind === BtfKind.typedef ||
      type.kind === BtfKind.const ||
      type.kind === BtfKind.volatile ||
      type.kind === BtfKind.restrict ||
      type.kind === BtfKind.typeTag;
    if (!isModifier) return type;
    next = type.sizeOrType;
  }
  throw new BpfObjectError(`BTF type ${id} refers to itself`);
}

/** Size in bytes of a value of this type. Throws BpfObjectError. */
export function btfSizeBytes(types: readonly BtfType[], id: number): number {
  let factor = 1;
  let next = id;
  for (let depth = 0; depth < MAX_DEPTH; depth++) {
    const type = resolveBtf(types, next);
    if (type.kind === BtfKind.pointer) return factor * 8;
    if (type.kind !== BtfKind.array) {
      if (hasSize(type.kind)) return factor * type.sizeOrType;
      throw new BpfObjectError(`BTF type ${next} (${type.name}) has no size`);
    }
    factor *= type.elementCount;
    next = type.elementType;
  }
  throw new BpfObjectError(`BTF array ${id} contains itself`);
}

function hasSize(kind: number): boolean {
  return (
    kind === BtfKind.int ||
    kind === BtfKind.struct ||
    kind === BtfKind.union ||
    kind === BtfKind.enum ||
    kind === BtfKind.enum64 ||
    kind === BtfKind.float
  );
}

function parseMembers(
  types: ObjectReader,
  names: ObjectReader,
  kind: number,
  count: number,
  body: number,
): BtfMember[] {
  const members: BtfMember[] = [];
  for (let index = 0; index < count; index++) {
    const at = body + index * 12;
    if (kind === BtfKind.struct || kind === BtfKind.union) {
      members.push({ name: names.text(types.uint32(at)), type: types.uint32(at + 4) });
    } else if (kind === BtfKind.dataSection) {
      members.push({ name: '', type: types.uint32(at) });
    }
  }
  return members;
}

/** Bytes that follow the twelve of a struct btf_type. */
function bodyBytes(kind: number, count: number): number {
  switch (kind) {
    case BtfKind.int:
    case BtfKind.variable:
    case BtfKind.declarationTag:
      return 4;
    case BtfKind.array:
      return 12;
    case BtfKind.struct:
    case BtfKind.union:
    case BtfKind.dataSection:
    case BtfKind.enum64:
      return count * 12;
    case BtfKind.enum:
    case BtfKind.functionPrototype:
      return count * 8;
    case BtfKind.pointer:
    case BtfKind.forward:
    case BtfKind.typedef:
    case BtfKind.volatile:
    case BtfKind.const:
    case BtfKind.restrict:
    case BtfKind.function:
    case BtfKind.float:
    case BtfKind.typeTag:
      return 0;
    default:
      throw new BpfObjectError(`BTF has a type of unknown kind ${kind}`);
  }
}
