// SPDX-License-Identifier: Apache-2.0
import { SdpResult } from '../sdp/sdp-result.ts';
import { Counter } from './counter.ts';
import type { ShardWriter } from './shard-writer.ts';

/** Counts session descriptions. Contexts are those of traffic. */
export class MediaSignallingMetrics {
  readonly #descriptions: Counter;
  readonly #overflows: Counter;

  constructor(writer: ShardWriter) {
    this.#descriptions = new Counter(writer, 'sip_session_descriptions_total');
    this.#overflows = new Counter(writer, 'sip_session_description_overflows_total');
  }

  /** A message was looked at: what became of its description, and what of it was left out. */
  description(context: number, result: SdpResult, leftOut: number): void {
    if (result === SdpResult.none) return;
    this.#descriptions.add(context, result - SdpResult.description, 1);
    if (leftOut > 0) this.#overflows.add(context, 0, leftOut);
  }
}
