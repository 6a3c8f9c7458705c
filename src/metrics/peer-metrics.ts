// SPDX-License-Identifier: Apache-2.0
import type { PacketClock } from '../base/packet-clock.ts';
import { Counter } from './counter.ts';
import { Space } from './definition.ts';
import type { ShardWriter } from './shard-writer.ts';

const UNKNOWN = -1;

/** Whether configured peers answer OPTIONS requests. */
export class PeerMetrics {
  readonly #clock: PacketClock;
  readonly #writer: ShardWriter;
  #names: readonly string[] = [];
  #contexts: readonly number[] = [];
  /** By peer: 1 up, 0 down. */
  #verdicts = new Int8Array(0);
  readonly #up: Counter;
  readonly #roundTrip: Counter;
  readonly #flaps: Counter;

  /** `peerNames` by the number a peer is told with. */
  constructor(writer: ShardWriter, clock: PacketClock, peerNames: readonly string[]) {
    this.#writer = writer;
    this.#clock = clock;
    this.#up = new Counter(writer, 'sip_peer_up');
    this.#roundTrip = new Counter(writer, 'sip_peer_round_trip_seconds');
    this.#flaps = new Counter(writer, 'sip_peer_flaps_total');
    this.replace(peerNames);
  }

  /** Other peers from now on. Of one that is none any more nothing is known, which is NaN. */
  replace(peerNames: readonly string[]): void {
    const before = new Map(this.#names.map((name, peer) => [name, this.#verdicts[peer]!]));
    for (const [peer, name] of this.#names.entries()) {
      if (peerNames.includes(name)) continue;
      this.#set(this.#up, this.#contexts[peer]!, Number.NaN);
      this.#set(this.#roundTrip, this.#contexts[peer]!, Number.NaN);
    }
    this.#names = peerNames;
    this.#contexts = peerNames.map((name) => this.#writer.context(Space.peer, [name]));
    this.#verdicts = Int8Array.from(peerNames, (name) => before.get(name) ?? UNKNOWN);
    for (const context of this.#contexts) this.#writer.openAll(Space.peer, context);
  }

  /** `delayMicros` is the round trip, -1 where there was no response. */
  checked(peer: number, isUp: boolean, delayMicros: number): void {
    const context = this.#contexts[peer]!;
    const verdict = isUp ? 1 : 0;
    const before = this.#verdicts[peer]!;
    if (before !== UNKNOWN && before !== verdict) this.#flaps.add(context, 0, 1);
    this.#verdicts[peer] = verdict;
    this.#set(this.#up, context, verdict);
    if (delayMicros >= 0) this.#set(this.#roundTrip, context, delayMicros / 1e6);
  }

  #set(family: Counter, context: number, value: number): void {
    family.set(context, 0, value);
    family.set(context, 1, this.#clock.micros);
  }
}
