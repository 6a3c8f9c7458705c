// SPDX-License-Identifier: Apache-2.0
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Host } from './network.ts';

/** One datagram to be sent. */
export type Datagram = {
  /** Port that the phone is bound to. */
  readonly from: number;
  readonly to: readonly [address: string, port: number];
  readonly payload: Uint8Array;
  /** Not before this time from the beginning of the order on; at once if not given. Datagrams go in the given order. */
  readonly atMillis?: number;
};

/** What the phone's program is told to do. */
export type Order = {
  readonly bind: readonly { readonly address: string; readonly port: number }[];
  readonly send: readonly Datagram[];
};

/** A phone on a host: sends exactly what a test says, in order, and listens without a word. */
export type WirePhone = AsyncDisposable & {
  /** Binds a port; all that are sent from have to be. */
  bind(port: number, address?: string): Promise<void>;
  /** Returns when all is handed to the kernel. */
  send(datagrams: readonly Datagram[]): Promise<void>;
};

/** Starts a phone on a host. Dispose of it (`await using`) to end it. */
export async function startWirePhone(host: Host): Promise<WirePhone> {
  const program = join(import.meta.dirname, 'wire-phone-program.ts');
  const inNamespace = ['ip', 'netns', 'exec', host.namespace];
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', ...inNamespace, process.execPath, program], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    serialization: 'advanced',
  });
  const closed = once(child, 'close');
  const order = async (what: Order): Promise<void> => {
    const answered = once(child, 'message');
    child.send(what);
    const [answer] = await Promise.race([answered, closed.then(() => ['the phone has ended'])]);
    if (answer !== '') throw new Error(`phone in ${host.namespace}: ${answer}`);
  };
  return {
    bind: (port, address = host.ipv4) => order({ bind: [{ address, port }], send: [] }),
    send: (datagrams) => order({ bind: [], send: datagrams }),
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGKILL');
      await closed;
    },
  };
}
