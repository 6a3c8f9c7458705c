// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { defaultAbuseOptions } from '../../src/abuse/abuse-options.ts';
import { Frame, LinkType, PacketType } from '../../src/base/frame.ts';
import { SeededHash } from '../../src/base/hash.ts';
import { defaultStreamLimits } from '../../src/decode/stream-limits.ts';
import { renderText } from '../../src/exposition/prometheus-text.ts';
import { SeriesLayout } from '../../src/exposition/series-layout.ts';
import { Space } from '../../src/metrics/definition.ts';
import { familyId } from '../../src/metrics/families.ts';
import { ShardMemory } from '../../src/metrics/shard-memory.ts';
import { ShardWriter } from '../../src/metrics/shard-writer.ts';
import { PacketPipeline } from '../../src/pipeline/packet-pipeline.ts';
import type { StateLimits } from '../../src/state/state-limits.ts';
import { tableNames } from '../../src/state/table-names.ts';
import { testAnalysis } from '../pipeline/monitor.ts';
import { lendBytes } from '../support/lend-frame.ts';
import { EventLedger } from './event-ledger.ts';

const budget = { maxSeries: 20_000, maxSeriesPerFamily: 5000 };
const startMicros = 1_767_225_600e6;
/** Longer than anything is kept. */
const longMicros = 30 * 3600e6;
/** 192.0.2.2, an address of the random traffic. */
const peers = [{ name: 'p', address: [0, 0, 0xffff, 0xc0000202 | 0], port: 0 }];

/** A pipeline whose figures are compared with what its state tells. */
export class LimitedMonitor {
  readonly ledger: EventLedger = new EventLedger();
  /** Of the tables of the state and of abuse, in the order of `tableNames`. */
  readonly #limits: readonly number[];
  readonly #writer: ShardWriter;
  readonly #layout: SeriesLayout;
  readonly #pipeline: PacketPipeline;
  readonly #frame = new Frame();
  readonly #contexts: readonly number[];
  #latestMicros = startMicros;

