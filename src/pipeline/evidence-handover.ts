// SPDX-License-Identifier: Apache-2.0
import type { Evidence, EvidenceTaker } from '../abuse/evidence.ts';
import type { PacketClock } from '../base/packet-clock.ts';
import type { CaptureMetrics } from '../metrics/capture-metrics.ts';
import { type Handover, HandoverResult } from './handover.ts';

/** Hands evidence of abuse to the worker that judges its source: calls of one source are spread over all of them. */
export class EvidenceHandover implements EvidenceTaker {
  readonly #handover: Handover;
  readonly #clock: PacketClock;
  readonly #metrics: CaptureMetrics;

  constructor(handover: Handover, clock: PacketClock, metrics: CaptureMetrics) {
    this.#handover = handover;
    this.#clock = clock;
    this.#metrics = metrics;
  }

  take(evidence: Evidence, sourceHash: number): boolean {
    const result = this.#handover.takeEvidence(evidence, sourceHash, this.#clock);
    if (result === HandoverResult.lost) this.#metrics.handedOver(true);
    return result !== HandoverResult.isOwn;
  }
}
