// SPDX-License-Identifier: Apache-2.0
import { PacketType } from '../base/frame.ts';
import { Space } from '../metrics/definition.ts';
import type { ShardWriter } from '../metrics/shard-writer.ts';

/** Values of the `direction` label. `forwarded` joins them once local networks can be configured. */
const Direction = { inbound: 0, outbound: 1, unknown: 2 } as const;
export type Direction = (typeof Direction)[keyof typeof Direction];
const directionNames: readonly string[] = ['inbound', 'outbound', 'unknown'];
const DIRECTIONS = directionNames.length;
const LOOPBACK = 'lo';

/** What a capture file that does not tell directions shows, and a promiscuous interface shows besides the others. */
export const unknownOnly: readonly Direction[] = [Direction.unknown];

/** What an interface shows of its own host's traffic; `lo` shows each packet once, as it comes in. */
export function usualDirections(interfaceName: string): readonly Direction[] {
  return interfaceName === LOOPBACK ? [Direction.inbound] : [Direction.inbound, Direction.outbound];
}

/** Interfaces that get a label value of their own. */
const MAX_INTERFACES = 256;
const OTHER = 'other';

/**
 * From a frame's interface index and packet type to metric contexts. The path every packet takes is a comparison
 * with the interface before and an array read; a new interface is looked up once.
 */
export class TrafficContexts {
  /** The context of the frame's interface, after `find`. */
  interfaceContext = 0;

  readonly #writer: ShardWriter;
  readonly #nameOf: (interfaceIndex: number) => string;
  readonly #slotByIndex = new Map<number, number>();
  readonly #interfaceContexts = new Int32Array(MAX_INTERFACES + 1);
  readonly #trafficContexts = new Int32Array((MAX_INTERFACES + 1) * DIRECTIONS);
  #lastIndex = -1;
  #lastSlot = 0;

  /** `nameOf` tells the name of an interface; it is asked once for each index. */
  constructor(writer: ShardWriter, nameOf: (interfaceIndex: number) => string) {
    this.#writer = writer;
    this.#nameOf = nameOf;
  }

  /** Makes the series of an interface start at 0 before its first packet; traffic of directions that are not expected waits. */
  prepare(interfaceName: string, directions: readonly Direction[]): void {
    const writer = this.#writer;
    writer.openAll(Space.interface, writer.context(Space.interface, [interfaceName]));
    for (const direction of directions) {
      writer.openAll(
        Space.traffic,
        writer.context(Space.traffic, [interfaceName, directionNames[direction]!]),
      );
    }
  }

  /** The context of traffic that comes by no interface but from a source with a name; its series start at 0 now. */
  ofSource(name: string): number {
    const context = this.#writer.context(Space.traffic, [name, directionNames[Direction.unknown]!]);
    this.#writer.openAll(Space.traffic, context);
    return context;
  }

  /** The traffic context of a frame; sets `interfaceContext` too. */
  find(interfaceIndex: number, packetType: PacketType): number {
    if (interfaceIndex !== this.#lastIndex) {
      this.#lastSlot = this.#slotByIndex.get(interfaceIndex) ?? this.#newSlot(interfaceIndex, packetType);
      this.#lastIndex = interfaceIndex;
    }
    this.interfaceContext = this.#interfaceContexts[this.#lastSlot]!;
    return this.#trafficContexts[this.#lastSlot * DIRECTIONS + directionOf(packetType)]!;
  }

  #newSlot(interfaceIndex: number, packetType: PacketType): number {
    const slot = Math.min(this.#slotByIndex.size, MAX_INTERFACES);
    const name = slot < MAX_INTERFACES ? this.#nameOf(interfaceIndex) : OTHER;
    this.prepare(name, packetType === PacketType.unknown ? unknownOnly : usualDirections(name));
    this.#interfaceContexts[slot] = this.#writer.context(Space.interface, [name]);
    for (const [direction, label] of directionNames.entries()) {
      this.#trafficContexts[slot * DIRECTIONS + direction] = this.#writer.context(Space.traffic, [
        name,
        label,
      ]);
    }
    if (slot < MAX_INTERFACES) this.#slotByIndex.set(interfaceIndex, slot);
    return slot;
  }
}

/** A frame for another host was seen only because the interface is promiscuous: which way it goes is not known. */
function directionOf(packetType: PacketType): Direction {
  if (packetType === PacketType.outgoing) return Direction.outbound;
  return packetType <= PacketType.multicast ? Direction.inbound : Direction.unknown;
}
