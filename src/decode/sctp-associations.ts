// SPDX-License-Identifier: Apache-2.0
import type { SeededHash } from '../base/hash.ts';
import { KeyedTable } from '../base/keyed-table.ts';
import type { PacketClock } from '../base/packet-clock.ts';
import type { Expiring } from '../base/ticks.ts';
import type { Datagram } from './datagram.ts';
import { ChunkKind, parseChunk, SctpChunk } from './sctp-chunk.ts';
import { SctpChunkKind, type SctpEvents, SctpUnread } from './sctp-events.ts';
import { SctpFragments } from './sctp-fragments.ts';
import type { SctpLimits } from './sctp-limits.ts';
import { beginTsns, noteTsn, tsnWindowWords } from './tsn-window.ts';

/** After this time without a new TSN, one that comes again is a new one. */
const idleMicros = 60e6;

/**
 * User messages in SCTP packets (RFC 9260): a SIP message each (RFC 4168). A message in one chunk is read where it stands.
 * A chunk that was seen before is one that was sent again, on the same or on another path: an association is told by its
 * ports and verification tag, in each direction, not by the addresses, of which a host may use several.
 */
export class SctpAssociations implements Expiring {
  readonly table: KeyedTable;
  readonly fragments: SctpFragments;
  readonly #hash: SeededHash;
  readonly #events: SctpEvents;
  readonly #chunk = new SctpChunk();
  readonly #key = new DataView(new ArrayBuffer(8));

  constructor(
    limits: SctpLimits,
    maxMessageBytes: number,
    hash: SeededHash,
    clock: PacketClock,
    events: SctpEvents,
  ) {
    this.#hash = hash;
    this.#events = events;
    this.table = new KeyedTable(limits.maxAssociations, tsnWindowWords + 1, [idleMicros], clock);
    this.fragments = new SctpFragments(limits, maxMessageBytes, hash, clock, events);
  }

  /** When the first association or piece is due. */
  noteDue(earliestMicros: Float64Array): void {
    this.table.noteDue(earliestMicros);
    this.fragments.table.noteDue(earliestMicros);
  }

  /** One step of expiry. Returns whether there was one. */
  expire(): boolean {
    return this.table.removeDue(0) > 0 || this.fragments.expire();
  }

  /** Takes an SCTP packet, as `decodeSctp` leaves it. Never throws, allocates nothing. */
  packet(datagram: Datagram): void {
    const { table } = this;
    const chunk = this.#chunk;
    const { bytes, view, payloadOffset } = datagram;
    const end = payloadOffset + datagram.payloadLength;
    let slot = -1;
    for (let p = payloadOffset; ; p = chunk.next) {
      const kind = parseChunk(bytes, p, end, chunk);
      if (kind === ChunkKind.control) continue;
      if (kind !== ChunkKind.data) {
        if (kind === ChunkKind.malformed) this.#events.sctpUnread(SctpUnread.badChunk, 1);
        return;
      }
      if (slot < 0)
        slot = this.#association(
          (datagram.sourcePort << 16) | datagram.destinationPort,
          datagram.verificationTag,
        );
      if (!noteTsn(table.words, table.fieldsOf(slot), chunk.tsn)) {
        this.#events.sctpChunk(SctpChunkKind.duplicate);
      } else if (chunk.isFirst && chunk.isLast) {
        this.#events.sctpChunk(SctpChunkKind.message);
        this.#events.sctpMessage(bytes, view, chunk.userDataOffset, chunk.userDataLength);
      } else {
        this.#events.sctpChunk(SctpChunkKind.fragment);
        this.fragments.take(chunk, view, table.keyLow(slot), datagram.verificationTag);
      }
    }
  }

  /** The record of an association; made where there is none, for the chunk that is the first to be seen. */
  #association(ports: number, verificationTag: number): number {
    const { table } = this;
    this.#key.setInt32(0, ports);
    this.#key.setInt32(4, verificationTag);
    this.#hash.hash(this.#key, 0, 8);
    const { low, high } = this.#hash;
    let slot = table.find(low, high);
    if (slot >= 0) {
      table.move(slot, 0);
      return slot;
    }
    table.makeRoom();
    slot = table.insert(low, high, 0);
    beginTsns(table.words, table.fieldsOf(slot), this.#chunk.tsn);
    return slot;
  }
}
