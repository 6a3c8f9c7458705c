// SPDX-License-Identifier: Apache-2.0
import { KeyedTable } from '../base/keyed-table.ts';
import type { PacketClock } from '../base/packet-clock.ts';

/** Queues: no stream left, and in use. */
const UNUSED = 0;
const USED = 1;

const FlowField = {
  /** Streams of the flow. */
  count: 0,
  /** The stream that began last: its slot and the low half of its key. */
  latest: 1,
  latestKey: 2,
} as const;

/** Flows of media: addresses and ports in one direction, whatever SSRCs they carry. Looked at when a stream begins or ends. */
export class Flows {
  readonly table: KeyedTable;

  constructor(limit: number, idleMicros: number, clock: PacketClock) {
    this.table = new KeyedTable(limit, 4, [idleMicros, Number.POSITIVE_INFINITY], clock);
  }

  /** The slot of a flow, or -1. */
  find(low: number, high: number): number {
    return this.table.find(low, high);
  }

  /** Streams of a flow; 0 for -1. */
  countOf(flow: number): number {
    return flow < 0 ? 0 : this.table.field(flow, FlowField.count);
  }

  /** The slot in `streams` of the stream of a flow that began last, -1 when it is gone. */
  latestOf(flow: number, streams: KeyedTable): number {
    const latest = this.table.field(flow, FlowField.latest);
    return streams.isStill(latest, this.table.field(flow, FlowField.latestKey)) ? latest : -1;
  }

  /** The low half of that stream's key: the same for the same SSRC, which may come again after a silence. */
  latestKeyOf(flow: number): number {
    return this.table.field(flow, FlowField.latestKey);
  }

  /** A stream begins; `flow` is what `find` gave. There are no more flows in use than streams. */
  begin(flow: number, low: number, high: number, stream: number, streamKey: number): number {
    const { table } = this;
    let slot = flow;
    if (slot < 0) {
      table.makeRoom();
      slot = table.insert(low, high, USED);
      table.clearFields(slot);
    } else if (this.countOf(slot) === 0) table.move(slot, USED);
    table.setField(slot, FlowField.count, this.countOf(slot) + 1);
    table.setField(slot, FlowField.latest, stream);
    table.setField(slot, FlowField.latestKey, streamKey);
    return slot;
  }

  /** A stream ended. */
  end(flow: number, flowKey: number): void {
    const { table } = this;
    if (!table.isStill(flow, flowKey)) return;
    const count = this.countOf(flow) - 1;
    table.setField(flow, FlowField.count, count);
    if (count === 0) table.move(flow, UNUSED);
  }

  /** What comes next has nothing to do with what was: forgets a flow without streams. */
  forget(flow: number, flowKey: number): void {
    const { table } = this;
    if (table.isStill(flow, flowKey) && this.countOf(flow) === 0) table.remove(flow);
  }

  /** Forgets flows that have had no stream for the idle time; returns whether there were any. */
  expire(): boolean {
    return this.table.removeDue(UNUSED) > 0;
  }
}
