// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { duplicateMicros, FragmentBench } from '../../test/support/fragment-bench.ts';
import {
  checkedUdp,
  ipv4Fragment,
  ipv6Fragment,
  type Part,
  partsEvery,
  partsOf,
} from '../../test/support/fragments.ts';
import { ascii, bytesOf, ipv4, udp } from '../../test/support/udp-frame.ts';

const SECOND = 1e6;
const addresses = { source: '192.0.2.1', destination: '198.51.100.2' };
const addresses6 = { source: '2001:db8::1', destination: '2001:db8::2' };
const text = ascii('INVITE sip:bob@example.com SIP/2.0\r\n'.repeat(40));
const whole = checkedUdp(addresses, {}, text);
const whole6 = checkedUdp(addresses6, {}, text);

const payload = Buffer.from(text).toString('latin1');
const four = (parts: readonly Part[], identification = 7): Uint8Array[] =>
  parts.map((part) => ipv4Fragment({ ...addresses, identification }, part));
const six = (parts: readonly Part[], identification = 7): Uint8Array[] =>
  parts.map((part) => ipv6Fragment({ ...addresses6, identification }, part));

test('a datagram is whole with its last fragment, whichever that is', () => {
  for (const packets of [four(partsOf(whole, [8, 800])), six(partsOf(whole6, [800, 1200]))]) {
    for (const order of [
      [0, 1, 2],
      [2, 1, 0],
      [1, 2, 0],
      [1, 0, 2],
      [2, 0, 1],
      [0, 2, 1],
    ]) {
      const bench = new FragmentBench();
      assert.deepEqual(bench.takeAll(order.map((i) => packets[i]!)), [payload]);
      assert.deepEqual(bench.told, ['reassembled']);
      assert.equal(bench.table.usedBytes, 0);
      bench.wait(60 * SECOND);
      assert.deepEqual(bench.told, ['reassembled']);
    }
  }
});

test('the packet has the fields that the fragments share, and the time of the last one', () => {
  const bench = new FragmentBench();
  const [first, second] = four(partsOf(whole, [800]), 0xbeef);
  bench.take(first!, { vlanTci: 5 });
  bench.micros += 1234;
  bench.take(second!, { vlanTci: 5 });
  const { datagram, table } = bench;
  assert.equal(table.packet.arrivalMicros, bench.micros);
  assert.equal(datagram.ipIdentification, 0xbeef);
  assert.equal(datagram.vlanTci, 5);
  assert.deepEqual([datagram.sourcePort, datagram.destinationPort], [5060, 5062]);
  assert.deepEqual([...datagram.sourceAddress], [0, 0, 0xffff, 0xc0000201 | 0]);

  const other = new FragmentBench();
  other.takeAll(six(partsOf(whole6, [800])));
  assert.equal(other.datagram.ipVersion, 6);
  assert.deepEqual([...other.datagram.destinationAddress], [0x20010db8, 0, 0, 2]);
});

test('IPv4 options, and IPv6 headers before the fragment header, are no part of the data', () => {
  const bench = new FragmentBench();
  const options = new Uint8Array(8).fill(1);
  const packets = partsOf(whole, [800]).map((part) => ipv4Fragment({ ...addresses, options }, part));
  assert.deepEqual(bench.takeAll(packets), [payload]);
  const [first, last] = partsOf(whole6, [800]);
  const behindOptions = ipv6Fragment(addresses6, first!);
  const chained = bytesOf(
    behindOptions.subarray(0, 40),
    [44, 0, 1, 4, 0, 0, 0, 0],
    behindOptions.subarray(40),
  );
  chained[6] = 60;
  chained[4] = (chained.length - 40) >> 8;
  chained[5] = (chained.length - 40) & 0xff;
  assert.deepEqual(bench.takeAll([ipv6Fragment(addresses6, last!), chained]), [payload]);
});

