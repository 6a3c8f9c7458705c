// SPDX-License-Identifier: Apache-2.0
// Needs root: network namespaces, packet sockets, tcpreplay. Calls in tunnels that pass by.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { datagram, message } from '../replay/traffic.ts';
import { runCommand } from '../support/command.ts';
import { figuresOf } from '../support/figures.ts';
import { type Host, type Hosts, openNetwork } from '../support/network.ts';
import { startPacketJudge } from '../support/packet-judge.ts';
import { pcapBytes } from '../support/pcap-formats.ts';
import { CaptureFolder } from '../support/read-capture.ts';
import { settle, startRingtap } from '../support/ringtap.ts';
import { runCalls } from '../support/sipp.ts';
import { carriers } from '../support/tunnel-carriers.ts';
import { ascii, ethernet } from '../support/udp-frame.ts';
import { expectedFigures, planOf } from './expected-figures.ts';
import { flows } from './flows.ts';

const ETHERNET = 1;
/** What tshark does not read without being told to: see test/golden/decode. */
const notJudged = ['GRE with a VLAN tag', 'ERSPAN III with IP', 'MPLS pseudowire', 'VXLAN on the old port'];

const callMessages = 7;

/** The IPv4 packets of an answered call. */
function callPackets(call: string): Uint8Array[] {
  const invite = { call, method: 'INVITE' };
  return [
    datagram(0, true, message(invite)),
    datagram(0, false, message({ ...invite, code: 100 })),
    datagram(0, false, message({ ...invite, code: 180 })),
    datagram(0, false, message({ ...invite, code: 200 })),
    datagram(0, true, message({ call, method: 'ACK', hasToTag: true })),
    datagram(0, true, message({ call, method: 'BYE', cseq: 2, hasToTag: true })),
    datagram(0, false, message({ call, method: 'BYE', cseq: 2, code: 200 })),
  ].map(({ bytes }) => bytes);
}

test('root: calls in tunnels of every kind, and other traffic in the same tunnels that stays in the kernel', async () => {
  using folder = new CaptureFolder();
  await using network = await openNetwork();
  const voice = datagram(0, true, ascii('\x80\0\0\x01 voice'), { source: 4000, destination: 4002 }).bytes;
  const frames = carriers.flatMap(([, , etherType, carry], index) =>
    callPackets(`tunnelled-${index}`).flatMap((packet) => [
      ethernet(etherType, carry(packet)),
      ethernet(etherType, carry(voice)),
    ]),
  );
  const file = folder.write(
    'calls.pcap',
    pcapBytes(
      { linktype: ETHERNET },
      frames.map((bytes, index) => ({ micros: 1_700_000_000_000_000 + index * 500, bytes })),
    ),
  );
  await using judge = await startPacketJudge(network);
  await using ringtap = await startRingtap(network.callee);
  await runCommand('tcpreplay', ['--pps', '2000', '-i', network.caller.interfaceName, file], {
    namespace: network.caller.namespace,
  });
  const scrape = await settle(network, ringtap);
  const calls = carriers.length;
  const counted = {
    packets: scrape.sum('ringtap_capture_packets_total'),
    skipped: scrape.sum('ringtap_decode_skipped_total'),
    errors: scrape.sum('ringtap_decode_errors_total'),
    drops: scrape.sum('ringtap_capture_drops_total'),
    answered: scrape.sum('sip_session_attempt_results_total', { result: 'answered' }),
    attempts: scrape.sum('sip_session_attempts_total'),
    ended: scrape.sum('sip_sessions_ended_total', { reason: 'bye' }),
    retransmissions: scrape.sum('sip_retransmissions_total'),
    requests: scrape.sum('sip_requests_total'),
    responses: scrape.sum('sip_responses_total'),
  };
  assert.deepEqual(
    counted,
    {
      // And the keep-alive that settled it.
      packets: calls * callMessages + 1,
      skipped: 0,
      errors: 0,
      drops: 0,
      answered: calls,
      attempts: calls,
      ended: calls,
      retransmissions: 0,
      requests: calls * 3,
      responses: calls * 4,
    },
    scrape.describe(),
  );
  // tshark saw the same on the wire.
  const judged = (await judge.messages()).filter(({ callId }) => callId.startsWith('tunnelled-'));
  const ofJudged = carriers.filter(([name]) => !notJudged.includes(name)).length;
  assert.equal(judged.length, ofJudged * callMessages);
  assert.equal(judged.filter(({ code }) => code === '').length, ofJudged * 3);
});

