// SPDX-License-Identifier: Apache-2.0
import type { StreamChunk, StreamReader } from '../decode/byte-stream.ts';
import type { SipTransport } from '../decode/sip-transport.ts';
import { type StreamEvents, StreamLoss } from '../decode/stream-events.ts';
import { bodyLengthOf, findBody, isFieldBeginning, startLineWithin } from './framing.ts';
import { ABSENT } from './header-fields.ts';
import { findLineFeed } from './lines.ts';
import type { MessageSink } from './message-sink.ts';
import { Method } from './method.ts';
import { parseStreamMessage } from './parse-message.ts';
import { ParseResult } from './parse-result.ts';
import type { ParserLimits } from './parser-limits.ts';
import { parseStartLine } from './start-line.ts';

const LF = 0x0a;
const CR = 0x0d;

/** Fields of a stream. */
const STATE = 0;
/** Bytes of the message at the beginning that were looked at. */
const SCANNED = 1;
/** Bytes of that message, once its header fields are there; else 0. */
const TOTAL = 2;
/** Of these, start line and header fields. */
const HEAD = 3;
/** Bytes to pass over: the rest of a message that is too large. */
const SKIP = 4;
/** Line ends between messages. */
const RUN = 5;
const FIELDS = 6;

/** Bits of STATE. */
const State = {
  /** Where the next message begins is not known. */
  searching: 1,
  /** The search begins inside a line. */
  midLine: 2,
  /** It is for what a gap left over. */
  afterGap: 4,
  /** The first line of the message at the beginning is a start line. */
  started: 8,
} as const;

/** Bytes of a ping, CRLF twice (RFC 5626 §3.5.1), and of a pong. */
const PING_BYTES = 4;
const PONG_BYTES = 2;

/** A Content-Length above this is not believed. */
const MAX_SKIP_BYTES = 2 ** 24;
/** Returned instead of a number of bytes: look again. */
const AGAIN = -1;

/**
 * Finds SIP messages in streams (RFC 3261 §18.3). A message that is there as a whole is parsed where it is, in one pass;
 * only where that fails its end is looked for, and what was looked at once is remembered.
 *
 * Where no start line stands, as when the capture began amid a message or bytes are missing, all is passed over up to
 * the next line that is one, or ends in one, and has a header field behind it. That may still be a line of a body (message/sipfrag): what
 * begins there counts only if it is a message in every way, and is passed over else. It is never an error.
 */
export class SipStreams implements StreamReader {
  readonly #limits: ParserLimits;
  readonly #transport: SipTransport;
  readonly #sink: MessageSink;
  readonly #events: StreamEvents;
  readonly #words: Int32Array<ArrayBuffer>;

  constructor(
    maxConnections: number,
    limits: ParserLimits,
    transport: SipTransport,
    sink: MessageSink,
    events: StreamEvents,
  ) {
    this.#words = new Int32Array(maxConnections * 2 * FIELDS);
    this.#limits = limits;
    this.#transport = transport;
    this.#sink = sink;
    this.#events = events;
  }

