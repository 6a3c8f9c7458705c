// SPDX-License-Identifier: Apache-2.0
import { Evidence } from '../abuse/evidence.ts';
import { ByteRing } from '../base/byte-ring.ts';
import type { Frame, FrameConsumer } from '../base/frame.ts';
import { MAX_CONTEXTS, ShardMemory } from '../metrics/shard-memory.ts';
import type { ShardWriter } from '../metrics/shard-writer.ts';
import type { HandoverData } from './handover.ts';
import {
  handoverContext,
  handoverMicros,
  isEvidence,
  readEvidence,
  readHandover,
} from './handover-record.ts';
import type { PacketPipeline } from './packet-pipeline.ts';

/** Words of a worker in `HandoverData.floors`: a cache line. */
const FLOOR_WORDS = 16;

/** Floors before any worker has read: now. */
export function newFloors(workers: number, nowMicros: number): Int32Array {
  return new Int32Array(new SharedArrayBuffer(workers * FLOOR_WORDS * 4)).fill(
    (nowMicros * UNITS_PER_MICRO) | 0,
  );
}

/** Where a worker's own packets come from: `LiveCapture`. */
export interface PacketSource {
  floorMicros(): number;
  readonly isHolding: boolean;
  /** Whether a share of the room, 0 to below 1, is used up. */
  isFilled(share: number): boolean;
  read(frame: Frame, consumer: FrameConsumer, budgetBlocks: number, limitMicros: number): number;
  wait(timeoutMillis: number): void;
}

/** How long a packet waits for another worker that is behind: then the order of time is given up, not the packet. */
const PATIENCE_MICROS = 3_000_000;
/** Floors are in units of the least difference of two times now: they are exact, and which is later is told for 9 minutes. */
const UNITS_PER_MICRO = 4;
/**
 * Rather than losing packets a worker that is behind runs ahead of the others: when its ring is filled to the first share
 * so far, because two that are behind would else go on by one packet each; to the second, as far as it can.
 */
const AHEAD_SHARE = 0.25;
const AHEAD_MICROS = 20_000;
const FREE_SHARE = 0.5;
/** What is that far ahead was captured before the clock was set back: order is lost, it does not wait. */
const FUTURE_MICROS = 1_000_000;
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
class Sender {
  readonly worker: number;
  readonly ring: ByteRing;
  readonly #shard: ShardMemory;
  /** By context of the sender's shard: the one here, -1 where that is not known yet. */
  readonly #contexts = new Int32Array(MAX_CONTEXTS).fill(-1);

  constructor(worker: number, { rings, shards, worker: receiver }: HandoverData) {
    this.worker = worker;
    this.ring = new ByteRing(rings[worker]![receiver]!);
    this.#shard = new ShardMemory(shards[worker]!);
  }

  /** The context here of one of the sender. */
  contextOf(context: number, writer: ShardWriter): number {
    const known = this.#contexts[context]!;
    if (known >= 0) return known;
    const own = writer.contextOf(this.#shard, context);
    this.#contexts[context] = own;
    return own;
  }
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
  readonly #writer: ShardWriter;
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
    const { worker, rings, floors } = data;
    this.#worker = worker;
    this.#writer = writer;
    const others = [...rings.keys()].filter((other) => other !== worker);
    this.#senders = others.map((other) => new Sender(other, data));
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
    return delivered;
  }

  /** Waits until there may be more to read, but not long: other workers wait for the floor of this one. */
  wait(capture: PacketSource): void {
    const isHolding = capture.isHolding || this.#senders.some(({ ring }) => ring.next() >= 0);
    if (isHolding) Atomics.wait(this.#sleep, 0, 0, HOLD_MILLIS);
    else capture.wait(IDLE_MILLIS);
  }

  #publish(floorMicros: number): void {
    Atomics.store(this.#floors, this.#worker * FLOOR_WORDS, (floorMicros * UNITS_PER_MICRO) | 0);
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
      const floor = Atomics.load(this.#floors, sender.worker * FLOOR_WORDS);
      const distanceMicros = ((floor - nowMicros * UNITS_PER_MICRO) | 0) / UNITS_PER_MICRO;
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
        evidence.context = sender.contextOf(handoverContext(view, at), this.#writer);
        pipeline.judge(evidence, micros);
        ring.pass();
        count++;
        continue;
      }
      if (micros < latestMicros) unordered++;
      if (micros > latestMicros || micros < latestMicros - FUTURE_MICROS) latestMicros = micros;
      readHandover(ring.bytes, view, at, pipeline.nextDatagram);
      pipeline.message(sender.contextOf(handoverContext(view, at), this.#writer), micros);
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
