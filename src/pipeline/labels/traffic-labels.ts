// SPDX-License-Identifier: Apache-2.0
import { AddressTree } from '../../base/address-tree.ts';
import { countryCode } from '../../base/country-code.ts';
import { GlobAutomaton } from '../../base/glob-automaton.ts';
import { PrefixTrie } from '../../base/prefix-trie.ts';
import type { Datagram } from '../../decode/datagram.ts';
import { Space } from '../../metrics/definition.ts';
import { MAX_CONTEXTS } from '../../metrics/shard-memory.ts';
import type { ShardWriter } from '../../metrics/shard-writer.ts';
import { FieldGlobs } from '../../sip/field-globs.ts';
import { LabelFields } from '../../sip/label-fields.ts';
import type { SipMessage } from '../../sip/message.ts';
import { numberCountry } from '../../sip/number-country.ts';
import { Direction, directionNames, type LabelSets, type TrafficContexts } from '../traffic-contexts.ts';
import { ContextTable } from './context-table.ts';
import { carrierOfField, type LabelOptions } from './label-options.ts';

/** Where nothing that is configured says more. */
const UNKNOWN = 'unknown';
/** Label sets a worker has: as many as it has contexts, and again as many that count for others. */
const MAX_LABEL_SETS = 2 * MAX_CONTEXTS;
/** Of the two words a set of labels is: context, source country and direction; carrier, destination country and user agent. */
const DIRECTION_BITS = 2;
const COUNTRY_BITS = 10;
const USER_AGENT_BITS = 8;
/** Label sets of the configuration that are made before anything counts in them leave as many contexts for others. */
const MAX_EARLY_CONTEXTS = MAX_CONTEXTS / 2;
/** What a message can be where its interface does not tell, but local networks do. */
const toldByNetworks: readonly Direction[] = [Direction.inbound, Direction.outbound, Direction.forwarded];

/**
 * From the context of the interface and direction that a message came by to that with the labels of the configuration. A
 * label is looked up in arrays; a set of labels that is new makes a context, and then is a few words in a table.
 */
export class TrafficLabels implements LabelSets {
  readonly #writer: ShardWriter;
  readonly #contexts: TrafficContexts;
  readonly #options: LabelOptions;
  readonly #carrierNetworks: PrefixTrie | undefined;
  readonly #carrierUris: GlobAutomaton | undefined;
  readonly #userAgents: GlobAutomaton | undefined;
  readonly #localNetworks: PrefixTrie | undefined;
  readonly #hasCountries: boolean;
  readonly #addressCountries: AddressTree | undefined;
  readonly #fields: LabelFields;
  readonly #hasCarrierHeaders: boolean;
  /** Whether every message's header fields are looked through. */
  readonly #readsFields: boolean;
  readonly #table = new ContextTable(MAX_LABEL_SETS);

  constructor(writer: ShardWriter, contexts: TrafficContexts, options: LabelOptions) {
    this.#writer = writer;
    this.#contexts = contexts;
    this.#options = options;
    const { carrierNetworks, carrierUris, userAgentPatterns, localNetworks, addressCountries } = options;
    this.#carrierNetworks = carrierNetworks && new PrefixTrie(carrierNetworks);
    this.#carrierUris = carrierUris && new GlobAutomaton(carrierUris);
    this.#userAgents = userAgentPatterns && new GlobAutomaton(userAgentPatterns);
    this.#localNetworks = localNetworks && new PrefixTrie(localNetworks);
    this.#addressCountries = addressCountries && new AddressTree(addressCountries);
    this.#fields = new LabelFields(options.carrierHeaders && new FieldGlobs(options.carrierHeaders));
    this.#hasCarrierHeaders = options.carrierHeaders !== undefined;
    this.#readsFields = userAgentPatterns !== undefined || options.hasNumberCountries === true;
    this.#hasCountries = options.hasNumberCountries === true || addressCountries !== undefined;
  }

