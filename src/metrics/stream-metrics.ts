// SPDX-License-Identifier: Apache-2.0
import type { SegmentKind, StreamLoss } from '../decode/stream-events.ts';
import { Counter } from './counter.ts';
import { Space } from './definition.ts';
import type { ShardWriter } from './shard-writer.ts';

/** Counts what becomes of TCP streams. */
export class StreamMetrics {
  readonly #segments: Counter;
  readonly #losses: Counter;
  readonly #lostBytes: Counter;
  readonly #unreadBytes: Counter;
  readonly #noContentLength: Counter;
  readonly #bufferBytes: Counter;
  readonly #bufferLimitBytes: Counter;
  readonly #globalContext: number;

  constructor(writer: ShardWriter) {
    this.#segments = new Counter(writer, 'ringtap_stream_segments_total');
    this.#losses = new Counter(writer, 'ringtap_stream_losses_total');
    this.#lostBytes = new Counter(writer, 'ringtap_stream_lost_bytes_total');
    this.#unreadBytes = new Counter(writer, 'ringtap_stream_unread_bytes_total');
    this.#noContentLength = new Counter(writer, 'sip_missing_content_length_total');
    this.#bufferBytes = new Counter(writer, 'ringtap_stream_buffer_bytes');
    this.#bufferLimitBytes = new Counter(writer, 'ringtap_stream_buffer_limit_bytes');
    this.#globalContext = writer.context(Space.global, []);
  }

  segment(interfaceContext: number, kind: SegmentKind): void {
    this.#segments.add(interfaceContext, kind, 1);
  }

  lost(interfaceContext: number, reason: StreamLoss): void {
    this.#losses.add(interfaceContext, reason, 1);
  }

  lostBytes(interfaceContext: number, reason: StreamLoss, lengthBytes: number): void {
    this.#lostBytes.add(interfaceContext, reason, lengthBytes);
  }

  unread(interfaceContext: number, lengthBytes: number): void {
    this.#unreadBytes.add(interfaceContext, 0, lengthBytes);
  }

  noContentLength(context: number): void {
    this.#noContentLength.add(context, 0, 1);
  }

  /** How much memory is in use, and how much there is. */
  buffers(usedBytes: number, limitBytes: number): void {
    this.#bufferBytes.set(this.#globalContext, 0, usedBytes);
    this.#bufferLimitBytes.set(this.#globalContext, 0, limitBytes);
  }
}
