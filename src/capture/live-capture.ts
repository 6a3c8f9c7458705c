// SPDX-License-Identifier: Apache-2.0
import type { Frame, FrameConsumer } from '../base/frame.ts';
import type { PortCounts } from '../base/port-counts.ts';
import { interfaceNameByIndex } from '../sys/network-interface.ts';
import { closeDescriptor, getSocketOption, Packet, Poller, takeSocketError } from '../sys/socket.ts';
import { ANY_INTERFACE, type CaptureHandles, type RingHandle } from './capture-handles.ts';
import { HeardInterface } from './heard-interface.ts';
import { bindToInterface, type InterfaceState } from './interface-binding.ts';
import { MediaPorts } from './media-ports.ts';
import { NO_PACKET, PacketRing, SETTLE_MICROS } from './packet-ring.ts';

/** What is known of one interface that is captured from. */
export type CaptureStatus = {
  readonly interfaceName: string;
  /** As of the last `maintain`. */
  state: InterfaceState;
  /** Packets that passed the filter, those the ring had no room for included. As of `readStatistics`. */
  packets: number;
  /** Packets that passed the filter and were lost, because the ring was full. */
  drops: number;
  /** How often the ring was full. */
  freezes: number;
};

/** An interface came, went, or went up or down. */
export type InterfaceChange = { readonly interfaceName: string; readonly state: InterfaceState };

/** Packets that far in the future mean the clock was set back. Then order is lost anyway, do not wait. */
const FUTURE_MICROS = 1_000_000;

/**
 * Takes packets from the rings that `openCapture` opened, in the order in which they came, and looks after
 * the interfaces. For one thread, typically a worker; it owns the handles from now on.
 */
export class LiveCapture {
  /** One for each interface, in the order of the handles. */
  readonly status: readonly CaptureStatus[];
  /** Whether a packet was ready at the last `floorMicros`. */
  isHolding = false;
  readonly #handles: readonly RingHandle[];
  readonly #looksAfterInterfaces: boolean;
  readonly #rings: PacketRing[] = [];
  /** By ring, where its socket is one of a fanout group. */
  readonly #heard: (HeardInterface | undefined)[] = [];
  #mediaPorts: MediaPorts | undefined;
  readonly #poller: Poller;
  readonly #statistics: Uint32Array = new Uint32Array(3);

