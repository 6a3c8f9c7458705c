// SPDX-License-Identifier: Apache-2.0
import { SeededHash } from '../base/hash.ts';
import type { TableMemory } from '../base/keyed-table.ts';
import { SharedVersion } from '../base/shared-version.ts';
import type { CallIdMemory } from './call-ids.ts';
import { type EndpointMemory, sharedEndpointMemory } from './endpoint-lookup.ts';
import { Lines } from './lines.ts';

/** What signalling announced, in memory that several threads have: one has the calls and writes, all look. */
export interface MediaMemory {
  /** Lines and endpoints there is room for, as many of each. */
  readonly limit: number;
  /** Of the hash that finds endpoints; random for a live process. */
  readonly hashKey: readonly [number, number];
  /** See `SharedVersion`. */
  readonly version: SharedArrayBuffer;
  readonly lines: TableMemory;
  readonly endpoints: EndpointMemory;
  /** Where Call-IDs are wanted. */
  readonly callIds?: CallIdMemory;
}

/** Memory for `limit` endpoints. It is touched only as they come. */
export function allocateMediaMemory(
  limit: number,
  hashKey: readonly [number, number],
  callIds?: CallIdMemory,
): MediaMemory {
  return {
    limit,
    hashKey,
    version: SharedVersion.allocate(),
    lines: Lines.sharedMemory(limit),
    endpoints: sharedEndpointMemory(limit),
    ...(callIds && { callIds }),
  };
}

/** The hash that finds endpoints in such memory. */
export function hashOf({ hashKey }: MediaMemory): SeededHash {
  return new SeededHash(hashKey[0], hashKey[1]);
}
