// SPDX-License-Identifier: Apache-2.0

// The layers of a stream, each of which hands the bytes to the next in order, without holes and without a copy where
// there is none to make:
//
//     segment -> TcpConnections -> StreamRests -> StreamReader: StreamProtocols -> SipStreams    -> message
//                order, holes      what was not                 what the         WebSocket, TLS
//                                  used comes again             connection is      '-> StreamRests -> StreamProtocols ...
//
// A stream is one direction of one connection and has a number: connection * 2 + direction, the same from the first byte
// to `end`, which frees it for another. `connection` is below the limit of connections, so that whoever keeps something
// for a stream keeps it in typed arrays of twice that length, and forgets it in `end`.

/** The connection a stream is a direction of. */
export function connectionOf(stream: number): number {
  return stream >> 1;
}

/**
 * Bytes of a stream that follow each other, lent for one call of `StreamReader.read`. One object is reused for all.
 */
export class StreamChunk {
  bytes: Uint8Array = new Uint8Array(0);
  /** The same memory as `bytes`, from the same first byte. */
  view: DataView = new DataView(this.bytes.buffer);
  /** The first byte that was not used yet. */
  start = 0;
  /** Behind the last byte that is there, more than `start`. */
  end = 0;
  /**
   * Set by a reader that leaves bytes unused: it needs this many, counted from the first unused one, and is not called
   * before they are there. 0 when it cannot tell: then any more will do, and what it looked at already is its to remember.
   * More than a stream may keep gives the unused bytes up (`StreamReader.gap`).
   */
  wantedBytes = 0;
}

/** Takes the bytes of streams, each in order. Must not throw or allocate; time linear in the bytes, for any cut. */
export interface StreamReader {
  /**
   * Takes bytes from `chunk.start` on; returns how many it used, 0 to all. The rest comes again at the beginning of the next
   * chunk of this stream, with more behind it. The bytes stay where they are and as they are until the next call of
   * `MessageSink.settle`, not longer.
   */
  read(stream: number, chunk: StreamChunk): number;
  /**
   * Bytes that nobody will see are missing behind those read so far, and what was left unused of these is gone as well:
   * the next chunk begins somewhere. Not told of a stream that was never read.
   */
  gap(stream: number): void;
  /** The connection is over, in both directions: its number may be given to another. Told once of each. */
  end(connection: number): void;
}
