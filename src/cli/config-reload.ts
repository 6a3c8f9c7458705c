// SPDX-License-Identifier: Apache-2.0
import type { CommandLine } from '../config/command-line.ts';
import { type Config, configOf } from '../config/config.ts';
import type { LoadedConfig } from '../config/load-config.ts';
import { reloadOptions } from '../config/reload-options.ts';
import type { ConfigMetrics } from '../metrics/config-metrics.ts';
import type { Log } from './log.ts';

/** What a reload needs to know. */
export interface ConfigReloadParts {
  /** What is in force at the start. */
  readonly options: CommandLine;
  /** Reads the configuration again. Throws ConfigError. */
  readonly load: () => Promise<LoadedConfig>;
  /** Lets the program go by a configuration that differs in what can change at run time. */
  readonly apply: (config: Config) => Promise<void>;
  readonly metrics: ConfigMetrics;
  readonly log: Log;
}

/** Reads the configuration again, while everything goes on. One that cannot be used changes nothing. */
export class ConfigReload {
  readonly #parts: ConfigReloadParts;
  #options: CommandLine;
  /** The reload before, done or not: one goes after the other. */
  #last: Promise<string | undefined> = Promise.resolve(undefined);

  constructor(parts: ConfigReloadParts) {
    this.#parts = parts;
    this.#options = parts.options;
  }

  /** Returns what is wrong, where it cannot be used. Never rejects. */
  reload(): Promise<string | undefined> {
    this.#last = this.#last.then(() => this.#reload());
    return this.#last;
  }

  async #reload(): Promise<string | undefined> {
    const { load, apply, metrics, log } = this.#parts;
    try {
      const read = await load();
      const { options, applied, waiting } = reloadOptions(this.#options, read.options);
      await apply(configOf(options));
      this.#options = options;
      metrics.reloaded(Date.now() / 1000);
      log('info', 'configuration reloaded', { changed: applied.join() || 'nothing' });
      if (waiting.length > 0)
        log('warn', 'a restart is needed for other values', { options: waiting.join() });
      return undefined;
    } catch (error) {
      const { message } = error as Error;
      metrics.failed();
      for (const problem of message.split('\n')) {
        log('error', 'configuration not reloaded, the one before stays in force', { problem });
      }
      return message;
    }
  }
}
