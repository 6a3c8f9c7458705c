// SPDX-License-Identifier: Apache-2.0
// Needs root: network namespaces, packet sockets. A call through Kamailio and rtpengine: the proxy's host sees the media of both
// legs, each packet twice, and each leg in two streams.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { patient } from '../support/in-call.ts';
import { mediaFiguresOf, noMedia } from '../support/media-figures.ts';
import { type Hosts, openProxyNetwork } from '../support/network.ts';
import { startPacketJudge } from '../support/packet-judge.ts';
import { fromCallee, fromCaller, runProxiedCall } from '../support/proxied-call.ts';
import { startRingtap } from '../support/ringtap.ts';
import { judgeStreams } from '../support/rtp-judge.ts';

const packetBytes = 240;

test('root: rtpengine in the path: both legs are seen on its host, joined by where the media goes', async () => {
  await using network = await openProxyNetwork();
  const { above, below } = network;
  const proxyBelow: Hosts = { caller: below.callee, callee: below.caller };
  await using ringtap = await startRingtap(above.callee, {
    interfaces: [above.callee.interfaceName, below.caller.interfaceName],
    args: patient,
  });
  await using judgeAbove = await startPacketJudge(above);
  await using judgeBelow = await startPacketJudge(proxyBelow);
  await runProxiedCall(network, ringtap);
  const scrape = await ringtap.scrape();
  const judged = [
    ...(await judgeStreams(await judgeAbove.file())),
    ...(await judgeStreams(await judgeBelow.file())),
  ];
  const all = 2 * (fromCaller + fromCallee);
  assert.deepEqual(
    judged.map(({ packets, lost }) => [packets, lost]).sort(),
    [fromCallee, fromCallee, fromCaller, fromCaller].map((packets) => [packets, 0]).sort(),
    'tshark',
  );
  assert.deepEqual(scrape.byLabels('rtp_packets_total', ['interface', 'direction']), {
    [`${above.callee.interfaceName} inbound`]: fromCaller,
    [`${above.callee.interfaceName} outbound`]: fromCallee,
    [`${below.caller.interfaceName} inbound`]: fromCallee,
    [`${below.caller.interfaceName} outbound`]: fromCaller,
  });
  assert.deepEqual(mediaFiguresOf(scrape), {
    ...noMedia,
    packets: { 'inbound pcma': all / 2, 'outbound pcma': all / 2 },
    bytes: { 'inbound pcma': (packetBytes * all) / 2, 'outbound pcma': (packetBytes * all) / 2 },
    streams: { 'inbound announced': 2, 'outbound announced': 2 },
    intervals: { complete: 4 },
    rated: { narrow: 4 },
    results: { both_ways: 1 },
    codecs: { 'caller pcma': 1, 'callee pcma': 1 },
    answerDelays: { caller: 1, callee: 1 },
  });
});