  constructor(limits: StateLimits, key: number) {
    const shard = ShardMemory.allocate(budget);
    this.#writer = new ShardWriter(shard, budget);
    this.#layout = new SeriesLayout([shard]);
    const abuse = {
      ...defaultAbuseOptions,
      maxSources: limits.maxAttempts,
      maxAccounts: limits.maxRegistrations,
    };
    this.#pipeline = new PacketPipeline({
      writer: this.#writer,
      analysis: { ...testAnalysis, streams: defaultStreamLimits, state: limits, peers, abuse },
      hash: new SeededHash(key, ~key),
      nameOfInterface: (index) => `eth${index}`,
      wrapEvents: (events) => this.ledger.wrap(events),
    });
    this.#limits = [
      limits.maxTransactions,
      limits.maxAttempts,
      limits.maxDialogs,
      limits.maxRegistrationAttempts,
      limits.maxRegistrations,
      abuse.maxSources,
      abuse.maxSources,
      abuse.maxAccounts,
    ];
    this.#contexts = [0, 1].map((index) => this.#pipeline.contexts.find(index, PacketType.host));
    this.#frame.linkType = LinkType.ethernet;
    this.#frame.packetType = PacketType.host;
    this.#frame.arrivalMicros = startMicros;
  }

  take(bytes: Uint8Array, waitMicros: number, interfaceIndex: number): void {
    const frame = this.#frame;
    lendBytes(frame, bytes);
    frame.interfaceIndex = interfaceIndex;
    frame.arrivalMicros = Math.max(0, frame.arrivalMicros + waitMicros);
    this.#latestMicros = Math.max(this.#latestMicros, frame.arrivalMicros);
    this.#pipeline.packet(frame);
    this.ledger.settle();
  }

  /** Throws where figures and events differ, or a table holds more than it may. */
  check(): void {
    const { ledger } = this;
    this.#pipeline.refreshGauges();
    for (const [table, name] of tableNames.entries()) {
      const entries = this.#table('ringtap_table_entries', table);
      // Those behind the state's are of transports that do not come here.
      const limit = this.#limits[table] ?? 0;
      assert.ok(entries >= 0 && entries <= limit, `${entries} ${name}`);
      if (table < this.#limits.length) assert.equal(this.#table('ringtap_table_limit', table), limit);
    }
    const openAttempts = ledger.attemptsBegun - ledger.attemptsEnded - this.#evictedOpen('attempts');
    assert.ok(
      openAttempts >= 0 && openAttempts <= this.#entries('attempts'),
      `${openAttempts} attempts open`,
    );
    const openRegistrations =
      ledger.registrationsBegun - ledger.registrationsEnded - this.#evictedOpen('registration_attempts');
    assert.ok(openRegistrations >= 0 && openRegistrations <= this.#entries('registration_attempts'));
    assert.ok(ledger.dialogs.size <= this.#entries('dialogs'), 'more dialogs alive than there are');
    assert.ok(ledger.sessionsEvicted <= this.#evictedOpen('dialogs'));
    for (const context of this.#contexts) {
      assert.equal(this.#traffic('sip_dialogs', context, 0), ledger.early.get(context) ?? 0, 'early');
      assert.equal(this.#traffic('sip_dialogs', context, 1), ledger.confirmed.get(context) ?? 0, 'confirmed');
      assert.equal(this.#traffic('sip_registrations', context, 0), ledger.bindings.get(context) ?? 0);
    }
  }

  /** Lets so much time pass that everything ends that is going to. */
  endAll(): void {
    for (let times = 0; times < 3; times++) {
      this.#latestMicros += longMicros;
      while (this.#pipeline.advance(this.#latestMicros));
    }
    this.ledger.settle();
  }

  /** Throws if a table is not empty or something that began has not ended. */
  checkNothingIsLeft(): void {
    this.check();
    const { ledger } = this;
    for (const name of tableNames) assert.equal(this.#entries(name), 0, `${name} left`);
    assert.equal(ledger.attemptsEnded + this.#evictedOpen('attempts'), ledger.attemptsBegun);
    const registrationsEvicted = this.#evictedOpen('registration_attempts');
    assert.equal(ledger.registrationsEnded + registrationsEvicted, ledger.registrationsBegun);
    assert.equal(ledger.sessionsEnded, ledger.sessionsBegun);
    for (const counts of [ledger.early, ledger.confirmed, ledger.bindings]) {
      for (const count of counts.values()) assert.equal(count, 0);
    }
    this.#layout.refresh();
    const total = (name: string): number => this.#layout.total(name);
    assert.equal(total('sip_requests_total'), ledger.requests);
    assert.equal(total('sip_responses_total'), ledger.responses);
    assert.equal(total('sip_session_attempts_total'), ledger.attemptsBegun);
    assert.equal(total('sip_session_attempt_results_total'), ledger.attemptsEnded);
    assert.equal(total('sip_session_attempt_codes_total'), ledger.attemptsEnded);
    assert.equal(total('sip_sessions_ended_total'), ledger.sessionsEnded);
    assert.equal(total('sip_registration_attempts_total'), ledger.registrationsBegun);
    assert.equal(total('sip_registration_results_total'), ledger.registrationsEnded);
  }

  render(): string {
    this.#pipeline.refreshGauges();
    this.#layout.refresh();
    return renderText(this.#layout);
  }

  #entries(table: string): number {
    return this.#table('ringtap_table_entries', tableNames.indexOf(table));
  }

  #evictedOpen(table: string): number {
    return this.#table('ringtap_table_evictions_total', 2 * tableNames.indexOf(table) + 1);
  }

  #table(name: string, index: number): number {
    return this.#cell(name, this.#writer.context(Space.global, []), index);
  }

  #traffic(name: string, context: number, index: number): number {
    return this.#cell(name, context, index);
  }

  #cell(name: string, context: number, index: number): number {
    return this.#writer.memory.cells[this.#writer.base(familyId(name), context) + index]!;
  }
}
