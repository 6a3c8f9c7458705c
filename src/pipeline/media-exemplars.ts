// SPDX-License-Identifier: Apache-2.0
import type { PacketClock } from '../base/packet-clock.ts';
import type { CallFlows } from '../media/call-flows.ts';
import type { CallIds } from '../media/call-ids.ts';
import type { SharedDirectory } from '../media/shared-directory.ts';
import { type ExemplarSubject, MAX_EXEMPLAR_ID_BYTES } from '../metrics/exemplars.ts';
import type { StreamReport } from '../rtp/stream-events.ts';

/** Tells the Call-IDs of streams. */
export interface CallIdLookup {
  /** Where `find` puts or finds them. */
  readonly bytes: Uint8Array;
  /** Of the one last found. */
  readonly offset: number;
  /** Looks for that of the call a stream is joined to, and returns its length; 0 for none. */
  find(report: StreamReport): number;
}

/** Those of this thread's calls. */
export class OwnCallIds implements CallIdLookup {
  readonly bytes: Uint8Array;
  offset = 0;
  readonly #callIds: CallIds;
  readonly #flows: CallFlows;

  constructor(callIds: CallIds, flows: CallFlows) {
    this.bytes = callIds.bytes;
    this.#callIds = callIds;
    this.#flows = flows;
  }

  find(report: StreamReport): number {
    const slot = this.#flows.callOf(report);
    if (slot < 0) return 0;
    this.offset = this.#callIds.offsetOf(slot);
    return this.#callIds.lengthOf(slot);
  }
}

/** Those of calls that another thread has: they are copied. */
export class FarCallIds implements CallIdLookup {
  readonly bytes: Uint8Array = new Uint8Array(MAX_EXEMPLAR_ID_BYTES);
  readonly offset = 0;
  readonly #callIds: CallIds;
  readonly #directory: SharedDirectory;

  constructor(callIds: CallIds, directory: SharedDirectory) {
    this.#callIds = callIds;
    this.#directory = directory;
  }

  find(report: StreamReport): number {
    return this.#directory.copyCallId(report.endpoint, report.endpointKey, this.#callIds, this.bytes);
  }
}

/** Tells whose the observations of media are: before the metrics hear of a stream, the call it is joined to. */
export class MediaExemplars {
  readonly #subject: ExemplarSubject;
  readonly #callIds: CallIdLookup;
  readonly #clock: PacketClock;

  constructor(subject: ExemplarSubject, callIds: CallIdLookup, clock: PacketClock) {
    this.#subject = subject;
    this.#callIds = callIds;
    this.#clock = clock;
  }

  /** What is observed from now on is of the call of this stream, or of nobody. */
  next(report: StreamReport): void {
    const ids = this.#callIds;
    const length = ids.find(report);
    this.#subject.set(this.#clock.micros, ids.bytes, ids.offset, length);
  }
}