  read(stream: number, chunk: StreamChunk): number {
    const words = this.#words;
    const fields = stream * FIELDS;
    const { bytes, view, start, end } = chunk;
    let p = start;
    while (p < end) {
      const skip = words[fields + SKIP]!;
      if (skip > 0) {
        const passed = Math.min(skip, end - p);
        words[fields + SKIP] = skip - passed;
        p += passed;
        continue;
      }
      if (words[fields + SCANNED] === 0 && (words[fields + STATE]! & State.searching) === 0) {
        if (bytes[p]! === CR || bytes[p]! === LF) {
          p = this.#lineEnds(stream, bytes, p, end);
          continue;
        }
        words[fields + RUN] = 0;
        const { message } = this.#sink;
        if (parseStreamMessage(bytes, view, p, end, this.#limits, message) === ParseResult.message) {
          p = message.bodyOffset + message.bodyLength;
          this.#take(stream, message.contentLength);
          continue;
        }
      }
      const used = this.#frame(stream, chunk, p);
      if (used === 0) break;
      if (used !== AGAIN) p += used;
    }
    return p - start;
  }

  gap(stream: number): void {
    const fields = stream * FIELDS;
    this.#clearMessage(fields);
    this.#words[fields + STATE] = State.searching | State.afterGap;
    this.#words[fields + SKIP] = 0;
    this.#words[fields + RUN] = 0;
  }

  end(connection: number): void {
    const words = this.#words;
    const first = connection * 2 * FIELDS;
    for (let i = first; i < first + 2 * FIELDS; i++) words[i] = 0;
  }

  /**
   * Passes over line ends between messages and counts pings and pongs. What stands right before a start line is neither
   * (RFC 3261 §7.5).
   */
  #lineEnds(stream: number, bytes: Uint8Array, p: number, end: number): number {
    const words = this.#words;
    const fields = stream * FIELDS;
    let run = words[fields + RUN]!;
    for (; p < end && (bytes[p] === CR || bytes[p] === LF); p++) {
      run++;
      if (run < PING_BYTES) continue;
      this.#sink.notMessage(stream, ParseResult.keepAliveCrlf);
      run = 0;
    }
    if (p === end && run >= PONG_BYTES) {
      this.#sink.notMessage(stream, ParseResult.keepAliveCrlf);
      run = 0;
    }
    words[fields + RUN] = run;
    return p;
  }

