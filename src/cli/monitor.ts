// SPDX-License-Identifier: Apache-2.0
import type { Finding } from '../abuse/abuse-events.ts';
import type { Config } from '../config/config.ts';
import { SeriesLayout } from '../exposition/series-layout.ts';
import { ConfigMetrics } from '../metrics/config-metrics.ts';
import { SeriesGrants } from '../metrics/series-grants.ts';
import { tellSessionLimits } from '../metrics/session-limit-metrics.ts';
import { ShardMemory } from '../metrics/shard-memory.ts';
import { ShardWriter } from '../metrics/shard-writer.ts';
import { type HepAnnouncementsData, makeHepAnnouncements } from '../pipeline/hep/hep-announcer.ts';
import { startHepInput } from '../pipeline/hep/hep-input.ts';
import { type HepInputOptions, type HepOutputOptions, hepAddressText } from '../pipeline/hep/hep-options.ts';
import { type HepSender, startHepSender } from '../pipeline/hep/hep-sender.ts';
import { type LiveOptions, type OpenedLive, startLive } from '../pipeline/live.ts';
import type { AnalysisStage, Stage } from '../pipeline/stage.ts';
import { type RunningServer, startServer } from '../server/http-server.ts';
import type { Lifecycle } from '../server/lifecycle.ts';
import { ProcessMetrics } from '../server/process-metrics.ts';
import { listeningDescriptors } from '../server/systemd-sockets.ts';
import { WebMetrics } from '../server/web-metrics.ts';
import { releaseFreeMemory } from '../sys/memory.ts';
import { CommandError } from './command-error.ts';
import type { Log } from './log.ts';
import { startSending } from './sending.ts';
import { serviceNotice } from './service-notice.ts';
import { version } from './version.ts';

/** How often memory is given back that was freed. */
const RELEASE_MILLIS = 2_000;

/** What captures and receives, with its web server. */
export interface Monitor {
  readonly server: RunningServer;
  readonly layout: SeriesLayout;
  /** Resolves when all has ended after `stop`; rejects when a part of it fails, which stops the rest. */
  readonly ended: Promise<void>;
  /** Whether every part of it still does its work; to be asked at intervals of some seconds. */
  isAlive(): boolean;
  readonly configMetrics: ConfigMetrics;
  stop(): void;
  /** Lets what runs go by a configuration that differs in what can change at run time. Rejects when a part has ended. */
  reconfigure(config: Config): Promise<void>;
}

/**
 * Listens first, so that an address in use is told before anything is captured, then starts to send and to receive HEP
 * where that is wanted, and opens the capture, unless it is `opened`. `beforeCapture` runs before all of these. Throws ListenError,
 * CaptureError, HepListenError or CommandError, with everything closed.
 */
export async function startMonitor(
  config: Config,
  log: Log,
  beforeCapture: () => void,
  lifecycle?: Lifecycle,
  opened?: OpenedLive,
): Promise<Monitor> {
  const { budget } = config;
  const shards: ShardMemory[] = [];
  const newShard = (): ShardMemory => {
    const shard = ShardMemory.allocate(budget);
    shards.push(shard);
    return shard;
  };
  const grants = new SeriesGrants(budget);
  const captureShards = Array.from({ length: config.workers }, newShard);
  const hepInputShard = config.hepInput && newShard();
  const hepOutputShard = config.hepOutput && newShard();
  const ownWriter = new ShardWriter(newShard(), budget, grants);
  const processMetrics = new ProcessMetrics(ownWriter, version());
  tellSessionLimits(ownWriter, config.analysis.abuse.sessionLimits);
  const configMetrics = new ConfigMetrics(ownWriter, Date.now() / 1000);
  const layout = new SeriesLayout(shards);
  const upInterfaces = new Set<string>();
  let isRunning = false;
  const server = await startServer({
    ...webServerOptions(config, log),
    metrics: new WebMetrics(ownWriter),
    version: version(),
    layout,
    beforeScrape: () => processMetrics.update(),
    isReady: () => isRunning && (upInterfaces.size > 0 || config.interfaces.length === 0),
    ...(lifecycle && { lifecycle }),
  });
  const stages: Stage[] = [];
  const analyses: AnalysisStage[] = [];
  let stopSending = (): void => undefined;
  const stop = (): void => {
    stopSending();
    for (const stage of stages) stage.stop();
  };
  try {
    beforeCapture();
    const sender = config.hepOutput && startSender(config, config.hepOutput, grants, hepOutputShard!, log);
    if (sender) stages.push(sender);
    const announcements = hepInputShard && announcementsOf(config, hepInputShard);
    if (config.hepInput) {
      const receiver = startReceiver(config, config.hepInput, grants, hepInputShard!, announcements, log);
      stages.push(receiver);
      analyses.push(receiver);
    }
    if (config.interfaces.length > 0) {
      const live = startLive({
        capture: captureOf(config),
        ...(opened && { opened }),
        analysis: config.analysis,
        budget,
        grants,
        shards: captureShards,
        handoverBytes: config.handoverBytes,
        ...(sender && { hepOutputs: sender.outputs }),
        ...(announcements && { hepAnnouncements: announcements }),
        onFinding: (finding) => logFinding(log, finding),
        onInterface: (interfaceName, state) => {
          if (state === 'up') upInterfaces.add(interfaceName);
          else upInterfaces.delete(interfaceName);
          log(state === 'up' ? 'info' : 'warn', `interface is ${state}`, { interface: interfaceName });
        },
      });
      stages.push(live);
      analyses.push(live);
      await live.ready.catch((error: Error) => {
        throw new CommandError(`the capture worker failed: ${error.message}`);
      });
    }
    for (const stage of stages) await stage.ready;
    isRunning = true;
    stopSending = startSending(config.push, { layout, writer: ownWriter, processMetrics, log });
    const ended = Promise.all(
      stages.map((stage) =>
        stage.ended.finally(() => {
          isRunning = false;
          stop();
        }),
      ),
    ).then(() => undefined);
    ended.catch(() => undefined);
    setInterval(releaseFreeMemory, RELEASE_MILLIS).unref();
    // Each is asked, so that none is asked for the first time late.
    const isAlive = (): boolean => stages.map((stage) => stage.isAlive?.() ?? true).every(Boolean);
    const reconfigure = async ({ analysis }: Config): Promise<void> => {
      const { ports, detect, parser, peers, labels, abuse } = analysis;
      const live = { ports, detect, parser, peers, abuse, ...(labels && { labels }) };
      await Promise.all(analyses.map((stage) => stage.reconfigure(live)));
    };
    return { server, layout, configMetrics, ended, isAlive, stop, reconfigure };
  } catch (error) {
    stop();
    await server.close();
    throw error;
  }
}

