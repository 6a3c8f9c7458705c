// SPDX-License-Identifier: Apache-2.0
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { runCommand } from './command.ts';

/** One end of the wire: a network namespace with one Ethernet interface. */
export type Host = {
  readonly namespace: string;
  readonly interfaceName: string;
  readonly macAddress: string;
  readonly ipv4: string;
  readonly ipv6: string;
};

/** Who calls whom. */
export type Hosts = { readonly caller: Host; readonly callee: Host };

/**
 * Two hosts joined by a veth pair, away from the machine's own network. The same addresses serve every network:
 * namespaces keep them apart.
 */
export type Network = AsyncDisposable &
  Hosts & {
    /** Joins the hosts with a new veth pair; for use after `unplug`. */
    plug(): Promise<void>;
    /** Deletes the veth pair: both interfaces vanish at once. */
    unplug(): Promise<void>;
  };

const namespacePrefix = 'e2e';
const namespaceFolder = '/run/netns';
const ownNamespaces: Set<string> = new Set();
let networkCount = 0;

/** Opens a network, IPv4 and IPv6 ready to use. Needs root. Dispose of it (`await using`) to remove everything. */
export async function openNetwork(): Promise<Network> {
  if (networkCount === 0) {
    removeAbandonedNamespaces();
    process.on('exit', removeOwnNamespaces);
  }
  const name = `${namespacePrefix}-${process.pid}-${networkCount++}`;
  const caller: Host = {
    namespace: `${name}-caller`,
    interfaceName: 'caller0',
    macAddress: '02:00:5e:10:00:01',
    ipv4: '10.99.0.1',
    ipv6: 'fd00:99::1',
  };
  const callee: Host = {
    namespace: `${name}-callee`,
    interfaceName: 'callee0',
    macAddress: '02:00:5e:10:00:02',
    ipv4: '10.99.0.2',
    ipv6: 'fd00:99::2',
  };
  for (const { namespace } of [caller, callee]) {
    ownNamespaces.add(namespace);
    await runCommand('ip', ['netns', 'add', namespace]);
    await runCommand('ip', ['-n', namespace, 'link', 'set', 'lo', 'up']);
  }
  await plug(caller, callee);
  return {
    caller,
    callee,
    plug: () => plug(caller, callee),
    unplug: async () => {
      await runCommand('ip', ['-n', callee.namespace, 'link', 'delete', callee.interfaceName]);
    },
    [Symbol.asyncDispose]: async () => {
      for (const { namespace } of [caller, callee]) {
        await runCommand('ip', ['netns', 'delete', namespace]);
        ownNamespaces.delete(namespace);
      }
    },
  };
}

async function plug(caller: Host, callee: Host): Promise<void> {
  await runCommand('ip', [
    ...['-n', caller.namespace, 'link', 'add', caller.interfaceName, 'address', caller.macAddress],
    ...['type', 'veth', 'peer', 'name', callee.interfaceName, 'address', callee.macAddress],
    ...['netns', callee.namespace],
  ]);
  for (const host of [caller, callee]) {
    const on = ['-n', host.namespace];
    await runCommand('ip', [...on, 'address', 'add', `${host.ipv4}/24`, 'dev', host.interfaceName]);
    // Without duplicate address detection the address works at once instead of seconds later.
    await runCommand('ip', [
      ...[...on, 'address', 'add', `${host.ipv6}/64`],
      ...['dev', host.interfaceName, 'nodad'],
    ]);
    await runCommand('ip', [...on, 'link', 'set', host.interfaceName, 'up']);
  }
}

/** Removes what a run that was killed could not remove itself: namespaces named after a process that is gone. */
function removeAbandonedNamespaces(): void {
  if (!existsSync(namespaceFolder)) {
    return;
  }
  for (const namespace of readdirSync(namespaceFolder)) {
    const pid = namespace.match(new RegExp(`^${namespacePrefix}-(\\d+)-\\d+-call(er|ee)$`))?.[1];
    if (pid !== undefined && !existsSync(`/proc/${pid}`)) {
      execFileSync('ip', ['netns', 'delete', namespace]);
    }
  }
}

function removeOwnNamespaces(): void {
  for (const namespace of ownNamespaces) {
    if (existsSync(`${namespaceFolder}/${namespace}`)) {
      execFileSync('ip', ['netns', 'delete', namespace]);
    }
  }
}
