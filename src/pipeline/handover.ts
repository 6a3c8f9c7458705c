// SPDX-License-Identifier: Apache-2.0
import type { Evidence } from '../abuse/evidence.ts';
import { ByteRing } from '../base/byte-ring.ts';
import { SeededHash } from '../base/hash.ts';
import type { PacketClock } from '../base/packet-clock.ts';
import { Spread, type SpreadKey } from '../base/spread.ts';
import type { Datagram } from '../decode/datagram.ts';
import type { MediaMemory } from '../media/media-memory.ts';
import type { SipMessage } from '../sip/message.ts';
import { MessageOwner } from '../state/message-owner.ts';
import { HANDOVER_HEADER_BYTES, writeEvidence, writeHandover } from './handover-record.ts';

/** What a worker is told of the others; all of it survives structured cloning. */
export interface HandoverData {
  /** The worker's own number. */
  readonly worker: number;
  readonly key: SpreadKey;
  readonly hasPeers: boolean;
  /** By sender, then by receiver; a worker's ring to itself is not used. */
  readonly rings: readonly (readonly SharedArrayBuffer[])[];
  /** See `Exchange`. */
  readonly floors: Int32Array;
  /** By worker. */
  readonly shards: readonly SharedArrayBuffer[];
  /** By worker: how often a ring had no room for what it had to hand over. */
  readonly losses: Int32Array;
  /** Where media is read. */
  readonly media?: MediaHandoverData;
}

/** What workers share of the media of calls, which one of them has. */
export interface MediaHandoverData {
  /** What signalling announced. */
  readonly memory: MediaMemory;
  /** By worker: what it tells the one that has the calls. */
  readonly told: readonly SharedArrayBuffer[];
  /** By worker: what that one orders; its own is not used. */
  readonly orders: readonly SharedArrayBuffer[];
  /** Until when each worker has taken all messages. */
  readonly floors: Int32Array;
}

/** What became of a message. */
export const HandoverResult = { isOwn: 0, handedOver: 1, lost: 2 } as const;
export type HandoverResult = (typeof HandoverResult)[keyof typeof HandoverResult];

/** Hands messages that belong to other workers over to them. */
export class Handover {
  /** What all workers hash alike. */
  readonly hash: SeededHash;
  /** The worker's own number. */
  readonly worker: number;
  readonly media: MediaHandoverData | undefined;

  readonly #rings: readonly ByteRing[];
  readonly #owner: MessageOwner;
  readonly #losses: Int32Array;

  constructor({ worker, key, hasPeers, rings, losses, media }: HandoverData) {
    this.hash = new SeededHash(key.seed, key.multiplier);
    this.worker = worker;
    this.media = media;
    this.#rings = rings[worker]!.map((ring) => new ByteRing(ring));
    this.#owner = new MessageOwner(new Spread(rings.length, key), hasPeers);
    this.#losses = losses;
  }

  /** Whether there are peers from now on: all workers have to know, one has them. */
  set hasPeers(hasPeers: boolean) {
    this.#owner.hasPeers = hasPeers;
  }

  /** Hands evidence of a source with this hash over to the worker that judges it, as `take` does a message. */
  takeEvidence(evidence: Evidence, sourceHash: number, clock: PacketClock): HandoverResult {
    const owner = (sourceHash >>> 0) % this.#rings.length;
    if (owner === this.worker) return HandoverResult.isOwn;
    const ring = this.#rings[owner]!;
    const at = ring.reserve(HANDOVER_HEADER_BYTES);
    if (at < 0) return HandoverResult.lost;
    writeEvidence(ring.view, at, evidence, clock);
    ring.commit();
    return HandoverResult.handedOver;
  }

  /**
   * Hands the message in a datagram, seen in a context at `arrivalMicros[index]`, over to its owner, unless that is this
   * worker. Without room in the ring it is lost. Never waits, allocates nothing.
   */
  take(
    message: SipMessage,
    datagram: Datagram,
    context: number,
    arrivalMicros: Float64Array,
    index: number,
  ): HandoverResult {
    const owner = this.#owner.of(message);
    if (owner === this.worker) return HandoverResult.isOwn;
    const ring = this.#rings[owner]!;
    const at = ring.reserve(HANDOVER_HEADER_BYTES + datagram.payloadLength);
    if (at < 0) {
      this.noteLoss();
      return HandoverResult.lost;
    }
    writeHandover(ring.view, at, context, datagram, arrivalMicros, index);
    ring.commit();
    return HandoverResult.handedOver;
  }

  /** Something had no room. */
  noteLoss(): void {
    Atomics.add(this.#losses, this.worker, 1);
  }

  /** How often anything had no room at any worker; wraps at 2^32. */
  get losses(): number {
    let sum = 0;
    for (let worker = 0; worker < this.#losses.length; worker++) {
      sum = (sum + Atomics.load(this.#losses, worker)) | 0;
    }
    return sum;
  }
}
