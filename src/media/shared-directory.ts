// SPDX-License-Identifier: Apache-2.0
import type { PacketClock } from '../base/packet-clock.ts';
import { SharedVersion } from '../base/shared-version.ts';
import type { Datagram } from '../decode/datagram.ts';
import type { Codec } from '../rtp/codec.ts';
import { JoinedBy } from '../rtp/media-directory.ts';
import type { CallIds } from './call-ids.ts';
import { EndpointLookup } from './endpoint-lookup.ts';
import { lineOfEndpoint } from './endpoint-name.ts';
import type { JoinedAddresses } from './joined-addresses.ts';
import { JoinedMedia, type MediaLookup } from './joined-media.ts';
import { Lines } from './lines.ts';
import { FixedLimit } from './media-limits.ts';
import { hashOf, type MediaMemory } from './media-memory.ts';

/** The writer needs some microseconds. Where it takes longer, for it was interrupted, nobody waits for it. */
const MAX_TRIES = 20_000;
/** In place of a version, which is even where it may be looked at. */
const STUCK = -1;

/**
 * The calls' media that another thread keeps, as the streams of this one see it: read in place, and again where it was written
 * at the same time. Where that goes on for too long nothing is found, and `isMissed` says that it is to be asked again.
 */
export class SharedDirectory implements MediaLookup {
  /** Something may be there that was not found; who asks again takes it back. */
  isMissed = false;

  readonly #version: SharedVersion;
  readonly #lines: Lines;
  readonly #media: JoinedMedia;
  /** The version that was waited for in vain. */
  #stuckVersion = 0;

  constructor(memory: MediaMemory, clock: PacketClock) {
    const { limit, version, lines, endpoints } = memory;
    this.#version = new SharedVersion(version);
    const lookup = new EndpointLookup(limit, hashOf(memory), clock, endpoints);
    this.#lines = new Lines(limit, clock, lines);
    this.#media = new JoinedMedia(this.#lines, lookup);
  }

  get endpoint(): number {
    return this.#media.endpoint;
  }

  get endpointKey(): number {
    return this.#media.endpointKey;
  }

  get addresses(): JoinedAddresses {
    return this.#media.addresses;
  }

  get limitHits(): Float64Array {
    return this.#media.limitHits;
  }

  /** Changes when more was announced. */
  get generation(): number {
    return this.#version.generation;
  }

  find(datagram: Datagram): JoinedBy {
    const hits = this.limitHits[FixedLimit.natEndpoints]!;
    for (let version = this.#begin(); version !== STUCK; version = this.#begin()) {
      const found = this.#media.find(datagram);
      if (this.#version.isStill(version)) return found;
      this.limitHits[FixedLimit.natEndpoints] = hits;
    }
    return this.#miss();
  }

  findOfRtcp(datagram: Datagram): JoinedBy {
    const hits = this.limitHits[FixedLimit.natEndpoints]!;
    for (let version = this.#begin(); version !== STUCK; version = this.#begin()) {
      const found = this.#media.findOfRtcp(datagram);
      if (this.#version.isStill(version)) return found;
      this.limitHits[FixedLimit.natEndpoints] = hits;
    }
    return this.#miss();
  }

  isStill(endpoint: number, endpointKey: number): boolean {
    return this.#media.isStill(endpoint, endpointKey);
  }

  codecOf(endpoint: number, payloadType: number): Codec {
    for (let version = this.#begin(); version !== STUCK; version = this.#begin()) {
      const codec = this.#media.codecOf(endpoint, payloadType);
      if (this.#version.isStill(version)) return codec;
    }
    return this.#media.codecOf(-1, payloadType);
  }

  ratedCodecOf(endpoint: number, payloadType: number): number {
    for (let version = this.#begin(); version !== STUCK; version = this.#begin()) {
      const rated = this.#media.ratedCodecOf(endpoint, payloadType);
      if (this.#version.isStill(version)) return rated;
    }
    return this.#media.ratedCodecOf(-1, payloadType);
  }

  clockRateOf(endpoint: number, payloadType: number): number {
    for (let version = this.#begin(); version !== STUCK; version = this.#begin()) {
      const clockRate = this.#media.clockRateOf(endpoint, payloadType);
      if (this.#version.isStill(version)) return clockRate;
    }
    return this.#media.clockRateOf(-1, payloadType);
  }

  isEncrypted(endpoint: number): boolean {
    return this.#media.isEncrypted(endpoint);
  }

  /** Copies the Call-ID of the call an endpoint belongs to, from the memory of the same thread. Returns its length, 0 for none. */
  copyCallId(endpoint: number, endpointKey: number, callIds: CallIds, into: Uint8Array): number {
    if (endpoint < 0) return 0;
    const line = lineOfEndpoint(endpoint);
    for (let version = this.#begin(); version !== STUCK; version = this.#begin()) {
      let length = 0;
      if (this.#lines.wasOnce(line, endpointKey)) {
        const call = this.#lines.callOf(line);
        const offset = callIds.offsetOf(call);
        length = Math.min(callIds.lengthOf(call), into.length);
        for (let i = 0; i < length; i++) into[i] = callIds.bytes[offset + i]!;
      }
      if (this.#version.isStill(version)) return length;
    }
    return 0;
  }

  #miss(): JoinedBy {
    this.isMissed = true;
    this.#media.forget();
    return JoinedBy.none;
  }

  /** The version to look at; `STUCK` where it is being written and that does not end. */
  #begin(): number {
    const shared = this.#version;
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      const { version } = shared;
      if ((version & 1) === 0) return version;
      if (version === this.#stuckVersion) break;
    }
    this.#stuckVersion = shared.version;
    return STUCK;
  }
}