test('root: with --capture.tunnels, only those are looked into', async () => {
  using folder = new CaptureFolder();
  await using network = await openNetwork();
  const frames = carriers.flatMap(([, , etherType, carry], index) =>
    callPackets(`tunnelled-${index}`).map((packet) => ethernet(etherType, carry(packet))),
  );
  const records = frames.map((bytes, index) => ({ micros: 1_700_000_000_000_000 + index * 500, bytes }));
  const file = folder.write('calls.pcap', pcapBytes({ linktype: ETHERNET }, records));
  await using ringtap = await startRingtap(network.callee, { args: ['--capture.tunnels', 'vxlan,pppoe'] });
  await runCommand('tcpreplay', ['--pps', '2000', '-i', network.caller.interfaceName, file], {
    namespace: network.caller.namespace,
  });
  const scrape = await settle(network, ringtap);
  const calls = carriers.filter(([, kind]) => kind === 'vxlan' || kind === 'pppoe').length;
  assert.equal(scrape.sum('sip_session_attempts_total'), calls, scrape.describe());
  assert.equal(scrape.sum('ringtap_capture_packets_total'), calls * callMessages + 1, scrape.describe());
});

test('root: SIPp calls through a VXLAN of the kernel, seen on the wire and where it ends', async () => {
  await using network = await openNetwork();
  const inside = await openVxlan(network);
  const run = { flow: flows.answered, calls: 50 };
  const { interfaceName } = network.callee;
  {
    await using ringtap = await startRingtap(network.callee);
    await runCalls(inside, planOf(run, { callsPerSecond: 200 }));
    const figures = figuresOf(await settle(inside, ringtap));
    assert.deepEqual(figures, expectedFigures([run], { side: 'callee', interfaceName, keepAlives: 1 }));
  }
  // Every interface: each packet shows in VXLAN on the wire and without it on the tunnel's interface.
  await using ringtap = await startRingtap(network.callee, { interfaces: [] });
  await runCalls(inside, planOf(run, { callsPerSecond: 200 }));
  const figures = figuresOf(await settle(inside, ringtap));
  const messages =
    Object.values(figures.requests).reduce((sum, count) => sum + count, 0) +
    Object.values(figures.responses).reduce((sum, count) => sum + count, 0);
  const expected = expectedFigures([run], { side: 'callee', interfaceName, keepAlives: 1 });
  assert.deepEqual(
    [
      figures.requests,
      figures.responses,
      figures.results,
      figures.retransmissions,
      figures.captureDuplicates,
    ],
    [expected.requests, expected.responses, expected.results, {}, messages],
  );
});

/** Gives both hosts an end of a VXLAN over their wire, and returns them with its interfaces and addresses. */
async function openVxlan({ caller, callee }: Hosts): Promise<Hosts> {
  const end = async (host: Host, other: Host, ipv4: string): Promise<Host> => {
    const on = ['-n', host.namespace];
    await runCommand('ip', [
      ...[...on, 'link', 'add', 'vxlan0', 'type', 'vxlan', 'id', '42', 'dstport', '4789'],
      ...['local', host.ipv4, 'remote', other.ipv4, 'dev', host.interfaceName],
    ]);
    await runCommand('ip', [...on, 'address', 'add', `${ipv4}/24`, 'dev', 'vxlan0']);
    await runCommand('ip', [...on, 'link', 'set', 'vxlan0', 'up']);
    return { ...host, interfaceName: 'vxlan0', ipv4 };
  };
  return {
    caller: await end(caller, callee, '10.77.0.1'),
    callee: await end(callee, caller, '10.77.0.2'),
  };
}
