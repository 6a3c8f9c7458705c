// SPDX-License-Identifier: Apache-2.0
import type { Datagram } from '../decode/datagram.ts';
import type { Codec } from '../rtp/codec.ts';
import { JoinedBy, type MediaDirectory } from '../rtp/media-directory.ts';
import { staticClockRates, staticCodecs } from '../rtp/static-payload-types.ts';
import type { EndpointLookup } from './endpoint-lookup.ts';
import { lineOfEndpoint, SENDS } from './endpoint-name.ts';
import { JoinedAddresses } from './joined-addresses.ts';
import { clockRateOfFormat, codecOfFormat, type Lines } from './lines.ts';

/** What a stream, and a packet of RTCP, ask. */
export interface MediaLookup extends MediaDirectory {
  /** Where what was found had been seen. */
  readonly addresses: JoinedAddresses;
  /** How often there was more than a limit allows, by `FixedLimit`. */
  readonly limitHits: Float64Array;
  /** `find` for a packet of RTCP. */
  findOfRtcp(datagram: Datagram): JoinedBy;
}

/** The calls' media as streams see it: whose packets are, and what is in them. */
export class JoinedMedia implements MediaLookup {
  endpoint = -1;
  endpointKey = 0;

  readonly addresses: JoinedAddresses;
  readonly limitHits: Float64Array;

  readonly #lines: Lines;
  readonly #endpoints: EndpointLookup;

  constructor(lines: Lines, endpoints: EndpointLookup) {
    this.addresses = new JoinedAddresses(lines.table.limit);
    this.limitHits = endpoints.limitHits;
    this.#lines = lines;
    this.#endpoints = endpoints;
  }

  find(datagram: Datagram): JoinedBy {
    const endpoints = this.#endpoints;
    const { sourceAddress, sourcePort, destinationAddress, destinationPort } = datagram;
    let found = endpoints.find(destinationAddress, 0, destinationPort);
    if (found >= 0) return this.#joined(found, 0, destinationAddress, JoinedBy.destination);
    found = endpoints.find(sourceAddress, 0, sourcePort);
    if (found >= 0) return this.#joined(found, SENDS, sourceAddress, JoinedBy.source);
    found = endpoints.findByPort(destinationAddress, destinationPort);
    if (found >= 0) return this.#joined(found, 0, destinationAddress, JoinedBy.port);
    found = endpoints.findByPort(sourceAddress, sourcePort);
    if (found >= 0) return this.#joined(found, SENDS, sourceAddress, JoinedBy.port);
    this.forget();
    return JoinedBy.none;
  }

  findOfRtcp(datagram: Datagram): JoinedBy {
    const endpoints = this.#endpoints;
    const { sourceAddress, sourcePort, destinationAddress, destinationPort } = datagram;
    let found = endpoints.findOfRtcp(destinationAddress, destinationPort);
    if (found >= 0) return this.#joined(found, 0, destinationAddress, JoinedBy.destination);
    found = endpoints.findOfRtcp(sourceAddress, sourcePort);
    if (found >= 0) return this.#joined(found, SENDS, sourceAddress, JoinedBy.source);
    return this.find(datagram);
  }

  /** Nothing was found. */
  forget(): void {
    this.endpoint = -1;
    this.endpointKey = 0;
  }

  isStill(endpoint: number, endpointKey: number): boolean {
    return endpoint >= 0 && this.#lines.isStill(lineOfEndpoint(endpoint), endpointKey);
  }

  codecOf(endpoint: number, payloadType: number): Codec {
    const format = this.#formatOf(endpoint, payloadType);
    return format === 0 ? (staticCodecs[payloadType] as Codec) : codecOfFormat(format);
  }

  ratedCodecOf(endpoint: number, payloadType: number): number {
    const line = endpoint < 0 ? -1 : this.#lines.ofPayloadType(lineOfEndpoint(endpoint), payloadType);
    const rated = line < 0 ? -1 : this.#lines.ratedCodecOf(line, payloadType);
    return rated < 0 ? staticCodecs[payloadType]! : rated;
  }

  clockRateOf(endpoint: number, payloadType: number): number {
    const clockRate = clockRateOfFormat(this.#formatOf(endpoint, payloadType));
    return clockRate === 0 ? staticClockRates[payloadType]! : clockRate;
  }

  isEncrypted(endpoint: number): boolean {
    return endpoint >= 0 && this.#lines.isEncrypted(lineOfEndpoint(endpoint));
  }

  /** What the line says of a payload type, or another one that shares its address; 0 for nothing. */
  #formatOf(endpoint: number, payloadType: number): number {
    if (endpoint < 0) return 0;
    const line = this.#lines.ofPayloadType(lineOfEndpoint(endpoint), payloadType);
    return this.#lines.formatOf(line, payloadType);
  }

  #joined(found: number, side: number, address: Int32Array, joinedBy: JoinedBy): JoinedBy {
    const line = this.#endpoints.lineOf(found);
    this.addresses.note(line, address, 0);
    this.endpoint = (line << 1) | side;
    this.endpointKey = this.#lines.serialOf(line);
    return joinedBy;
  }
}
