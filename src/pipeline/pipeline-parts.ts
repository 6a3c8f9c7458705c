// SPDX-License-Identifier: Apache-2.0
import type { Finding } from '../abuse/abuse-events.ts';
import type { SeededHash } from '../base/hash.ts';
import type { PacketClock } from '../base/packet-clock.ts';
import type { PortCounts } from '../base/port-counts.ts';
import type { ShardWriter } from '../metrics/shard-writer.ts';
import type { MessageEvents } from '../state/message-events.ts';
import type { AnalysisOptions } from './analysis-options.ts';
import type { Handover } from './handover.ts';
import type { HepAnnouncer } from './hep/hep-announcer.ts';
import type { HepFrames } from './hep/hep-frames.ts';
import type { HepOutput } from './hep/hep-output.ts';
import type { MediaListener } from './media-listeners.ts';

/** What a `PacketPipeline` is made of. */
export interface PipelineParts {
  readonly writer: ShardWriter;
  readonly analysis: AnalysisOptions;
  readonly hash: SeededHash;
  readonly nameOfInterface: (interfaceIndex: number) => string;
  /** Puts a listener of its own between the state and the metrics, to which it passes everything on. */
  readonly wrapEvents?: (events: MessageEvents, clock: PacketClock) => MessageEvents;
  /** Messages that are scanned before the state takes them, 1 by default: see `MessageBatch`. */
  readonly batch?: number;
  /** Takes messages that belong to other workers. */
  readonly handover?: Handover;
  /** The label of what is this worker's own doing, `0` if not given. */
  readonly worker?: string;
  /** Reads the HEP packets among the datagrams: what counts is the message inside. */
  readonly hepFrames?: HepFrames;
  /** Where ports of media are put that signalling announces; without it, or `analysis.rtp`, media is not read. */
  readonly mediaPorts?: PortCounts;
  /** As `wrapEvents`, between the media and the metrics. */
  readonly wrapMedia?: (listener: MediaListener) => MediaListener;
  /** Takes what messages say of the media of calls, which is captured elsewhere. */
  readonly announcer?: HepAnnouncer;
  /** Sessions of carriers with a limit, in their order: shared by workers that share the traffic. */
  readonly sessionCounts?: Int32Array;
  /** Takes what looks like abuse, one by one, where the options say so. */
  readonly onFinding?: (finding: Finding) => void;
  /** Takes every message but capture duplicates, to send it elsewhere. */
  readonly hepOutput?: HepOutput;
}
