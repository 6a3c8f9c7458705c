// SPDX-License-Identifier: Apache-2.0
import { read } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { setTimeout } from 'node:timers/promises';
import { promisify } from 'node:util';
import { unreadableFile } from './capture-file-error.ts';

/** Bytes from their first to their last, once. */
export interface ByteSource {
  /** Fills `target` with at least one byte and returns how many, 0 at the end. Throws CaptureFileError. */
  read(target: Uint8Array): Promise<number>;
  /** Whether the end came before it should; known at the end. */
  readonly isCut: boolean;
  close(): Promise<void>;
}

/** The path that stands for standard input. */
export const STANDARD_INPUT = '-';
const STDIN_DESCRIPTOR = 0;
const RETRY_MILLIS = 10;

const readDescriptor = promisify(read);

/** Opens a file, or standard input for `-`. Throws CaptureFileError. */
export async function openByteSource(path: string): Promise<ByteSource> {
  if (path === STANDARD_INPUT) return new StandardInput();
  try {
    return new FileSource(path, await open(path, 'r'));
  } catch (error) {
    throw unreadableFile(path, error);
  }
}

class FileSource implements ByteSource {
  readonly isCut = false;
  readonly #path: string;
  readonly #handle: FileHandle;

  constructor(path: string, handle: FileHandle) {
    this.#path = path;
    this.#handle = handle;
  }

  async read(target: Uint8Array): Promise<number> {
    try {
      return (await this.#handle.read(target, 0, target.length)).bytesRead;
    } catch (error) {
      throw unreadableFile(this.#path, error);
    }
  }

  close(): Promise<void> {
    return this.#handle.close();
  }
}

/** Read into the caller's memory: the chunks of a stream would be garbage of 50 MB before V8 takes it away. */
class StandardInput implements ByteSource {
  readonly isCut = false;

  async read(target: Uint8Array): Promise<number> {
    for (;;) {
      try {
        return (await readDescriptor(STDIN_DESCRIPTOR, target, 0, target.length, null)).bytesRead;
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        if (code === 'EOF') return 0;
        // Whoever shares the terminal or socket may have made it non-blocking.
        if (code !== 'EAGAIN') throw unreadableFile('standard input', error);
        await setTimeout(RETRY_MILLIS);
      }
    }
  }

  async close(): Promise<void> {}
}
