// SPDX-License-Identifier: Apache-2.0
import { connectionOf, type StreamChunk, type StreamReader } from '../decode/byte-stream.ts';
import type { StreamEvents } from '../decode/stream-events.ts';
import { Beginning, frameBeginning } from '../decode/websocket-beginning.ts';

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
/** Of the first byte of a WebSocket frame: bits that are 0 where it is not compressed and its opcode is one. */
const FRAME_ZERO_BITS = 0x70;
/** Returned instead of a protocol: what is there tells nothing, the next segment may. */
const UNDECIDED = -1;

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
    let protocol: number = this.#protocols[connection]!;
    if (protocol === StreamProtocol.unknown) {
      protocol = protocolOf(chunk);
      if (protocol === StreamProtocol.unknown) return 0;
      if (protocol === UNDECIDED) return this.#passOver(stream, chunk);
      this.#protocols[connection] = protocol;
    }
    const reader = this.#readers[protocol];
    if (reader !== undefined) return reader.read(stream, chunk);
    return this.#passOver(stream, chunk);
  }

  gap(stream: number): void {
    this.#readers[this.protocolOf(stream)]?.gap(stream);
  }

  end(connection: number): void {
    this.#readers[this.#protocols[connection]!]?.end(connection);
    this.#protocols[connection] = StreamProtocol.unknown;
  }

  #passOver(stream: number, { start, end }: StreamChunk): number {
    this.#events.unread(stream, end - start);
    return end - start;
  }
}

/** What bytes at the beginning of a connection, or somewhere in it, look like; `unknown` asks for more of them. */
function protocolOf(chunk: StreamChunk): StreamProtocol | typeof UNDECIDED {
  const { bytes, view, start, end } = chunk;
  const first = bytes[start]!;
  if (first === CR || first === LF) return StreamProtocol.sip;
  if (end - start < WORD_BYTES) {
    chunk.wantedBytes = WORD_BYTES;
    return StreamProtocol.unknown;
  }
  if (first >= TLS_FIRST_TYPE && first <= TLS_LAST_TYPE && bytes[start + 1] === TLS_VERSION) {
    return StreamProtocol.tls;
  }
  const word = view.getInt32(start);
  if (word === GET_ || word === HTTP) return StreamProtocol.websocket;
  if ((first & FRAME_ZERO_BITS) !== 0) return StreamProtocol.sip;
  // No SIP message begins so: in the middle of a connection, it may be a frame of WebSocket that goes on.
  const frame = frameBeginning(bytes, view, start, end);
  if (frame === Beginning.maybe) return StreamProtocol.unknown;
  return frame === Beginning.yes ? StreamProtocol.websocket : UNDECIDED;
}
