// SPDX-License-Identifier: Apache-2.0

const undo: (() => void)[] = [];
let armed = false;

/** Runs all undos, newest first; one that fails does not stop the others. */
function cleanUp(): void {
  for (let last = undo.pop(); last !== undefined; last = undo.pop()) {
    try {
      last();
    } catch (error) {
      console.error(`bench: clean-up: ${(error as Error).message}`);
    }
  }
}

/**
 * Registers what must be undone however this process ends: return, failure, Ctrl-C, SIGTERM, SIGHUP. `action`
 * must be synchronous.
 */
export function onExit(action: () => void): void {
  undo.push(action);
  if (armed) return;
  armed = true;
  process.on('exit', cleanUp);
  for (const [signal, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const) {
    process.on(signal, () => process.exit(code));
  }
}

/** Before a command: the kernel ends it when this process is gone, even by SIGKILL (setpriv(1), util-linux). */
export const endsWithThisProcess: readonly string[] = ['setpriv', '--pdeathsig', 'KILL'];
