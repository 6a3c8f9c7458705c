// SPDX-License-Identifier: Apache-2.0
// node test/golden/hep/record.ts: records, as root, calls through a real Kamailio anew: what its module siptrace sends
// as HEP, and the same calls as they went over the proxy's interfaces.
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { proxiedFlows } from '../../e2e/proxied-flows.ts';
import { killAndWait, type Running, startCommand } from '../../support/command.ts';
import { waitUntil } from '../../support/deadline.ts';
import { branchPorts, startKamailio } from '../../support/kamailio.ts';
import { openProxyNetwork } from '../../support/network.ts';
import { startClient, startServer, together } from '../../support/sipp.ts';

const calls = 3;
const flow = proxiedFlows['a parallel fork: one callee is busy, the other answers']!;

async function record(version: 2 | 3): Promise<void> {
  await using network = await openProxyNetwork();
  const { above, below } = network;
  const dump = async (file: string, args: readonly string[]): Promise<Running> => {
    const path = join(import.meta.dirname, file);
    const dumpcap = await startCommand('dumpcap', ['-q', '-P', ...args, '-w', path], {
      namespace: above.callee.namespace,
    });
    await waitUntil('dumpcap captures', () => dumpcap.stderr().includes('File:') || undefined);
    return dumpcap;
  };
  const hep = await dump(`kamailio-hep${version}.pcap`, ['-i', 'lo', '-f', 'udp port 9060']);
  const wire = await dump(`kamailio-hep${version}-wire.pcap`, ['-i', 'any', '-f', 'udp and not port 9060']);
  await using _kamailio = await startKamailio(network, { version, address: above.callee.ipv4, port: 9060 });
  await using callees = together(
    await Promise.all(
      flow.callees.map(({ scenario, keys }, branch) =>
        startServer(below.callee, { scenario, keys, calls, port: branchPorts[branch]! }),
      ),
    ),
  );
  await using callers = await startClient(above, { scenario: flow.caller, keys: flow.keys, calls });
  await together([callers, callees]).succeed();
  // dumpcap writes what it has once a second at the latest.
  await sleep(2000);
  for (const dumpcap of [hep, wire]) await killAndWait(dumpcap, 'SIGINT');
}

await record(3);
await record(2);
