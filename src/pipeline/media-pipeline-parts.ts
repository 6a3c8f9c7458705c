// SPDX-License-Identifier: Apache-2.0
import type { SeededHash } from '../base/hash.ts';
import type { PacketClock } from '../base/packet-clock.ts';
import type { PortCounts } from '../base/port-counts.ts';
import type { Datagram } from '../decode/datagram.ts';
import type { CaptureMetrics } from '../metrics/capture-metrics.ts';
import type { ShardWriter } from '../metrics/shard-writer.ts';
import type { ParserLimits } from '../sip/parser-limits.ts';
import type { AnalysisOptions } from './analysis-options.ts';
import type { Handover } from './handover.ts';
import type { MediaListener } from './media-listeners.ts';

/** Told of a message that says something of the media of its call, as it was seen in a traffic context. */
export type Announce = (datagram: Datagram, context: number) => void;

/** What `MediaPipeline` is made of. */
export interface MediaPipelineParts {
  readonly writer: ShardWriter;
  readonly analysis: AnalysisOptions;
  readonly hash: SeededHash;
  readonly clock: PacketClock;
  /** Ports that signalling announces: they are put there, and looked for there. */
  readonly ports: PortCounts;
  readonly parserLimits: ParserLimits;
  readonly captureMetrics: CaptureMetrics;
  /** Where there are several workers: one of them has the media of calls. */
  readonly handover: Handover | undefined;
  /** Takes the messages that say something of calls; else this pipeline does. */
  readonly announce?: Announce;
  /** Puts a listener of its own between the media and the metrics, to which it passes everything on. */
  readonly wrapMedia?: (listener: MediaListener) => MediaListener;
}
