// SPDX-License-Identifier: Apache-2.0
import type { KeyedTable } from '../base/keyed-table.ts';
import type { MediaDescription } from '../sdp/session-description.ts';
import { CallField, CallFlag } from './call-record.ts';
import { areEqual } from './endpoint-lookup.ts';
import type { Endpoints } from './endpoints.ts';
import type { JoinedStreams } from './joined-streams.ts';
import type { Lines } from './lines.ts';
import { MAX_ENDPOINTS_OF_CALL } from './media-limits.ts';

/** What an endpoint is announced as; the order says which gives way to which of another call. */
const Kind = { media: 0, candidate: 1, rtcp: 2 } as const;
type Kind = (typeof Kind)[keyof typeof Kind];

/** RTCP goes with the media (RFC 5761), or only what is said of it goes there. */
const RTCP_COMPONENT = 2;

/** Makes endpoints of what media lines say, and decides whose they are where two calls say the same. */
export class Announcer {
  /** Endpoints that were left out at the last `announce`, because the call has as many as it may. */
  leftOut = 0;
  /** Streams that are ended where an endpoint moves. */
  streams: JoinedStreams | undefined;

  /** What the last `#add` made or found of the line, -1 where the endpoint is another one's or was left out. */
  #added = -1;

  readonly #calls: KeyedTable;
  readonly #lines: Lines;
  readonly #endpoints: Endpoints;

  constructor(calls: KeyedTable, lines: Lines, endpoints: Endpoints) {
    this.#calls = calls;
    this.#lines = lines;
    this.#endpoints = endpoints;
  }

  /** Announces all addresses and ports of a line; false when the table is full: then it is to be said again. */
  announce(line: number, media: MediaDescription, senderAddress: Int32Array): boolean {
    this.leftOut = 0;
    if (!media.isRtp || media.port === 0) return true;
    if (media.hasAddress && !media.isNullAddress) {
      if (!this.#add(line, media.address, 0, media.port, Kind.media, senderAddress)) return false;
      const { rtcpPort, rtcpAddress } = media;
      const isSameHost = areEqual(rtcpAddress, 0, media.address);
      if (isSameHost && rtcpPort === media.port + 1) {
        if (this.#added >= 0) this.#endpoints.setRtcpAbove(this.#added);
      } else if (rtcpPort !== 0 && (rtcpPort !== media.port || !isSameHost)) {
        if (!this.#add(line, rtcpAddress, 0, rtcpPort, Kind.rtcp, senderAddress)) return false;
      }
    }
    const { candidateAddresses, candidatePorts, candidateComponents } = media;
    for (let i = 0; i < media.candidateCount; i++) {
      const kind = candidateComponents[i] === RTCP_COMPONENT ? Kind.rtcp : Kind.candidate;
      if (!this.#add(line, candidateAddresses, 4 * i, candidatePorts[i]!, kind, senderAddress)) return false;
    }
    return true;
  }

  /** Returns false when the table is full. */
  #add(
    line: number,
    address: Int32Array,
    offset: number,
    port: number,
    kind: Kind,
    senderAddress: Int32Array,
  ): boolean {
    this.#added = -1;
    if (port === 0) return true;
    const endpoints = this.#endpoints;
    const call = this.#lines.callOf(line);
    let endpoint = endpoints.find(address, offset, port);
    if (endpoint >= 0 && endpoints.lineOf(endpoint) !== line) {
      if (kind !== Kind.rtcp && this.#isShared(line, endpoint)) return true;
      if (!this.#takeOver(call, endpoint, kind)) return true;
      endpoint = -1;
    }
    if (endpoint < 0) {
      const count = this.#calls.field(call, CallField.endpointCount);
      if (count === MAX_ENDPOINTS_OF_CALL) {
        this.leftOut++;
        return true;
      }
      endpoint = endpoints.add(line, address, offset, port);
      if (endpoint < 0) return false;
      this.#calls.setField(call, CallField.endpointCount, count + 1);
      if (kind === Kind.rtcp) endpoints.setRtcp(endpoint);
    }
    endpoints.announce(endpoint, this.#lines.roundOf(line), senderAddress);
    this.#added = endpoint;
    return true;
  }

  /** Whether an endpoint was announced by a line before this one in the same description: they share it, bundled or not. */
  #isShared(line: number, endpoint: number): boolean {
    const lines = this.#lines;
    const owner = this.#endpoints.lineOf(endpoint);
    if (!lines.isBefore(owner, line) || this.#endpoints.isRtcp(endpoint)) return false;
    if (this.#endpoints.roundOf(endpoint) !== lines.roundOf(owner)) return false;
    lines.share(line, owner);
    return true;
  }

  /**
   * Two lines have one endpoint. Within a call the one that says it last has it. Of two calls the new one has it, for a port is
   * used again as soon as a call is over, unless media flows in the old one. Where both may be on, as where a back-to-back user
   * agent passes descriptions on, nobody can tell whose the media is, and neither is blamed for having none. RTCP, whose port
   * is a guess, and candidates, which are many, never take one from who has it.
   */
  #takeOver(call: number, endpoint: number, kind: Kind): boolean {
    const calls = this.#calls;
    const line = this.#endpoints.lineOf(endpoint);
    const owner = this.#lines.callOf(line);
    const isRtcp = this.#endpoints.isRtcp(endpoint);
    if (owner === call) {
      if (kind !== Kind.media) return false;
    } else if ((calls.field(owner, CallField.flags) & CallFlag.over) === 0) {
      if (kind !== Kind.media) return false;
      if (!isRtcp) {
        const isFlowing = calls.field(owner, CallField.streams) > 0;
        this.#share(isFlowing ? call : owner);
        if (isFlowing) return false;
      }
    }
    // What still comes is the new line's, with the same SSRC maybe: streams of the old line end. None are where RTCP goes.
    const ended = isRtcp ? 0 : this.#lines.endStreams(line, this.streams);
    calls.setField(owner, CallField.streams, calls.field(owner, CallField.streams) - ended);
    this.#lines.renew(line);
    this.#endpoints.remove(endpoint);
    calls.setField(owner, CallField.endpointCount, calls.field(owner, CallField.endpointCount) - 1);
    return true;
  }

  #share(call: number): void {
    this.#calls.setField(call, CallField.flags, this.#calls.field(call, CallField.flags) | CallFlag.shared);
  }
}