test('a datagram is known by addresses, protocol, identification, IP version and VLAN', () => {
  const [first, second] = partsOf(whole, [800]);
  const begin = { ...addresses, identification: 7 };
  for (const [other, vlanTci] of [
    [{ ...begin, identification: 8 }],
    [{ ...begin, protocol: 6 }],
    [{ ...begin, source: '192.0.2.9' }],
    [{ ...begin, destination: '192.0.2.9' }],
    [begin, 100],
  ] as const) {
    const bench = new FragmentBench();
    bench.take(ipv4Fragment(begin, first!));
    bench.take(ipv4Fragment(other, second!), { vlanTci: vlanTci ?? -1 });
    bench.wait(31 * SECOND);
    assert.deepEqual(bench.told, ['timeout', 'timeout']);
  }
  // RFC 8200 §4.5: the next header of the fragment at offset 0 counts.
  const bench = new FragmentBench();
  const [first6, second6] = partsOf(whole6, [800]);
  const packets = [ipv6Fragment({ ...addresses6, protocol: 6 }, second6!), ipv6Fragment(addresses6, first6!)];
  assert.deepEqual(bench.takeAll(packets), [payload]);
});

test('copies of fragments are left out and mean nothing', () => {
  const [first, second, third] = four(partsOf(whole, [400, 800]));
  const bench = new FragmentBench();
  assert.deepEqual(bench.takeAll([first!, first!, third!, third!, first!, second!]), [payload]);
  // Of a datagram that is done, a copy of one fragment begins nothing that could be missed...
  assert.deepEqual(bench.takeAll([second!, first!]), []);
  bench.wait(31 * SECOND);
  assert.deepEqual(bench.told.splice(0), [
    ...['1 duplicates', '1 duplicates', '1 duplicates'],
    ...['reassembled', '2 duplicates'],
  ]);
  assert.equal(bench.table.usedBytes, 0);
  // ...and a copy of all of them is the datagram again.
  assert.deepEqual(bench.takeAll([first!, second!, third!, first!, third!, second!]), [payload, payload]);
  bench.wait(31 * SECOND);
  assert.deepEqual(bench.told, ['reassembled', 'reassembled']);
});

test('after the duplicate window the identification is free for a datagram that can be missed', () => {
  const [first, second] = four(partsOf(whole, [800]));
  const bench = new FragmentBench();
  assert.deepEqual(bench.takeAll([first!, second!]), [payload]);
  bench.wait(duplicateMicros);
  bench.take(second!);
  bench.wait(31 * SECOND);
  assert.deepEqual(bench.told, ['reassembled', 'timeout']);
});

test('overlap ends a datagram, once, with all that still comes of it', () => {
  const filled = (offset: number, length: number, hasMore = true): Part => ({
    offset,
    hasMore,
    data: new Uint8Array(length).fill(offset),
  });
  const [first, second, third] = partsOf(whole, [400, 800]);
  for (const [name, parts] of Object.entries({
    'same place, other data': [first!, filled(0, 400)],
    'same place, other data in the last byte': [
      first!,
      { ...first!, data: first!.data.with(399, first!.data[399]! ^ 1) },
    ],
    'same offset, longer': [first!, filled(0, 408)],
    'same offset, shorter': [first!, filled(0, 392)],
    'end of the one before': [first!, filled(392, 16)],
    'begin of the one behind': [second!, filled(392, 16)],
    inside: [second!, filled(408, 8)],
    around: [second!, filled(392, 416)],
    'last inside': [second!, filled(408, 8, false)],
    'last in the place of one in the middle': [second!, { ...second!, hasMore: false }],
    'in the middle in the place of the last': [
      { ...third!, data: third!.data.slice(0, 8) },
      { ...third!, data: third!.data.slice(0, 8), hasMore: true },
    ],
  })) {
    for (const packets of [four, six]) {
      const bench = new FragmentBench();
      const rest = partsOf(whole, [400, 800]);
      assert.deepEqual(bench.takeAll(packets([...parts, ...rest, ...rest])), [], name);
      assert.deepEqual(bench.told, ['overlap'], name);
      assert.equal(bench.table.usedBytes, 0);
      bench.wait(31 * SECOND);
      assert.deepEqual(bench.told, ['overlap'], name);
      assert.deepEqual(bench.takeAll(four(rest)), [payload], 'the identification is free again');
    }
  }
});