  /** Maps the rings. Throws SystemError, with everything closed. */
  constructor(handles: CaptureHandles) {
    this.#handles = handles.rings;
    this.#looksAfterInterfaces = handles.looksAfterInterfaces;
    this.#poller = new Poller(handles.rings.map((ring) => ring.descriptor));
    this.status = handles.rings.map(({ interfaceName }) => ({
      interfaceName,
      state: 'missing',
      packets: 0,
      drops: 0,
      freezes: 0,
    }));
    try {
      for (const handle of handles.rings) {
        const { heardDescriptor } = handle;
        this.#rings.push(new PacketRing(handle, realTimeMicros()));
        this.#heard.push(
          heardDescriptor === undefined ? undefined : new HeardInterface(handle, heardDescriptor),
        );
      }
      const { mediaPortsDescriptor, sharesMediaPorts } = handles;
      if (mediaPortsDescriptor !== undefined) {
        this.#mediaPorts = new MediaPorts(mediaPortsDescriptor, sharesMediaPorts);
      }
      this.maintain();
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** The ports whose RTP and RTCP are captured, to be added to; those of all workers. `undefined` without RTP. */
  get mediaPorts(): PortCounts | undefined {
    return this.#mediaPorts?.ports;
  }

  /**
   * Delivers packets that are ready, lent in `frame`, until about `budgetBlocks` blocks are done, nothing is ready or
   * only what came after `limitMicros`. Returns how many packets were delivered.
   */
  read(
    frame: Frame,
    consumer: FrameConsumer,
    budgetBlocks: number,
    limitMicros: number = Number.POSITIVE_INFINITY,
  ): number {
    if (this.#rings.length === 1) return this.#rings[0]!.deliver(frame, consumer, limitMicros, budgetBlocks);
    return this.#readMerged(frame, consumer, budgetBlocks, limitMicros);
  }

  /** Whether a share of a ring, 0 to below 1, or more waits to be read: packets may be lost soon. */
  isFilled(share: number): boolean {
    for (let index = 0; index < this.#rings.length; index++) {
      if (this.#rings[index]!.isFilled(share)) return true;
    }
    return false;
  }

  /** No packet that is to come is older than this, microseconds since the epoch: see `PacketRing.floorMicros`. */
  floorMicros(): number {
    const nowMicros = realTimeMicros();
    let floor = Number.POSITIVE_INFINITY;
    this.isHolding = false;
    for (let index = 0; index < this.#rings.length; index++) {
      const ring = this.#rings[index]!;
      floor = Math.min(floor, ring.floorMicros(nowMicros));
      if (ring.isReady) this.isHolding = true;
    }
    return floor;
  }

  /**
   * Waits until packets are ready, but not longer than `timeoutMillis`; the thread does nothing else
   * meanwhile.
   */
  wait(timeoutMillis: number): void {
    const held = this.#rings.length > 1 ? this.#holdMillis() : Number.POSITIVE_INFINITY;
    const ready = this.#poller.wait(Math.min(timeoutMillis, held));
    if (ready === 0) return;
    // An interface that went down leaves an error that would make every later poll return at once.
    for (let index = 0; index < this.#handles.length; index++) {
      if (this.#poller.hasError(index)) takeSocketError(this.#handles[index]!.descriptor);
    }
  }

  /** The name of the interface a frame came from, for its label; `unknown` when it has gone already. */
  interfaceName(interfaceIndex: number): string {
    const [first, second] = this.#handles;
    if (first !== undefined && second === undefined && first.interfaceName !== ANY_INTERFACE) {
      return first.interfaceName;
    }
    return interfaceNameByIndex(first!.descriptor, interfaceIndex) || 'unknown';
  }

  /**
   * To be called about once a second: finds out what became of the interfaces and binds to those that are
   * new. Returns what changed since the last call (the first came with the constructor).
   */
  maintain(): InterfaceChange[] {
    const changes: InterfaceChange[] = [];
    if (!this.#looksAfterInterfaces) return changes;
    for (const [index, { descriptor, interfaceName, promiscuous }] of this.#handles.entries()) {
      const status = this.status[index]!;
      const heard = this.#heard[index];
      const state = heard?.update() ?? bindToInterface(descriptor, interfaceName, promiscuous);
      if (state === status.state) continue;
      status.state = state;
      changes.push({ interfaceName, state });
    }
    return changes;
  }

  /** Brings the counters in `status` up to date. The kernel forgets what it reported: they add up here. */
  readStatistics(): void {
    const counters = this.#statistics;
    for (let index = 0; index < this.#handles.length; index++) {
      const { descriptor } = this.#handles[index]!;
      const status = this.status[index]!;
      // struct tpacket_stats_v3 of linux/if_packet.h: packets (drops included), drops, freezes.
      getSocketOption(
        descriptor,
        Packet.SOL_PACKET,
        Packet.PACKET_STATISTICS,
        counters,
        'read the statistics of a ring',
      );
      status.packets += counters[0]!;
      status.drops += counters[1]!;
      status.freezes += counters[2]!;
    }
  }

  /** Closes rings and sockets, and with them the filter. Call `readStatistics` before for the last counts. */
  close(): void {
    for (const ring of this.#rings.splice(0)) ring.close();
    for (const heard of this.#heard.splice(0)) heard?.close();
    this.#mediaPorts?.close();
    this.#mediaPorts = undefined;
    for (const { descriptor, programsDescriptor } of this.#handles) {
      closeDescriptor(descriptor);
      closeDescriptor(programsDescriptor);
    }
  }

  /**
   * Several rings: a tap brings each direction on its own interface, and no answer may overtake its request.
   * So the earliest packet of all goes first, and it waits for a ring without packets until that ring cannot
   * bring an earlier one any more.
   */
  #readMerged(frame: Frame, consumer: FrameConsumer, budgetBlocks: number, limitMicros: number): number {
    const rings = this.#rings;
    const now = realTimeMicros();
    const before = blocksReturned(rings);
    let delivered = 0;
    for (;;) {
      const budget = budgetBlocks - (blocksReturned(rings) - before);
      if (budget <= 0) return delivered;
      let first = -1;
      let earliest = Number.POSITIVE_INFINITY;
      // Until when packets of the first ring may be delivered before any of another ring must be.
      let limit = limitMicros;
      for (let index = 0; index < rings.length; index++) {
        const ring = rings[index]!;
        const floor = ring.floorMicros(now);
        if (ring.isReady && floor < earliest) {
          limit = Math.min(limit, earliest);
          earliest = floor;
          first = index;
        } else {
          limit = Math.min(limit, floor);
        }
      }
      if (first < 0) return delivered;
      if (earliest > now + FUTURE_MICROS) limit = Number.POSITIVE_INFINITY;
      if (earliest > limit) return delivered;
      delivered += rings[first]!.deliver(frame, consumer, limit, budget);
    }
  }

  /** How long until a packet that is held can be delivered; Infinity when none is held. */
  #holdMillis(): number {
    let earliest = Number.POSITIVE_INFINITY;
    let emptyRings = 0;
    for (let index = 0; index < this.#rings.length; index++) {
      const head = this.#rings[index]!.headMicros();
      // A ring with a held packet stays readable: only the others can bring news.
      this.#poller.watch(index, head === NO_PACKET);
      if (head === NO_PACKET) emptyRings++;
      else if (head < earliest) earliest = head;
    }
    if (emptyRings === 0) return 0;
    const remaining = Math.ceil((earliest + SETTLE_MICROS - realTimeMicros()) / 1000);
    // By then a ring without packets has settled, unless the kernel holds some of its back: it is looked at again and again.
    return Math.max(1, remaining);
  }
}

function blocksReturned(rings: readonly PacketRing[]): number {
  let total = 0;
  for (let index = 0; index < rings.length; index++) total += rings[index]!.blocksReturned;
  return total;
}

/** The clock of the kernel's timestamps, microseconds since the epoch. */
function realTimeMicros(): number {
  return Date.now() * 1000;
}
