// SPDX-License-Identifier: Apache-2.0
import { createGunzip, type Gunzip } from 'node:zlib';
import type { ByteSource } from './byte-source.ts';
import { corruptFile } from './capture-file-error.ts';

/** Compressed bytes taken at once: at most 1032 times as many come out of them (RFC 1951), 17 MB. */
const INPUT_BYTES = 16 << 10;
const OUTPUT_BYTES = 256 << 10;

/** The content of a gzip file (RFC 1952) of one or more members. */
export class GunzipSource implements ByteSource {
  isCut = false;
  readonly #name: string;
  readonly #source: ByteSource;
  readonly #gunzip: Gunzip = createGunzip({ chunkSize: OUTPUT_BYTES });
  /** Bytes that came out and were not taken yet. */
  readonly #output: Uint8Array[] = [];
  readonly #input = new Uint8Array(INPUT_BYTES);
  /** Ends the waiting for zlib. */
  #resume: () => void = () => undefined;
  /** The beginning of the file, read already. */
  #first: Uint8Array;
  #inputBytes = 0;
  #error: NodeJS.ErrnoException | undefined;
  #isEnded = false;

  /** `first` are bytes that were taken from `source` before. */
  constructor(name: string, source: ByteSource, first: Uint8Array) {
    this.#name = name;
    this.#source = source;
    this.#first = first;
    // Whatever comes out is taken at once: a stream that fails throws away what it holds.
    this.#gunzip.on('data', (chunk: Uint8Array) => this.#output.push(chunk));
    this.#gunzip.on('error', (error: NodeJS.ErrnoException) => {
      this.#error = error;
    });
    // The last write to a stream that fails is never answered.
    this.#gunzip.on('close', () => this.#resume());
  }

  async read(target: Uint8Array): Promise<number> {
    while (this.#output.length === 0) {
      if (this.#isEnded) return 0;
      await this.#inflateMore();
    }
    const [chunk] = this.#output;
    const length = Math.min(target.length, chunk!.length);
    target.set(chunk!.subarray(0, length));
    if (length === chunk!.length) this.#output.shift();
    else this.#output[0] = chunk!.subarray(length);
    return length;
  }

  async close(): Promise<void> {
    this.#gunzip.destroy();
    await this.#source.close();
  }

  async #inflateMore(): Promise<void> {
    const input = await this.#nextInput();
    this.#inputBytes += input.length;
    if (input.length > 0) await this.#write(input);
    else {
      this.#isEnded = true;
      await this.#end();
    }
    if (this.#error === undefined) return;
    this.#isEnded = true;
    // zlib's Z_BUF_ERROR: the last member has no end.
    if (this.#error.code !== 'Z_BUF_ERROR') {
      throw corruptFile(this.#name, this.#inputBytes, `its gzip data do not fit (${this.#error.message})`);
    }
    this.isCut = true;
  }

  async #nextInput(): Promise<Uint8Array> {
    if (this.#first.length > 0) {
      const input = this.#first.subarray(0, INPUT_BYTES);
      this.#first = this.#first.subarray(input.length);
      return input;
    }
    const length = await this.#source.read(this.#input);
    return this.#input.subarray(0, length);
  }

  /** Returns when all that comes of the input is in `#output`. */
  #write(input: Uint8Array): Promise<void> {
    return new Promise((resolve) => {
      this.#resume = resolve;
      this.#gunzip.write(input, () => resolve());
    });
  }

  #end(): Promise<void> {
    return new Promise((resolve) => {
      this.#resume = resolve;
      this.#gunzip.end();
    });
  }
}
