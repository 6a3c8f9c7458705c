// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';
import { replay } from '../../src/cli/replay.ts';
import { parseReplayConfig } from '../../src/config/replay-config.ts';
import { type CommandOptions, type Finished, startCommand } from '../support/command.ts';

/** What a replay in this process printed. */
export interface Printed {
  readonly exitCode: number;
  readonly stdout: string;
  readonly warnings: readonly string[];
}

/** Replays in this process: the command line as a user writes it, without `ringtap replay`. Throws what it throws. */
export async function replayHere(...args: readonly string[]): Promise<Printed> {
  let stdout = '';
  const warnings: string[] = [];
  const exitCode = await replay(
    parseReplayConfig(args),
    (text) => {
      stdout += text;
    },
    (sentence) => warnings.push(sentence),
  );
  return { exitCode, stdout, warnings };
}

const program = join(import.meta.dirname, '../../bin/ringtap.js');

/** Runs the real command to its end. */
export async function replayCommand(
  args: readonly string[],
  options: CommandOptions = {},
): Promise<Finished> {
  return await (await startCommand(process.execPath, [program, 'replay', ...args], options)).finished;
}

/** Lines with a value other than 0 and NaN. */
export function valuesOf(text: string): string[] {
  return text.split('\n').filter((line) => line !== '' && !/^#| (0|NaN)$/.test(line));
}