  /**
   * Looks where the message at `p` ends, and takes it when it is there. Returns how many bytes are done with, 0 when more
   * are needed, or `AGAIN`.
   */
  #frame(stream: number, chunk: StreamChunk, p: number): number {
    const words = this.#words;
    const fields = stream * FIELDS;
    const { bytes, view, end } = chunk;
    const { maxMessageBytes } = this.#limits;
    if ((words[fields + STATE]! & State.started) === 0) {
      const isSearching = (words[fields + STATE]! & State.searching) !== 0;
      const used = isSearching ? this.#search(stream, chunk, p) : this.#startLine(stream, chunk, p);
      if ((words[fields + STATE]! & State.started) === 0) return used;
    }
    if (words[fields + TOTAL] === 0) {
      const body = findBody(bytes, view, p + Math.max(0, words[fields + SCANNED]! - 3), end);
      if (body < 0) {
        words[fields + SCANNED] = end - p;
        return end - p > maxMessageBytes ? this.#tooLarge(stream, end - p) : 0;
      }
      const headers = findLineFeed(bytes, view, p, body) + 1;
      words[fields + HEAD] = body - p;
      words[fields + TOTAL] = Math.min(MAX_SKIP_BYTES, body - p + bodyLengthOf(bytes, view, headers, body));
    }
    const total = words[fields + TOTAL]!;
    if (total > maxMessageBytes) return this.#tooLarge(stream, words[fields + HEAD]!);
    if (end - p < total) {
      words[fields + SCANNED] = end - p;
      chunk.wantedBytes = total;
      return 0;
    }
    return this.#parse(stream, chunk, p);
  }

  /** Parses a message that is there as a whole. */
  #parse(stream: number, { bytes, view }: StreamChunk, p: number): number {
    const words = this.#words;
    const fields = stream * FIELDS;
    const total = words[fields + TOTAL]!;
    const head = words[fields + HEAD]!;
    const isSearching = (words[fields + STATE]! & State.searching) !== 0;
    const { message } = this.#sink;
    const parsed = parseStreamMessage(bytes, view, p, p + total, this.#limits, message);
    this.#clearMessage(fields);
    if (parsed === ParseResult.message) {
      words[fields + STATE] = 0;
      this.#take(stream, message.contentLength);
      return total;
    }
    if (isSearching) return this.#pass(stream, head);
    this.#sink.notMessage(stream, parsed);
    return total;
  }

  #take(stream: number, contentLength: number): void {
    if (contentLength === ABSENT) this.#events.noContentLength(stream);
    this.#sink.take(stream, this.#transport);
  }

  /** A message is larger than the limit: what is known of its end is `head`, and TOTAL if that is not 0. */
  #tooLarge(stream: number, head: number): number {
    const words = this.#words;
    const fields = stream * FIELDS;
    const total = words[fields + TOTAL]!;
    const isSearching = (words[fields + STATE]! & State.searching) !== 0;
    this.#clearMessage(fields);
    if (isSearching) {
      if (total === 0) words[fields + STATE]! |= State.midLine;
      return this.#pass(stream, head);
    }
    this.#sink.notMessage(stream, ParseResult.messageTooLarge);
    if (total === 0 || total === MAX_SKIP_BYTES) return this.#lose(stream, State.midLine);
    words[fields + SKIP] = total;
    return AGAIN;
  }

  /** Whether the line at `p`, where a message should begin, is a start line, or one with an error. */
  #startLine(stream: number, { bytes, view, end }: StreamChunk, p: number): number {
    const words = this.#words;
    const fields = stream * FIELDS;
    const lineFeed = findLineFeed(bytes, view, p + words[fields + SCANNED]!, end);
    if (lineFeed === end) {
      if (end - p > this.#limits.maxHeaderBytes) return this.#lose(stream, 0);
      words[fields + SCANNED] = end - p;
      return 0;
    }
    const { message } = this.#sink;
    const parsed = parseStartLine(bytes, view, p, lineFeed + 1, message);
    if (parsed === ParseResult.notSip) return this.#lose(stream, 0);
    words[fields + STATE]! |= State.started;
    words[fields + SCANNED] = lineFeed - p;
    return AGAIN;
  }

  /** Whether the line at `p`, which may be anything, begins a message. */
  #search(stream: number, { bytes, view, end }: StreamChunk, p: number): number {
    const words = this.#words;
    const fields = stream * FIELDS;
    if (bytes[p] === CR || bytes[p] === LF) {
      words[fields + STATE]! &= ~State.midLine;
      return 1;
    }
    const lineFeed = findLineFeed(bytes, view, p + words[fields + SCANNED]!, end);
    const isMidLine = (words[fields + STATE]! & State.midLine) !== 0;
    if (lineFeed === end) {
      const isHopeless = end - p > this.#limits.maxHeaderBytes;
      if (isHopeless) words[fields + STATE]! |= State.midLine;
      words[fields + SCANNED] = isHopeless ? 0 : end - p;
      return isHopeless ? this.#pass(stream, end - p) : 0;
    }
    const { message } = this.#sink;
    const isStartLine =
      !isMidLine && parseStartLine(bytes, view, p, lineFeed + 1, message) === ParseResult.message;
    // With a body that has no line end before it, the method is one that nobody knows.
    const isCertain = isStartLine && !(message.isRequest && message.method === Method.other);
    const inside = isCertain ? -1 : startLineWithin(bytes, p, lineFeed);
    if (isStartLine && inside < 0) {
      words[fields + SCANNED] = lineFeed - p;
      const isField = isFieldBeginning(bytes, lineFeed + 1, end);
      if (isField < 0) return 0;
      if (isField > 0) {
        words[fields + STATE]! |= State.started;
        return AGAIN;
      }
    }
    words[fields + STATE]! &= ~State.midLine;
    words[fields + SCANNED] = 0;
    return this.#pass(stream, (inside < 0 ? lineFeed + 1 : inside) - p);
  }

  /** What stands where a message should begin is none. */
  #lose(stream: number, state: number): number {
    const fields = stream * FIELDS;
    this.#clearMessage(fields);
    this.#words[fields + STATE] = State.searching | state;
    this.#events.lost(stream, StreamLoss.notSip);
    return AGAIN;
  }

  /** Passes over bytes in which no message begins; returns how many. */
  #pass(stream: number, lengthBytes: number): number {
    const isAfterGap = (this.#words[stream * FIELDS + STATE]! & State.afterGap) !== 0;
    this.#events.lostBytes(stream, isAfterGap ? StreamLoss.gap : StreamLoss.notSip, lengthBytes);
    return lengthBytes;
  }

  #clearMessage(fields: number): void {
    const words = this.#words;
    words[fields + STATE]! &= ~State.started;
    words[fields + SCANNED] = 0;
    words[fields + TOTAL] = 0;
    words[fields + HEAD] = 0;
  }
}
