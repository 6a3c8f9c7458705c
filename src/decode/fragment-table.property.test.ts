// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { duplicateMicros, FragmentBench } from '../../test/support/fragment-bench.ts';
import { checkedUdp, ipv4Fragment, ipv6Fragment, type Part, partsOf } from '../../test/support/fragments.ts';

const timeoutMicros = 30e6;
const addresses = { source: '192.0.2.1', destination: '198.51.100.2' };
const addresses6 = { source: '2001:db8::1', destination: '2001:db8::2' };

/** Datagrams of any lengths, how each is cut, and which of all the parts comes when, some of them twice. */
const datagrams = fc.array(
  fc.record({
    isIpv6: fc.boolean(),
    payload: fc.uint8Array({ minLength: 9, maxLength: 3000 }),
    places: fc.array(fc.nat(400), { minLength: 1, maxLength: 12 }),
    /** By part: when it comes, and when a copy does. */
    turns: fc.array(fc.tuple(fc.nat(10_000), fc.option(fc.nat(10_000))), { minLength: 13, maxLength: 13 }),
    lost: fc.option(fc.nat(12)),
  }),
  { minLength: 1, maxLength: 6 },
);

interface Packet {
  readonly turn: number;
  readonly bytes: Uint8Array;
}

test('whatever the order, what is whole is what was sent, and what is not whole is nothing', () => {
  fc.assert(
    fc.property(datagrams, (sent) => {
      const bench = new FragmentBench();
      const packets: Packet[] = [];
      const complete: string[] = [];
      let isAnyLost = 0;
      for (const [identification, { isIpv6, payload, places, turns, lost }] of sent.entries()) {
        const whole = checkedUdp(isIpv6 ? addresses6 : addresses, {}, payload);
        const cuts = [...new Set(places.map((place) => place * 8))].filter(
          (cut) => cut > 0 && cut < whole.length,
        );
        const parts = partsOf(whole, cuts.length > 0 ? cuts.sort((a, b) => a - b) : [8]);
        if (lost !== null && lost < parts.length) isAnyLost++;
        else complete.push(Buffer.from(payload).toString('latin1'));
        for (const [i, part] of parts.entries()) {
          if (i === lost) continue;
          const bytes = isIpv6
            ? ipv6Fragment({ ...addresses6, identification }, part)
            : ipv4Fragment({ ...addresses, identification }, part);
          for (const turn of turns[i]!) if (turn !== null) packets.push({ turn, bytes });
        }
      }
      packets.sort((a, b) => a.turn - b.turn);
      const found = bench.takeAll(packets.map(({ bytes }) => bytes));
      assert.deepEqual([...new Set(found)].sort(), [...new Set(complete)].sort());
      bench.wait(timeoutMicros);
      assert.equal(bench.table.usedBytes, 0);
      const others = bench.told.filter((one) => one !== 'reassembled' && !one.endsWith('duplicates'));
      assert.deepEqual(others, new Array(isAnyLost).fill('timeout'));
    }),
    { numRuns: 500 },
  );
});