  /** The context of a message that came by `context`. One that has labels already, from another worker, stays. */
  contextOf(context: number, message: SipMessage, datagram: Datagram): number {
    const own = this.#contexts.directionOf(context);
    if (own < 0) return context;
    const direction = own === Direction.unknown ? this.#directionOf(datagram) : (own as Direction);
    let carrier = this.#carrierOf(direction, datagram);
    const asksRequest = carrier === 0 && message.isRequest;
    if (this.#readsFields || (asksRequest && this.#hasCarrierHeaders)) this.#fields.read(message);
    if (asksRequest) carrier = this.#carrierOfRequest(message);
    const userAgent = this.#userAgentOf(message);
    const sourceCountry = this.#hasCountries ? this.#sourceCountryOf(message, datagram) : 0;
    const destinationCountry = this.#hasCountries ? this.#destinationCountryOf(message, datagram) : 0;
    const first = (((context << COUNTRY_BITS) | sourceCountry) << DIRECTION_BITS) | direction;
    const second = (((carrier << COUNTRY_BITS) | destinationCountry) << USER_AGENT_BITS) | userAgent;
    const known = this.#table.find(first, second);
    if (known >= 0) return known;
    // As with any set beyond the budget: no more of them are made.
    if (this.#table.isFull) return context;
    const made = this.#make(first, second);
    this.#start([made]);
    return made;
  }

  /** Every carrier with every kind of user agents, of no country that is known: see docs/decisions/022. */
  prepare(contexts: readonly number[]): void {
    this.#start(contexts.flatMap((context) => this.#setsOf(context)));
  }

  /** The contexts of the label sets that messages by a context can have, as many as there may be. */
  #setsOf(context: number): readonly number[] {
    const own = this.#contexts.directionOf(context) as Direction;
    const isToldByNetworks = own === Direction.unknown && this.#localNetworks !== undefined;
    const { carriers, userAgents } = this.#options;
    const made: number[] = [];
    for (const direction of isToldByNetworks ? toldByNetworks : [own]) {
      for (const carrier of numbersOf(carriers)) {
        for (const userAgent of numbersOf(userAgents)) {
          if (this.#writer.contextCount >= MAX_EARLY_CONTEXTS) break;
          const first = (context << (COUNTRY_BITS + DIRECTION_BITS)) | direction;
          const second = (carrier << (COUNTRY_BITS + USER_AGENT_BITS)) | userAgent;
          const known = this.#table.find(first, second);
          made.push(known >= 0 ? known : this.#make(first, second));
        }
      }
    }
    return made;
  }

  /** Makes series of label sets start at 0: main ones, or all where only the direction is what the configuration tells. */
  #start(contexts: readonly number[]): void {
    const { carriers, userAgents } = this.#options;
    if (this.#hasCountries || carriers.length + userAgents.length > 0) this.#writer.openMain(contexts);
    else {
      for (const context of contexts)
        this.#writer.openAll(Space.traffic, context, ({ isOfPackets }) => !isOfPackets);
    }
  }

  /** By which ends are of this side. */
  #directionOf({ sourceAddress, destinationAddress }: Datagram): Direction {
    if (this.#localNetworks === undefined) return Direction.unknown;
    const isFromHere = this.#localNetworks.find(sourceAddress) !== 0;
    const isToHere = this.#localNetworks.find(destinationAddress) !== 0;
    if (isFromHere === isToHere) return Direction.forwarded;
    return isFromHere ? Direction.outbound : Direction.inbound;
  }

  /** That of the far end; where neither end is this side, of the source, or else of the destination. */
  #carrierOf(direction: Direction, { sourceAddress, destinationAddress }: Datagram): number {
    const networks = this.#carrierNetworks;
    if (networks === undefined) return 0;
    const carrier = direction === Direction.outbound ? 0 : networks.find(sourceAddress);
    return carrier === 0 && direction !== Direction.inbound ? networks.find(destinationAddress) : carrier;
  }

  /** By its header fields, or else its request URI. */
  #carrierOfRequest({ bytes, requestUriOffset, requestUriLength }: SipMessage): number {
    if (this.#hasCarrierHeaders && this.#fields.found !== 0) return carrierOfField(this.#fields.found);
    return this.#carrierUris?.match(bytes, requestUriOffset, requestUriLength) ?? 0;
  }

  #userAgentOf({ bytes }: SipMessage): number {
    const { agentOffset, agentLength } = this.#fields;
    if (this.#userAgents === undefined || agentLength === 0) return 0;
    return this.#userAgents.match(bytes, agentOffset, agentLength);
  }

  /** Of the number that calls, or else of the address that the request comes from. */
  #sourceCountryOf({ bytes, isRequest }: SipMessage, datagram: Datagram): number {
    const { fromOffset, fromLength } = this.#fields;
    let country = 0;
    if (this.#options.hasNumberCountries) country = numberCountry(bytes, fromOffset, fromLength);
    if (country !== 0 || this.#addressCountries === undefined) return country;
    return this.#addressCountries.find(isRequest ? datagram.sourceAddress : datagram.destinationAddress);
  }

  /** Of the number that is called, or else of the address that the request goes to. */
  #destinationCountryOf({ bytes, isRequest, toOffset, toLength }: SipMessage, datagram: Datagram): number {
    let country = 0;
    if (this.#options.hasNumberCountries) country = numberCountry(bytes, toOffset, toLength);
    if (country !== 0 || this.#addressCountries === undefined) return country;
    return this.#addressCountries.find(isRequest ? datagram.destinationAddress : datagram.sourceAddress);
  }

  /** The context of a set of labels that is new. */
  #make(first: number, second: number): number {
    const bitsOf = (word: number, shift: number, count: number): number =>
      (word >>> shift) & ((1 << count) - 1);
    const context = first >>> (COUNTRY_BITS + DIRECTION_BITS);
    const { carriers, userAgents } = this.#options;
    const made = this.#writer.context(Space.traffic, [
      this.#contexts.nameOfContext(context),
      directionNames[bitsOf(first, 0, DIRECTION_BITS)]!,
      nameIn(carriers, second >>> (COUNTRY_BITS + USER_AGENT_BITS)),
      nameIn(userAgents, bitsOf(second, 0, USER_AGENT_BITS)),
      this.#countryIn(bitsOf(first, DIRECTION_BITS, COUNTRY_BITS)),
      this.#countryIn(bitsOf(second, USER_AGENT_BITS, COUNTRY_BITS)),
    ]);
    this.#table.add(first, second, made);
    return made;
  }

  #countryIn(number: number): string {
    if (!this.#hasCountries) return '';
    return number === 0 ? UNKNOWN : countryCode(number);
  }
}

/** The numbers of names, then that of none. */
function numbersOf(names: readonly string[]): readonly number[] {
  return [...names.keys(), -1].map((i) => i + 1);
}

/** A name by its number, from 1 on; none where there are no names. */
function nameIn(names: readonly string[], number: number): string {
  if (names.length === 0) return '';
  return names[number - 1] ?? UNKNOWN;
}
