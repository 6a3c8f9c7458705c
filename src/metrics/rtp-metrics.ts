// SPDX-License-Identifier: Apache-2.0
import { type Codec, codecNames } from '../rtp/codec.ts';
import { JoinedBy } from '../rtp/media-directory.ts';
import { refusalNames } from '../rtp/refusal.ts';
import type { StreamEvents, StreamReport } from '../rtp/stream-events.ts';
import { Phase } from '../rtp/stream-record.ts';
import type { RtpStreams } from '../rtp/streams.ts';
import { Counter } from './counter.ts';
import { Space } from './definition.ts';
import type { ExemplarSubject } from './exemplars.ts';
import { Histogram } from './histogram.ts';
import type { ShardWriter } from './shard-writer.ts';

/** Indexes of `intervalStateNames`. */
const COMPLETE = 0;
const SILENT = 1;
const SENSOR_LOSSY = 2;

const PPM = 1e6;

/** Counts what the streams of RTP tell. */
export class RtpMetrics implements StreamEvents {
  readonly #packets: Counter;
  readonly #bytes: Counter;
  readonly #lost: Counter;
  readonly #unknown: Counter;
  readonly #duplicates: Counter;
  readonly #copies: Counter;
  readonly #outOfOrder: Counter;
  readonly #discarded: Counter;
  readonly #began: Counter;
  readonly #joined: Counter;
  readonly #restarts: Counter;
  readonly #ssrcChanges: Counter;
  readonly #codecChanges: Counter;
  readonly #intervals: Counter;
  readonly #jitter: Histogram;
  readonly #loss: Histogram;
  readonly #bursts: Histogram;
  readonly #gaps: Histogram;
  readonly #streams: Counter;
  readonly #probation: Counter;
  readonly #limit: Counter;
  readonly #evicted: Counter;
  readonly #refused: Counter;
  readonly #globalContext: number;
  readonly #exemplars: ExemplarSubject | undefined;

  constructor(writer: ShardWriter) {
    this.#packets = new Counter(writer, 'rtp_packets_total');
    this.#bytes = new Counter(writer, 'rtp_bytes_total');
    this.#lost = new Counter(writer, 'rtp_packets_lost_total');
    this.#unknown = new Counter(writer, 'rtp_packets_unknown_total');
    this.#duplicates = new Counter(writer, 'rtp_packets_duplicate_total');
    this.#copies = new Counter(writer, 'rtp_capture_duplicates_total');
    this.#outOfOrder = new Counter(writer, 'rtp_packets_out_of_order_total');
    this.#discarded = new Counter(writer, 'rtp_packets_discarded_total');
    this.#began = new Counter(writer, 'rtp_streams_begun_total');
    this.#joined = new Counter(writer, 'rtp_streams_joined_total');
    this.#restarts = new Counter(writer, 'rtp_stream_restarts_total');
    this.#ssrcChanges = new Counter(writer, 'rtp_ssrc_changes_total');
    this.#codecChanges = new Counter(writer, 'rtp_codec_changes_total');
    this.#intervals = new Counter(writer, 'rtp_intervals_total');
    this.#jitter = new Histogram(writer, 'rtp_interval_jitter_seconds');
    this.#loss = new Histogram(writer, 'rtp_interval_loss_ratio');
    this.#bursts = new Histogram(writer, 'rtp_interval_burst_seconds');
    this.#gaps = new Histogram(writer, 'rtp_interval_gap_seconds');
    this.#streams = new Counter(writer, 'rtp_streams');
    this.#probation = new Counter(writer, 'ringtap_rtp_streams_probation');
    this.#limit = new Counter(writer, 'ringtap_rtp_streams_limit');
    this.#evicted = new Counter(writer, 'ringtap_rtp_streams_evicted_total');
    this.#refused = new Counter(writer, 'ringtap_rtp_packets_refused_total');
    this.#globalContext = writer.context(Space.global, []);
    this.#exemplars = writer.mediaExemplars;
  }

  streamBegan(report: StreamReport): void {
    const { context, joinedBy, isSsrcChange } = report;
    this.#began.add(context, joinedBy === JoinedBy.none ? 0 : 1, 1);
    if (isSsrcChange) this.#ssrcChanges.add(context, 0, 1);
    if (joinedBy !== JoinedBy.none) this.streamJoined(report);
  }

  streamJoined({ context, joinedBy }: StreamReport): void {
    this.#joined.add(context, joinedBy - JoinedBy.destination, 1);
  }

  intervalEnded(report: StreamReport): void {
    const { context } = report;
    this.#lost.add(context, report.codec, report.lost);
    this.#unknown.add(context, 0, report.unknown);
    this.#duplicates.add(context, 0, report.duplicate);
    this.#copies.add(context, 0, report.copies);
    this.#outOfOrder.add(context, 0, report.outOfOrder);
    this.#discarded.add(context, 0, report.discardedFixed);
    this.#discarded.add(context, 1, report.discardedAdaptive);
    this.#restarts.add(context, 0, report.restarts);
    this.#codecChanges.add(context, 0, report.codecChanges);
    this.#intervals.add(context, stateOf(report), 1);
    if (report.isSensorLossy || report.expected === 0) return;
    const exemplars = this.#exemplars;
    const lossPpm = Math.round((report.lost / report.expected) * PPM);
    this.#loss.observe(context, 0, lossPpm);
    if (exemplars) this.#loss.exemplify(context, 0, lossPpm, exemplars);
    if (report.burstMillis > 0) {
      this.#bursts.observe(context, 0, Math.round(report.burstMillis * 1000));
      this.#gaps.observe(context, 0, Math.round(report.gapMillis * 1000));
    }
    if (report.isSilent) return;
    const jitterMicros = Math.round(report.jitterMicros);
    this.#jitter.observe(context, 0, jitterMicros);
    if (exemplars) this.#jitter.exemplify(context, 0, jitterMicros, exemplars);
  }

  streamEnded(): void {
    // Its intervals have told everything.
  }

  /** Before each exposition: what is kept elsewhere. */
  refresh({ tally, table, evicted, refused }: RtpStreams): void {
    for (let context = 0; context < tally.contexts; context++) {
      for (let codec = 0; codec < codecNames.length; codec++) {
        const cell = tally.cell(context, codec as Codec);
        if (tally.packets[cell] === 0) continue;
        this.#packets.set(context, codec, tally.packets[cell]!);
        this.#bytes.set(context, codec, tally.bytes[cell]!);
      }
    }
    const context = this.#globalContext;
    this.#streams.set(context, 0, table.sizeOf(Phase.unsignalled));
    this.#streams.set(context, 1, table.sizeOf(Phase.signalled));
    this.#probation.set(context, 0, table.sizeOf(Phase.probation) + table.sizeOf(Phase.expected));
    this.#limit.set(context, 0, table.limit);
    for (let phase = 0; phase < Phase.signalled; phase++) this.#evicted.set(context, phase, evicted[phase]!);
    for (let reason = 0; reason < refusalNames.length; reason++) {
      this.#refused.set(context, reason, refused[reason]!);
    }
  }
}

function stateOf({ isSensorLossy, isSilent }: StreamReport): number {
  if (isSensorLossy) return SENSOR_LOSSY;
  return isSilent ? SILENT : COMPLETE;
}
