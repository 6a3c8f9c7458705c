// SPDX-License-Identifier: Apache-2.0
import type { SeededHash } from '../base/hash.ts';
import type { KeyedTable } from '../base/keyed-table.ts';
import type { PacketClock } from '../base/packet-clock.ts';
import type { Expiring } from '../base/ticks.ts';
import { BufferPool } from '../decode/buffer-pool.ts';
import type { Datagram } from '../decode/datagram.ts';
import { SipTransport } from '../decode/sip-transport.ts';
import type { StreamEvents, StreamLoss } from '../decode/stream-events.ts';
import type { StreamLimits } from '../decode/stream-limits.ts';
import { TcpConnections } from '../decode/tcp-connections.ts';
import type { ShardWriter } from '../metrics/shard-writer.ts';
import { StreamMetrics } from '../metrics/stream-metrics.ts';
import type { TransportMetrics } from '../metrics/transport-metrics.ts';
import type { SipMessage } from '../sip/message.ts';
import type { MessageSink } from '../sip/message-sink.ts';
import { parseMessage } from '../sip/parse-message.ts';
import { ParseResult } from '../sip/parse-result.ts';
import type { ParserLimits } from '../sip/parser-limits.ts';
import { SipStreams } from '../sip/sip-streams.ts';
import type { WebSocketLimits } from '../sip/websocket-limits.ts';
import { type WebSocketEvents, WebSocketStreams } from '../sip/websocket-streams.ts';
import type { WebSocketUnread } from '../sip/websocket-unread.ts';
import type { TlsStreams } from '../tls/tls-streams.ts';
import { SipOverTls, type TlsOptions } from './sip-over-tls.ts';
import { StreamProtocols } from './stream-protocols.ts';

/** The batch of messages that wait for the state, as far as streams fill it. */
export interface MessageSlots {
  /** The objects of the next message. */
  readonly message: SipMessage;
  readonly datagram: Datagram;
  /** Both are filled, with a message seen in a context. */
  add(context: number): void;
  notMessage(context: number, result: ParseResult): void;
  /** What is added from now on was seen at this time. */
  seenAt(micros: number): void;
  /** All that wait go to the state. */
  release(): void;
}

/** What `SipOverTcp` is made of. */
export interface StreamParts {
  readonly limits: StreamLimits;
  readonly webSocket: WebSocketLimits;
  readonly transportMetrics: TransportMetrics;
  /** Without it TLS is not read. */
  readonly tls: TlsOptions | undefined;
  readonly parser: ParserLimits;
  readonly hash: SeededHash;
  /** Time of frames, which is ahead of that of the messages that wait. */
  readonly clock: PacketClock;
  readonly writer: ShardWriter;
  readonly slots: MessageSlots;
}

/** From TCP segments to the messages of the batch: builds the layers of src/decode/byte-stream.ts and stands at both ends. */
export class SipOverTcp implements MessageSink, StreamEvents, WebSocketEvents, Expiring {
  readonly #parser: ParserLimits;
  readonly #slots: MessageSlots;
  readonly #clock: PacketClock;
  readonly #metrics: StreamMetrics;
  readonly #transportMetrics: TransportMetrics;
  readonly #pool: BufferPool;
  readonly #connections: TcpConnections;
  readonly #tls: SipOverTls | undefined;
  /** Counts messages: `ipIdentification` of their datagrams. */
  #count = 0;