/** What is captured. */
export function captureOf({ interfaces, analysis, promiscuous, ringBytes }: Config): LiveOptions['capture'] {
  return {
    interfaces,
    ports: analysis.ports,
    detect: analysis.detect,
    tunnels: analysis.tunnels.kinds,
    ...(analysis.rtp && { rtp: analysis.rtp.detect ? 'detected' : 'learned' }),
    promiscuous,
    ringBytes,
  };
}

/** What the web server needs of the configuration. Throws ListenError where systemd passed no socket. */
function webServerOptions({ web }: Config, log: Log) {
  return {
    listenAddresses: web.listenAddresses,
    ...(web.isSystemdSocket && { descriptors: listeningDescriptors(process.env, process.pid) }),
    telemetryPath: web.telemetryPath,
    webConfigFile: web.configFile,
    limits: { maxUnansweredRequests: web.maxRequests, maxConnections: web.maxConnections },
    reportError: (sentence: string) => log('error', sentence),
    reportReload: () => log('info', 'the web configuration was read again'),
  };
}

function logFinding(log: Log, { what, untold, ...fields }: Finding): void {
  log('warn', what, { ...fields, ...(untold > 0 && { untold }) });
}

/** The way from what is received by HEP in `shard` to a capture that has media; undefined without one. */
function announcementsOf(
  { interfaces, analysis, handoverBytes, workers }: Config,
  shard: ShardMemory,
): HepAnnouncementsData | undefined {
  if (interfaces.length === 0 || analysis.rtp === undefined) return undefined;
  // A part of the memory for what workers hand over to one another; of one worker all of it.
  const ringBytes = Math.floor(handoverBytes / workers ** 2);
  return makeHepAnnouncements(shard, ringBytes, analysis.parser.maxMessageBytes);
}

function startReceiver(
  { analysis, budget }: Config,
  options: HepInputOptions,
  grants: SeriesGrants,
  shard: ShardMemory,
  announcements: HepAnnouncementsData | undefined,
  log: Log,
): AnalysisStage {
  const isOpen = options.allowed.length === 0 && options.authKey.length === 0;
  if (isOpen && options.listenAddresses.some(({ host }) => !/^(127\.|::1$|localhost$)/.test(host))) {
    log('warn', 'whoever reaches the HEP address can send: --hep.allow says who may');
  }
  return startHepInput({
    options,
    analysis,
    budget,
    grants,
    shard,
    ...(announcements && { announcements }),
    onFinding: (finding) => logFinding(log, finding),
    onListening: (addresses) => {
      for (const address of addresses) log('info', 'receiving HEP', { address });
    },
  });
}

function startSender(
  { budget, workers }: Config,
  options: HepOutputOptions,
  grants: SeriesGrants,
  shard: ShardMemory,
  log: Log,
): HepSender {
  const target = hepAddressText(options.target);
  return startHepSender({
    options,
    budget,
    grants,
    shard,
    workers,
    onChange: (isUp, reason) => {
      if (isUp) log('info', 'sending HEP', { target });
      else log('warn', 'HEP is not received', { target, reason });
    },
  });
}

/** Waits for `stopSignal` or the end of what runs, then stops all of it. Returns the exit code. */
export async function untilStopped(
  { server, ended, stop }: Monitor,
  log: Log,
  stopSignal: Promise<NodeJS.Signals>,
): Promise<number> {
  stopSignal.then((signal) => {
    log('info', 'stopping', { signal });
    serviceNotice.stopping();
    stop();
  });
  try {
    await ended;
    return 0;
  } catch (error) {
    log('error', 'a worker failed', { error: (error as Error).stack ?? String(error) });
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
