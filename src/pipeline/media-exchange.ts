// SPDX-License-Identifier: Apache-2.0
import { ByteRing } from '../base/byte-ring.ts';
import type { ShardWriter } from '../metrics/shard-writer.ts';
import { MEDIA_OWNER } from '../state/message-owner.ts';
import { FUTURE_MICROS, microsToFloor, PATIENCE_MICROS, writeFloor } from './floors.ts';
import type { HandoverData, MediaHandoverData } from './handover.ts';
import { handoverContext, handoverMicros } from './handover-record.ts';
import { isStreamReport } from './media-handover-record.ts';
import type { PacketPipeline } from './packet-pipeline.ts';
import { ShardContexts } from './shard-contexts.ts';

/** Records taken in a row. */
const TURN_RECORDS = 256;

/** A worker that tells of media. */
interface Teller {
  readonly worker: number;
  readonly ring: ByteRing;
  readonly contexts: ShardContexts;
}

/**
 * What all workers tell the one that has the media of calls, itself included, and what that one orders. A message comes by the
 * worker that has its state, which may be a third one; so each tells until when it has taken all messages, and what is older
 * than that of all is taken in the order of time. The next call may have the ports of the one that said BYE a millisecond ago.
 */
export class MediaExchange {
  readonly #worker: number;
  readonly #floors: Int32Array;
  /** Of the worker that has the calls. */
  readonly #tellers: readonly Teller[];
  /** Of the others. */
  readonly #orders: ByteRing | undefined;

  constructor({ worker, shards }: HandoverData, media: MediaHandoverData, writer: ShardWriter) {
    this.#worker = worker;
    this.#floors = media.floors;
    const isOwner = worker === MEDIA_OWNER;
    const tellerOf = (told: SharedArrayBuffer, teller: number): Teller => ({
      worker: teller,
      ring: new ByteRing(told),
      contexts: new ShardContexts(shards[teller]!, writer),
    });
    this.#tellers = isOwner ? media.told.map(tellerOf) : [];
    this.#orders = isOwner ? undefined : new ByteRing(media.orders[worker]!);
  }

  /** Whether something waits until other workers are as far. */
  get isHolding(): boolean {
    for (let i = 0; i < this.#tellers.length; i++) if (this.#tellers[i]!.ring.next() >= 0) return true;
    return false;
  }

  /** Tells that all messages up to `settledMicros` are taken, and takes what is ready. Returns how much. */
  read(settledMicros: number, pipeline: PacketPipeline, nowMicros: number): number {
    // A message from before the clock was set back is earlier than everything: it says nothing of the others.
    if (settledMicros !== Number.NEGATIVE_INFINITY) writeFloor(this.#floors, this.#worker, settledMicros);
    pipeline.lookAtMedia();
    return this.#orders === undefined
      ? this.#readTold(pipeline, nowMicros)
      : this.#readOrders(this.#orders, pipeline);
  }

  #readOrders(ring: ByteRing, pipeline: PacketPipeline): number {
    let count = 0;
    for (let at = ring.next(); at >= 0; at = ring.next()) {
      pipeline.mediaOrder(ring.view, at);
      ring.release();
      count++;
    }
    return count;
  }

  #readTold(pipeline: PacketPipeline, nowMicros: number): number {
    let count = 0;
    for (; count < TURN_RECORDS; count++) {
      const first = this.#findFirst(nowMicros);
      if (first === undefined) break;
      this.#take(first, pipeline);
    }
    return count;
  }

  /** The teller of the earliest record, if none can come that is earlier. */
  #findFirst(nowMicros: number): Teller | undefined {
    const tellers = this.#tellers;
    let first: Teller | undefined;
    let firstMicros = Number.POSITIVE_INFINITY;
    let floorMicros = Number.POSITIVE_INFINITY;
    for (let i = 0; i < tellers.length; i++) {
      const teller = tellers[i]!;
      // Before looking into its ring: what it had told then is there.
      const toFloor = microsToFloor(this.#floors, teller.worker, nowMicros);
      const floor = nowMicros + Math.max(toFloor, -PATIENCE_MICROS);
      const at = teller.ring.next();
      if (at < 0) {
        if (floor < floorMicros) floorMicros = floor;
        continue;
      }
      let micros = handoverMicros(teller.ring.view, at);
      if (micros > nowMicros + FUTURE_MICROS) micros = Number.NEGATIVE_INFINITY;
      if (micros < firstMicros) {
        firstMicros = micros;
        first = teller;
      }
    }
    return firstMicros <= floorMicros ? first : undefined;
  }

  #take({ ring, contexts }: Teller, pipeline: PacketPipeline): void {
    const { bytes, view } = ring;
    const at = ring.next();
    const context = isStreamReport(view, at) ? 0 : contexts.own(handoverContext(view, at));
    pipeline.mediaTold(bytes, view, at, context);
    ring.release();
  }
}
