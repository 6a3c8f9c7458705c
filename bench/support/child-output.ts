// SPDX-License-Identifier: Apache-2.0
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { onExit } from './clean-up.ts';

/** Everything a child prints on its standard output, and whether it ended with code 0. It ends with this process. */
export async function outputOf(child: ChildProcess): Promise<{ text: string; ok: boolean }> {
  onExit(() => child.kill('SIGTERM'));
  const chunks = child.stdout!.setEncoding('utf8').toArray() as Promise<string[]>;
  const [text, [code]] = await Promise.all([chunks, once(child, 'close')]);
  return { text: text.join(''), ok: code === 0 };
}
