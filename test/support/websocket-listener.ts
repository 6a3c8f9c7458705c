// SPDX-License-Identifier: Apache-2.0
import { Arena } from '../../src/base/arena.ts';
import {
  WebSocketReader,
  type WebSocketUnread,
  webSocketStateWords,
  webSocketUnreadNames,
} from '../../src/decode/websocket.ts';

/** One direction of a connection as TCP gives it: pieces in order, and what is not read yet stays. */
export class WebSocketListener {
  /** Messages as text; `ping`, `pong` and the names of `WebSocketUnread` in angle brackets. */
  readonly events: string[] = [];
  readonly reader: WebSocketReader;
  readonly words: Int32Array = new Int32Array(webSocketStateWords);
  /** The most bytes that waited. */
  mostWaiting = 0;
  /** Bytes that were shown to the reader, again and again where they waited. */
  bytesShown = 0;
  #waiting = new Uint8Array(0);

  constructor(maxHeadBytes: number, maxMessageBytes: number, arenaBytes: number = maxMessageBytes) {
    const text = new TextDecoder('latin1');
    this.reader = new WebSocketReader(maxHeadBytes, maxMessageBytes, new Arena(arenaBytes), {
      webSocketMessage: (bytes, _view, offset, length) =>
        this.events.push(text.decode(bytes.subarray(offset, offset + length))),
      webSocketKeepAlive: (isPing) => this.events.push(isPing ? '<ping>' : '<pong>'),
      webSocketUnread: (reason: WebSocketUnread) => this.events.push(`<${webSocketUnreadNames[reason]}>`),
      webSocketArenaFull: () => {},
    });
  }

  /** Takes a piece. */
  take(piece: Uint8Array): void {
    // Something before and behind that a read beyond the bounds would find.
    const start = 3;
    const bytes = new Uint8Array(start + this.#waiting.length + piece.length + 5).fill(0x81);
    bytes.set(this.#waiting, start);
    bytes.set(piece, start + this.#waiting.length);
    const end = bytes.length - 5;
    this.bytesShown += end - start;
    const before = bytes.slice();
    const done = this.reader.read(this.words, 0, bytes, new DataView(bytes.buffer), start, end);
    if (!(done >= 0 && done <= end - start)) throw new Error(`${done} of ${end - start}`);
    if (Buffer.compare(bytes, before) !== 0) throw new Error('what was captured is changed');
    this.#waiting = bytes.slice(start + done, end);
    this.mostWaiting = Math.max(this.mostWaiting, this.#waiting.length);
  }

  /** Bytes are missing: TCP gives up what waits. */
  gap(): void {
    this.#waiting = new Uint8Array(0);
    this.reader.gap(this.words, 0);
  }
}
