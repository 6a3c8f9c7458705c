// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';
import { runCommand } from './command.ts';
import { waitUntil } from './deadline.ts';
import type { Host } from './network.ts';

/** What ringtap holds in the kernel while it runs. */
export type KernelObjects = {
  /** Packet sockets in the host's network namespace. */
  readonly packetSockets: number;
  /** Listening TCP sockets in the host's network namespace. */
  readonly listeners: number;
  /** eBPF programs and maps of the whole machine, as `kind id name`. */
  readonly bpf: ReadonlySet<string>;
};

/** Asks the kernel what there is now. */
export async function readKernelObjects(host: Host): Promise<KernelObjects> {
  const { namespace } = host;
  const packet = await runCommand('cat', ['/proc/net/packet'], { namespace });
  const tcp = await runCommand('cat', ['/proc/net/tcp', '/proc/net/tcp6'], { namespace });
  const bpf = await runCommand('python3', [join(import.meta.dirname, 'bpf-objects.py')]);
  const objects: { kind: string; id: number; name: string }[] = JSON.parse(bpf);
  return {
    packetSockets: packet.trimEnd().split('\n').length - 1,
    // Fourth column: state 0A is LISTEN, proc_pid_net(5).
    listeners: (tcp.match(/^\s*\d+: \S+ \S+ 0A /gm) ?? []).length,
    bpf: new Set(objects.map(({ kind, id, name }) => `${kind} ${id} ${name}`)),
  };
}

/** The eBPF objects that came between two looks. */
export function newBpfObjects(before: KernelObjects, after: KernelObjects): string[] {
  return [...after.bpf].filter((object) => !before.bpf.has(object));
}

/** Waits until the host has no socket and the machine none of the given eBPF objects; the kernel frees them a little late. */
export async function waitForNothingLeft(host: Host, bpfObjects: readonly string[]): Promise<void> {
  let left = '';
  await waitUntil(
    'nothing is left in the kernel',
    async () => {
      const now = await readKernelObjects(host);
      left = [
        `packet sockets: ${now.packetSockets}, listeners: ${now.listeners}`,
        ...bpfObjects.filter((object) => now.bpf.has(object)),
      ].join('\n');
      return left === 'packet sockets: 0, listeners: 0' ? true : undefined;
    },
    15_000,
    () => left,
  );
}
