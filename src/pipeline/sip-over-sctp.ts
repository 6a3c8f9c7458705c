// SPDX-License-Identifier: Apache-2.0
import type { SeededHash } from '../base/hash.ts';
import type { KeyedTable } from '../base/keyed-table.ts';
import type { PacketClock } from '../base/packet-clock.ts';
import type { Expiring } from '../base/ticks.ts';
import type { Datagram } from '../decode/datagram.ts';
import { SctpAssociations } from '../decode/sctp-associations.ts';
import type { SctpChunkKind, SctpEvents, SctpUnread } from '../decode/sctp-events.ts';
import type { SctpLimits } from '../decode/sctp-limits.ts';
import { SipTransport } from '../decode/sip-transport.ts';
import type { TransportMetrics } from '../metrics/transport-metrics.ts';
import { parseMessage } from '../sip/parse-message.ts';
import { ParseResult } from '../sip/parse-result.ts';
import type { ParserLimits } from '../sip/parser-limits.ts';
import type { MessageSlots } from './sip-over-tcp.ts';

/** What `SipOverSctp` is made of. */
export interface SctpParts {
  readonly limits: SctpLimits;
  readonly parser: ParserLimits;
  readonly hash: SeededHash;
  /** Time of frames. */
  readonly clock: PacketClock;
  readonly metrics: TransportMetrics;
  readonly slots: MessageSlots;
}

/** From SCTP packets to the messages of the batch (RFC 4168): each user message is a SIP message. */
export class SipOverSctp implements SctpEvents, Expiring {
  readonly #parser: ParserLimits;
  readonly #slots: MessageSlots;
  readonly #metrics: TransportMetrics;
  readonly #associations: SctpAssociations;
  /** The packet that is looked at; the batch may already have it for its first message. */
  #packet: Datagram | undefined;
  #context = 0;
  #interfaceContext = 0;
  /** Counts messages: `ipIdentification` of their datagrams. */
  #count = 0;

  constructor({ limits, parser, hash, clock, metrics, slots }: SctpParts) {
    this.#parser = parser;
    this.#slots = slots;
    this.#metrics = metrics;
    this.#associations = new SctpAssociations(limits, parser.maxMessageBytes, hash, clock, this);
  }

  /** The tables of associations and of pieces that wait. */
  get tables(): readonly KeyedTable[] {
    return [this.#associations.table, this.#associations.fragments.table];
  }

  /** Takes a packet, seen in these metric contexts. Its messages go into the batch, the first into `packet` itself. */
  packet(packet: Datagram, context: number, interfaceContext: number): void {
    this.#packet = packet;
    this.#context = context;
    this.#interfaceContext = interfaceContext;
    this.#metrics.sctpPacket(interfaceContext);
    this.#associations.packet(packet);
  }

  /** When the first association or piece is due. */
  noteDue(earliestMicros: Float64Array): void {
    this.#associations.noteDue(earliestMicros);
  }

  /** One step of expiry. */
  expire(): boolean {
    return this.#associations.expire();
  }

  /**
   * Copies of a chunk do not come this far: each message gets a number in place of the IP identification, so that the same
   * message sent twice is a retransmission.
   */
  sctpMessage(bytes: Uint8Array, view: DataView, offset: number, length: number): void {
    const slots = this.#slots;
    const { datagram } = slots;
    if (datagram !== this.#packet) copyEndpoints(this.#packet!, datagram);
    const parsed = parseMessage(bytes, view, offset, length, this.#parser, slots.message);
    if (parsed !== ParseResult.message) {
      slots.notMessage(this.#context, parsed);
      return;
    }
    datagram.bytes = bytes;
    datagram.view = view;
    datagram.payloadOffset = offset;
    datagram.payloadLength = length;
    this.#count = (this.#count + 1) & 0xffff;
    datagram.ipIdentification = this.#count;
    datagram.udpChecksum = 0;
    slots.add(this.#context);
  }

  sctpChunk(kind: SctpChunkKind): void {
    this.#metrics.sctpChunk(this.#interfaceContext, kind);
  }

  sctpUnread(reason: SctpUnread, chunks: number): void {
    this.#metrics.sctpUnread(reason, chunks);
  }

  settle(): void {
    this.#slots.release();
  }
}

function copyEndpoints(from: Datagram, to: Datagram): void {
  for (let i = 0; i < 4; i++) {
    to.sourceAddress[i] = from.sourceAddress[i]!;
    to.destinationAddress[i] = from.destinationAddress[i]!;
  }
  to.ipVersion = from.ipVersion;
  to.sourcePort = from.sourcePort;
  to.destinationPort = from.destinationPort;
  to.vlanTci = from.vlanTci;
  to.transport = SipTransport.sctp;
}
