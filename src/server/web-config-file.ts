// SPDX-License-Identifier: Apache-2.0
import { statSync } from 'node:fs';
import type { SecureContextOptions } from 'node:tls';
import { secureContextOptions } from './tls-options.ts';
import { filesOf, readWebConfig, type WebConfig } from './web-config.ts';

/** A web configuration with what node:tls makes of it. */
export interface LoadedWebConfig {
  readonly config: WebConfig;
  readonly context: SecureContextOptions | undefined;
}

/**
 * A web configuration file that is read again when it, or a file it names, was changed. What cannot be used is told once and
 * leaves what was there before.
 */
export class WebConfigFile {
  readonly #file: string;
  /** The file and those it names. */
  #files: readonly string[];
  #loaded: LoadedWebConfig;
  /** What the files looked like when they were read. */
  #seen: string;

  /** Throws WebConfigError. */
  constructor(file: string) {
    this.#file = file;
    this.#files = filesOf(file);
    this.#seen = this.#look();
    this.#loaded = this.#read();
  }

  get current(): LoadedWebConfig {
    return this.#loaded;
  }

  /** Reads the files again if they changed. Returns whether they did; throws WebConfigError where they cannot be used. */
  refresh(): boolean {
    if (this.#look() === this.#seen) return false;
    // Looked at before they are read: what changes meanwhile is read the next time.
    this.#files = filesOf(this.#file);
    this.#seen = this.#look();
    this.#loaded = this.#read();
    return true;
  }

  #read(): LoadedWebConfig {
    const config = readWebConfig(this.#file);
    return { config, context: config.tls && secureContextOptions(config.tls, this.#file) };
  }

  /** Tells a file that is written, replaced, or that a link now leads to, from what was there. */
  #look(): string {
    return this.#files.map(appearance).join('\n');
  }
}

function appearance(file: string): string {
  try {
    const { ino, size, mtimeNs, ctimeNs } = statSync(file, { bigint: true });
    return `${file} ${ino} ${size} ${mtimeNs} ${ctimeNs}`;
  } catch {
    return file;
  }
}
