// SPDX-License-Identifier: Apache-2.0
import type { Arena } from '../base/arena.ts';
import { beginsLikeSip } from './sip-filter.ts';
import { FrameHeader, Opcode, parseFrameHeader, unmask, WebSocketFrame } from './websocket-frame.ts';
import { findHeadEnd, isUpgradeToSip } from './websocket-upgrade.ts';

/** Why bytes of a WebSocket connection are not read; `reason` label values in `webSocketUnreadNames`. */
export const WebSocketUnread = {
  /** HTTP that does not become a WebSocket for SIP: this direction is not read on. */
  notUpgraded: 0,
  /** The head of the HTTP message is longer than the limit: this direction is not read on. */
  headTooLong: 1,
  /** No frame by RFC 6455 §5, or a message that begins inside another: read on where a frame with SIP begins. */
  badFrame: 2,
  /** A message is compressed (RFC 7692). */
  compressed: 3,
  /** A message is longer than the limit. */
  messageTooLarge: 4,
} as const;
export type WebSocketUnread = (typeof WebSocketUnread)[keyof typeof WebSocketUnread];

/** Text of each `WebSocketUnread`, indexed by it. */
export const webSocketUnreadNames: readonly string[] = [
  'not_upgraded',
  'head_too_long',
  'bad_frame',
  'compressed',
  'message_too_large',
];

/** What one direction of a WebSocket connection carries. */
export interface WebSocketEvents {
  /** A message, whole and unmasked. In memory of the arena it is until that is cleared, else as what was read. */
  webSocketMessage(bytes: Uint8Array, view: DataView, offset: number, length: number): void;
  /** A ping or a pong. */
  webSocketKeepAlive(isPing: boolean): void;
  webSocketUnread(reason: WebSocketUnread): void;
  /** The arena is full: everything in it must be done with when this returns. */
  webSocketArenaFull(): void;
}

/** Int32 words of state of one direction; all 0 at its beginning. */
export const webSocketStateWords = 4;
const MODE = 0;
/** Bytes at the start of what is read next that were looked at before: whole frames of a message that goes on. */
const SCANNED = 1;
/** Payload bytes in them, and whether the message is one at all. */
const MESSAGE_LENGTH = 2;
/** Payload bytes to come of a message that is not read. */
const SKIP = 3;

/** Values of MODE. */
const Mode = {
  /** Expects the head of an HTTP message. */
  head: 0,
  /** Expects the first frame of a message, or a control frame. */
  between: 1,
  /** Expects a continuation frame. */
  inside: 2,
  /** The same, of a message that is not read. */
  insideUnread: 3,
  /** Expects a frame that begins like SIP. */
  lost: 4,
  /** Nothing is read. */
  ended: 5,
} as const;

/** Payload that is looked at to tell where a frame begins. */
const recognisedLength = 10;

/**
 * SIP over WebSocket (RFC 7118): takes the bytes of one direction of a connection, from the HTTP upgrade or from any
 * frame on, and hands out one SIP message for each WebSocket message. A direction is judged by itself: what the other
 * one says was perhaps not seen.
 */
export class WebSocketReader {
  readonly #maxHeadBytes: number;
  readonly #maxMessageBytes: number;
  readonly #arena: Arena;
  readonly #events: WebSocketEvents;
  readonly #frame = new WebSocketFrame();
  readonly #beginning = new Uint8Array(recognisedLength);
  readonly #beginningView = new DataView(this.#beginning.buffer);

  /** The arena has room for `maxMessageBytes` at least. */
  constructor(maxHeadBytes: number, maxMessageBytes: number, arena: Arena, events: WebSocketEvents) {
    this.#maxHeadBytes = maxHeadBytes;
    this.#maxMessageBytes = maxMessageBytes;
    this.#arena = arena;
    this.#events = events;
  }

  /**
   * Reads the bytes from `start` to `end`, in order and without a gap behind those that were read before, of the
   * direction whose state is at `state` in `words`. Returns how many it is done with; the others are to be there again,
   * with more behind them. All bytes are looked at a bounded number of times. Never throws, allocates nothing.
   */
  read(
    words: Int32Array,
    state: number,
    bytes: Uint8Array,
    view: DataView,
    start: number,
    end: number,
  ): number {
    let p = start;
    if (words[state + MODE] === Mode.head) {
      p += this.#readHead(words, state, bytes, start, end);
      if (p === start) return 0;
    }
    if (words[state + MODE] === Mode.lost && this.beginsLikeFrame(bytes, view, p, end)) {
      words[state + MODE] = Mode.between;
    }
    if (words[state + MODE]! >= Mode.lost) return end - start;
    return this.#readFrames(words, state, bytes, view, p, end) - start;
  }

  /** The direction was not seen from its beginning on: no HTTP is expected, and `beginsLikeFrame` held for what comes. */
  joinMidStream(words: Int32Array, state: number): void {
    this.#setMode(words, state, Mode.between);
  }

  /** Bytes are missing: what is under way is lost, and reading goes on where a frame begins that carries SIP. */
  gap(words: Int32Array, state: number): void {
    if (words[state + MODE] !== Mode.ended) this.#setMode(words, state, Mode.lost);
  }

