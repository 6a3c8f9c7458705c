// SPDX-License-Identifier: Apache-2.0
// Needs root: network namespaces, packet sockets. The golden captures over a wire, to the real program: the kernels that
// tests run on have no SCTP of their own.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { captureFolder, udpFrames } from '../golden/transports/generate.ts';
import { runCommand } from '../support/command.ts';
import { openNetwork } from '../support/network.ts';
import { startPacketJudge } from '../support/packet-judge.ts';
import { startRingtap } from '../support/ringtap.ts';
import { countInStreams } from '../support/stream-judge.ts';

const names = ['sctp-bundled', 'sctp-fragmented', 'sctp-interleaved', 'sctp-reordered', 'sctp-retransmitted'];

test('root: SIP over SCTP and WebSocket on a wire, as tshark counts it', async () => {
  await using network = await openNetwork();
  const { caller, callee } = network;
  // The frames are for hosts that are not there.
  await using ringtap = await startRingtap(callee, { args: ['--capture.promiscuous'] });
  await using judge = await startPacketJudge(network);
  for (const name of [...names, 'websocket-fragmented-cut']) {
    const file = join(captureFolder, `${name}.pcap`);
    await runCommand('tcpreplay', ['-q', '-i', caller.interfaceName, '--pps=5000', file], caller);
  }
  const judged = await countInStreams(await judge.file(), callee, [5060]);
  const total = [judged.requests, judged.responses]
    .flatMap(Object.values)
    .reduce((sum, count) => sum + count, 0);
  const ofOne = udpFrames.filter(({ kind }) => kind !== undefined).length;
  assert.equal(total, ofOne * (names.length + 1), 'what tshark found');
  await ringtap.scrapeUntil(
    'all messages are counted',
    (scrape) => scrape.sum('sip_transport_messages_total') === total,
  );
  const settled = await ringtap.scrape();
  // Neither end of these addresses is on this host.
  const withoutDirection = (counts: Readonly<Record<string, number>>): Record<string, number> =>
    Object.fromEntries(Object.entries(counts).map(([key, count]) => [key.replace('inbound ', ''), count]));
  assert.deepEqual(settled.byLabels('sip_requests_total', ['method']), withoutDirection(judged.requests));
  assert.deepEqual(settled.byLabels('sip_responses_total', ['code']), withoutDirection(judged.responses));
  const { sctp, ws, ...others } = settled.byLabels('sip_transport_messages_total', ['transport']);
  assert.deepEqual(others, {});
  assert.deepEqual({ sctp, ws }, { sctp: ofOne * names.length, ws: ofOne });
  const chunks = settled.byLabels('ringtap_sctp_chunks_total', ['kind']);
  assert.ok(chunks['duplicate']! > 10 && chunks['fragment']! > 100, JSON.stringify(chunks));
  assert.deepEqual(settled.byLabels('ringtap_sctp_unread_total', ['reason']), {});
  assert.deepEqual(settled.byLabels('ringtap_stream_losses_total', ['reason']), {});
  assert.deepEqual(settled.byLabels('sip_parse_errors_total', ['reason']), {});
});