test('a fragment that never comes is a timeout, counted for the interface of the one seen first', () => {
  const bench = new FragmentBench();
  const [first, , third] = four(partsOf(whole, [400, 800]));
  bench.take(first!, { context: 3 });
  bench.wait(20 * SECOND);
  bench.take(third!, { context: 4 });
  bench.wait(10 * SECOND - 1);
  assert.deepEqual(bench.told, []);
  bench.wait(1);
  assert.deepEqual(bench.told, ['3: timeout']);
  assert.equal(bench.table.usedBytes, 0);
  // Time passes with other fragments, too.
  bench.take(first!);
  bench.micros += 31 * SECOND;
  bench.take(four(partsOf(whole, [800]), 8)[0]!);
  assert.deepEqual(bench.told, ['3: timeout', 'timeout']);
});

test('too many fragments', () => {
  const bench = new FragmentBench();
  const parts = partsEvery(whole.slice(0, 65 * 16), 16);
  assert.equal(parts.length, 65);
  assert.deepEqual(bench.takeAll(four(parts)), []);
  assert.deepEqual(bench.told, ['too_many_fragments']);
  const enough = new FragmentBench({ maxFragments: 65 });
  const datagram = checkedUdp(addresses, {}, text.subarray(0, 65 * 16 - 8));
  assert.equal(enough.takeAll(four(partsEvery(datagram, 16))).length, 1);
});

test('lengths that cannot be', () => {
  const part = (offset: number, length: number, hasMore: boolean): Part => ({
    offset,
    hasMore,
    data: new Uint8Array(length),
  });
  for (const [name, result, parts] of [
    ['no data', 'bad_length', [part(8, 0, true)]],
    ['no data at the end', 'bad_length', [part(8, 0, false)]],
    ['no multiple of eight in the middle', 'bad_length', [part(0, 12, true)]],
    ['two ends', 'bad_length', [part(8, 9, false), part(80, 9, false)]],
    ['behind the end', 'bad_length', [part(8, 9, false), part(80, 8, true)]],
    ['an end before others', 'bad_length', [part(80, 8, true), part(8, 9, false)]],
    ['reaching too far', 'too_long', [part(65528, 8, true)]],
    ['too long with the header', 'too_long', [part(65504, 12, false)]],
  ] as const) {
    const bench = new FragmentBench();
    bench.takeAll(four(parts));
    assert.deepEqual(bench.told, [result], name);
  }
});

test('the longest packets, and one byte more', () => {
  const longest = checkedUdp(addresses, {}, new Uint8Array(65515 - 8).fill(0x41));
  const longest6 = checkedUdp(addresses6, {}, new Uint8Array(65535 - 8).fill(0x41));
  const bench = new FragmentBench();
  assert.equal(bench.takeAll(four(partsEvery(longest, 1480)))[0]!.length, 65507);
  assert.equal(bench.takeAll(six(partsEvery(longest6, 1440)))[0]!.length, 65527);
  assert.equal(bench.takeAll(six(partsEvery(longest6, 1440).toReversed()))[0]!.length, 65527);
  bench.takeAll(four(partsEvery(bytesOf(longest, [0]), 1480), 70));
  bench.takeAll(six(partsEvery(bytesOf(longest6, [0]), 1440), 71));
  assert.deepEqual(bench.told.slice(-2), ['too_long', 'too_long']);
  // The smallest memory that can be configured has room for the longest datagram in 64 fragments.
  const small = new FragmentBench({ maxBytes: 128 * 2 ** 10 });
  assert.equal(small.takeAll(six(partsEvery(longest6, 1024).toReversed()))[0]!.length, 65527);
});

test('what the sensor cut has a reason of its own', () => {
  const bench = new FragmentBench();
  const [first, second] = four(partsOf(whole, [800]));
  bench.take(first!.subarray(0, 600), { originalLength: first!.length });
  bench.take(second!);
  bench.wait(31 * SECOND);
  assert.deepEqual(bench.told, ['truncated_by_sensor']);
});

