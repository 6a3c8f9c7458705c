// SPDX-License-Identifier: Apache-2.0
import {
  type Finding,
  type From,
  findingIndex,
  type LeftOut,
  type MediaCallState,
  type MediaEvents,
  type MediaResult,
  type MediaUnread,
} from '../media/media-events.ts';
import { type Codec, codecNames } from '../rtp/codec.ts';
import { Counter } from './counter.ts';
import { Space } from './definition.ts';
import type { ExemplarSubject } from './exemplars.ts';
import { Histogram } from './histogram.ts';
import type { ShardWriter } from './shard-writer.ts';

const CODECS = codecNames.length;

/** Counts what is told of calls' media. */
export class MediaMetrics implements MediaEvents {
  readonly #results: Counter;
  readonly #findings: Counter;
  readonly #delays: Histogram;
  readonly #codecs: Counter;
  readonly #calls: Counter;
  readonly #leftOut: Counter;
  readonly #unread: Counter;
  readonly #limitHits: Counter;
  readonly #globalContext: number;
  readonly #exemplars: ExemplarSubject | undefined;

  constructor(writer: ShardWriter) {
    this.#results = new Counter(writer, 'rtp_call_results_total');
    this.#findings = new Counter(writer, 'rtp_call_findings_total');
    this.#delays = new Histogram(writer, 'rtp_answer_to_media_delay_seconds');
    this.#codecs = new Counter(writer, 'rtp_call_codecs_total');
    this.#calls = new Counter(writer, 'rtp_calls');
    this.#leftOut = new Counter(writer, 'rtp_descriptions_left_out_total');
    this.#unread = new Counter(writer, 'ringtap_media_unread_packets_total');
    this.#limitHits = new Counter(writer, 'ringtap_media_limit_hits_total');
    this.#globalContext = writer.context(Space.global, []);
    this.#exemplars = writer.mediaExemplars;
  }

  mediaCallBegan(): void {}

  mediaDescribed(): void {}

  descriptionLeftOut(context: number, reason: LeftOut): void {
    this.#leftOut.add(context, reason, 1);
  }

  mediaDelay(_call: number, context: number, from: From, delayMicros: number): void {
    this.#delays.observe(context, from, delayMicros);
    if (this.#exemplars) this.#delays.exemplify(context, from, delayMicros, this.#exemplars);
  }

  mediaFinding(_call: number, context: number, finding: Finding, from: From): void {
    this.#findings.add(context, findingIndex(finding, from), 1);
  }

  mediaCodec(_call: number, context: number, from: From, codec: Codec): void {
    this.#codecs.add(context, from * CODECS + codec, 1);
  }

  mediaJudged(_call: number, context: number, result: MediaResult): void {
    this.#results.add(context, result, 1);
  }

  mediaCallsChanged(context: number, state: MediaCallState, change: number): void {
    this.#calls.add(context, state, change);
  }

  /** A packet on a port of media was not read. */
  unread(context: number, reason: MediaUnread): void {
    this.#unread.add(context, reason, 1);
  }

  /** Before each exposition: what is kept elsewhere, by `FixedLimit`. */
  refresh(limitHits: Float64Array): void {
    for (let limit = 0; limit < limitHits.length; limit++) {
      this.#limitHits.set(this.#globalContext, limit, limitHits[limit]!);
    }
  }
}
