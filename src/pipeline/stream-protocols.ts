// SPDX-License-Identifier: Apache-2.0
import { connectionOf, type StreamChunk, type StreamReader } from '../decode/byte-stream.ts';
import type { StreamEvents } from '../decode/stream-events.ts';

/** What a connection carries, by its first bytes; also the place of its reader. */
export const StreamProtocol = { unknown: 0, sip: 1, websocket: 2, tls: 3 } as const;
export type StreamProtocol = (typeof StreamProtocol)[keyof typeof StreamProtocol];

/** Readers by protocol. Without one, the bytes of such connections are passed over. */
export interface ProtocolReaders {
  readonly sip: StreamReader;
  readonly websocket?: StreamReader;
  readonly tls?: StreamReader;
}

const LF = 0x0a;
const CR = 0x0d;
/** `GET `, as an upgrade to WebSocket begins (RFC 6455 §4.1), and `HTTP`, as its answer does. */
const GET_ = 0x47455420;
const HTTP = 0x48545450;
const WORD_BYTES = 4;
/** The first two bytes of a TLS record (RFC 8446 §5.1): change_cipher_spec to application_data, version 3.x. */
const TLS_FIRST_TYPE = 0x14;
const TLS_LAST_TYPE = 0x17;
const TLS_VERSION = 0x03;

/**
 * Tells what a connection carries and gives its bytes, in both directions, to the reader of that. TLS has such an
 * object of its own for what is inside, without a reader for `tls`.
 */
export class StreamProtocols implements StreamReader {
  readonly #readers: readonly (StreamReader | undefined)[];
  /** By connection. */
  readonly #protocols: Uint8Array;
  readonly #events: StreamEvents;

  constructor(maxConnections: number, { sip, websocket, tls }: ProtocolReaders, events: StreamEvents) {
    this.#readers = [undefined, sip, websocket, tls];
    this.#protocols = new Uint8Array(maxConnections);
    this.#events = events;
  }

  /** What a connection carries as far as is known. */
  protocolOf(stream: number): StreamProtocol {
    return this.#protocols[connectionOf(stream)]! as StreamProtocol;
  }

  read(stream: number, chunk: StreamChunk): number {
    const connection = connectionOf(stream);
    let protocol = this.#protocols[connection]!;
    if (protocol === StreamProtocol.unknown) {
      protocol = protocolOf(chunk);
      if (protocol === StreamProtocol.unknown) {
        chunk.wantedBytes = WORD_BYTES;
        return 0;
      }
      this.#protocols[connection] = protocol;
    }
    const reader = this.#readers[protocol];
    if (reader !== undefined) return reader.read(stream, chunk);
    this.#events.unread(stream, chunk.end - chunk.start);
    return chunk.end - chunk.start;
  }

  gap(stream: number): void {
    this.#readers[this.protocolOf(stream)]?.gap(stream);
  }

  end(connection: number): void {
    this.#readers[this.#protocols[connection]!]?.end(connection);
    this.#protocols[connection] = StreamProtocol.unknown;
  }
}

/** What bytes at the beginning of a connection, or somewhere in it, look like; `unknown` asks for more of them. */
function protocolOf({ bytes, view, start, end }: StreamChunk): StreamProtocol {
  const first = bytes[start]!;
  if (first === CR || first === LF) return StreamProtocol.sip;
  if (end - start < WORD_BYTES) return StreamProtocol.unknown;
  if (first >= TLS_FIRST_TYPE && first <= TLS_LAST_TYPE && bytes[start + 1] === TLS_VERSION) {
    return StreamProtocol.tls;
  }
  const word = view.getInt32(start);
  return word === GET_ || word === HTTP ? StreamProtocol.websocket : StreamProtocol.sip;
}
