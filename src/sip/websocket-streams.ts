// SPDX-License-Identifier: Apache-2.0
import { Arena } from '../base/arena.ts';
import type { StreamChunk, StreamReader } from '../decode/byte-stream.ts';
import type { SipTransport } from '../decode/sip-transport.ts';
import type { StreamEvents } from '../decode/stream-events.ts';
import { Beginning, frameBeginning } from '../decode/websocket-beginning.ts';
import { FrameHeader, Opcode, parseFrameHeader, unmask, WebSocketFrame } from '../decode/websocket-frame.ts';
import { findHeadEnd, httpBeginning, isUpgradeToSip } from '../decode/websocket-upgrade.ts';
import type { MessageSink } from './message-sink.ts';
import { ParseResult } from './parse-result.ts';
import type { WebSocketLimits } from './websocket-limits.ts';
import { WebSocketUnread } from './websocket-unread.ts';

/** Int32 words of state of one stream; all 0 at its beginning. */
const stateWords = 4;
const MODE = 0;
/** Bytes at the start of what comes next that were looked at before. */
const SCANNED = 1;
/** Payload bytes in them that are of the message under way. */
const MESSAGE_LENGTH = 2;
/** Payload bytes to come of a message that is not read. */
const SKIP = 3;

/** Values of MODE. */
const Mode = {
  /** Expects the head of an HTTP message, or to be in the middle of a connection. */
  head: 0,
  /** Expects the first frame of a message, or a control frame. */
  between: 1,
  /** Expects a continuation frame. */
  inside: 2,
  /** The same, of a message that is not read. */
  insideUnread: 3,
  /** Expects a frame that begins like SIP. */
  lost: 4,
  /** Nothing is read but, at the beginning of a segment, another head: a client may be asked for credentials first. */
  refused: 5,
} as const;

/** What messages that are unmasked share, beside the longest one, until the state takes them. */
const arenaBytes = 0x1_0000;

/** Is told what of WebSocket connections is not read. */
export interface WebSocketEvents extends Pick<StreamEvents, 'unread'> {
  /** A message, or all that follows. */
  webSocketUnread(stream: number, reason: WebSocketUnread): void;
}

/**
 * SIP over WebSocket (RFC 7118), from the HTTP upgrade or from any frame on: each WebSocket message is a SIP message or a
 * keep-alive. A stream is judged by itself: what the other direction says was perhaps not seen.
 */
export class WebSocketStreams implements StreamReader {
  readonly #maxHeadBytes: number;
  readonly #maxMessageBytes: number;
  readonly #transport: SipTransport;
  readonly #sink: MessageSink;
  readonly #events: WebSocketEvents;
  readonly #words: Int32Array;
  readonly #frame = new WebSocketFrame();
  readonly #arena: Arena;

  constructor(
    maxConnections: number,
    limits: WebSocketLimits,
    maxMessageBytes: number,
    transport: SipTransport,
    sink: MessageSink,
    events: WebSocketEvents,
  ) {
    this.#maxHeadBytes = limits.maxHeadBytes;
    this.#maxMessageBytes = maxMessageBytes;
    this.#transport = transport;
    this.#sink = sink;
    this.#events = events;
    this.#words = new Int32Array(maxConnections * 2 * stateWords);
    this.#arena = new Arena(maxMessageBytes + arenaBytes);
  }

  /** Every byte is looked at a bounded number of times, however the stream is cut. */
  read(stream: number, chunk: StreamChunk): number {
    const { bytes, view, start, end } = chunk;
    const words = this.#words;
    const mode = stream * stateWords + MODE;
    if (words[mode] === Mode.refused && httpBeginning(bytes, start, end) !== Beginning.no) {
      words[mode] = Mode.head;
    }
    let p = start;
    do {
      if (words[mode] === Mode.head) {
        p = this.#readHead(stream, chunk, p);
        if (words[mode] === Mode.head) return p - start;
      }
      if (words[mode] === Mode.lost && p < end) {
        const beginning = frameBeginning(bytes, view, p, end);
        if (beginning === Beginning.maybe) return p - start;
        if (beginning === Beginning.yes) words[mode] = Mode.between;
      }
      if (words[mode]! >= Mode.lost) {
        this.#events.unread(stream, end - p);
        return end - start;
      }
      p = this.#readFrames(stream, chunk, p);
    } while (words[mode] === Mode.head);
    return p - start;
  }

  gap(stream: number): void {
    if (this.#words[stream * stateWords + MODE] !== Mode.refused) this.#setMode(stream, Mode.lost);
  }

  end(connection: number): void {
    this.#setMode(connection * 2, Mode.head);
    this.#setMode(connection * 2 + 1, Mode.head);
  }

  #setMode(stream: number, mode: number): void {
    const words = this.#words;
    const state = stream * stateWords;
    words[state + MODE] = mode;
    words[state + SCANNED] = 0;
    words[state + MESSAGE_LENGTH] = 0;
    words[state + SKIP] = 0;
  }

