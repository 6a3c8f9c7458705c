// SPDX-License-Identifier: Apache-2.0
import type { SctpChunkKind, SctpUnread } from '../decode/sctp-events.ts';
import type { WebSocketUnread } from '../sip/websocket-unread.ts';
import { Counter } from './counter.ts';
import { Space } from './definition.ts';
import type { ShardWriter } from './shard-writer.ts';

/** Counts what becomes of WebSocket and SCTP. */
export class TransportMetrics {
  readonly #webSocketUnread: Counter;
  readonly #sctpPackets: Counter;
  readonly #sctpChunks: Counter;
  readonly #sctpUnread: Counter;
  readonly #globalContext: number;

  constructor(writer: ShardWriter) {
    this.#webSocketUnread = new Counter(writer, 'ringtap_websocket_unread_total');
    this.#sctpPackets = new Counter(writer, 'ringtap_sctp_packets_total');
    this.#sctpChunks = new Counter(writer, 'ringtap_sctp_chunks_total');
    this.#sctpUnread = new Counter(writer, 'ringtap_sctp_unread_total');
    this.#globalContext = writer.context(Space.global, []);
  }

  webSocketUnread(interfaceContext: number, reason: WebSocketUnread): void {
    this.#webSocketUnread.add(interfaceContext, reason, 1);
  }

  sctpPacket(interfaceContext: number): void {
    this.#sctpPackets.add(interfaceContext, 0, 1);
  }

  sctpChunk(interfaceContext: number, kind: SctpChunkKind): void {
    this.#sctpChunks.add(interfaceContext, kind, 1);
  }

  sctpUnread(reason: SctpUnread, chunks: number): void {
    this.#sctpUnread.add(this.#globalContext, reason, chunks);
  }
}
