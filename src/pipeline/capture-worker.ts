// SPDX-License-Identifier: Apache-2.0
import { randomFillSync } from 'node:crypto';
import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import { Frame } from '../base/frame.ts';
import { SeededHash } from '../base/hash.ts';
import { ANY_INTERFACE } from '../capture/capture-handles.ts';
import { LiveCapture } from '../capture/live-capture.ts';
import { SeriesGrants } from '../metrics/series-grants.ts';
import { ShardMemory } from '../metrics/shard-memory.ts';
import { ShardWriter } from '../metrics/shard-writer.ts';
import { adviseHugePages } from '../sys/memory.ts';
import { interfacesThatAreUp } from '../sys/network-interface.ts';
import {
  type CaptureWorkerChange,
  type CaptureWorkerData,
  type CaptureWorkerMessage,
  ControlWord,
} from './capture-control.ts';
import { Exchange } from './exchange.ts';
import { Handover } from './handover.ts';
import { HepAnnouncements } from './hep/hep-announcements.ts';
import { HepOutput } from './hep/hep-output.ts';
import { PacketPipeline } from './packet-pipeline.ts';
import { type Direction, unknownOnly, usualDirections } from './traffic-contexts.ts';

/** The longest sleep, so that a stop is noticed. */
const WAIT_MILLIS = 200;
/** The same where HEP tells of calls, whose media may come at once. */
const TOLD_MILLIS = 10;
const UPKEEP_MILLIS = 1000;
/** Blocks read before looking at the clock. */
const BUDGET_BLOCKS = 4;
/** Messages scanned in a row. */
const BATCH_MESSAGES = 64;
/** With an empty ring time passes up to there, if it is settled. */
const IDLE_LAG_MICROS = 100_000;

const data = workerData as CaptureWorkerData;

function tell(message: CaptureWorkerMessage): void {
  parentPort!.postMessage(message);
}

function run(): void {
  const capture = new LiveCapture(data.handles);
  try {
    const grants = new SeriesGrants(data.budget, data.grants);
    const writer = new ShardWriter(new ShardMemory(data.shard), data.budget, grants);
    const key = randomFillSync(new Int32Array(2));
    const hash = new SeededHash(key[0]!, key[1]!);
    const { mediaPorts } = capture;
    const handover = data.handover && new Handover(data.handover);
    const pipeline = new PacketPipeline({
      writer,
      analysis: data.analysis,
      hash,
      nameOfInterface: (index) => capture.interfaceName(index),
      batch: BATCH_MESSAGES,
      worker: `${data.worker}`,
      sessionCounts: data.sessionCounts,
      onFinding: (finding) => tell({ kind: 'finding', finding }),
      ...(mediaPorts && { mediaPorts }),
      ...(handover && { handover }),
      ...(data.hepOutput && { hepOutput: new HepOutput(writer, data.hepOutput) }),
    });
    for (const buffer of pipeline.tableBuffers) adviseHugePages(buffer);
    prepareContexts(pipeline);
    if (data.handles.looksAfterInterfaces) {
      for (const { interfaceName, state } of capture.status)
        tell({ kind: 'interface', interfaceName, state });
    }
    upkeep(capture, pipeline, 0);
    tell({ kind: 'ready' });
    const announcements = data.hepAnnouncements && new HepAnnouncements(data.hepAnnouncements, writer);
    loop(capture, pipeline, handover, data.handover && new Exchange(data.handover, writer), announcements);
  } finally {
    capture.close();
  }
}

/** What is there at the start has its series at 0 before the first packet. */
function prepareContexts(pipeline: PacketPipeline): void {
  pipeline.contexts.prepare(
    data.handles.rings.flatMap(({ interfaceName, promiscuous }) => {
      const names = interfaceName === ANY_INTERFACE ? interfacesThatAreUp() : [interfaceName];
      return names.map((name): [string, readonly Direction[]] => [
        name,
        promiscuous ? [...usualDirections(name), ...unknownOnly] : usualDirections(name),
      ]);
    }),
  );
}

function loop(
  capture: LiveCapture,
  pipeline: PacketPipeline,
  handover: Handover | undefined,
  exchange: Exchange | undefined,
  announcements: HepAnnouncements | undefined,
): void {
  const frame = new Frame();
  let busyMillis = 0;
  let changes = 0;
  let nextUpkeepMillis = performance.now() + UPKEEP_MILLIS;
  while (Atomics.load(data.control, ControlWord.stop) === 0) {
    const changesTold = Atomics.load(data.control, ControlWord.reconfigure);
    if (changesTold !== changes) {
      changes = changesTold;
      reconfigure(pipeline, handover);
    }
    const beforeMillis = performance.now();
    const delivered =
      exchange === undefined
        ? capture.read(frame, pipeline, BUDGET_BLOCKS)
        : exchange.read(capture, frame, pipeline, BUDGET_BLOCKS, Date.now() * 1000);
    const afterMillis = performance.now();
    busyMillis += afterMillis - beforeMillis;
    const isIdle = exchange?.isWaiting ?? delivered === 0;
    let isBehind = false;
    if (isIdle) {
      const lagMicros = Date.now() * 1000 - IDLE_LAG_MICROS;
      const settledMicros = exchange?.settledMicros ?? capture.floorMicros();
      isBehind = pipeline.advance(Math.min(lagMicros, settledMicros));
    }
    // What is told has the time of the packets: there is one by now.
    if (announcements?.take(pipeline) === true) isBehind = true;
    if (isIdle && !isBehind) {
      if (exchange === undefined) capture.wait(announcements === undefined ? WAIT_MILLIS : TOLD_MILLIS);
      else exchange.wait(capture);
    }
    if (afterMillis >= nextUpkeepMillis) {
      nextUpkeepMillis = afterMillis + UPKEEP_MILLIS;
      for (const change of capture.maintain()) tell({ kind: 'interface', ...change });
      upkeep(capture, pipeline, busyMillis / 1000);
      Atomics.add(data.control, ControlWord.firstBeat + data.worker, 1);
    }
  }
  upkeep(capture, pipeline, busyMillis / 1000);
}

function dropsOf({ status }: LiveCapture): number {
  return status.reduce((sum, { drops }) => sum + drops, 0);
}

/** Takes what the main thread tells anew: read from the port itself, for this thread never returns to its event loop. */
function reconfigure(pipeline: PacketPipeline, handover: Handover | undefined): void {
  for (;;) {
    const received: { readonly message: CaptureWorkerChange } | undefined = receiveMessageOnPort(parentPort!);
    if (received === undefined) return;
    const { live, hasPeers } = received.message;
    pipeline.reconfigure(live);
    if (handover !== undefined) handover.hasPeers = hasPeers;
    tell({ kind: 'reconfigured' });
  }
}

/** Brings everything up to date that is not counted packet by packet. */
function upkeep(capture: LiveCapture, pipeline: PacketPipeline, busySeconds: number): void {
  const dropsBefore = dropsOf(capture);
  capture.readStatistics();
  // The worker may have stood still: they were lost since the last packet that it had.
  if (dropsOf(capture) > dropsBefore) pipeline.sensorLost(Date.now() * 1000);
  const metrics = pipeline.captureMetrics;
  for (const { interfaceName, state, drops, freezes } of capture.status) {
    metrics.socketStatus(interfaceName, state === 'up', drops, freezes);
  }
  metrics.busySeconds(busySeconds);
  pipeline.refreshGauges();
}

// Imported by anyone but a thread of `startLive` it does nothing.
if (parentPort !== null) run();
