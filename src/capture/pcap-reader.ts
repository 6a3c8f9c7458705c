// SPDX-License-Identifier: Apache-2.0
import { type Frame, PacketType } from '../base/frame.ts';
import type { ByteWindow } from './byte-window.ts';
import { CaptureFileError, corruptFile } from './capture-file-error.ts';
import {
  completeFrame,
  type LinkHeader,
  linkHeaderOf,
  MAX_PACKET_BYTES,
  ReadStep,
  type RecordReader,
  setArrival,
} from './record-reader.ts';

/*
 * The classic format (draft-ietf-opsawg-pcap), in the byte order that its magic number tells:
 *
 *     file header                                    record
 *      0  magic                                       0  seconds since the epoch
 *      4  version, major and minor, 16 bits each      4  microseconds or nanoseconds
 *      8  unused, 12 unused                           8  bytes captured
 *     16  longest packet                             12  bytes on the wire
 *     20  link type                                  16  the packet; the "modified" format has eight bytes before
 *                                                        it: interface index, protocol, packet type, padding
 */
const MAGIC_MICROS = 0xa1b2c3d4;
const MAGIC_NANOS = 0xa1b23c4d;
/** Of a Linux patch of the nineties (Alexey Kuznetsov), still written by routers. */
const MAGIC_MODIFIED = 0xa1b2cd34;

/** Bytes of the file header: the window must have them before a reader is made. */
export const PCAP_HEADER_BYTES = 24;
const RECORD_HEADER_BYTES = 16;
const MODIFIED_RECORD_HEADER_BYTES = 24;
/** The rest of the field is about a frame check sequence. */
const LINK_TYPE_MASK = 0xffff;

/** Whether a file begins like a classic capture file. Four bytes must be in the window. */
export function isPcap(window: ByteWindow): boolean {
  return isMagic(window.view.getUint32(window.start, true)) || isMagic(window.view.getUint32(window.start));
}

function isMagic(value: number): boolean {
  return value === MAGIC_MICROS || value === MAGIC_NANOS || value === MAGIC_MODIFIED;
}

/** Reads classic capture files. */
export class PcapReader implements RecordReader {
  neededBytes = 0;
  readonly bytesToSkip = 0;
  readonly #file: string;
  readonly #window: ByteWindow;
  readonly #interfaceIndex: number;
  readonly #isLittleEndian: boolean;
  readonly #unitsPerMicro: number;
  readonly #headerBytes: number;
  readonly #link: LinkHeader;

  /** Takes the file header from the window. Throws CaptureFileError. */
  constructor(file: string, window: ByteWindow, interfaceIndex: number) {
    const { view, start } = window;
    this.#file = file;
    this.#window = window;
    this.#interfaceIndex = interfaceIndex;
    this.#isLittleEndian = isMagic(view.getUint32(start, true));
    const magic = view.getUint32(start, this.#isLittleEndian);
    const major = view.getUint16(start + 4, this.#isLittleEndian);
    if (major !== 2)
      throw new CaptureFileError(`${file} has version ${major} of pcap; ringtap reads version 2`);
    this.#unitsPerMicro = magic === MAGIC_NANOS ? 1e3 : 1;
    this.#headerBytes = magic === MAGIC_MODIFIED ? MODIFIED_RECORD_HEADER_BYTES : RECORD_HEADER_BYTES;
    this.#link = linkHeaderOf(view.getUint32(start + 20, this.#isLittleEndian) & LINK_TYPE_MASK);
    window.start += PCAP_HEADER_BYTES;
  }

  next(frame: Frame): ReadStep {
    const window = this.#window;
    const headerBytes = this.#headerBytes;
    if (window.availableBytes < headerBytes) return this.#need(headerBytes);
    const isLittleEndian = this.#isLittleEndian;
    const { view, start } = window;
    const capturedLength = view.getUint32(start + 8, isLittleEndian);
    if (capturedLength > MAX_PACKET_BYTES) {
      const reason = `a packet of ${capturedLength} bytes, where ${MAX_PACKET_BYTES} are the most`;
      throw corruptFile(this.#file, window.offsetBytes, reason);
    }
    const recordBytes = headerBytes + capturedLength;
    if (window.availableBytes < recordBytes) return this.#need(recordBytes);

    frame.bytes = window.bytes;
    frame.view = view;
    frame.offset = start + headerBytes;
    frame.capturedLength = capturedLength;
    frame.originalLength = view.getUint32(start + 12, isLittleEndian);
    frame.interfaceIndex = this.#interfaceIndex;
    const units = view.getUint32(start + 4, isLittleEndian);
    setArrival(frame, view.getUint32(start, isLittleEndian), units / this.#unitsPerMicro);
    window.start = start + recordBytes;
    const packetType =
      headerBytes === MODIFIED_RECORD_HEADER_BYTES ? view.getUint8(start + 22) : PacketType.unknown;
    return completeFrame(frame, this.#link, packetType);
  }

  #need(bytes: number): ReadStep {
    this.neededBytes = bytes;
    return ReadStep.needsBytes;
  }
}
