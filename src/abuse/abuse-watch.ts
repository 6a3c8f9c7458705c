// SPDX-License-Identifier: Apache-2.0
import { AddressTree } from '../base/address-tree.ts';
import { countryCode } from '../base/country-code.ts';
import { GlobAutomaton } from '../base/glob-automaton.ts';
import type { SeededHash } from '../base/hash.ts';
import type { KeyedTable } from '../base/keyed-table.ts';
import type { PacketClock } from '../base/packet-clock.ts';
import { PrefixTrie } from '../base/prefix-trie.ts';
import type { Datagram } from '../decode/datagram.ts';
import { MAX_ADDRESS_OF_RECORD_BYTES, readAddressOfRecord } from '../sip/address-of-record.ts';
import { LabelFields } from '../sip/label-fields.ts';
import type { SipMessage } from '../sip/message.ts';
import { Method } from '../sip/method.ts';
import type { Origin, OriginEvents } from '../state/origin.ts';
import { RegistrationResult } from '../state/registration-result.ts';
import type { AbuseEvents, Finding } from './abuse-events.ts';
import type { AbuseOptions } from './abuse-options.ts';
import { AccountCountries } from './account-countries.ts';
import { Evidence, EvidenceKind, type EvidenceTaker, ScanKind } from './evidence.ts';
import { FindingKind, Findings } from './findings.ts';
import { firstSourceWord, secondSourceWord, setSourceAddress, sourceText } from './source.ts';
import { SourceCounts } from './source-counts.ts';

/** What one `refresh` expires of large tables: the rest waits for the next one, packets do not. */
const MAX_STEPS = 4096;

const SOURCE_BYTES = 8;

/** What changes while packets come. */
export type LiveAbuseOptions = Pick<AbuseOptions, 'scannerAgents' | 'trustedNetworks'>;

/** What the watch is made of. */
export interface AbuseWatchParts {
  readonly options: AbuseOptions;
  /** The same of all workers that share what a source sends. */
  readonly hash: SeededHash;
  readonly clock: PacketClock;
  readonly events: AbuseEvents;
  /** Where there are several workers. */
  readonly taker?: EvidenceTaker;
  /** Takes what is found, one by one. */
  readonly tell?: (finding: Finding) => void;
}

/** Whether a final code says that there is nobody of that address, or not for whoever asks (RFC 3261 §21.4, §21.6). */
function isRefusal(statusCode: number): boolean {
  switch (statusCode) {
    case 401:
    case 403:
    case 404:
    case 407:
    case 484:
    case 604:
      return true;
  }
  return false;
}

/**
 * Looks for abuse in what the state tells of attempts, and in requests that begin something. A source is an address, or an
 * IPv6 network. Who it is stays here: what is told is a count, and with `isTelling` a finding for the log.
 */
export class AbuseWatch implements OriginEvents {
  /** Scans, bursts and accounts, in the order of `tableNames`. */
  readonly tables: readonly KeyedTable[];

  readonly #options: AbuseOptions;
  readonly #hash: SeededHash;
  readonly #clock: PacketClock;
  readonly #events: AbuseEvents;
  readonly #taker: EvidenceTaker | undefined;
  readonly #findings: Findings | undefined;
  readonly #scans: SourceCounts;
  readonly #bursts: SourceCounts;
  readonly #accounts: AccountCountries;
  readonly #evidence = new Evidence();
  readonly #fields = new LabelFields();
  readonly #address = new Uint8Array(MAX_ADDRESS_OF_RECORD_BYTES);
  readonly #addressView = new DataView(this.#address.buffer);
  readonly #sourceView = new DataView(new ArrayBuffer(SOURCE_BYTES));
  readonly #sourceAddress = new Int32Array(4);
  #addressCountries: AddressTree | undefined;
  #trustedNetworks: PrefixTrie | undefined;
  #scannerAgents: GlobAutomaton | undefined;
  /** That of the message looked at. */
  #datagram: Datagram | undefined;

