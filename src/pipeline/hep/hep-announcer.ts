// SPDX-License-Identifier: Apache-2.0
import { ByteRing } from '../../base/byte-ring.ts';
import type { Datagram } from '../../decode/datagram.ts';
import type { ShardMemory } from '../../metrics/shard-memory.ts';
import { HANDOVER_HEADER_BYTES, leastRingBytes, writeHandover } from '../handover-record.ts';

/** What the thread that receives HEP and the worker that has the media of calls share; all of it survives structured cloning. */
export interface HepAnnouncementsData {
  readonly ring: SharedArrayBuffer;
  /** That of the thread that receives. */
  readonly shard: SharedArrayBuffer;
}

/** The memory for it: `ringBytes`, but at least room for two messages of `maxMessageBytes`. */
export function makeHepAnnouncements(
  shard: ShardMemory,
  ringBytes: number,
  maxMessageBytes: number,
): HepAnnouncementsData {
  const bytes = Math.max(ringBytes, leastRingBytes(maxMessageBytes));
  return { ring: ByteRing.allocate(bytes).buffer, shard: shard.buffer };
}

/** Hands messages that came by HEP, and say something of a call's media, to the worker that has the media of calls. */
export class HepAnnouncer {
  readonly #ring: ByteRing;

  constructor({ ring }: HepAnnouncementsData) {
    this.#ring = new ByteRing(ring);
  }

  /** Hands over the message in a datagram, seen at `seenMicros[0]`. Returns false where there was no room. Allocates nothing. */
  tell(datagram: Datagram, context: number, seenMicros: Float64Array): boolean {
    const ring = this.#ring;
    const at = ring.reserve(HANDOVER_HEADER_BYTES + datagram.payloadLength);
    if (at < 0) return false;
    writeHandover(ring.view, at, context, datagram, seenMicros, 0);
    ring.commit();
    return true;
  }
}
