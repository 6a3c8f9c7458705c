// SPDX-License-Identifier: Apache-2.0
import type { PacketClock } from '../base/packet-clock.ts';
import type { CallIds } from '../media/call-ids.ts';
import type { ExemplarSubject } from '../metrics/exemplars.ts';
import type { StreamReport } from '../rtp/stream-events.ts';

/** Tells whose the observations of media are: before the metrics hear of a stream, the call it is joined to. */
export class MediaExemplars {
  readonly #subject: ExemplarSubject;
  readonly #callIds: CallIds;
  readonly #clock: PacketClock;
  readonly #callOf: (report: StreamReport) => number;

  /** `callOf` gives the slot of the call a stream belongs to, or -1. */
  constructor(
    subject: ExemplarSubject,
    callIds: CallIds,
    clock: PacketClock,
    callOf: (report: StreamReport) => number,
  ) {
    this.#subject = subject;
    this.#callIds = callIds;
    this.#clock = clock;
    this.#callOf = callOf;
  }

  /** What is observed from now on is of the call of this stream, or of nobody. */
  next(report: StreamReport): void {
    const slot = this.#callOf(report);
    const ids = this.#callIds;
    if (slot < 0) this.#subject.set(this.#clock.micros, ids.bytes, 0, 0);
    else this.#subject.set(this.#clock.micros, ids.bytes, ids.offsetOf(slot), ids.lengthOf(slot));
  }
}