  constructor({ options, hash, clock, events, taker, tell }: AbuseWatchParts) {
    const { maxSources, scanMicros, burstMicros, scanThresholds } = options;
    const maxTargets = Math.max(...scanThresholds.slice(0, ScanKind.password));
    this.#options = options;
    this.#hash = hash;
    this.#clock = clock;
    this.#events = events;
    this.#taker = taker;
    this.#findings = tell && options.isTelling ? new Findings(clock, tell) : undefined;
    this.#scans = new SourceCounts(maxSources, scanMicros, maxTargets, hash, clock);
    this.#bursts = new SourceCounts(maxSources, burstMicros, 0, hash, clock);
    this.#accounts = new AccountCountries(options.maxAccounts, options.countryMicros, clock);
    this.tables = [this.#scans.table, this.#bursts.table, this.#accounts.table];
  }

  /** From now on it goes by this; `addressCountries` are words of an `AddressTree`. */
  use({ scannerAgents, trustedNetworks }: LiveAbuseOptions, addressCountries: Int32Array | undefined): void {
    this.#scannerAgents = scannerAgents && new GlobAutomaton(scannerAgents);
    this.#trustedNetworks = trustedNetworks && new PrefixTrie(trustedNetworks);
    this.#addressCountries = addressCountries && new AddressTree(addressCountries);
  }

  /**
   * A message, before the state takes it; `isFirst` where it was not seen before. Of OPTIONS the state keeps nothing: a response
   * with one Via is on its last hop, so that it goes to the source of the request.
   */
  message(message: SipMessage, datagram: Datagram, isFirst: boolean, context: number): void {
    this.#datagram = datagram;
    if (!isFirst) return;
    if (message.isRequest) {
      if (message.toTagLength === 0) this.#request(message, datagram, context);
    } else if (message.method === Method.options && message.viaCount === 1 && isRefusal(message.statusCode)) {
      this.#optionsRefused(message, datagram, context);
    }
  }

  identify(message: SipMessage, origin: Origin): void {
    const { sourceAddress } = this.#datagram!;
    if (this.#isTrusted(sourceAddress)) {
      origin.sourceFirst = 0;
      origin.sourceSecond = 0;
    } else {
      origin.sourceFirst = firstSourceWord(sourceAddress);
      origin.sourceSecond = secondSourceWord(sourceAddress, this.#options.ipv6PrefixBits);
    }
    if (message.method === Method.register) this.#hashTo(message);
    else this.#hash.hash(message.view, message.requestUriOffset, message.requestUriLength);
    origin.targetLow = this.#hash.low;
    origin.targetHigh = this.#hash.high;
  }

  attemptBegun(origin: Origin, context: number): void {
    this.#add(EvidenceKind.attempt, origin, context);
  }

  attemptFailed(origin: Origin, context: number, statusCode: number): void {
    if (isRefusal(statusCode)) this.#add(EvidenceKind.invite, origin, context);
  }

  registrationEnded(origin: Origin, context: number, result: RegistrationResult, statusCode: number): void {
    if (result === RegistrationResult.succeeded) this.#registered(origin, context);
    else if (isRefusal(statusCode)) {
      this.#add(EvidenceKind.registration, origin, context);
      const isPassword = result === RegistrationResult.authenticationFailed || statusCode === 403;
      if (isPassword) this.#add(EvidenceKind.password, origin, context);
    }
  }

  /** Evidence of this worker's source, from here or from another worker. */
  judge(evidence: Evidence): void {
    const { kind, context } = evidence;
    if (kind === EvidenceKind.attempt) {
      const bursts = this.#bursts;
      const count = bursts.count(evidence, this.#options.burstAttempts, false);
      if (count === 0) return;
      this.#events.burst(context, count, bursts.isNew);
      if (bursts.isNew) this.#tell(evidence);
      return;
    }
    const scans = this.#scans;
    const count = scans.count(evidence, this.#options.scanThresholds[kind]!, kind !== ScanKind.password);
    if (count === 0) return;
    this.#events.scanned(kind, context, count, scans.isNew);
    if (scans.isNew) this.#tell(evidence);
  }

  /** Forgets what is over; about once a second. */
  refresh(): void {
    for (let step = 0; step < MAX_STEPS; step++) {
      if (!this.#scans.expire() && !this.#bursts.expire() && !this.#accounts.expire()) break;
    }
  }

  /** Whether it is the request of a scanner, by its own word. */
  #request(message: SipMessage, { sourceAddress }: Datagram, context: number): void {
    const agents = this.#scannerAgents;
    if (agents === undefined) return;
    this.#fields.readUserAgent(message);
    const { agentOffset, agentLength } = this.#fields;
    if (agentLength === 0 || agents.match(message.bytes, agentOffset, agentLength) === 0) return;
    if (!this.#isTrusted(sourceAddress)) this.#events.scannerRequest(context, message.method);
  }

  /** Who looks for servers sends the same address to each: what tells targets apart is whom it asks, too. */
  #optionsRefused(message: SipMessage, datagram: Datagram, context: number): void {
    const { sourceAddress, destinationAddress } = datagram;
    if (this.#options.scanThresholds[ScanKind.options] === 0 || this.#isTrusted(destinationAddress)) return;
    const evidence = this.#evidence;
    this.#hashTo(message);
    evidence.target = this.#hash.low;
    for (let word = 0; word < 4; word++)
      evidence.target = Math.imul(evidence.target ^ sourceAddress[word]!, 0x9e3779b1);
    evidence.sourceFirst = firstSourceWord(destinationAddress);
    evidence.sourceSecond = secondSourceWord(destinationAddress, this.#options.ipv6PrefixBits);
    this.#give(EvidenceKind.options, context);
  }

  /** An account has proved who it is: where is it? Its registrations all come to this worker. */
  #registered({ sourceFirst, sourceSecond, targetLow, targetHigh }: Origin, context: number): void {
    if (this.#addressCountries === undefined || this.#options.countryMicros === 0) return;
    if ((sourceFirst | sourceSecond) === 0) return;
    setSourceAddress(this.#sourceAddress, sourceFirst, sourceSecond);
    const country = this.#addressCountries.find(this.#sourceAddress);
    if (country === 0 || !this.#accounts.isChange(targetLow, targetHigh, country)) return;
    this.#events.countryChanged(context);
    if (this.#findings?.hasRoom(FindingKind.country) !== true) return;
    this.#findings.tell(FindingKind.country, {
      source: sourceText(sourceFirst, sourceSecond, this.#options.ipv6PrefixBits),
      country: countryCode(country),
      before: [...this.#accounts.before]
        .filter((number) => number !== 0)
        .map(countryCode)
        .join(),
    });
  }

  /** Evidence of an attempt, if it is looked for. */
  #add(kind: EvidenceKind, { sourceFirst, sourceSecond, targetLow }: Origin, context: number): void {
    const { burstAttempts, scanThresholds } = this.#options;
    const threshold = kind === EvidenceKind.attempt ? burstAttempts : scanThresholds[kind];
    if (threshold === 0 || (sourceFirst | sourceSecond) === 0) return;
    const evidence = this.#evidence;
    evidence.sourceFirst = sourceFirst;
    evidence.sourceSecond = sourceSecond;
    evidence.target = targetLow;
    this.#give(kind, context);
  }

  /** Completes evidence, and gives it to whoever judges its source. */
  #give(kind: EvidenceKind, context: number): void {
    const evidence = this.#evidence;
    const { burstMicros, scanMicros } = this.#options;
    evidence.kind = kind;
    evidence.context = context;
    evidence.window = this.#clock.windowOf(kind === EvidenceKind.attempt ? burstMicros : scanMicros);
    if (this.#taker !== undefined) {
      this.#sourceView.setInt32(0, evidence.sourceFirst);
      this.#sourceView.setInt32(4, evidence.sourceSecond);
      this.#hash.hash(this.#sourceView, 0, SOURCE_BYTES);
      if (this.#taker.take(evidence, this.#hash.low)) return;
    }
    this.judge(evidence);
  }

  /** Leaves the hash of the address-of-record in To. */
  #hashTo({ bytes, toOffset, toLength }: SipMessage): void {
    const length = readAddressOfRecord(bytes, toOffset, toLength, this.#address);
    this.#hash.hash(this.#addressView, 0, length);
  }

  #isTrusted(address: Int32Array): boolean {
    return this.#trustedNetworks !== undefined && this.#trustedNetworks.find(address) !== 0;
  }

  #tell({ kind, sourceFirst, sourceSecond }: Evidence): void {
    if (this.#findings?.hasRoom(kind) !== true) return;
    const source = sourceText(sourceFirst, sourceSecond, this.#options.ipv6PrefixBits);
    this.#findings.tell(kind, { source });
  }
}
