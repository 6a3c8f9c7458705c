// SPDX-License-Identifier: Apache-2.0
import { ByteRing } from '../../base/byte-ring.ts';
import type { Datagram } from '../../decode/datagram.ts';
import { HepEncoder } from '../../hep/hep-encoder.ts';
import { HepDrop, HepOutputMetrics } from '../../metrics/hep-metrics.ts';
import type { ShardWriter } from '../../metrics/shard-writer.ts';

/** What a thread that captures needs to pass messages to the thread that sends them; survives structured cloning. */
export interface HepOutputData {
  readonly ring: SharedArrayBuffer;
  readonly nodeId: number;
  readonly authKey: Uint8Array;
}

/** Writes captured messages as HEP packets into the queue to the thread that sends them. */
export class HepOutput {
  readonly #metrics: HepOutputMetrics;
  readonly #ring: ByteRing;
  readonly #encoder: HepEncoder;

  constructor(writer: ShardWriter, { ring, nodeId, authKey }: HepOutputData) {
    this.#metrics = new HepOutputMetrics(writer);
    this.#ring = new ByteRing(ring);
    this.#encoder = new HepEncoder(nodeId, authKey);
  }

  /** Takes the message in a datagram, seen at `arrivalMicros[index]`. Never waits, allocates nothing. */
  message(datagram: Datagram, arrivalMicros: Float64Array, index: number): void {
    const length = this.#encoder.lengthFor(datagram);
    if (length === 0) {
      this.#metrics.dropped(HepDrop.tooLong, 1);
      return;
    }
    const ring = this.#ring;
    const at = ring.reserve(length);
    if (at < 0) {
      this.#metrics.dropped(HepDrop.queueFull, 1);
      return;
    }
    this.#encoder.write(ring.view, at, datagram, arrivalMicros, index);
    ring.commit();
  }
}
