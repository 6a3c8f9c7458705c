// SPDX-License-Identifier: Apache-2.0
import { Frame } from '../base/frame.ts';
import { type ByteSource, openByteSource, STANDARD_INPUT } from './byte-source.ts';
import { ByteWindow } from './byte-window.ts';
import { CaptureFileError } from './capture-file-error.ts';
import { GunzipSource } from './gunzip-source.ts';
import type { InterfaceNames } from './interface-names.ts';
import { isPcap, PCAP_HEADER_BYTES, PcapReader } from './pcap-reader.ts';
import { isPcapng, PcapngReader } from './pcapng-reader.ts';
import { ReadStep, type RecordReader } from './record-reader.ts';

const GZIP_MAGIC = 0x1f8b;
const MAGIC_BYTES = 4;

/** What `CaptureFile.advance` found. */
export const FileState = {
  /** `frame` is the next packet. */
  packet: 0,
  /** `fill` is to be called, then `advance` again. */
  needsBytes: 1,
  ended: 2,
} as const;
export type FileState = (typeof FileState)[keyof typeof FileState];

/** A pcap or pcapng file, plain or in gzip, read packet by packet with bounded memory. */
export class CaptureFile {
  /** The path, or "standard input". */
  readonly name: string;
  /** The packet that `advance` found, lent until it is called again. */
  readonly frame: Frame = new Frame();
  /** Number of that packet, from 1, counting all packets of the file as Wireshark does. */
  packetNumber = 0;
  /** Packets that were passed over because of their link header, by LINKTYPE_ number. */
  readonly unknownLinks: Map<number, number> = new Map();
  /** Whether the file ends inside a record: the writer was stopped, or still writes. */
  isCut = false;
  readonly #source: ByteSource;
  readonly #window: ByteWindow;
  readonly #reader: RecordReader;
  #isEnded = false;

  private constructor(name: string, source: ByteSource, window: ByteWindow, reader: RecordReader) {
    this.name = name;
    this.#source = source;
    this.#window = window;
    this.#reader = reader;
  }

  /** Opens a file, `-` for standard input, and reads `bufferBytes` at once. Throws CaptureFileError. */
  static async open(path: string, names: InterfaceNames, bufferBytes: number): Promise<CaptureFile> {
    const name = path === STANDARD_INPUT ? 'standard input' : path;
    let source = await openByteSource(path);
    try {
      let window = new ByteWindow(source, bufferBytes);
      await window.fill(MAGIC_BYTES);
      if (window.availableBytes >= 2 && window.view.getUint16(window.start) === GZIP_MAGIC) {
        source = new GunzipSource(name, source, window.bytes.subarray(window.start, window.end));
        window = new ByteWindow(source, bufferBytes);
        await window.fill(MAGIC_BYTES);
      }
      return new CaptureFile(name, source, window, await readerOf(name, window, names));
    } catch (error) {
      await source.close();
      throw error;
    }
  }

  /** Goes to the next packet. Throws CaptureFileError. */
  advance(): FileState {
    if (this.#isEnded) return FileState.ended;
    const { frame } = this;
    for (;;) {
      const step = this.#reader.next(frame);
      if (step === ReadStep.needsBytes) return FileState.needsBytes;
      this.packetNumber++;
      if (step === ReadStep.packet) return FileState.packet;
      this.unknownLinks.set(frame.protocol, (this.unknownLinks.get(frame.protocol) ?? 0) + 1);
    }
  }

  /** Reads on. Throws CaptureFileError. */
  async fill(): Promise<void> {
    if (await this.#window.fill(this.#reader.neededBytes)) return;
    this.#isEnded = true;
    this.isCut = this.#window.availableBytes > 0 || this.#reader.bytesToSkip > 0 || this.#source.isCut;
  }

  /** Frees what is open. */
  async close(): Promise<void> {
    await this.#source.close();
  }
}

async function readerOf(name: string, window: ByteWindow, names: InterfaceNames): Promise<RecordReader> {
  if (window.availableBytes === 0) throw new CaptureFileError(`${name} is empty`);
  if (window.availableBytes >= MAGIC_BYTES) {
    if (isPcapng(window)) return new PcapngReader(name, window, names);
    if (isPcap(window)) {
      if (!(await window.fill(PCAP_HEADER_BYTES))) {
        throw new CaptureFileError(`${name} ends inside its file header`);
      }
      return new PcapReader(name, window, names.indexOf(new Uint8Array(0)));
    }
  }
  const beginning = window.bytes.subarray(window.start, window.start + Math.min(4, window.availableBytes));
  throw new CaptureFileError(
    `${name} is no capture file: pcap, pcapng, or one of them in gzip; it begins with ${hex(beginning)}`,
  );
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(' ');
}
