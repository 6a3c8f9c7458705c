// SPDX-License-Identifier: Apache-2.0
import { PacketType } from '../base/frame.ts';
import { Space } from '../metrics/definition.ts';
import { MAX_CONTEXTS } from '../metrics/shard-memory.ts';
import type { ShardWriter } from '../metrics/shard-writer.ts';

/** Values of the `direction` label; `forwarded` only where local networks are configured. */
export const Direction = { inbound: 0, outbound: 1, unknown: 2, forwarded: 3 } as const;
export type Direction = (typeof Direction)[keyof typeof Direction];
export const directionNames: readonly string[] = ['inbound', 'outbound', 'unknown', 'forwarded'];
/** Those that a packet tells by itself. */
const DIRECTIONS = 3;
const LOOPBACK = 'lo';

/** Sets of labels of the configuration that messages may have besides the context they came by. */
export interface LabelSets {
  /** Makes the series of those of contexts start at 0. */
  prepare(contexts: readonly number[]): void;
}

/** What a capture file that does not tell directions shows, and a promiscuous interface shows besides the others. */
export const unknownOnly: readonly Direction[] = [Direction.unknown];

/** What an interface shows of its own host's traffic; `lo` shows each packet once, as it comes in. */
export function usualDirections(interfaceName: string): readonly Direction[] {
  return interfaceName === LOOPBACK ? [Direction.inbound] : [Direction.inbound, Direction.outbound];
}

/** Interfaces that get a label value of their own. */
const MAX_INTERFACES = 256;
const OTHER = 'other';
const NOT_HERE = -1;

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
  /** By context made here: its direction, and the name of its interface. */
  readonly #directions = new Int8Array(MAX_CONTEXTS).fill(NOT_HERE);
  readonly #names: string[] = [];
  /** Those whose series start at 0. */
  readonly #started = new Set<number>();
  #labels: LabelSets | undefined;
  #lastIndex = -1;
  #lastSlot = 0;

  /** `nameOf` tells the name of an interface; it is asked once for each index. */
  constructor(writer: ShardWriter, nameOf: (interfaceIndex: number) => string) {
    this.#writer = writer;
    this.#nameOf = nameOf;
  }

  /** From now on messages have these labels besides, or none. */
  useLabels(labels: LabelSets | undefined): void {
    this.#labels = labels;
    labels?.prepare([...this.#started]);
  }

  /** Makes the series of interfaces start at 0 before their first packet; traffic of directions that are not expected waits. */
  prepare(interfaces: readonly (readonly [name: string, directions: readonly Direction[]])[]): void {
    const writer = this.#writer;
    const contexts = interfaces.flatMap(([name, directions]) => {
      writer.openAll(Space.interface, writer.context(Space.interface, [name]));
      return directions.map((direction) => this.#contextOf(name, direction));
    });
    this.#start(contexts);
  }

  /** The context of traffic that comes by no interface but from a source with a name; its series start at 0 now. */
  ofSource(name: string): number {
    const context = this.#contextOf(name, Direction.unknown);
    this.#start([context]);
    return context;
  }

  /** The direction of a context that was made here, of an interface or a source, or -1. */
  directionOf(context: number): number {
    return this.#directions[context]!;
  }

  /** The interface or source of such a context. */
  nameOfContext(context: number): string {
    return this.#names[context]!;
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

  #start(contexts: readonly number[]): void {
    for (const context of contexts) {
      this.#started.add(context);
      this.#writer.openAll(Space.traffic, context);
    }
    this.#labels?.prepare(contexts);
  }

  #newSlot(interfaceIndex: number, packetType: PacketType): number {
    const slot = Math.min(this.#slotByIndex.size, MAX_INTERFACES);
    const name = slot < MAX_INTERFACES ? this.#nameOf(interfaceIndex) : OTHER;
    this.prepare([[name, packetType === PacketType.unknown ? unknownOnly : usualDirections(name)]]);
    this.#interfaceContexts[slot] = this.#writer.context(Space.interface, [name]);
    for (let direction = 0; direction < DIRECTIONS; direction++) {
      this.#trafficContexts[slot * DIRECTIONS + direction] = this.#contextOf(name, direction as Direction);
    }
    if (slot < MAX_INTERFACES) this.#slotByIndex.set(interfaceIndex, slot);
    return slot;
  }

  #contextOf(name: string, direction: Direction): number {
    const context = this.#writer.context(Space.traffic, [name, directionNames[direction]!]);
    this.#directions[context] = direction;
    this.#names[context] = name;
    return context;
  }
}

/** A frame for another host was seen only because the interface is promiscuous: which way it goes is not known. */
function directionOf(packetType: PacketType): Direction {
  if (packetType === PacketType.outgoing) return Direction.outbound;
  return packetType <= PacketType.multicast ? Direction.inbound : Direction.unknown;
}