/** Any fragments of a few datagrams, most of them small and near to each other, with data of two kinds. */
const events = fc.array(
  fc.oneof(
    {
      weight: 9,
      arbitrary: fc.record({
        identification: fc.nat(2),
        offset: fc.oneof(fc.nat(6), fc.constant(8190)).map((unit) => unit * 8),
        length: fc.oneof(fc.constantFrom(8, 16, 24, 600), fc.nat(30)),
        hasMore: fc.boolean(),
        kind: fc.constantFrom(65, 65, 65, 66),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.constantFrom(duplicateMicros, duplicateMicros - 1, timeoutMicros - 1, timeoutMicros),
    },
  ),
  { minLength: 1, maxLength: 60 },
);

/** The rules as slow as they can be written, without a limit of memory. */
class Model {
  readonly told: string[] = [];
  readonly #known = new Map<number, { state: string; until: number; parts: Part[] }>();

  take(identification: number, part: Part, now: number): string | undefined {
    this.expire(now);
    let known = this.#known.get(identification);
    if (known?.state === 'refused') return undefined;
    if (known === undefined || known.state === 'completed') {
      const isCopy = known !== undefined;
      const until = now + (isCopy ? duplicateMicros : timeoutMicros);
      known = { state: isCopy ? 'copy' : 'waiting', until, parts: [] };
      this.#known.set(identification, known);
    }
    const end = ({ offset, data }: Part): number => offset + data.length;
    const refuse = (result: string): undefined => {
      this.told.push(result);
      this.#known.set(identification, { state: 'refused', until: now + timeoutMicros, parts: [] });
    };
    const { parts } = known;
    if (part.data.length === 0 || (part.hasMore && part.data.length % 8 !== 0)) return refuse('bad_length');
    if (20 + end(part) > 65_535) return refuse('too_long');
    const text = ({ offset, hasMore, data }: Part): string => `${offset} ${hasMore} ${data.join()}`;
    if (parts.some((other) => text(other) === text(part))) {
      this.told.push('1 duplicates');
      return undefined;
    }
    if (parts.some((other) => part.offset < end(other) && other.offset < end(part))) return refuse('overlap');
    const all = [...parts, part];
    const last = all.filter(({ hasMore }) => !hasMore);
    const isBehind = all.some((one) => last.some((other) => end(one) > end(other)));
    if (last.length > 1 || isBehind) return refuse('bad_length');
    if (parts.length === 8) return refuse('too_many_fragments');
    parts.push(part);
    const received = parts.reduce((sum, { data }) => sum + data.length, 0);
    if (last.length === 0 || received !== end(last[0]!)) return undefined;
    this.told.push('reassembled');
    this.#known.set(identification, { state: 'completed', until: now + duplicateMicros, parts: [] });
    return parts
      .sort((a, b) => a.offset - b.offset)
      .map(({ data }) => Buffer.from(data).toString('latin1'))
      .join('');
  }

  expire(now: number): void {
    const due = [...this.#known].filter(([, { until }]) => until <= now);
    due.sort(([, a], [, b]) => a.until - b.until);
    for (const [identification, { state, parts }] of due) {
      if (state === 'waiting') this.told.push('timeout');
      if (state === 'copy') this.told.push(`${parts.length} duplicates`);
      this.#known.delete(identification);
    }
  }
}

const protocol = 253;

test('any fragments at all: as a model that is slow', () => {
  fc.assert(
    fc.property(events, (list) => {
      const bench = new FragmentBench({ maxFragments: 8 });
      const model = new Model();
      for (const event of list) {
        if (typeof event === 'number') {
          bench.wait(event);
          model.expire(bench.micros);
          continue;
        }
        const { identification, offset, length, hasMore, kind } = event;
        const part = { offset, hasMore: hasMore || offset === 0, data: new Uint8Array(length).fill(kind) };
        const whole = bench.packetOf(ipv4Fragment({ ...addresses, identification, protocol }, part));
        const data = whole && Buffer.from(whole.bytes.subarray(20, whole.capturedLength)).toString('latin1');
        assert.equal(data, model.take(identification, part, bench.micros));
        if (whole !== undefined) assert.equal((whole.bytes[2]! << 8) | whole.bytes[3]!, whole.capturedLength);
      }
      bench.wait(timeoutMicros);
      model.expire(bench.micros);
      // What is due at the same time is told in any order.
      assert.deepEqual(bench.told.toSorted(), model.told.toSorted());
      assert.equal(bench.table.usedBytes, 0);
    }),
    { numRuns: 3000 },
  );
});

test('with little memory: never more than the limit, and every datagram has a result', () => {
  fc.assert(
    fc.property(events, fc.integer({ min: 1, max: 8 }), (list, pages) => {
      const bench = new FragmentBench({ maxBytes: pages * 700, maxFragments: 8 });
      for (const event of list) {
        if (typeof event === 'number') {
          bench.wait(event);
          continue;
        }
        const { identification, offset, length, hasMore, kind } = event;
        const part = { offset, hasMore: hasMore || offset === 0, data: new Uint8Array(length).fill(kind) };
        bench.packetOf(ipv4Fragment({ ...addresses, identification, protocol }, part));
        assert.ok(bench.table.usedBytes <= bench.table.limitBytes);
      }
      bench.wait(timeoutMicros);
      assert.equal(bench.table.usedBytes, 0);
      assert.ok(bench.told.length > 0 || list.every((event) => typeof event === 'number'));
    }),
    { numRuns: 2000 },
  );
});
