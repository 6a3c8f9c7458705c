// SPDX-License-Identifier: Apache-2.0
import type { PushOptions } from '../config/push.ts';
import type { SeriesLayout } from '../exposition/series-layout.ts';
import type { ShardWriter } from '../metrics/shard-writer.ts';
import { otlp } from '../server/otlp.ts';
import type { ProcessMetrics } from '../server/process-metrics.ts';
import { type PushProtocol, type PushTarget, startPush } from '../server/push.ts';
import { type PushCounters, PushMetrics } from '../server/push-metrics.ts';
import { remoteWrite } from '../server/remote-write.ts';
import type { Log } from './log.ts';
import { version } from './version.ts';

/** What is sent, and who is told of it. */
export interface SendingParts {
  readonly layout: SeriesLayout;
  /** Of the shard of the main thread. */
  readonly writer: ShardWriter;
  readonly processMetrics: ProcessMetrics;
  readonly log: Log;
}

/** Sends metrics in each way that is configured. Returns what ends it. */
export function startSending(
  options: PushOptions,
  { layout, writer, processMetrics, log }: SendingParts,
): () => void {
  const metrics = new PushMetrics(writer);
  const stops: (() => void)[] = [];
  const start = (target: PushTarget, protocol: PushProtocol, counters: PushCounters): void => {
    const report = (failure: string | undefined): void => {
      if (failure === undefined) log('info', `metrics are sent by ${protocol.name}`);
      else log('warn', `metrics cannot be sent by ${protocol.name}`, { reason: failure });
    };
    const beforeScrape = (): void => processMetrics.update();
    stops.push(startPush(target, protocol, { layout, beforeScrape, report, ...counters }));
  };
  if (options.remoteWrite) {
    start(options.remoteWrite, remoteWrite(options.remoteWrite, version()), metrics.remoteWrite);
  }
  if (options.otlp) {
    const protocol = otlp(options.otlp, version(), processMetrics.startMillis, (count) =>
      metrics.pointsRejected(count),
    );
    start(options.otlp, protocol, metrics.otlp);
  }
  return () => {
    for (const stop of stops) stop();
  };
}
