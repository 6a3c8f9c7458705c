// SPDX-License-Identifier: Apache-2.0
import { Delay, Outcome } from '../state/call-events.ts';
import type { ExemplarSubject } from './exemplars.ts';
import { families, familyId } from './families.ts';
import { Histogram } from './histogram.ts';
import type { ShardWriter } from './shard-writer.ts';

/** The family of each kind of delay. */
const nameByDelay: Readonly<Record<Delay, string>> = {
  [Delay.registrationRequest]: 'sip_registration_request_delay_seconds',
  [Delay.sessionRequest]: 'sip_session_request_delay_seconds',
  [Delay.sessionDisconnect]: 'sip_session_disconnect_delay_seconds',
  [Delay.postDial]: 'sip_post_dial_delay_seconds',
  [Delay.answer]: 'sip_answer_delay_seconds',
  [Delay.redirect]: 'sip_redirect_delay_seconds',
  [Delay.cancelRing]: 'sip_cancel_ring_seconds',
  [Delay.optionsResponse]: 'sip_options_response_delay_seconds',
};
const kinds: readonly Delay[] = Object.values(Delay);

/** A histogram for each kind of delay. */
export class DelayMetrics {
  readonly #histograms: readonly Histogram[];
  /** By kind: 1 where the family tells outcomes apart. */
  readonly #hasOutcome: Uint8Array;
  readonly #exemplars: ExemplarSubject | undefined;

  constructor(writer: ShardWriter) {
    this.#exemplars = writer.exemplars;
    this.#histograms = kinds.map((kind) => new Histogram(writer, nameByDelay[kind]));
    this.#hasOutcome = Uint8Array.from(kinds, (kind) => families[familyId(nameByDelay[kind])]!.labels.length);
  }

  observe(kind: Delay, context: number, outcome: Outcome, delayMicros: number): void {
    const histogram = this.#histograms[kind]!;
    const index = outcome * this.#hasOutcome[kind]!;
    histogram.observe(context, index, delayMicros);
    // A success is told by the message that makes it; the rest may be told by another, or by none.
    const isOfMessage = outcome === Outcome.success && kind !== Delay.cancelRing;
    if (this.#exemplars && isOfMessage) histogram.exemplify(context, index, delayMicros, this.#exemplars);
  }
}