test('fragments of two datagrams that meet are found by the checksum (RFC 4963)', () => {
  const other = checkedUdp(
    addresses,
    { sourcePort: 5061 },
    text.map((byte) => byte ^ 0x20),
  );
  const mixed = [partsOf(whole, [800])[0]!, partsOf(other, [800])[1]!];
  const bench = new FragmentBench();
  assert.deepEqual(bench.takeAll(four(mixed)), []);
  assert.deepEqual(bench.told, ['bad_checksum']);
  const trusting = new FragmentBench({ isVerifying: false });
  assert.equal(trusting.takeAll(four(mixed)).length, 1);
  // 0 is "none"; bytes behind the datagram are no part of it.
  const unchecked = bytesOf(udp({ checksum: 0 }, text), [1, 2, 3]);
  assert.deepEqual(bench.takeAll(four(partsOf(unchecked, [800]), 8)), [payload]);
  assert.deepEqual(bench.takeAll(four(partsOf(bytesOf(whole, [1, 2, 3]), [800]), 9)), [payload]);
  // An odd number of bytes, and each place of the last word.
  for (let length = 900; length < 908; length++) {
    const odd = checkedUdp(addresses, {}, text.subarray(0, length));
    assert.equal(bench.takeAll(four(partsOf(odd, [800]), length)).length, 1);
    const last = odd.length - 1;
    assert.equal(bench.takeAll(four(partsOf(odd.with(last, odd[last]! ^ 4), [800]), length + 50)).length, 0);
  }
});

test('when the memory is full the oldest gives way, copies before others', () => {
  const bench = new FragmentBench({ maxBytes: 32 * 2 ** 10 });
  const { limitBytes } = bench.table;
  assert.ok(limitBytes <= 32 * 2 ** 10 && limitBytes > 31 * 2 ** 10);
  const begins = (identification: number): Uint8Array => four(partsOf(whole, [1024]), identification)[0]!;
  let count = 0;
  for (; bench.told.length === 0; count++) {
    assert.ok(bench.table.usedBytes <= limitBytes);
    bench.take(begins(count));
  }
  assert.ok(count > 20);
  assert.deepEqual(bench.told.splice(0), ['evicted']);
  // What comes of it later is left out. The end of another needs room, too, and is worth more than what is older.
  const ends = (identification: number): Uint8Array => four(partsOf(whole, [1024]), identification)[1]!;
  assert.deepEqual([bench.take(ends(0)), bench.take(ends(2))], [undefined, payload]);
  assert.deepEqual(bench.told.splice(0), ['evicted', 'reassembled']);
  // A copy of a part of what is done takes the room that is left, and gives it back to who needs it.
  bench.take(begins(2));
  bench.take(ends(3));
  assert.deepEqual(bench.told.splice(0), ['reassembled']);
  while (bench.told.length === 0) bench.take(begins(++count));
  assert.deepEqual(bench.told.splice(0), ['1 duplicates']);
  bench.take(begins(++count));
  assert.deepEqual(bench.told, ['evicted']);
});

test('a datagram that has more fragments than there is memory gives itself up', () => {
  const bench = new FragmentBench({ maxBytes: 8 * 2 ** 10, maxFragments: 1024 });
  assert.deepEqual(bench.takeAll(four(partsEvery(whole, 8))), []);
  assert.deepEqual(bench.told, ['evicted']);
});

test('records of what is done or given up make room for others', () => {
  const bench = new FragmentBench({ maxBytes: 8 * 2 ** 10 });
  const short = checkedUdp(addresses, {}, text.subarray(0, 100));
  for (let i = 0; i < 100; i++) bench.takeAll(four(partsOf(short, [64]), i));
  for (let i = 0; i < 100; i++)
    bench.take(ipv4({ ...addresses, identification: i, flagsAndOffset: 0x2000 }, [1]));
  bench.take(four(partsOf(short, [64]), 1000)[0]!);
  for (let i = 200; i < 300; i++) bench.takeAll(four(partsOf(short, [64]), i));
  assert.deepEqual(bench.take(four(partsOf(short, [64]), 1000)[1]!)?.length, 100);
  const count = (result: string): number => bench.told.filter((one) => one === result).length;
  assert.deepEqual([count('reassembled'), count('bad_length'), bench.told.length], [201, 100, 301]);
});
