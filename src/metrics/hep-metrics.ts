// SPDX-License-Identifier: Apache-2.0
import { hepProtocolOf } from '../hep/hep-protocol.ts';
import { firstHepError, HepResult } from '../hep/hep-result.ts';
import { Counter } from './counter.ts';
import { Space } from './definition.ts';
import type { ShardWriter } from './shard-writer.ts';

// The names are in families/hep.ts.
export const HepTransport = { udp: 0, tcp: 1 } as const;
export type HepTransport = (typeof HepTransport)[keyof typeof HepTransport];
export const HepRefusal = { source: 0, key: 1, connections: 2 } as const;
export type HepRefusal = (typeof HepRefusal)[keyof typeof HepRefusal];
export const HepClose = { peer: 0, error: 1, notHep: 2, incomplete: 3, idle: 4 } as const;
export type HepClose = (typeof HepClose)[keyof typeof HepClose];
export const HepDrop = { queueFull: 0, tooLong: 1, socket: 2, connectionLost: 3 } as const;
export type HepDrop = (typeof HepDrop)[keyof typeof HepDrop];

/** Counts what is received as HEP. */
export class HepInputMetrics {
  readonly #context: number;
  readonly #packets: Counter;
  readonly #skipped: Counter;
  readonly #unread: Counter;
  readonly #errors: Counter;
  readonly #refused: Counter;
  readonly #clockCorrections: Counter;
  readonly #socketDrops: Counter;
  readonly #connections: Counter;
  readonly #closed: Counter;

  constructor(writer: ShardWriter) {
    this.#context = writer.context(Space.hepInput, []);
    writer.openAll(Space.hepInput, this.#context);
    this.#packets = new Counter(writer, 'ringtap_hep_packets_total');
    this.#skipped = new Counter(writer, 'ringtap_hep_skipped_total');
    this.#unread = new Counter(writer, 'ringtap_hep_unread_total');
    this.#errors = new Counter(writer, 'ringtap_hep_errors_total');
    this.#refused = new Counter(writer, 'ringtap_hep_refused_total');
    this.#clockCorrections = new Counter(writer, 'ringtap_hep_clock_corrections_total');
    this.#socketDrops = new Counter(writer, 'ringtap_hep_socket_drops_total');
    this.#connections = new Counter(writer, 'ringtap_hep_connections');
    this.#closed = new Counter(writer, 'ringtap_hep_connections_closed_total');
  }

  packet(transport: HepTransport): void {
    this.#packets.add(this.#context, transport, 1);
  }

  /** A packet that cannot be read: a result from `compressed` on. */
  notRead(result: HepResult): void {
    if (result >= firstHepError) this.#errors.add(this.#context, result - firstHepError, 1);
    else this.#skipped.add(this.#context, result - HepResult.compressed, 1);
  }

  /** A payload that is not read, by its protocol type: 0 to 255. */
  unread(protocolType: number): void {
    this.#unread.add(this.#context, hepProtocolOf(protocolType), 1);
  }

  refused(refusal: HepRefusal): void {
    this.#refused.add(this.#context, refusal, 1);
  }

  clockCorrected(): void {
    this.#clockCorrections.add(this.#context, 0, 1);
  }

  /** Packets the kernel dropped since the start. */
  socketDrops(count: number): void {
    this.#socketDrops.set(this.#context, 0, count);
  }

  connections(count: number): void {
    this.#connections.set(this.#context, 0, count);
  }

  closed(close: HepClose): void {
    this.#closed.add(this.#context, close, 1);
  }
}

/** Counts what is sent as HEP: on the thread that captures what did not get into the queue, else on that which sends. */
export class HepOutputMetrics {
  readonly #context: number;
  readonly #packets: Counter;
  readonly #bytes: Counter;
  readonly #drops: Counter;
  readonly #errors: Counter;
  readonly #up: Counter;

  constructor(writer: ShardWriter) {
    this.#context = writer.context(Space.hepOutput, []);
    writer.openAll(Space.hepOutput, this.#context);
    this.#packets = new Counter(writer, 'ringtap_hep_sent_packets_total');
    this.#bytes = new Counter(writer, 'ringtap_hep_sent_bytes_total');
    this.#drops = new Counter(writer, 'ringtap_hep_send_drops_total');
    this.#errors = new Counter(writer, 'ringtap_hep_send_errors_total');
    this.#up = new Counter(writer, 'ringtap_hep_send_up');
  }

  sent(packets: number, lengthBytes: number): void {
    this.#packets.add(this.#context, 0, packets);
    this.#bytes.add(this.#context, 0, lengthBytes);
  }

  dropped(drop: HepDrop, count: number): void {
    this.#drops.add(this.#context, drop, count);
  }

  /** A connection that failed or was lost, or what the network reported of a packet that was sent. */
  error(): void {
    this.#errors.add(this.#context, 0, 1);
  }

  up(isUp: boolean): void {
    this.#up.set(this.#context, 0, isUp ? 1 : 0);
  }
}
