// SPDX-License-Identifier: Apache-2.0
import type { PcapRecord } from './pcap.ts';

// Writes capture files of every kind the readers read: for tests, in memory.

/** Collects numbers of one byte order. */
class ByteWriter {
  readonly #isLittleEndian: boolean;
  readonly #parts: Uint8Array[] = [];
  #length = 0;

  constructor(isBigEndian: boolean) {
    this.#isLittleEndian = !isBigEndian;
  }

  uint8(value: number): this {
    return this.bytes(Uint8Array.of(value));
  }

  uint16(value: number): this {
    return this.#number(2, (view) => view.setUint16(0, value, this.#isLittleEndian));
  }

  uint32(value: number): this {
    return this.#number(4, (view) => view.setUint32(0, value, this.#isLittleEndian));
  }

  int64(value: bigint): this {
    return this.#number(8, (view) => view.setBigInt64(0, value, this.#isLittleEndian));
  }

  bytes(bytes: Uint8Array): this {
    this.#parts.push(bytes);
    this.#length += bytes.length;
    return this;
  }

  /** Zero bytes up to the next multiple of four. */
  pad(): this {
    return this.bytes(new Uint8Array(-this.#length & 3));
  }

  end(): Uint8Array {
    return joined(...this.#parts);
  }

  #number(size: number, set: (view: DataView) => void): this {
    const view = new DataView(new ArrayBuffer(size));
    set(view);
    return this.bytes(new Uint8Array(view.buffer));
  }
}

/** Joins byte sequences. */
export function joined(...parts: readonly Uint8Array[]): Uint8Array {
  // A copy with memory of its own: Buffer.concat may give a slice of a shared pool.
  return new Uint8Array(Buffer.concat(parts));
}

/** How a classic file is written. */
export interface PcapVariant {
  readonly linktype: number;
  readonly isBigEndian?: boolean;
  readonly isNanos?: boolean;
  /** The format of the Linux patch, with `sll_pkttype` in each record. */
  readonly modifiedPacketType?: number;
}

/** A classic pcap file. */
export function pcapBytes(variant: PcapVariant, records: readonly PcapRecord[]): Uint8Array {
  const { linktype, isBigEndian = false, isNanos = false, modifiedPacketType } = variant;
  const isModified = modifiedPacketType !== undefined;
  const file = new ByteWriter(isBigEndian);
  file.uint32(isModified ? 0xa1b2cd34 : isNanos ? 0xa1b23c4d : 0xa1b2c3d4);
  file.uint16(2).uint16(4).uint32(0).uint32(0).uint32(262144).uint32(linktype);
  for (const { micros, bytes, originalLength } of records) {
    file.uint32(Math.floor(micros / 1e6)).uint32((micros % 1e6) * (isNanos ? 1000 : 1));
    file.uint32(bytes.length).uint32(originalLength ?? bytes.length);
    if (isModified) file.uint32(1).uint16(0x0800).uint8(modifiedPacketType).uint8(0);
    file.bytes(bytes);
  }
  return file.end();
}

/** One option of a pcapng block. */
export type PcapngOptionBytes = readonly [code: number, value: Uint8Array];

/** One interface of a section. */
export interface PcapngInterfaceVariant {
  readonly linktype: number;
  readonly name?: string;
  /** `if_tsresol`; microseconds if not given. */
  readonly resolution?: number;
  /** `if_tsoffset`, seconds. */
  readonly offsetSeconds?: number;
  readonly snapLength?: number;
  readonly options?: readonly PcapngOptionBytes[];
}

/** One packet of a section. */
export interface PcapngPacket extends PcapRecord {
  readonly interfaceId?: number;
  readonly block?: 'enhanced' | 'simple' | 'obsolete';
  readonly options?: readonly PcapngOptionBytes[];
}

/** How a section is written. */
export interface PcapngSection {
  readonly isBigEndian?: boolean;
  readonly interfaces: readonly PcapngInterfaceVariant[];
  readonly packets: readonly PcapngPacket[];
  /** Whole blocks put before each packet. */
  readonly between?: Uint8Array;
}

/** Any pcapng block. */
export function pcapngBlock(type: number, body: Uint8Array, isBigEndian: boolean = false): Uint8Array {
  const padded = new ByteWriter(isBigEndian).bytes(body).pad().end();
  const length = padded.length + 12;
  return new ByteWriter(isBigEndian).uint32(type).uint32(length).bytes(padded).uint32(length).end();
}

/** A pcapng file of any number of sections. */
export function pcapngBytes(...sections: readonly PcapngSection[]): Uint8Array {
  return joined(...sections.flatMap(sectionBlocks));
}

function sectionBlocks(section: PcapngSection): Uint8Array[] {
  const { isBigEndian = false, interfaces, packets, between } = section;
  const block = (type: number, body: ByteWriter): Uint8Array => pcapngBlock(type, body.end(), isBigEndian);
  const writer = (): ByteWriter => new ByteWriter(isBigEndian);
  const header = writer().uint32(0x1a2b3c4d).uint16(1).uint16(0).int64(-1n);
  return [
    block(0x0a0d0d0a, writeOptions(header, [[4, new TextEncoder().encode('ringtap test')]])),
    ...interfaces.map((one) => block(1, interfaceBody(writer(), one, isBigEndian))),
    ...packets.flatMap((packet) => {
      const one = interfaces[packet.interfaceId ?? 0]!;
      const [type, body] = packetBody(writer(), packet, one);
      return [...(between ? [between] : []), block(type, body)];
    }),
  ];
}

function interfaceBody(body: ByteWriter, one: PcapngInterfaceVariant, isBigEndian: boolean): ByteWriter {
  const { linktype, name, resolution, offsetSeconds, snapLength = 262144 } = one;
  const options: PcapngOptionBytes[] = [...(one.options ?? [])];
  if (name !== undefined) options.push([2, new TextEncoder().encode(name)]);
  if (resolution !== undefined) options.push([9, Uint8Array.of(resolution)]);
  if (offsetSeconds !== undefined) {
    options.push([14, new ByteWriter(isBigEndian).int64(BigInt(offsetSeconds)).end()]);
  }
  return writeOptions(body.uint16(linktype).uint16(0).uint32(snapLength), options);
}

function packetBody(
  body: ByteWriter,
  packet: PcapngPacket,
  { resolution = 6, offsetSeconds = 0 }: PcapngInterfaceVariant,
): [number, ByteWriter] {
  const { micros, bytes, originalLength = bytes.length, interfaceId = 0, block = 'enhanced' } = packet;
  if (block === 'simple') return [3, body.uint32(originalLength).bytes(bytes).pad()];
  const perSecond = (resolution & 0x80) === 0 ? 10n ** BigInt(resolution) : 2n ** BigInt(resolution & 0x7f);
  const sinceOffset = BigInt(micros) - BigInt(offsetSeconds) * 1_000_000n;
  // Rounded up, so that rounding down on the way back gives the same microsecond.
  const ticks = (sinceOffset * perSecond + 999_999n) / 1_000_000n;
  if (block === 'obsolete') body.uint16(interfaceId).uint16(0);
  else body.uint32(interfaceId);
  body.uint32(Number(ticks >> 32n)).uint32(Number(ticks & 0xffffffffn));
  body.uint32(bytes.length).uint32(originalLength).bytes(bytes).pad();
  return [block === 'obsolete' ? 2 : 6, writeOptions(body, packet.options ?? [])];
}

function writeOptions(body: ByteWriter, options: readonly PcapngOptionBytes[]): ByteWriter {
  for (const [code, value] of options) body.uint16(code).uint16(value.length).bytes(value).pad();
  return options.length === 0 ? body : body.uint16(0).uint16(0);
}
