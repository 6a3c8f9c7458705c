// SPDX-License-Identifier: Apache-2.0
import type { GlobTables } from '../../base/glob-automaton.ts';

/** Where a label gets its values from; what is absent makes no label. All of it survives structured cloning. */
export interface LabelOptions {
  /** Values of `carrier`; the trie, the automaton and the others below find their number, from 1 on. */
  readonly carriers: readonly string[];
  /** Words of a `PrefixTrie`: the carrier of an address. */
  readonly carrierNetworks?: Int32Array;
  /** The carrier of a request URI, where its address is of none. */
  readonly carrierUris?: GlobTables;
  /** Of `FieldGlobs`: the carrier of a header field of a request, where its address is of none, as `carrierOfField` has it. */
  readonly carrierHeaders?: GlobTables;
  /** Values of `ua_type`. */
  readonly userAgents: readonly string[];
  /** The type of a User-Agent or Server. */
  readonly userAgentPatterns?: GlobTables;
  /** Whether countries are those of numbers in From and To. */
  readonly hasNumberCountries?: true;
  /** Words of an `AddressTree`: the country of an address, as `countryNumber` has it. */
  readonly addressCountries?: Int32Array;
  /** Words of a `PrefixTrie`: 1 for addresses of this side, which tell the direction where the interface does not. */
  readonly localNetworks?: Int32Array;
}

const CARRIER_BITS = 10;

/** What a pattern of a header field finds: the lowest is that of the pattern that was given first. */
export const fieldValue = (place: number, carrier: number): number => ((place + 1) << CARRIER_BITS) | carrier;

/** The carrier in such a value. */
export const carrierOfField = (value: number): number => value & ((1 << CARRIER_BITS) - 1);
