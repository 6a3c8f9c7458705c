// SPDX-License-Identifier: Apache-2.0
// Needs root: network namespaces, packet sockets. A call through Kamailio and rtpengine: the proxy's host sees the media of both
// legs, each packet twice, and each leg in two streams.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { startMediaProxy } from '../support/kamailio.ts';
import { beginMedia, firstPackets, mediaRun, voiceFile } from '../support/media-calls.ts';
import { mediaFiguresOf, noMedia } from '../support/media-figures.ts';
import { type Hosts, openProxyNetwork } from '../support/network.ts';
import { startPacketJudge } from '../support/packet-judge.ts';
import { startRingtap } from '../support/ringtap.ts';
import { judgeStreams } from '../support/rtp-judge.ts';
import { startClient, startServer, together } from '../support/sipp.ts';

const fromCaller = 100;
const fromCallee = 80;
const packetBytes = 240;

test('root: rtpengine in the path: both legs are seen on its host, joined by where the media goes', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'ringtap-media-'));
  try {
    await using network = await openProxyNetwork();
    const { above, below } = network;
    const proxyBelow: Hosts = { caller: below.callee, callee: below.caller };
    await using ringtap = await startRingtap(above.callee, {
      interfaces: [above.callee.interfaceName, below.caller.interfaceName],
      args: ['--media.late-after', '30s', '--media.false-answer-after', '60s', '--rtp.interval', '60s'],
    });
    await using judgeAbove = await startPacketJudge(above);
    await using judgeBelow = await startPacketJudge(proxyBelow);
    await using _proxy = await startMediaProxy(network);
    const plan = mediaRun({
      callerFile: await firstPackets(voiceFile, fromCaller, folder),
      calleeFile: await firstPackets(voiceFile, fromCallee, folder),
      talkMillis: 3500,
    });
    await using callee = await startServer(below.callee, { scenario: 'uas-media', ...plan });
    await using caller = await startClient(above, { scenario: 'uac-media', ...plan });
    // Offer and answer, each on both wires.
    await beginMedia(above, ringtap, { descriptions: 4, calleeWire: below });
    await together([callee, caller]).succeed();
    await ringtap.scrapeUntil('the verdict', (s) => s.sum('rtp_call_results_total') > 0, 30_000);
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
  } finally {
    rmSync(folder, { recursive: true });
  }
});