  /**
   * Whether a frame begins at `p` that carries the beginning of a SIP message: a first frame, not compressed, with a
   * length in as few bytes as can be (RFC 6455 §5.2) that suffices for a start line.
   */
  beginsLikeFrame(bytes: Uint8Array, view: DataView, p: number, end: number): boolean {
    const frame = this.#frame;
    const headerLength = parseFrameHeader(bytes, p, end, frame);
    if (headerLength <= 0 || frame.isCompressed) return false;
    if (frame.opcode !== Opcode.text && frame.opcode !== Opcode.binary) return false;
    const lengthField = bytes[p + 1]! & 0x7f;
    if (lengthField === 126 && frame.payloadLength < 126) return false;
    if (lengthField === 127 && frame.payloadLength < 0x1_0000) return false;
    const payload = p + headerLength;
    if (frame.payloadLength < recognisedLength || payload + recognisedLength > end) return false;
    unmask(view, payload, recognisedLength, frame.maskingKey, this.#beginningView, 0);
    return beginsLikeSip(this.#beginning, 0, recognisedLength);
  }

  #setMode(words: Int32Array, state: number, mode: number): void {
    words[state + MODE] = mode;
    words[state + SCANNED] = 0;
    words[state + MESSAGE_LENGTH] = 0;
    words[state + SKIP] = 0;
  }

  #readHead(words: Int32Array, state: number, bytes: Uint8Array, start: number, end: number): number {
    // An empty line may have begun in what was looked at before.
    const headEnd = findHeadEnd(bytes, start + Math.max(0, words[state + SCANNED]! - 2), end);
    const length = (headEnd < 0 ? end : headEnd) - start;
    if (length > this.#maxHeadBytes) return this.#end(words, state, WebSocketUnread.headTooLong, end - start);
    words[state + SCANNED] = length;
    if (headEnd < 0) return 0;
    if (!isUpgradeToSip(bytes, start, headEnd)) {
      return this.#end(words, state, WebSocketUnread.notUpgraded, end - start);
    }
    this.#setMode(words, state, Mode.between);
    return length;
  }

  #end(words: Int32Array, state: number, reason: WebSocketUnread, consumed: number): number {
    this.#setMode(words, state, Mode.ended);
    this.#events.webSocketUnread(reason);
    return consumed;
  }

  /** Reads frames from `start` on; returns the index up to which it is done. */
  #readFrames(
    words: Int32Array,
    state: number,
    bytes: Uint8Array,
    view: DataView,
    start: number,
    end: number,
  ): number {
    const frame = this.#frame;
    const skipped = Math.min(words[state + SKIP]!, end - start);
    words[state + SKIP]! -= skipped;
    // Where the message begins, and how far its frames have been looked at.
    let begin = start + skipped;
    let p = begin + words[state + SCANNED]!;
    while (words[state + SKIP] === 0) {
      const headerLength = parseFrameHeader(bytes, p, end, frame);
      if (headerLength === FrameHeader.incomplete) break;
      if (headerLength < 0 || !this.#isExpected(words[state + MODE]!)) {
        this.#setMode(words, state, Mode.lost);
        this.#events.webSocketUnread(WebSocketUnread.badFrame);
        return end;
      }
      const payload = p + headerLength;
      if (!frame.isControl && this.#isUnread(words, state)) {
        // What was kept of the message is of no use.
        const there = Math.min(frame.payloadLength, end - payload);
        words[state + SKIP] = frame.payloadLength - there;
        words[state + MODE] = frame.isFinal ? Mode.between : Mode.insideUnread;
        begin = p = payload + there;
        continue;
      }
      if (frame.payloadLength > end - payload) break;
      p = payload + frame.payloadLength;
      if (frame.isControl) {
        if (frame.opcode !== Opcode.close) this.#events.webSocketKeepAlive(frame.opcode === Opcode.ping);
        if (words[state + MODE] !== Mode.inside) begin = p;
        continue;
      }
      words[state + MESSAGE_LENGTH]! += frame.payloadLength;
      words[state + MODE] = Mode.inside;
      if (!frame.isFinal) continue;
      this.#message(bytes, view, begin, p, words[state + MESSAGE_LENGTH]!);
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
  #isUnread(words: Int32Array, state: number): boolean {
    const frame = this.#frame;
    if (words[state + MODE] === Mode.insideUnread) return true;
    const isTooLarge = frame.payloadLength > this.#maxMessageBytes - words[state + MESSAGE_LENGTH]!;
    if (!frame.isCompressed && !isTooLarge) return false;
    words[state + MESSAGE_LENGTH] = 0;
    this.#events.webSocketUnread(
      frame.isCompressed ? WebSocketUnread.compressed : WebSocketUnread.messageTooLarge,
    );
    return true;
  }

  /** Hands out the message whose frames, and control frames between them, stand from `begin` to `end`. */
  #message(bytes: Uint8Array, view: DataView, begin: number, end: number, length: number): void {
    const frame = this.#frame;
    let p = begin + parseFrameHeader(bytes, begin, end, frame);
    if (frame.isFinal && frame.maskingKey === 0) {
      this.#events.webSocketMessage(bytes, view, p, length);
      return;
    }
    const arena = this.#arena;
    let target = arena.take(length);
    if (target < 0) {
      this.#events.webSocketArenaFull();
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
    this.#events.webSocketMessage(arena.bytes, arena.view, target, length);
  }
}
