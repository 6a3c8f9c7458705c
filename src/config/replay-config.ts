// SPDX-License-Identifier: Apache-2.0
import type { SeriesBudget } from '../metrics/shard-memory.ts';
import type { AnalysisOptions } from '../pipeline/analysis-options.ts';
import { analysisOf, budgetOf } from './analysis.ts';
import { CommandLine } from './command-line.ts';
import { replayOptions } from './options.ts';
import { ConfigError, parseDuration, parsePorts } from './values.ts';

/** How `ringtap replay` prints its figures; `none` after a trace. */
export type ReplayFormat = 'text' | 'openmetrics' | 'json' | 'none';

/** Files read at once, each with a buffer and a descriptor. */
const MAX_FILES = 1024;

/** Everything `ringtap replay` can be told. */
export interface ReplayConfig {
  /** Paths; `-` is standard input. */
  readonly files: readonly string[];
  readonly format: ReplayFormat;
  readonly isTrace: boolean;
  /** Empty: HEP is not read. */
  readonly hepPorts: readonly number[];
  readonly hepClockToleranceMicros: number;
  readonly analysis: AnalysisOptions;
  readonly budget: SeriesBudget;
}

/** What a command line of replay says by itself. Throws ConfigError. */
export function parseReplayConfig(args: readonly string[]): ReplayConfig {
  return replayConfigOf(new CommandLine(args, replayOptions));
}

/** Reads the options of replay. Throws ConfigError. */
export function replayConfigOf(line: CommandLine): ReplayConfig {
  const files = line.operands;
  if (files.length === 0) {
    throw new ConfigError('replay takes capture files: ringtap replay FILE..., or - for standard input');
  }
  if (files.length > MAX_FILES) {
    throw new ConfigError(`replay takes at most ${MAX_FILES} files: join some with mergecap`);
  }
  if (files.filter((file) => file === '-').length > 1) {
    throw new ConfigError('standard input (-) can be read once only');
  }
  const isTrace = line.isOn('trace');
  const given = line.all('format').at(-1) ?? (isTrace ? 'none' : line.one('format'));
  if (given !== 'text' && given !== 'openmetrics' && given !== 'json' && given !== 'none') {
    throw new ConfigError(`${line.place('format')} takes text, openmetrics, json or none, not "${given}"`);
  }
  const hepPorts = line.one('hep.ports');
  const tolerance = 'hep.clock-tolerance';
  return {
    files,
    format: given,
    isTrace,
    hepPorts: hepPorts === '' ? [] : parsePorts(line.place('hep.ports'), hepPorts),
    hepClockToleranceMicros: parseDuration(line.place(tolerance), line.one(tolerance), true),
    analysis: analysisOf(line),
    budget: budgetOf(line),
  };
}