  /** Throws KeyLogError. */
  constructor(parts: StreamParts) {
    const { limits, parser, hash, clock, writer, slots } = parts;
    this.#parser = parser;
    this.#slots = slots;
    this.#clock = clock;
    this.#metrics = new StreamMetrics(writer);
    this.#transportMetrics = parts.transportMetrics;
    this.#pool = new BufferPool(limits.memoryBytes, limits.directionBytes, () => slots.release());
    if (parts.tls !== undefined) {
      this.#tls = new SipOverTls({
        options: parts.tls,
        streamLimits: limits,
        pool: this.#pool,
        hash,
        clock,
        writer,
        inside: this.#protocols(parts, SipTransport.tls, SipTransport.wss),
        streamEvents: this,
        readAgain: (stream) => this.#connections.readAgain(stream),
        seenAt: (micros) => slots.seenAt(micros),
      });
    }
    const protocols = this.#protocols(parts, SipTransport.tcp, SipTransport.ws, this.#tls?.streams);
    this.#connections = new TcpConnections(limits, hash, clock, this.#pool, protocols, this);
  }

  /** The table of connections. */
  get table(): KeyedTable {
    return this.#connections.table;
  }

  /** The tables of TLS, where it is read. */
  get tlsTables(): readonly KeyedTable[] {
    return this.#tls?.tables ?? [];
  }

  /** Takes a segment. What its bytes complete goes into the batch, maybe into `segment` itself. */
  segment(segment: Datagram, context: number, interfaceContext: number): void {
    const kind = this.#connections.segment(segment, context, interfaceContext);
    this.#metrics.segment(interfaceContext, kind);
    this.#tls?.streams.settle();
  }

  /** When the first connection is due. */
  noteDue(earliestMicros: Float64Array): void {
    this.#connections.noteDue(earliestMicros);
    this.#tls?.streams.noteDue(earliestMicros);
  }

  /** One step of expiry. What is read behind bytes that are given up was seen at the time of the clock. */
  expire(): boolean {
    this.#slots.seenAt(this.#clock.micros);
    return this.#tls?.streams.expire() === true || this.#connections.expire();
  }

  /** The end of a capture: nothing that is missing will come. */
  finish(): void {
    this.#connections.finish();
    this.#tls?.streams.finish();
  }

  /** Brings the figures of the memory up to date, and the key log. */
  refresh(): void {
    this.#tls?.refresh();
    this.#metrics.buffers(this.#pool.usedBytes, this.#pool.limitBytes);
  }

  get message(): SipMessage {
    return this.#slots.message;
  }

  /**
   * A stream has no copies of a datagram: each message gets a number in place of the IP identification, so that the same
   * message sent twice is a retransmission.
   */
  take(stream: number, transport: SipTransport): void {
    const { message, datagram } = this.#slots;
    this.#connections.endpoints(stream, datagram);
    datagram.transport = transport;
    datagram.bytes = message.bytes;
    datagram.view = message.view;
    datagram.payloadOffset = message.startOffset;
    datagram.payloadLength = message.bodyOffset + message.bodyLength - message.startOffset;
    this.#count = (this.#count + 1) & 0xffff;
    datagram.ipIdentification = this.#count;
    datagram.udpChecksum = 0;
    this.#slots.add(this.#connections.contextOf(stream));
  }

  notMessage(stream: number, result: ParseResult): void {
    this.#connections.endpoints(stream, this.#slots.datagram);
    this.#slots.notMessage(this.#connections.contextOf(stream), result);
  }

  unit(
    stream: number,
    transport: SipTransport,
    bytes: Uint8Array,
    view: DataView,
    offset: number,
    length: number,
  ): void {
    const parsed = parseMessage(bytes, view, offset, length, this.#parser, this.#slots.message);
    if (parsed === ParseResult.message) this.take(stream, transport);
    else this.notMessage(stream, parsed);
  }

  settle(): void {
    this.#slots.release();
  }

  lost(stream: number, reason: StreamLoss): void {
    this.#metrics.lost(this.#connections.interfaceContextOf(stream), reason);
  }

  lostBytes(stream: number, reason: StreamLoss, lengthBytes: number): void {
    this.#metrics.lostBytes(this.#connections.interfaceContextOf(stream), reason, lengthBytes);
  }

  unread(stream: number, lengthBytes: number): void {
    this.#metrics.unread(this.#connections.interfaceContextOf(stream), lengthBytes);
  }

  webSocketUnread(stream: number, reason: WebSocketUnread): void {
    this.#transportMetrics.webSocketUnread(this.#connections.interfaceContextOf(stream), reason);
  }

  noContentLength(stream: number): void {
    this.#metrics.noContentLength(this.#connections.contextOf(stream));
  }

  /** What tells the protocols of connections apart, and reads them: of TCP, or inside TLS. */
  #protocols(
    { limits: { maxConnections }, parser, webSocket }: StreamParts,
    sipTransport: SipTransport,
    webSocketTransport: SipTransport,
    tls?: TlsStreams,
  ): StreamProtocols {
    const sip = new SipStreams(maxConnections, parser, sipTransport, this, this);
    const websocket = new WebSocketStreams(
      maxConnections,
      webSocket,
      parser.maxMessageBytes,
      webSocketTransport,
      this,
      this,
    );
    return new StreamProtocols(maxConnections, { sip, websocket, ...(tls && { tls }) }, this);
  }
}
