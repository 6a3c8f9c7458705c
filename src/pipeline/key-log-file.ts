// SPDX-License-Identifier: Apache-2.0
import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs';
import type { KeyLogReader } from '../tls/key-log.ts';

/** The key log cannot be read; the message is a sentence for the user. */
export class KeyLogError extends Error {
  override readonly name = 'KeyLogError';
}

const PIECE_BYTES = 64 << 10;
/** Most that is read in one look, so that packets are not kept waiting: some 8,000 connections. */
const MAX_LOOK_BYTES = 2 << 20;
/** How often a record that waits may have the file looked at. */
const LOOK_MILLIS = 10;

/**
 * A key log that is read as it grows. It may be put in another's place, or be emptied: then it is read from its
 * beginning. Its content is told to nobody.
 */
export class KeyLogFile {
  /** Looks that failed since the start, as where the file is gone. */
  errorCount = 0;

  readonly #path: string;
  readonly #reader: KeyLogReader;
  readonly #piece = new Uint8Array(PIECE_BYTES);
  #descriptor: number;
  #device = 0;
  #inode = 0;
  #position = 0;
  #nextLookMillis = 0;

  /** Throws KeyLogError where a key log cannot be read, with a sentence for the user. */
  static check(path: string): void {
    closeSync(openKeyLog(path));
  }

  /** Throws KeyLogError where the file cannot be read. Nothing is read yet. */
  constructor(path: string, reader: KeyLogReader) {
    this.#path = path;
    this.#reader = reader;
    this.#descriptor = this.#open();
  }

  /** Reads all there is, a last line without an end too. */
  readAll(): void {
    while (this.look());
    this.#reader.tryLine();
  }

  /** Like `look`, but not more often than every few milliseconds of real time. */
  lookSoon(): boolean {
    const nowMillis = performance.now();
    if (nowMillis < this.#nextLookMillis) return false;
    this.#nextLookMillis = nowMillis + LOOK_MILLIS;
    return this.look();
  }

  /** Reads what was appended. Returns whether something was. */
  look(): boolean {
    try {
      const { dev, ino, size } = statSync(this.#path);
      if (dev !== this.#device || ino !== this.#inode) {
        const descriptor = this.#open();
        closeSync(this.#descriptor);
        this.#descriptor = descriptor;
      } else if (size < this.#position) this.#restart();
      return this.#read(size);
    } catch {
      this.errorCount++;
      return false;
    }
  }

  close(): void {
    closeSync(this.#descriptor);
  }

  #read(size: number): boolean {
    const from = this.#position;
    const until = Math.min(size, from + MAX_LOOK_BYTES);
    while (this.#position < until) {
      const length = readSync(this.#descriptor, this.#piece, 0, PIECE_BYTES, this.#position);
      if (length === 0) break;
      this.#reader.read(this.#piece, length);
      this.#position += length;
    }
    return this.#position > from;
  }

  #open(): number {
    const descriptor = openKeyLog(this.#path);
    const { dev, ino } = fstatSync(descriptor);
    this.#device = dev;
    this.#inode = ino;
    this.#restart();
    return descriptor;
  }

  #restart(): void {
    this.#position = 0;
    this.#reader.restart();
  }
}

function openKeyLog(path: string): number {
  try {
    // Others are not opened: a FIFO would wait for its writer.
    if (statSync(path).isFile()) return openSync(path, 'r');
  } catch (error) {
    throw new KeyLogError(`the key log ${path} cannot be read: ${reasonOf(error)}`, { cause: error });
  }
  throw new KeyLogError(`the key log ${path} is no file`);
}

function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  switch (code) {
    case 'ENOENT':
      return 'there is no such file; it may be empty at first (touch it), and is read as it grows';
    case 'EACCES':
      return 'no permission; ringtap reads it as the user it runs as';
  }
  return message;
}
