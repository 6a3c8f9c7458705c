// SPDX-License-Identifier: Apache-2.0
import { Evidence } from '../abuse/evidence.ts';
import { ByteRing } from '../base/byte-ring.ts';
import type { Frame, FrameConsumer } from '../base/frame.ts';
import type { ShardWriter } from '../metrics/shard-writer.ts';
import { FUTURE_MICROS, microsToFloor, PATIENCE_MICROS, writeFloor } from './floors.ts';
import type { HandoverData } from './handover.ts';
import {
  handoverContext,
  handoverMicros,
  isEvidence,
  readEvidence,
  readHandover,
} from './handover-record.ts';
import { MediaExchange } from './media-exchange.ts';
import type { PacketPipeline } from './packet-pipeline.ts';
import { ShardContexts } from './shard-contexts.ts';

/** Where a worker's own packets come from: `LiveCapture`. */
export interface PacketSource {
  floorMicros(): number;
  readonly isHolding: boolean;
  /** Whether a share of the room, 0 to below 1, is used up. */
  isFilled(share: number): boolean;
  read(frame: Frame, consumer: FrameConsumer, budgetBlocks: number, limitMicros: number): number;
  wait(timeoutMillis: number): void;
}

/**
 * Rather than losing packets a worker that is behind runs ahead of the others: when its ring is filled to the first share
 * so far, because two that are behind would else go on by one packet each; to the second, as far as it can.
 */
const AHEAD_SHARE = 0.25;
const AHEAD_MICROS = 20_000;
const FREE_SHARE = 0.5;
/** Messages of another worker taken in a row. */
const TURN_MESSAGES = 256;
/** With fewer packets before the floor of another worker it is better to let that one go on first. */
const FEW_PACKETS = 16;
/** Changes between own packets and those of others in one `read`. */
const MAX_TURNS = 64;
/** While something waits for another worker, and while there is nothing: the others wait for this floor. */
const HOLD_MILLIS = 1;
const IDLE_MILLIS = 10;

/** A worker that hands messages over to this one. */
interface Sender {
  readonly worker: number;
  readonly ring: ByteRing;
  readonly contexts: ShardContexts;
}

/**
 * Between the workers that share the packets of an interface. Each message belongs to one of them: where it came to
 * another, as by a fragment, that one hands it over in a ring of shared memory.
 *
 * A worker takes its packets and what others hand over in the order of time. Each one publishes its floor: what it will
 * hand over from now on is no older. So a packet waits until no worker can bring anything from before it; the earliest
 * of all never waits, so that all go on.
 *
 *     worker 0   ring of packets ----.---> state 0        floors   | worker 0 | worker 1 | ...
 *                       \           /
 *                     rings of messages
 *                       /           \
 *     worker 1   ring of packets ----'---> state 1
 */
export class Exchange {
  /** Until when all is known: nothing earlier will come, as of the last `read`. */
  settledMicros: number = Number.NEGATIVE_INFINITY;
  /** Whether the last `read` ended because another worker has to go on first, or nothing was there. */
  isWaiting = false;

  readonly #worker: number;
  readonly #media: MediaExchange | undefined;
  readonly #senders: readonly Sender[];
  readonly #floors: Int32Array;
  readonly #evidence = new Evidence();
  readonly #sleep = new Int32Array(new SharedArrayBuffer(4));
  /** As of the last `#findFirst`: the earliest message or floor of all senders, and of all but the earliest. */
  #firstMicros = 0;
  #secondMicros = 0;
  /** When the latest was captured of all that was delivered. */
  #latestMicros = 0;

