// SPDX-License-Identifier: Apache-2.0
// Needs root: network namespaces, packet sockets. What real agents tell of a call's media: Kamailio of its SIP, rtpengine of its RTCP.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { sendDatagrams } from '../support/datagrams.ts';
import { patient } from '../support/in-call.ts';
import { rtpenginePort } from '../support/kamailio.ts';
import { mediaFiguresOf } from '../support/media-figures.ts';
import { type Hosts, openProxyNetwork, type ProxyNetwork } from '../support/network.ts';
import { Exposition } from '../support/prometheus-text.ts';
import { fromCallee, fromCaller, runProxiedCall } from '../support/proxied-call.ts';
import { type Ringtap, startRingtap } from '../support/ringtap.ts';
import { receiverReport, senderReport, sourceDescription } from '../support/rtcp.ts';
import { bytesOf } from '../support/udp-frame.ts';

const hepPort = 9060;

/** Starts a ringtap on the proxy's host that hears no SIP on the wire, and receives HEP. */
function startListener(
  { above }: ProxyNetwork,
  interfaces: readonly string[],
  args: readonly string[] = [],
): Promise<Ringtap> {
  return startRingtap(above.callee, {
    interfaces,
    args: [
      ...['--sip.ports', '5999', '--no-sip.detect', '--hep.allow', above.callee.ipv4],
      ...['--hep.listen-address', `udp:${above.callee.ipv4}:${hepPort}`],
      ...['--hep.node', '2001=kamailio', '--hep.node', '2002=rtpengine', '--hep.clock-tolerance', '5s'],
      ...[...patient, ...args],
    ],
  });
}

/** A call with media that Kamailio and rtpengine tell of by HEP; both sides send RTCP. Returns the last scrape. */
async function runCall(network: ProxyNetwork, ringtap: Ringtap): Promise<Exposition> {
  const { above, below } = network;
  return await runProxiedCall(network, ringtap, {
    siptrace: { version: 3, address: above.callee.ipv4, port: hepPort },
    meanwhile: async () => {
      await sendDatagrams(above, rtpenginePort + 1, [
        bytesOf(senderReport(1, 0x1000_8000, [{ ssrc: 2, highest: 100, jitter: 80 }]), sourceDescription(1)),
      ]);
      const answerer: Hosts = { caller: below.callee, callee: below.caller };
      await sendDatagrams(answerer, rtpenginePort + 1, [
        receiverReport(2, [{ ssrc: 1, highest: 100, lastSenderReport: 0x1000_8000, jitter: 80 }]),
      ]);
    },
  });
}

/** What a scrape says of one interface. */
const of = (scrape: Exposition, name: string): Exposition =>
  new Exposition(scrape.samples.filter(({ labels }) => labels['interface'] === name));

function checkAgents(scrape: Exposition): void {
  for (const name of ['errors', 'skipped', 'unread', 'clock_corrections', 'socket_drops']) {
    assert.equal(scrape.sum(`ringtap_hep_${name}_total`), 0, name);
  }
  assert.deepEqual(of(scrape, 'hep:kamailio').byLabels('sip_session_descriptions_total', ['result']), {
    read: 4,
  });
  assert.equal(of(scrape, 'hep:kamailio').sum('rtp_call_results_total'), 1);
  const byRtpengine = of(scrape, 'hep:rtpengine');
  assert.deepEqual(byRtpengine.byLabels('rtcp_packets_total', ['type']), { sr: 1, rr: 1, sdes: 1 });
  // The caller's report came on the one side of rtpengine, what answers it on the other: of one call, by its Call-ID.
  assert.equal(byRtpengine.sum('rtcp_report_blocks_total', { round_trip: 'measured' }), 1);
  assert.equal(scrape.sum('rtcp_parse_errors_total'), 0);
}

describe('root: HEP of media', { concurrency: 1 }, () => {
  test('media that is captured belongs to the call that is told by HEP, RTCP is told by rtpengine', async () => {
    await using network = await openProxyNetwork();
    const { above, below } = network;
    const interfaces = [above.callee.interfaceName, below.caller.interfaceName];
    await using ringtap = await startListener(network, interfaces);
    const scrape = await runCall(network, ringtap);
    checkAgents(scrape);
    const { packets, streams, results, codecs, unread } = mediaFiguresOf(scrape);
    const all = fromCaller + fromCallee;
    assert.deepEqual(
      { packets, streams, results, codecs, unread },
      {
        packets: { 'inbound pcma': all, 'outbound pcma': all },
        streams: { 'inbound announced': 2, 'outbound announced': 2 },
        results: { both_ways: 1 },
        codecs: { 'caller pcma': 1, 'callee pcma': 1 },
        unread: {},
      },
    );
    // No SIP but by HEP; each message that says something of the call was handed over.
    assert.equal(scrape.sum('sip_requests_total'), of(scrape, 'hep:kamailio').sum('sip_requests_total'));
    assert.ok(scrape.sum('ringtap_worker_handovers_total', { worker: 'hep' }) >= 6);
    assert.equal(scrape.sum('ringtap_worker_handover_drops_total'), 0);
    // The wire has each report twice, as it comes to rtpengine and as it leaves it.
    const onWire = interfaces.map((name) => of(scrape, name).sum('rtcp_packets_total', { type: 'sr' }));
    assert.deepEqual(onWire, [1, 1]);
  });

  test('where nothing is captured the media is not seen, and never missing', async () => {
    await using network = await openProxyNetwork();
    await using ringtap = await startListener(network, ['none'], ['--media.late-after', '1s']);
    const scrape = await runCall(network, ringtap);
    checkAgents(scrape);
    const { packets, results, findings } = mediaFiguresOf(scrape);
    assert.deepEqual({ packets, results, findings }, { packets: {}, results: { not_seen: 1 }, findings: {} });
  });
});