  #giveUp(stream: number, reason: WebSocketUnread, mode: number): void {
    this.#setMode(stream, mode);
    this.#events.webSocketUnread(stream, reason);
  }

  /** Returns the index behind the head at `start`, or `start` without one. */
  #readHead(stream: number, { bytes, end }: StreamChunk, start: number): number {
    const words = this.#words;
    const state = stream * stateWords;
    if (words[state + SCANNED] === 0 && httpBeginning(bytes, start, end) === Beginning.no) {
      this.#setMode(stream, Mode.lost);
      return start;
    }
    // An empty line may have begun in what was looked at before.
    const headEnd = findHeadEnd(bytes, start + Math.max(0, words[state + SCANNED]! - 2), end);
    const length = (headEnd < 0 ? end : headEnd) - start;
    if (length > this.#maxHeadBytes) {
      this.#giveUp(stream, WebSocketUnread.headTooLong, Mode.refused);
    } else if (headEnd < 0) {
      // Fewer bytes than tell that it is HTTP are looked at again.
      if (httpBeginning(bytes, start, end) === Beginning.yes) words[state + SCANNED] = length;
    } else if (!isUpgradeToSip(bytes, start, headEnd)) {
      this.#giveUp(stream, WebSocketUnread.notUpgraded, Mode.refused);
    } else {
      this.#setMode(stream, Mode.between);
      return headEnd;
    }
    return start;
  }

  /** Reads frames from `start` on; returns the index up to which it is done. */
  #readFrames(stream: number, chunk: StreamChunk, start: number): number {
    const { bytes, end } = chunk;
    const words = this.#words;
    const state = stream * stateWords;
    const frame = this.#frame;
    const skipped = Math.min(words[state + SKIP]!, end - start);
    words[state + SKIP]! -= skipped;
    if (skipped > 0) this.#events.unread(stream, skipped);
    // Where the message begins, and how far its frames have been looked at.
    let begin = start + skipped;
    let p = begin + words[state + SCANNED]!;
    while (words[state + SKIP] === 0) {
      const headerLength = parseFrameHeader(bytes, p, end, frame);
      if (headerLength === FrameHeader.incomplete) break;
      if (headerLength < 0 && begin === p && httpBeginning(bytes, p, end) !== Beginning.no) {
        // The handshake was refused, and is tried again.
        this.#setMode(stream, Mode.head);
        return p;
      }
      if (headerLength < 0 || !this.#isExpected(words[state + MODE]!)) {
        this.#giveUp(stream, WebSocketUnread.badFrame, Mode.lost);
        this.#events.unread(stream, end - begin);
        return end;
      }
      const payload = p + headerLength;
      if (!frame.isControl && this.#isUnread(stream)) {
        // What was kept of the message is of no use.
        const there = Math.min(frame.payloadLength, end - payload);
        this.#events.unread(stream, payload + there - begin);
        words[state + SKIP] = frame.payloadLength - there;
        words[state + MODE] = frame.isFinal ? Mode.between : Mode.insideUnread;
        begin = p = payload + there;
        continue;
      }
      if (frame.payloadLength > end - payload) {
        chunk.wantedBytes = payload + frame.payloadLength - begin;
        break;
      }
      p = payload + frame.payloadLength;
      if (frame.isControl) {
        this.#control(stream);
        if (words[state + MODE] !== Mode.inside) begin = p;
        continue;
      }
      words[state + MESSAGE_LENGTH]! += frame.payloadLength;
      words[state + MODE] = Mode.inside;
      if (!frame.isFinal) continue;
      this.#message(stream, chunk, begin, p, words[state + MESSAGE_LENGTH]!);
      words[state + MODE] = Mode.between;
      words[state + MESSAGE_LENGTH] = 0;
      begin = p;
    }
    words[state + SCANNED] = p - begin;
    return begin;
  }

  /** Whether the frame may stand where it does (RFC 6455 §5.4). */
  #isExpected(mode: number): boolean {
    if (this.#frame.isControl) return true;
    return (this.#frame.opcode === Opcode.continuation) === (mode !== Mode.between);
  }

  /** Whether the message of the data frame is one that is not read; counts it when it turns out to be. */
  #isUnread(stream: number): boolean {
    const words = this.#words;
    const state = stream * stateWords;
    const frame = this.#frame;
    if (words[state + MODE] === Mode.insideUnread) return true;
    const left = this.#maxMessageBytes - words[state + MESSAGE_LENGTH]!;
    if (!frame.isCompressed && frame.payloadLength <= left) return false;
    words[state + MESSAGE_LENGTH] = 0;
    this.#events.webSocketUnread(
      stream,
      frame.isCompressed ? WebSocketUnread.compressed : WebSocketUnread.messageTooLarge,
    );
    return true;
  }

  /** RFC 7118 §6: a ping keeps the connection alive. Close says nothing that the end of the connection does not. */
  #control(stream: number): void {
    if (this.#frame.opcode === Opcode.ping) this.#sink.notMessage(stream, ParseResult.keepAlivePing);
    else if (this.#frame.opcode === Opcode.pong) this.#sink.notMessage(stream, ParseResult.keepAlivePong);
  }

  /** Hands out the message whose frames, and control frames between them, stand from `begin` to `end`. */
  #message(stream: number, { bytes, view }: StreamChunk, begin: number, end: number, length: number): void {
    const frame = this.#frame;
    let p = begin + parseFrameHeader(bytes, begin, end, frame);
    if (frame.isFinal && frame.maskingKey === 0) {
      this.#sink.unit(stream, this.#transport, bytes, view, p, length);
      return;
    }
    const arena = this.#arena;
    let target = arena.take(length);
    if (target < 0) {
      this.#sink.settle();
      arena.clear();
      target = arena.take(length);
    }
    for (let to = target; ; p += parseFrameHeader(bytes, p, end, frame)) {
      if (!frame.isControl) {
        unmask(view, p, frame.payloadLength, frame.maskingKey, arena.view, to);
        to += frame.payloadLength;
      }
      p += frame.payloadLength;
      if (p >= end) break;
    }
    this.#sink.unit(stream, this.#transport, arena.bytes, arena.view, target, length);
  }
}
