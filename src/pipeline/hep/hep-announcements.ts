// SPDX-License-Identifier: Apache-2.0
import { ByteRing } from '../../base/byte-ring.ts';
import type { ShardWriter } from '../../metrics/shard-writer.ts';
import { handoverContext, readHandover } from '../handover-record.ts';
import type { PacketPipeline } from '../packet-pipeline.ts';
import { ShardContexts } from '../shard-contexts.ts';
import type { HepAnnouncementsData } from './hep-announcer.ts';

/** Messages taken in a row. */
const TURN_MESSAGES = 64;

/** What the worker that has the media of calls is told by a `HepAnnouncer`. */
export class HepAnnouncements {
  readonly #ring: ByteRing;
  readonly #contexts: ShardContexts;

  constructor({ ring, shard }: HepAnnouncementsData, writer: ShardWriter) {
    this.#ring = new ByteRing(ring);
    this.#contexts = new ShardContexts(shard, writer);
  }

  /**
   * Takes some of what was told, at the packet time there is: agents are late, and a worker's time goes by its packets.
   * Returns whether there may be more.
   */
  take(pipeline: PacketPipeline): boolean {
    const ring = this.#ring;
    for (let count = 0; count < TURN_MESSAGES; count++) {
      const at = ring.next();
      if (at < 0) return false;
      readHandover(ring.bytes, ring.view, at, pipeline.nextDatagram);
      pipeline.announcement(this.#contexts.own(handoverContext(ring.view, at)));
      ring.release();
    }
    return true;
  }
}
