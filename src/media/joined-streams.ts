// SPDX-License-Identifier: Apache-2.0
import { lineOfEndpoint } from './endpoint-name.ts';

/** The streams of RTP, as far as lines end them. */
export interface JoinedStreams {
  /** Ends the stream with a slot and key, as its reports have them, if there still is one and it still is joined to the line. */
  endOfLine(line: number, stream: number, streamKey: number): void;
}

/** What ends streams: `RtpStreams`. */
export interface EndableStreams {
  /** The endpoint of a stream as in `MediaDirectory`; -1 for none, or when the slot no longer is the stream with this key. */
  endpointOf(stream: number, streamKey: number): number;
  end(stream: number): void;
}

/** The streams of this thread. */
export class StreamsHere implements JoinedStreams {
  readonly #streams: EndableStreams;

  constructor(streams: EndableStreams) {
    this.#streams = streams;
  }

  endOfLine(line: number, stream: number, streamKey: number): void {
    const endpoint = this.#streams.endpointOf(stream, streamKey);
    if (endpoint >= 0 && lineOfEndpoint(endpoint) === line) this.#streams.end(stream);
  }
}
