// SPDX-License-Identifier: Apache-2.0
import { GlobAutomaton } from '../../base/glob-automaton.ts';
import { PrefixTrie } from '../../base/prefix-trie.ts';
import type { Datagram } from '../../decode/datagram.ts';
import { Space } from '../../metrics/definition.ts';
import { MAX_CONTEXTS } from '../../metrics/shard-memory.ts';
import type { ShardWriter } from '../../metrics/shard-writer.ts';
import type { SipMessage } from '../../sip/message.ts';
import { UserAgent } from '../../sip/user-agent.ts';
import { Direction, directionNames, type TrafficContexts } from '../traffic-contexts.ts';
import { ContextTable } from './context-table.ts';
import type { LabelOptions } from './label-options.ts';

/** Where nothing that is configured says more. */
const UNKNOWN = 'unknown';
/** Label sets a worker has: as many as it has contexts, and again as many that count for others. */
const MAX_LABEL_SETS = 2 * MAX_CONTEXTS;
const USER_AGENT_BITS = 8;
const DIRECTION_BITS = 3;

/**
 * From the context of the interface and direction that a message came by to that with the labels of the configuration. A
 * label is looked up in arrays; a set of labels that is new makes a context, and then is a few words in a table.
 */
export class TrafficLabels {
  readonly #writer: ShardWriter;
  readonly #contexts: TrafficContexts;
  readonly #options: LabelOptions;
  readonly #carrierNetworks: PrefixTrie | undefined;
  readonly #carrierUris: GlobAutomaton | undefined;
  readonly #userAgents: GlobAutomaton | undefined;
  readonly #localNetworks: PrefixTrie | undefined;
  readonly #userAgent = new UserAgent();
  readonly #table = new ContextTable(MAX_LABEL_SETS);

  constructor(writer: ShardWriter, contexts: TrafficContexts, options: LabelOptions) {
    this.#writer = writer;
    this.#contexts = contexts;
    this.#options = options;
    const { carrierNetworks, carrierUris, userAgentPatterns, localNetworks } = options;
    this.#carrierNetworks = carrierNetworks && new PrefixTrie(carrierNetworks);
    this.#carrierUris = carrierUris && new GlobAutomaton(carrierUris);
    this.#userAgents = userAgentPatterns && new GlobAutomaton(userAgentPatterns);
    this.#localNetworks = localNetworks && new PrefixTrie(localNetworks);
  }

  /** The context of a message that came by `context`. One that has labels already, from another worker, stays. */
  contextOf(context: number, message: SipMessage, datagram: Datagram): number {
    const own = this.#contexts.directionOf(context);
    if (own < 0) return context;
    const direction = own === Direction.unknown ? this.#directionOf(datagram) : (own as Direction);
    const carrier = this.#carrierOf(direction, message, datagram);
    const userAgent = this.#userAgentOf(message);
    const first = (context << DIRECTION_BITS) | direction;
    const second = (carrier << USER_AGENT_BITS) | userAgent;
    const known = this.#table.find(first, second);
    if (known >= 0) return known;
    return this.#make(context, direction, carrier, userAgent, first, second);
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
  #carrierOf(direction: Direction, message: SipMessage, datagram: Datagram): number {
    const { sourceAddress, destinationAddress } = datagram;
    let carrier = 0;
    if (this.#carrierNetworks !== undefined) {
      if (direction !== Direction.outbound) carrier = this.#carrierNetworks.find(sourceAddress);
      if (carrier === 0 && direction !== Direction.inbound)
        carrier = this.#carrierNetworks.find(destinationAddress);
    }
    if (carrier !== 0 || this.#carrierUris === undefined || !message.isRequest) return carrier;
    return this.#carrierUris.match(message.bytes, message.requestUriOffset, message.requestUriLength);
  }

  #userAgentOf(message: SipMessage): number {
    if (this.#userAgents === undefined) return 0;
    const userAgent = this.#userAgent;
    userAgent.read(message);
    if (userAgent.length === 0) return 0;
    return this.#userAgents.match(message.bytes, userAgent.offset, userAgent.length);
  }

  #make(
    context: number,
    direction: Direction,
    carrier: number,
    userAgent: number,
    first: number,
    second: number,
  ): number {
    // As with any label set beyond the budget: no more of them are made.
    if (this.#table.isFull) return context;
    const { carriers, userAgents } = this.#options;
    const made = this.#writer.context(Space.traffic, [
      this.#contexts.nameOfContext(context),
      directionNames[direction]!,
      nameIn(carriers, carrier),
      nameIn(userAgents, userAgent),
    ]);
    this.#table.add(first, second, made);
    return made;
  }
}

/** A name by its number, from 1 on; none where there are no names. */
function nameIn(names: readonly string[], number: number): string {
  if (names.length === 0) return '';
  return names[number - 1] ?? UNKNOWN;
}
