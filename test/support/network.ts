// SPDX-License-Identifier: Apache-2.0
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { runCommand } from './command.ts';
import { waitUntil } from './deadline.ts';

/** One end of a wire: a network namespace with an Ethernet interface. */
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

/**
 * Caller, proxy and callee in a row, each a host of its own. The proxy has two interfaces, so it is the callee of the
 * wire `above` and the caller of the wire `below`. Nothing is routed between the two.
 */
export type ProxyNetwork = AsyncDisposable & { readonly above: Hosts; readonly below: Hosts };

/** Caller and callee on one wire that leads through a third host, which is a bridge with a port to each of them. */
export type BridgedNetwork = AsyncDisposable &
  Hosts & { readonly bridge: { readonly namespace: string; readonly ports: readonly [string, string] } };

const namespacePrefix = 'e2e';
const namespaceFolder = '/run/netns';
const ownNamespaces: Set<string> = new Set();
let networkCount = 0;

/** Opens a network, IPv4 and IPv6 ready to use. Needs root. Dispose of it (`await using`) to remove everything. */
export async function openNetwork(): Promise<Network> {
  const name = nextName();
  const hosts = wire(name, 0, 'caller', 'callee');
  const { caller, callee } = hosts;
  const namespaces = [caller.namespace, callee.namespace];
  await addNamespaces(namespaces);
  await plug(hosts);
  return {
    ...hosts,
    plug: () => plug(hosts),
    unplug: async () => {
      await runCommand('ip', ['-n', callee.namespace, 'link', 'delete', callee.interfaceName]);
    },
    [Symbol.asyncDispose]: () => deleteNamespaces(namespaces),
  };
}

/** Opens a network with a proxy's host between caller and callee; otherwise like `openNetwork`. */
export async function openProxyNetwork(): Promise<ProxyNetwork> {
  const name = nextName();
  const above = wire(name, 0, 'caller', 'proxy');
  const below = wire(name, 1, 'proxy', 'callee');
  const namespaces = [above.caller.namespace, above.callee.namespace, below.callee.namespace];
  await addNamespaces(namespaces);
  await plug(above);
  await plug(below);
  return { above, below, [Symbol.asyncDispose]: () => deleteNamespaces(namespaces) };
}

/** Opens a network with a bridge's host between caller and callee; otherwise like `openNetwork`. */
export async function openBridgedNetwork(): Promise<BridgedNetwork> {
  const name = nextName();
  const hosts = wire(name, 0, 'caller', 'callee');
  const bridge = { namespace: `${name}-bridge`, ports: ['port0', 'port1'] } as const;
  const namespaces = [hosts.caller.namespace, bridge.namespace, hosts.callee.namespace];
  await addNamespaces(namespaces);
  await joinInterfaces(hosts.caller, bridge.namespace, bridge.ports[0]);
  await joinInterfaces(hosts.callee, bridge.namespace, bridge.ports[1]);
  const on = ['-n', bridge.namespace, 'link'];
  await runCommand('ip', [...on, 'add', 'bridge0', 'type', 'bridge']);
  for (const port of bridge.ports) await runCommand('ip', [...on, 'set', port, 'master', 'bridge0', 'up']);
  await runCommand('ip', [...on, 'set', 'bridge0', 'up']);
  for (const host of [hosts.caller, hosts.callee]) await setUp(host);
  const ports = bridge.ports.map((interfaceName) => ({ namespace: bridge.namespace, interfaceName }));
  await waitForCarrier([hosts.caller, hosts.callee, ...ports]);
  return { ...hosts, bridge, [Symbol.asyncDispose]: () => deleteNamespaces(namespaces) };
}

/** A name that no other network has. The first call removes what killed runs left behind. */
function nextName(): string {
  if (networkCount === 0) {
    removeAbandonedNamespaces();
    process.on('exit', removeOwnNamespaces);
  }
  return `${namespacePrefix}-${process.pid}-${networkCount++}`;
}

/** Addresses of both ends of a wire; the interfaces are named after the role and the wire. */
function wire(name: string, number: number, callerRole: string, calleeRole: string): Hosts {
  const host = (role: string, hostNumber: number): Host => ({
    namespace: `${name}-${role}`,
    interfaceName: `${role}${number}`,
    macAddress: `02:00:5e:10:0${number}:0${hostNumber}`,
    ipv4: `10.99.${number}.${hostNumber}`,
    ipv6: `fd00:99:${number + 1}::${hostNumber}`,
  });
  return { caller: host(callerRole, 1), callee: host(calleeRole, 2) };
}

async function addNamespaces(namespaces: readonly string[]): Promise<void> {
  for (const namespace of namespaces) {
    ownNamespaces.add(namespace);
    await runCommand('ip', ['netns', 'add', namespace]);
    await runCommand('ip', ['-n', namespace, 'link', 'set', 'lo', 'up']);
  }
}

async function deleteNamespaces(namespaces: readonly string[]): Promise<void> {
  for (const namespace of namespaces) {
    await runCommand('ip', ['netns', 'delete', namespace]);
    ownNamespaces.delete(namespace);
  }
}

async function plug({ caller, callee }: Hosts): Promise<void> {
  await joinInterfaces(caller, callee.namespace, callee.interfaceName, callee.macAddress);
  await setUp(caller);
  await setUp(callee);
  await waitForCarrier([caller, callee]);
}

/**
 * The end that came up first had no carrier then. The kernel may take a second to look again; until then the end drops
 * what it sends without a word, and whoever captures there says that it is down.
 */
async function waitForCarrier(ends: readonly Pick<Host, 'namespace' | 'interfaceName'>[]): Promise<void> {
  for (const { namespace, interfaceName } of ends) {
    const link = ['-n', namespace, '-brief', 'link', 'show', interfaceName];
    await waitUntil(`${interfaceName} is up`, async () =>
      / UP /.test(await runCommand('ip', link)) ? true : undefined,
    );
  }
}

/** Adds a veth pair: the host's interface, and its other end in another namespace. */
async function joinInterfaces(
  host: Host,
  peerNamespace: string,
  peerName: string,
  peerMacAddress?: string,
): Promise<void> {
  await runCommand('ip', [
    ...['-n', host.namespace, 'link', 'add', host.interfaceName, 'address', host.macAddress],
    ...['type', 'veth', 'peer', 'name', peerName],
    ...(peerMacAddress === undefined ? [] : ['address', peerMacAddress]),
    ...['netns', peerNamespace],
  ]);
}

/** Gives a host an address, besides those it has. */
export async function addAddress({ namespace, interfaceName }: Host, ipv4: string): Promise<void> {
  await runCommand('ip', ['-n', namespace, 'address', 'add', `${ipv4}/24`, 'dev', interfaceName]);
}

async function setUp(host: Host): Promise<void> {
  const on = ['-n', host.namespace];
  await addAddress(host, host.ipv4);
  // Without duplicate address detection the address works at once instead of seconds later.
  await runCommand('ip', [
    ...[...on, 'address', 'add', `${host.ipv6}/64`],
    ...['dev', host.interfaceName, 'nodad'],
  ]);
  await runCommand('ip', [...on, 'link', 'set', host.interfaceName, 'up']);
}

/** Removes what a run that was killed could not remove itself: namespaces named after a process that is gone. */
function removeAbandonedNamespaces(): void {
  if (!existsSync(namespaceFolder)) {
    return;
  }
  for (const namespace of readdirSync(namespaceFolder)) {
    const pid = namespace.match(
      new RegExp(`^${namespacePrefix}-(\\d+)-\\d+-(?:caller|proxy|bridge|callee)$`),
    )?.[1];
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
