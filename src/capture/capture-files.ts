// SPDX-License-Identifier: Apache-2.0
import { CaptureFile, FileState } from './capture-file.ts';
import type { InterfaceNames } from './interface-names.ts';

/** Read at once from each file; with many files less, so that memory stays bounded. */
const BUFFER_BYTES = 1 << 20;
const MANY_FILES = 16;
const SMALL_BUFFER_BYTES = 64 << 10;

/** Opens files that are to be read as one traffic. Throws CaptureFileError, with all of them closed. */
export async function openCaptureFiles(
  paths: readonly string[],
  names: InterfaceNames,
): Promise<CaptureFile[]> {
  const bufferBytes = paths.length > MANY_FILES ? SMALL_BUFFER_BYTES : BUFFER_BYTES;
  const files: CaptureFile[] = [];
  try {
    for (const path of paths) files.push(await CaptureFile.open(path, names, bufferBytes));
  } catch (error) {
    for (const file of files) await file.close();
    throw error;
  }
  return files;
}

/**
 * Hands over the packets of all files in the order of their times: always the earliest of those that come next, each
 * file as it is, of equal ones the file that was named first. Throws CaptureFileError.
 */
export async function readCaptureFiles(
  files: readonly CaptureFile[],
  consumer: (file: CaptureFile) => void,
): Promise<void> {
  const open: CaptureFile[] = [];
  for (const file of files) if ((await pull(file)) === FileState.packet) open.push(file);
  while (open.length > 0) {
    let first = 0;
    for (let i = 1; i < open.length; i++) {
      if (open[i]!.frame.arrivalMicros < open[first]!.frame.arrivalMicros) first = i;
    }
    const file = open[first]!;
    consumer(file);
    let state = file.advance();
    if (state === FileState.needsBytes) state = await pull(file);
    if (state === FileState.ended) open.splice(first, 1);
  }
}

async function pull(file: CaptureFile): Promise<FileState> {
  for (;;) {
    const state = file.advance();
    if (state !== FileState.needsBytes) return state;
    await file.fill();
  }
}
