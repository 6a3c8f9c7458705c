// SPDX-License-Identifier: Apache-2.0
import { type Frame, PacketType } from '../base/frame.ts';
import type { ByteWindow } from './byte-window.ts';
import { type CaptureFileError, corruptFile } from './capture-file-error.ts';
import type { InterfaceNames } from './interface-names.ts';
import { PcapngInterface, PcapngOption, visitOptions } from './pcapng-interface.ts';
import { completeFrame, MAX_PACKET_BYTES, ReadStep, type RecordReader } from './record-reader.ts';

/*
 * The format (draft-ietf-opsawg-pcapng) is blocks, in the byte order of the section header they follow:
 *
 *     0        4               8          length - 4
 *     +--------+---------------+----------+---------------+
 *     | type   | total length  | body     | total length  |
 *     +--------+---------------+----------+---------------+
 *
 *     body of         section header       interface        enhanced packet     (obsolete) packet   simple packet
 *                 8   byte-order magic     u16 link type    u32 interface       u16 interface       bytes on the wire
 *                10                                                             u16 drops
 *                12   major, minor         longest packet   time, high half     time, high half     the packet
 *                16   section length       options          time, low half      time, low half
 *                20                                         bytes captured      bytes captured
 *                24   options                               bytes on the wire   bytes on the wire
 *                28                                         packet, options     packet, options
 */
const SECTION_HEADER = 0x0a0d0d0a;
const INTERFACE = 1;
const OBSOLETE_PACKET = 2;
const SIMPLE_PACKET = 3;
const ENHANCED_PACKET = 6;

const BYTE_ORDER_MAGIC = 0x1a2b3c4d;
const MIN_BLOCK_BYTES = 12;
const MIN_SECTION_BYTES = 28;
const MIN_INTERFACE_BYTES = 20;
/** Blocks that are read, not skipped: a packet and room for options. */
const MAX_BLOCK_BYTES = MAX_PACKET_BYTES + (256 << 10);
const MAX_INTERFACES = 4096;

/** Whether a file begins like a pcapng file. Four bytes must be in the window. */
export function isPcapng(window: ByteWindow): boolean {
  return window.view.getUint32(window.start) === SECTION_HEADER;
}

/** Reads pcapng files. */
export class PcapngReader implements RecordReader {
  neededBytes = 0;
  bytesToSkip = 0;
  readonly #file: string;
  readonly #window: ByteWindow;
  readonly #names: InterfaceNames;
  #isLittleEndian = true;
  #interfaces: PcapngInterface[] = [];

  constructor(file: string, window: ByteWindow, names: InterfaceNames) {
    this.#file = file;
    this.#window = window;
    this.#names = names;
  }

