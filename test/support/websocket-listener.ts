// SPDX-License-Identifier: Apache-2.0
import { StreamChunk } from '../../src/decode/byte-stream.ts';
import { SipTransport } from '../../src/decode/sip-transport.ts';
import { SipMessage } from '../../src/sip/message.ts';
import { ParseResult } from '../../src/sip/parse-result.ts';
import { WebSocketStreams } from '../../src/sip/websocket-streams.ts';
import { webSocketUnreadNames } from '../../src/sip/websocket-unread.ts';

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1');
const keepAlives = new Map<ParseResult, string>([
  [ParseResult.keepAlivePing, '<ping>'],
  [ParseResult.keepAlivePong, '<pong>'],
]);

/** One direction of a connection as TCP gives it: pieces in order, and what was not used comes again. */
export class WebSocketListener {
  /** Messages as text; `ping`, `pong` and the names of `WebSocketUnread` in angle brackets. */
  readonly events: string[] = [];
  readonly streams: WebSocketStreams;
  /** The most bytes that waited. */
  mostWaiting = 0;
  /** Bytes that were passed over. */
  unreadBytes = 0;
  readonly #stream = 3;
  readonly #chunk = new StreamChunk();
  #waiting = new Uint8Array(0);
  /** Messages whose bytes are lent, and what they were. */
  #lent: { readonly bytes: Uint8Array; readonly text: string }[] = [];

  constructor(maxHeadBytes: number, maxMessageBytes: number) {
    const sink = {
      message: new SipMessage(),
      take: () => assert('a unit is parsed by the sink'),
      notMessage: (_stream: number, result: ParseResult) =>
        this.events.push(keepAlives.get(result) ?? assert(`result ${result}`)),
      unit: (
        stream: number,
        transport: SipTransport,
        bytes: Uint8Array,
        view: DataView,
        offset: number,
        length: number,
      ) => {
        if (stream !== this.#stream || transport !== SipTransport.ws) assert('another stream');
        if (view.buffer !== bytes.buffer || view.byteOffset !== bytes.byteOffset) assert('another view');
        const lent = bytes.subarray(offset, offset + length);
        this.events.push(text(lent));
        this.#lent.push({ bytes: lent, text: text(lent) });
      },
      settle: () => this.settle(),
    };
    const limits = { maxHeadBytes };
    this.streams = new WebSocketStreams(2, limits, maxMessageBytes, SipTransport.ws, sink, {
      unread: (_stream, lengthBytes) => {
        if (lengthBytes <= 0) assert('nothing is unread');
        this.unreadBytes += lengthBytes;
      },
      webSocketUnread: (_stream, reason) => this.events.push(`<${webSocketUnreadNames[reason]}>`),
    });
  }

  /** The messages so far must still be what they were when they were handed out. */
  settle(): void {
    for (const { bytes, text: before } of this.#lent) {
      if (text(bytes) !== before) assert('a lent message has changed');
    }
    this.#lent = [];
  }

  /** Takes a piece. */
  take(piece: Uint8Array): void {
    const chunk = this.#chunk;
    // Something before and behind that a read beyond the bounds would find.
    chunk.start = 3;
    chunk.end = 3 + this.#waiting.length + piece.length;
    chunk.bytes = new Uint8Array(chunk.end + 5).fill(0x81);
    chunk.bytes.set(this.#waiting, chunk.start);
    chunk.bytes.set(piece, chunk.start + this.#waiting.length);
    chunk.view = new DataView(chunk.bytes.buffer);
    // What is wanted need not be shown before it is all there: both must do.
    chunk.wantedBytes = 0;
    const length = chunk.end - chunk.start;
    if (length === 0) return;
    const before = chunk.bytes.slice();
    const used = this.streams.read(this.#stream, chunk);
    if (!(used >= 0 && used <= length)) assert(`${used} of ${length} used`);
    if (chunk.wantedBytes !== 0 && chunk.wantedBytes <= length - used) assert('it wants what is there');
    if (Buffer.compare(chunk.bytes, before) !== 0) assert('what was captured is changed');
    this.#waiting = chunk.bytes.slice(chunk.start + used, chunk.end);
    this.mostWaiting = Math.max(this.mostWaiting, this.#waiting.length);
  }

  /** Bytes are missing: TCP gives up what waits. */
  gap(): void {
    this.#waiting = new Uint8Array(0);
    this.streams.gap(this.#stream);
  }
}

function assert(what: string): never {
  throw new Error(what);
}
