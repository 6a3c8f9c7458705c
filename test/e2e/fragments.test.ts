// SPDX-License-Identifier: Apache-2.0
// Needs root: network namespaces, packet sockets. Messages that are too large for the link, between real hosts.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { fragmentCases } from '../golden/fragments/cases.ts';
import { captureFolder } from '../golden/fragments/generate.ts';
import { runCommand } from '../support/command.ts';
import { figuresOf } from '../support/figures.ts';
import { type Hosts, openNetwork } from '../support/network.ts';
import { startPacketJudge } from '../support/packet-judge.ts';
import { type Ringtap, settle, startRingtap } from '../support/ringtap.ts';
import { runCalls } from '../support/sipp.ts';
import { waitForFigures } from './check-flow.ts';
import { expectedFigures, planOf } from './expected-figures.ts';
import { type Flow, flows } from './flows.ts';

/** About 3 kB of SDP, as of a video call with many candidates. */
const attributes = Array.from({ length: 60 }, (_, i) => `a=x-candidate:${i} ${'udp'.repeat(10)}`);
const large: Flow = {
  ...flows.answered,
  caller: 'uac-large',
  callee: 'uas-large',
  keys: { attributes: attributes.join('\n      ') },
};

async function setMtu({ caller, callee }: Hosts, mtu: number): Promise<void> {
  for (const { namespace, interfaceName } of [caller, callee]) {
    await runCommand('ip', ['-n', namespace, 'link', 'set', interfaceName, 'mtu', String(mtu)]);
  }
}

const datagramsOf = (ringtap: Ringtap): Promise<Record<string, number>> =>
  ringtap.scrape().then((scrape) => scrape.byLabels('ringtap_fragments_datagrams_total', ['result']));

/** Calls whose INVITE comes in fragments and whose 200 goes out in fragments, and both ends of the wire. */
async function checkCalls(mtu: number, isIpv6: boolean): Promise<void> {
  await using network = await openNetwork();
  await setMtu(network, mtu);
  await using atCallee = await startRingtap(network.callee);
  await using atCaller = await startRingtap(network.caller);
  await using judge = await startPacketJudge(network);
  const run = { flow: large, calls: 100 };
  await runCalls(network, planOf(run, { ipv6: isIpv6 }));
  const judged = await judge.messages({ filter: isIpv6 ? 'ipv6' : 'ip' });
  const fragmentsOf = (bytes: number): number => {
    const header = isIpv6 ? 48 : 20;
    return Math.ceil((bytes + 8) / ((mtu - header) & ~7));
  };
  const counts = judged.map(({ lengthBytes }) => fragmentsOf(lengthBytes)).filter((count) => count > 1);
  assert.equal(counts.length, 200, 'INVITE and 200 are too long for the link');
  const fragments = counts.reduce((sum, count) => sum + count, 0);

  for (const [side, ringtap] of [
    ['callee', atCallee],
    ['caller', atCaller],
  ] as const) {
    const before = figuresOf(await ringtap.scrape()).keepAlives['crlf'] ?? 0;
    await settle(network, ringtap);
    const { interfaceName } = network[side];
    const expected = expectedFigures([run], { side, interfaceName, keepAlives: before + 1 });
    // The judge's mark is on no SIP port. Each large message is as many packets as it has fragments.
    expected.packets[interfaceName]! += fragments - 200;
    const exposition = await waitForFigures(ringtap, expected);
    assert.deepEqual(figuresOf(exposition), expected, side);
    assert.equal(exposition.sum('ringtap_fragments_total'), fragments, side);
    assert.deepEqual(await datagramsOf(ringtap), { reassembled: 200 }, side);
    assert.equal(exposition.sum('ringtap_fragments_duplicates_total'), 0);
    const { requests, responses } = expected;
    if (side === 'callee') {
      assert.deepEqual(await judge.count(), { requests, responses }, 'tshark');
      const sizeBytes = judged.reduce((sum, { lengthBytes }) => sum + lengthBytes, 0);
      assert.equal(exposition.sum('sip_message_size_bytes_sum'), sizeBytes);
    }
  }
}

/** tcpreplay of all golden captures: their gaps do not count, and what waits in them is given up after two seconds. */
async function checkCaptures(): Promise<void> {
  await using network = await openNetwork();
  // Room for the frames with two VLAN tags.
  await setMtu(network, 2000);
  await using ringtap = await startRingtap(network.callee, {
    // Times that no pause of the sender reaches.
    args: ['--capture.promiscuous', '--fragments.timeout', '2s', '--capture.duplicate-window', '2s'],
  });
  const cases = fragmentCases.filter(({ records }) =>
    records.every((one) => one.originalLength === undefined),
  );
  const { namespace, interfaceName } = network.caller;
  const files = cases.map(({ name }) => join(captureFolder, `${name}.pcap`));
  await runCommand('tcpreplay', ['--quiet', '--topspeed', '-i', interfaceName, ...files], { namespace });
  const datagrams: Record<string, number> = {};
  let fragments = 0;
  let duplicates = 0;
  let messages = 0;
  for (const { expected } of cases) {
    fragments += expected.fragments;
    duplicates += expected.fragmentDuplicates ?? 0;
    messages += expected.captureDuplicates ?? 0;
    for (const count of Object.values(expected.messages ?? {})) messages += count;
    for (const [result, count] of Object.entries(expected.datagrams)) {
      datagrams[result] = (datagrams[result] ?? 0) + count;
    }
  }
  // In two captures a datagram still waits at the end.
  datagrams['timeout']! += 2;
  const scrape = await ringtap.scrapeUntil(
    'what waits is given up',
    (one) =>
      one.sum('ringtap_fragments_datagrams_total', { result: 'timeout' }) === datagrams['timeout'] &&
      one.sum('ringtap_fragments_memory_bytes') === 0,
  );
  assert.equal(scrape.sum('ringtap_fragments_total'), fragments);
  assert.equal(scrape.sum('ringtap_fragments_duplicates_total'), duplicates);
  assert.deepEqual(await datagramsOf(ringtap), datagrams);
  // At this speed the same message in two IPv6 captures is a capture duplicate.
  const names = ['sip_requests_total', 'sip_responses_total', 'sip_capture_duplicates_total'];
  assert.equal(
    names.reduce((sum, name) => sum + scrape.sum(name), 0),
    messages,
  );
  await settle(network, ringtap);
}

describe('root: messages in fragments', { concurrency: 3 }, () => {
  test('IPv4, six fragments and more, seen from both ends', () => checkCalls(600, false));
  test('IPv6, on the smallest link that it has', () => checkCalls(1280, true));
  test('tcpreplay of the golden captures', checkCaptures);
});