  constructor(data: HandoverData, writer: ShardWriter) {
    const { worker, rings, shards, floors, media } = data;
    this.#worker = worker;
    this.#media = media && new MediaExchange(data, media, writer);
    const others = [...rings.keys()].filter((other) => other !== worker);
    this.#senders = others.map((other) => ({
      worker: other,
      ring: new ByteRing(rings[other]![worker]!),
      contexts: new ShardContexts(shards[other]!, writer),
    }));
    this.#floors = floors;
  }

  /**
   * Delivers, in the order of time, packets of the capture and messages that were handed over, as many as are ready and
   * about `budgetBlocks` blocks. Returns how many.
   */
  read(
    capture: PacketSource,
    frame: Frame,
    pipeline: PacketPipeline,
    budgetBlocks: number,
    nowMicros: number,
  ): number {
    let delivered = 0;
    this.isWaiting = false;
    for (let turn = 0; turn < MAX_TURNS; turn++) {
      const floor = capture.floorMicros();
      this.#publish(floor);
      const first = this.#findFirst(nowMicros);
      this.settledMicros = Math.min(floor, this.#firstMicros);
      let count = 0;
      if (first !== undefined && this.#firstMicros <= floor) {
        count = this.#deliver(first, Math.min(floor, this.#secondMicros), pipeline);
      } else {
        const isFree = floor > nowMicros + FUTURE_MICROS || capture.isFilled(FREE_SHARE);
        const aheadMicros = capture.isFilled(AHEAD_SHARE) ? AHEAD_MICROS : 0;
        const limit = isFree ? Number.POSITIVE_INFINITY : this.#firstMicros + aheadMicros;
        if (floor <= limit) count = capture.read(frame, pipeline, budgetBlocks, limit);
        if (count > 0) this.#latestMicros = frame.arrivalMicros;
      }
      delivered += count;
      this.isWaiting = count === 0 || (first === undefined && count < FEW_PACKETS);
      if (this.isWaiting) break;
    }
    if (delivered > 0) this.#publish(capture.floorMicros());
    if (this.#media !== undefined) {
      const taken = this.#media.read(this.settledMicros, pipeline, nowMicros);
      if (taken > 0) this.isWaiting = false;
      delivered += taken;
    }
    return delivered;
  }

  /** Waits until there may be more to read, but not long: other workers wait for the floor of this one. */
  wait(capture: PacketSource): void {
    const isHolding =
      capture.isHolding ||
      this.#media?.isHolding === true ||
      this.#senders.some(({ ring }) => ring.next() >= 0);
    if (isHolding) Atomics.wait(this.#sleep, 0, 0, HOLD_MILLIS);
    else capture.wait(IDLE_MILLIS);
  }

  #publish(floorMicros: number): void {
    writeFloor(this.#floors, this.#worker, floorMicros);
  }

  /** The sender whose message is the earliest of what all others have or may still bring, if it is there. */
  #findFirst(nowMicros: number): Sender | undefined {
    const senders = this.#senders;
    let first: Sender | undefined;
    let firstMicros = Number.POSITIVE_INFINITY;
    let secondMicros = Number.POSITIVE_INFINITY;
    for (let i = 0; i < senders.length; i++) {
      const sender = senders[i]!;
      // Before looking into its ring: what it had handed over then is there.
      const distanceMicros = microsToFloor(this.#floors, sender.worker, nowMicros);
      const at = sender.ring.next();
      let micros = nowMicros + Math.max(distanceMicros, -PATIENCE_MICROS);
      if (at >= 0) {
        micros = handoverMicros(sender.ring.view, at);
        if (micros > nowMicros + FUTURE_MICROS) micros = Number.NEGATIVE_INFINITY;
      }
      if (micros < firstMicros) {
        secondMicros = firstMicros;
        firstMicros = micros;
        first = at >= 0 ? sender : undefined;
      } else if (micros < secondMicros) secondMicros = micros;
    }
    this.#firstMicros = firstMicros;
    this.#secondMicros = secondMicros;
    return first;
  }

  /** Delivers messages of a sender that were captured until `limitMicros`, or the first in any case. */
  #deliver(sender: Sender, limitMicros: number, pipeline: PacketPipeline): number {
    const { ring } = sender;
    const { view } = ring;
    const evidence = this.#evidence;
    let latestMicros = this.#latestMicros;
    let unordered = 0;
    let count = 0;
    while (count < TURN_MESSAGES) {
      const at = ring.next();
      if (at < 0) break;
      const micros = handoverMicros(view, at);
      if (count > 0 && micros > limitMicros) break;
      if (isEvidence(view, at)) {
        // It is judged by its window, in whatever order it comes.
        readEvidence(view, at, evidence);
        evidence.context = sender.contexts.own(handoverContext(view, at));
        pipeline.judge(evidence, micros);
        ring.pass();
        count++;
        continue;
      }
      if (micros < latestMicros) unordered++;
      if (micros > latestMicros || micros < latestMicros - FUTURE_MICROS) latestMicros = micros;
      readHandover(ring.bytes, view, at, pipeline.nextDatagram);
      pipeline.message(sender.contexts.own(handoverContext(view, at)), micros);
      ring.pass();
      count++;
    }
    this.#latestMicros = latestMicros;
    pipeline.release();
    ring.giveBack();
    if (unordered > 0) pipeline.captureMetrics.unordered(unordered);
    return count;
  }
}
