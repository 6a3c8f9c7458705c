// SPDX-License-Identifier: Apache-2.0
import type { Config } from '../config/config.ts';
import { SeriesLayout } from '../exposition/series-layout.ts';
import { ShardMemory } from '../metrics/shard-memory.ts';
import { ShardWriter } from '../metrics/shard-writer.ts';
import { type Live, startLive } from '../pipeline/live.ts';
import { type RunningServer, startServer } from '../server/http-server.ts';
import { ProcessMetrics } from '../server/process-metrics.ts';
import { releaseFreeMemory } from '../sys/memory.ts';
import { CommandError } from './command-error.ts';
import type { Log } from './log.ts';
import { version } from './version.ts';

/** How often memory is given back that was freed. */
const RELEASE_MILLIS = 2_000;

/** A capture with its web server. */
export interface Monitor {
  readonly live: Live;
  readonly server: RunningServer;
  readonly layout: SeriesLayout;
}

/**
 * Listens first, so that an address in use is told before anything is captured, then opens the capture. `beforeCapture`
 * runs between the two. Throws ListenError, CaptureError or CommandError, with everything closed.
 */
export async function startMonitor(config: Config, log: Log, beforeCapture: () => void): Promise<Monitor> {
  const { budget } = config;
  const shard = ShardMemory.allocate(budget);
  const ownShard = ShardMemory.allocate(budget);
  const processMetrics = new ProcessMetrics(new ShardWriter(ownShard, budget), version());
  const layout = new SeriesLayout([shard, ownShard]);
  const upInterfaces = new Set<string>();
  let isCapturing = false;
  const server = await startServer({
    listenAddresses: config.listenAddresses,
    version: version(),
    layout,
    beforeScrape: () => processMetrics.update(),
    isReady: () => isCapturing && upInterfaces.size > 0,
    reportError: (sentence) => log('error', sentence),
  });
  try {
    beforeCapture();
    const live = startLive({
      capture: {
        interfaces: config.interfaces,
        ports: config.analysis.ports,
        detect: config.analysis.detect,
        tunnels: config.analysis.tunnels.kinds,
        promiscuous: config.promiscuous,
        ringBytes: config.ringBytes,
      },
      analysis: config.analysis,
      budget,
      shard,
      onInterface: (interfaceName, state) => {
        if (state === 'up') upInterfaces.add(interfaceName);
        else upInterfaces.delete(interfaceName);
        log(state === 'up' ? 'info' : 'warn', `interface is ${state}`, { interface: interfaceName });
      },
    });
    await live.ready.catch((error: Error) => {
      throw new CommandError(`the capture worker failed: ${error.message}`);
    });
    isCapturing = true;
    const notCapturing = (): void => {
      isCapturing = false;
    };
    live.ended.then(notCapturing, notCapturing);
    setInterval(releaseFreeMemory, RELEASE_MILLIS).unref();
    return { live, server, layout };
  } catch (error) {
    await server.close();
    throw error;
  }
}

/** Waits for `stopSignal` or the end of the capture, then stops all of it. Returns the exit code. */
export async function untilStopped(
  { live, server }: Monitor,
  log: Log,
  stopSignal: Promise<NodeJS.Signals>,
): Promise<number> {
  stopSignal.then((signal) => {
    log('info', 'stopping', { signal });
    live.stop();
  });
  try {
    await live.ended;
    return 0;
  } catch (error) {
    log('error', 'the capture worker failed', { error: (error as Error).stack ?? String(error) });
    return 1;
  } finally {
    await server.close();
  }
}

/** Resolves with the first SIGINT or SIGTERM from now on; the next one ends the process at once, as usual. */
export function firstStopSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    const stop = (signal: NodeJS.Signals): void => {
      process.off('SIGINT', stop);
      process.off('SIGTERM', stop);
      resolve(signal);
    };
    process.on('SIGINT', stop);
    process.on('SIGTERM', stop);
  });
}
