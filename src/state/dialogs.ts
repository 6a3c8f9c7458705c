// SPDX-License-Identifier: Apache-2.0
import { KeyedTable } from '../base/keyed-table.ts';
import type { PacketClock } from '../base/packet-clock.ts';
import { type CallEvents, SessionEnd } from './call-events.ts';
import type { CallKey } from './call-key.ts';
import { lingerMicros } from './timers.ts';

/** Field of a record: context of the INVITE that made the dialog. */
const CONTEXT = 0;

/** Dialog states as far as they are kept (RFC 4235 §3.7.1), in the order of eviction. */
const State = { terminated: 0, confirmed: 1 } as const;

/**
 * Dialogs that an INVITE made: begun by a 2xx, ended by the first BYE whatever its answer (RFC 3261 §12.1, §15).
 * A dialog without BYE lives for the session limit after its last re-INVITE or UPDATE; no end is invented earlier.
 */
export class Dialogs {
  readonly table: KeyedTable;
  /** Dialogs given up because the table was full. */
  evictedConfirmed = 0;
  evictedTerminated = 0;

  readonly #events: CallEvents;

  constructor(limit: number, sessionLimitMicros: number, clock: PacketClock, events: CallEvents) {
    this.table = new KeyedTable(limit, [lingerMicros, sessionLimitMicros], clock);
    this.#events = events;
  }

  /** A 2xx to an INVITE confirms a dialog; a repeated 2xx, or one after the BYE, changes nothing. */
  confirm(key: CallKey, context: number): void {
    if (this.table.find(key.dialogLow, key.dialogHigh) >= 0) return;
    if (this.table.size === this.table.limit) this.#evict();
    const slot = this.table.insert(key.dialogLow, key.dialogHigh, State.confirmed);
    this.table.setField(slot, CONTEXT, context);
    this.#events.sessionBegun(context);
  }

  /** A re-INVITE or UPDATE. Returns false when its dialog is not known. */
  refresh(key: CallKey): boolean {
    const slot = this.table.find(key.dialogLow, key.dialogHigh);
    if (slot < 0) return false;
    if (this.table.queueOf(slot) === State.confirmed) {
      this.table.move(slot, State.confirmed);
    }
    return true;
  }

  /** A BYE. Returns false when its dialog is not known. */
  bye(key: CallKey): boolean {
    const slot = this.table.find(key.dialogLow, key.dialogHigh);
    if (slot < 0) return false;
    if (this.table.queueOf(slot) === State.confirmed) {
      this.#events.sessionEnded(this.table.field(slot, CONTEXT), SessionEnd.bye);
      this.table.move(slot, State.terminated);
    }
    return true;
  }

  /** Ends and forgets what is due. */
  expire(): void {
    const table = this.table;
    for (let slot = table.due(State.terminated); slot >= 0; slot = table.due(State.terminated)) {
      table.remove(slot);
    }
    for (let slot = table.due(State.confirmed); slot >= 0; slot = table.due(State.confirmed)) {
      this.#events.sessionEnded(this.table.field(slot, CONTEXT), SessionEnd.unknown);
      table.remove(slot);
    }
  }

  #evict(): void {
    const victim = this.table.victim();
    if (this.table.queueOf(victim) === State.confirmed) {
      this.evictedConfirmed++;
      this.#events.sessionEnded(this.table.field(victim, CONTEXT), SessionEnd.evicted);
    } else {
      this.evictedTerminated++;
    }
    this.table.remove(victim);
  }
}
