// SPDX-License-Identifier: Apache-2.0
import { randomFillSync } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import { parentPort, workerData } from 'node:worker_threads';
import { SeededHash } from '../../base/hash.ts';
import { PortCounts } from '../../base/port-counts.ts';
import { HepInputMetrics } from '../../metrics/hep-metrics.ts';
import { SeriesGrants } from '../../metrics/series-grants.ts';
import { ShardMemory } from '../../metrics/shard-memory.ts';
import { ShardWriter } from '../../metrics/shard-writer.ts';
import { PacketPipeline } from '../packet-pipeline.ts';
import { HepAnnouncer } from './hep-announcer.ts';
import type { HepInputData, HepInputMessage, HepInputOrder } from './hep-input.ts';
import { HepIntake } from './hep-intake.ts';
import { hepAddressText } from './hep-options.ts';
import { HepSources } from './hep-sources.ts';
import type { Listener } from './listener.ts';
import { listenTcp } from './tcp-listener.ts';
import { listenUdp } from './udp-listener.ts';

const IDLE_MILLIS = 200;
const UPKEEP_MILLIS = 1000;

function tell(message: HepInputMessage): void {
  parentPort!.postMessage(message);
}

async function run({ options, analysis, shard, budget, grants, announcements }: HepInputData): Promise<void> {
  const writer = new ShardWriter(new ShardMemory(shard), budget, new SeriesGrants(budget, grants));
  const metrics = new HepInputMetrics(writer);
  const key = randomFillSync(new Int32Array(2));
  const hash = new SeededHash(key[0]!, key[1]!);
  const pipeline = new PacketPipeline({
    writer,
    analysis,
    hash,
    nameOfInterface: () => '',
    worker: 'hep',
    mediaPorts: new PortCounts(),
    ...(announcements && { announcer: new HepAnnouncer(announcements) }),
    onFinding: (finding) => tell({ kind: 'finding', finding }),
  });
  const intake = new HepIntake(pipeline, metrics, options, hash, analysis.rtp !== undefined);
  const sources = new HepSources(options.allowed);
  const listeners: Listener[] = [];
  const close = (): void => {
    for (const listener of listeners) listener.close();
  };
  for (const address of options.listenAddresses) {
    try {
      const listener =
        address.transport === 'udp'
          ? listenUdp(address, sources, intake, metrics)
          : listenTcp(address, sources, intake, metrics, options);
      listeners.push(await listener);
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      close();
      tell({
        kind: 'failed',
        sentence: `Cannot receive HEP on ${hepAddressText(address)}: ${reasonOf(code) ?? message}.`,
      });
      return;
    }
  }
  const upkeep = (): void => {
    for (const listener of listeners) listener.upkeep();
    metrics.connections(listeners.reduce((sum, { connectionCount }) => sum + connectionCount, 0));
    metrics.socketDrops(listeners.reduce((sum, { socketDrops }) => sum + socketDrops, 0));
    pipeline.captureMetrics.busySeconds(performance.eventLoopUtilization().active / 1000);
    pipeline.refreshGauges();
  };
  upkeep();
  const timers = [setInterval(() => intake.idle(), IDLE_MILLIS), setInterval(upkeep, UPKEEP_MILLIS)];
  parentPort!.on('message', (message: HepInputOrder) => {
    if (message.kind === 'reconfigure') {
      pipeline.reconfigure(message.live);
      tell({ kind: 'reconfigured' });
      return;
    }
    parentPort!.close();
    for (const timer of timers) clearInterval(timer);
    close();
    upkeep();
  });
  tell({ kind: 'ready', addresses: listeners.map(({ address }) => address) });
}

function reasonOf(code: string | undefined): string | undefined {
  switch (code) {
    case 'EADDRINUSE':
      return 'another program listens there already (ss -lnp shows it)';
    case 'EACCES':
      return 'no permission: choose a port from 1024 on, or grant CAP_NET_BIND_SERVICE';
    case 'EADDRNOTAVAIL':
      return 'this machine has no such address (ip address shows those it has)';
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return 'the host name cannot be resolved';
  }
  return undefined;
}

// Imported by anyone but a thread of `startHepInput` it does nothing.
if (parentPort !== null) await run(workerData as HepInputData);
