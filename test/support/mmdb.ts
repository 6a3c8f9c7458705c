// SPDX-License-Identifier: Apache-2.0

/** A network as four words, its length in the 128 bits, and the country it is of. */
export interface MmdbNetwork {
  readonly bits: string;
  readonly country: string;
}

type Value = string | number | readonly Value[] | { readonly [key: string]: Value };

/** A control byte and what it announces: maps, arrays, strings up to 28 bytes and numbers of MaxMind DB 2.0. */
function encode(value: Value): Buffer {
  if (typeof value === 'string')
    return Buffer.concat([Buffer.of((2 << 5) | value.length), Buffer.from(value)]);
  if (typeof value === 'number') {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(value);
    return Buffer.concat([Buffer.of((6 << 5) | 4), bytes]);
  }
  if (Array.isArray(value)) {
    return Buffer.concat([Buffer.of(value.length, 4), ...value.map((item: Value) => encode(item))]);
  }
  const entries = Object.entries(value);
  return Buffer.concat([
    Buffer.of((7 << 5) | entries.length),
    ...entries.flatMap(([key, inner]) => [encode(key), encode(inner)]),
  ]);
}

/** A node of the tree: on each side another node, a country, or nothing. */
type Side = Node | string | undefined;
type Node = [Side, Side];

/**
 * Writes a MaxMind DB file of countries. `bits` of a network are its first bits, of 32 or of 128, as `0` and `1`; a longer
 * network within another one comes after it.
 */
export function writeMmdb(
  networks: readonly MmdbNetwork[],
  ipVersion: 4 | 6,
  recordSize: 24 | 28 | 32,
  record: (country: string) => Value = (country) => ({ country: { iso_code: country } }),
): Buffer {
  const root: Node = [undefined, undefined];
  for (const { bits, country } of networks) {
    let node = root;
    for (const bit of bits.slice(0, -1)) {
      const side = Number(bit);
      const below = node[side];
      if (Array.isArray(below)) node = below;
      else node = node[side] = [below, below];
    }
    node[Number(bits.at(-1))] = country;
  }
  const nodes: Node[] = [];
  const numbers = new Map<Node, number>();
  const collect = (side: Side): void => {
    if (!Array.isArray(side)) return;
    numbers.set(side, nodes.length);
    nodes.push(side);
    for (const inner of side) collect(inner);
  };
  collect(root);
  const offsets = new Map<string, number>();
  const data: Buffer[] = [];
  let length = 0;
  for (const country of new Set(networks.map((network) => network.country))) {
    const bytes = encode(record(country));
    offsets.set(country, length);
    data.push(bytes);
    length += bytes.length;
  }
  const numberOf = (side: Side): number => {
    if (side === undefined) return nodes.length;
    return Array.isArray(side) ? numbers.get(side)! : nodes.length + 16 + offsets.get(side)!;
  };
  const tree = nodes.map(([left, right]) => nodeBytes(numberOf(left), numberOf(right), recordSize));
  const metadata = encode({
    ...{ binary_format_major_version: 2, binary_format_minor_version: 0, build_epoch: 1, description: {} },
    ...{ database_type: 'Test-Country', ip_version: ipVersion, languages: ['en'] },
    ...{ node_count: nodes.length, record_size: recordSize },
  });
  const marker = Buffer.from('\xab\xcd\xefMaxMind.com', 'latin1');
  return Buffer.concat([...tree, Buffer.alloc(16), ...data, marker, metadata]);
}

function nodeBytes(left: number, right: number, recordSize: 24 | 28 | 32): Buffer {
  const bytes = Buffer.alloc(recordSize / 4);
  if (recordSize === 32) {
    bytes.writeUInt32BE(left);
    bytes.writeUInt32BE(right, 4);
    return bytes;
  }
  bytes.writeUIntBE(left & 0xffffff, 0, 3);
  bytes.writeUIntBE(right & 0xffffff, recordSize === 24 ? 3 : 4, 3);
  if (recordSize === 28) bytes[3] = ((left >>> 24) << 4) | (right >>> 24);
  return bytes;
}
