// SPDX-License-Identifier: Apache-2.0
import { type FileHandle, open } from 'node:fs/promises';
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

/** Opens a file, or standard input for `-`. Throws CaptureFileError. */
export async function openByteSource(path: string): Promise<ByteSource> {
  if (path === STANDARD_INPUT) return new ChunkSource('standard input', process.stdin);
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

/** Bytes that come in chunks of any size. */
class ChunkSource implements ByteSource {
  readonly isCut = false;
  readonly #name: string;
  readonly #chunks: AsyncIterator<Uint8Array>;
  #chunk: Uint8Array = new Uint8Array(0);

  constructor(name: string, chunks: AsyncIterable<Uint8Array>) {
    this.#name = name;
    this.#chunks = chunks[Symbol.asyncIterator]();
  }

  async read(target: Uint8Array): Promise<number> {
    while (this.#chunk.length === 0) {
      const next = await this.#next();
      if (next.done) return 0;
      this.#chunk = next.value;
    }
    const length = Math.min(target.length, this.#chunk.length);
    target.set(this.#chunk.subarray(0, length));
    this.#chunk = this.#chunk.subarray(length);
    return length;
  }

  async #next(): Promise<IteratorResult<Uint8Array>> {
    try {
      return await this.#chunks.next();
    } catch (error) {
      throw unreadableFile(this.#name, error);
    }
  }

  async close(): Promise<void> {
    await this.#chunks.return?.();
  }
}
