// SPDX-License-Identifier: Apache-2.0
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LinkType, PacketType } from '../../src/base/frame.ts';
import { openCaptureFiles, readCaptureFiles } from '../../src/capture/capture-files.ts';
import { InterfaceNames } from '../../src/capture/interface-names.ts';

/** A packet as the readers of capture files hand it over, copied. */
export interface ReadPacket {
  readonly file: string;
  readonly number: number;
  readonly micros: number;
  readonly bytes: Uint8Array;
  readonly originalLength: number;
  readonly linkType: LinkType;
  readonly packetType: PacketType;
  readonly interfaceName: string;
}

/** All that comes of capture files. */
export interface ReadCapture {
  readonly packets: readonly ReadPacket[];
  /** By file: whether it is cut. */
  readonly isCut: readonly boolean[];
  /** By file: packets of unknown link type, by LINKTYPE_ number. */
  readonly unknownLinks: readonly ReadonlyMap<number, number>[];
  /** By file: packets counted. */
  readonly packetCounts: readonly number[];
}

/** A folder for the files of a test. Dispose of it (`using`). */
export class CaptureFolder implements Disposable {
  readonly path: string = mkdtempSync(join(tmpdir(), 'ringtap-captures-'));

  /** Writes a file and returns its path. */
  write(name: string, bytes: Uint8Array): string {
    const path = join(this.path, name);
    writeFileSync(path, bytes);
    return path;
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

/** Reads files to their end. Throws CaptureFileError. */
export async function readCapture(...paths: readonly string[]): Promise<ReadCapture> {
  const names = new InterfaceNames();
  const files = await openCaptureFiles(paths, names);
  try {
    const packets: ReadPacket[] = [];
    await readCaptureFiles(files, ({ name, packetNumber, frame }) => {
      if (frame.view.buffer !== frame.bytes.buffer || frame.view.byteOffset !== frame.bytes.byteOffset) {
        throw new Error('view and bytes are not the same memory');
      }
      packets.push({
        file: name,
        number: packetNumber,
        micros: frame.arrivalMicros,
        bytes: frame.bytes.slice(frame.offset, frame.offset + frame.capturedLength),
        originalLength: frame.originalLength,
        linkType: frame.linkType,
        packetType: frame.packetType,
        interfaceName: names.nameOf(frame.interfaceIndex),
      });
    });
    return {
      packets,
      isCut: files.map(({ isCut }) => isCut),
      unknownLinks: files.map(({ unknownLinks }) => unknownLinks),
      packetCounts: files.map(({ packetNumber }) => packetNumber),
    };
  } finally {
    for (const file of files) await file.close();
  }
}