  next(frame: Frame): ReadStep {
    const window = this.#window;
    for (;;) {
      if (!this.#skip()) return this.#need(1);
      if (window.availableBytes < MIN_BLOCK_BYTES) return this.#need(MIN_BLOCK_BYTES);
      const { view, start } = window;
      // The type of a section header reads the same in both byte orders.
      const type = view.getUint32(start, this.#isLittleEndian);
      if (type === SECTION_HEADER) this.#beginSection();
      const length = view.getUint32(start + 4, this.#isLittleEndian);
      if (length < MIN_BLOCK_BYTES || length % 4 !== 0) throw this.#corrupt(`a block of ${length} bytes`);
      const isPacket = type === ENHANCED_PACKET || type === SIMPLE_PACKET || type === OBSOLETE_PACKET;
      if (!isPacket && type !== INTERFACE) {
        if (type === SECTION_HEADER && length < MIN_SECTION_BYTES) {
          throw this.#corrupt(`a section header of ${length} bytes`);
        }
        this.bytesToSkip = length;
        continue;
      }
      if (length > MAX_BLOCK_BYTES) {
        throw this.#corrupt(`a block of ${length} bytes, where ${MAX_BLOCK_BYTES} are the most`);
      }
      if (window.availableBytes < length) return this.#need(length);
      if (view.getUint32(start + length - 4, this.#isLittleEndian) !== length) {
        throw this.#corrupt('a block with different lengths at its begin and its end');
      }
      if (isPacket) return this.#readPacket(frame, type, length);
      this.#readInterface(length);
    }
  }

  /** Passes over what is to be skipped, as far as it is in the window. */
  #skip(): boolean {
    if (this.bytesToSkip === 0) return true;
    const length = Math.min(this.bytesToSkip, this.#window.availableBytes);
    this.#window.start += length;
    this.bytesToSkip -= length;
    return this.bytesToSkip === 0;
  }

  #beginSection(): void {
    const { view, start } = this.#window;
    this.#isLittleEndian = view.getUint32(start + 8, true) === BYTE_ORDER_MAGIC;
    if (!this.#isLittleEndian && view.getUint32(start + 8) !== BYTE_ORDER_MAGIC) {
      throw this.#corrupt('a section header without the byte-order magic');
    }
    this.#interfaces = [];
  }

  #readInterface(length: number): void {
    const { bytes, view, start } = this.#window;
    const isLittleEndian = this.#isLittleEndian;
    if (length < MIN_INTERFACE_BYTES) throw this.#corrupt(`an interface description of ${length} bytes`);
    if (this.#interfaces.length === MAX_INTERFACES) {
      throw this.#corrupt(`more than ${MAX_INTERFACES} interfaces in one section`);
    }
    const described = new PcapngInterface(
      view.getUint16(start + 8, isLittleEndian),
      view.getUint32(start + 12, isLittleEndian),
    );
    let name = bytes.subarray(0, 0);
    const isSound = visitOptions(view, start + 16, start + length - 4, isLittleEndian, (code, at, size) => {
      if (code === PcapngOption.interfaceName) name = bytes.subarray(at, at + size);
      else if (code === PcapngOption.timestampResolution && size >= 1) {
        described.resolution = view.getUint8(at);
      } else if (code === PcapngOption.timestampOffset && size >= 8) {
        described.offsetSeconds = Number(view.getBigInt64(at, isLittleEndian));
      }
    });
    if (!isSound) throw this.#corrupt('an option of an interface reaches beyond its block');
    described.index = this.#names.indexOf(name);
    this.#interfaces.push(described);
    this.#window.start += length;
  }

  #readPacket(frame: Frame, type: number, length: number): ReadStep {
    const window = this.#window;
    const { view, start } = window;
    const isLittleEndian = this.#isLittleEndian;
    const isSimple = type === SIMPLE_PACKET;
    const headerBytes = isSimple ? 12 : 28;
    const room = length - headerBytes - 4;
    if (room < 0) throw this.#corrupt(`a packet block of ${length} bytes`);
    const number = isSimple
      ? 0
      : type === OBSOLETE_PACKET
        ? view.getUint16(start + 8, isLittleEndian)
        : view.getUint32(start + 8, isLittleEndian);
    const source = this.#interfaces[number];
    if (source === undefined) throw this.#corrupt(`a packet of interface ${number}, which is not described`);

    const originalLength = view.getUint32(start + headerBytes - 4, isLittleEndian);
    // A simple packet block has no captured length and fills up to four bytes: the limit of the interface tells.
    const simpleLimit =
      source.snapLength === 0 ? originalLength : Math.min(source.snapLength, originalLength);
    const capturedLength = isSimple
      ? Math.min(simpleLimit, room)
      : view.getUint32(start + 20, isLittleEndian);
    if (capturedLength > room || capturedLength > MAX_PACKET_BYTES) {
      throw this.#corrupt(`a packet of ${capturedLength} bytes in a block of ${length}`);
    }
    frame.bytes = window.bytes;
    frame.view = view;
    frame.offset = start + headerBytes;
    frame.capturedLength = capturedLength;
    frame.originalLength = originalLength;
    frame.interfaceIndex = source.index;
    // A simple packet block has no time: it is that of the packet before.
    if (!isSimple) {
      const high = view.getUint32(start + 12, isLittleEndian);
      source.setArrival(frame, high, view.getUint32(start + 16, isLittleEndian));
    }
    window.start = start + length;
    const optionsAt = frame.offset + ((capturedLength + 3) & ~3);
    const packetType = isSimple
      ? PacketType.unknown
      : packetTypeOf(view, optionsAt, start + length - 4, isLittleEndian);
    return completeFrame(frame, source.link, packetType);
  }

  #corrupt(reason: string): CaptureFileError {
    return corruptFile(this.#file, this.#window.offsetBytes, reason);
  }

  #need(bytes: number): ReadStep {
    this.neededBytes = bytes;
    return ReadStep.needsBytes;
  }
}

/** The way of a packet by `epb_flags` (draft-ietf-opsawg-pcapng §4.3.1) among the options of its block. */
function packetTypeOf(view: DataView, start: number, end: number, isLittleEndian: boolean): number {
  let at = start;
  while (at + 8 <= end) {
    const code = view.getUint16(at, isLittleEndian);
    const length = view.getUint16(at + 2, isLittleEndian);
    if (code === PcapngOption.end) break;
    if (code === PcapngOption.packetFlags && length === 4) {
      const flags = view.getUint32(at + 4, isLittleEndian);
      const direction = flags & 3;
      if (direction === 2) return PacketType.outgoing;
      // Received only because the interface was promiscuous.
      if (((flags >> 2) & 7) === 4) return PacketType.otherHost;
      return direction === 1 ? PacketType.host : PacketType.unknown;
    }
    at += 4 + ((length + 3) & ~3);
  }
  return PacketType.unknown;
}
