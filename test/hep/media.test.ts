// SPDX-License-Identifier: Apache-2.0
// Real sockets on loopback; no privilege. What agents tell of media: descriptions, reports in SIP, RTCP.
import assert from 'node:assert/strict';
import test from 'node:test';
import { payloadOf, Scenario, type Sip } from '../golden/media/scenario.ts';
import { bye, receiverReport, senderReport } from '../support/rtcp.ts';
import { ascii, bytesOf } from '../support/udp-frame.ts';
import { chunk, hep3 } from './packets.ts';
import { sendUdp, startReceiver } from './receiver.ts';
import { asteriskReport, heplifyReport, hepOf, ntpOf, rtpengineReport } from './reports.ts';

const labels = 'interface="hep",direction="unknown"';

/** Messages with the time they would have had so many seconds ago: agents may be that late here. */
class Agent {
  readonly #nowMicros = Date.now() * 1000;

  sip(secondsAgo: number, call: string, sip: Sip): Uint8Array {
    const scenario = new Scenario();
    scenario.sip(0, call, sip);
    return this.raw(secondsAgo, payloadOf(scenario.records[0]!), 1);
  }

  raw(
    secondsAgo: number,
    payload: string | Uint8Array,
    type = 5,
    isBack = false,
    correlationId = '',
  ): Uint8Array {
    return hepOf(payload, { type, isBack, correlationId, micros: this.#nowMicros - secondsAgo * 1e6 });
  }

  /** A call of 20 seconds that ended 5 seconds ago, its media on two ports. */
  call(name: string, port: number, callerLines: readonly string[] = []): Uint8Array[] {
    return [
      this.sip(26, name, { what: 'INVITE', voice: `192.0.2.1:${port}`, lines: callerLines }),
      this.sip(25, name, { what: 200, method: 'INVITE', voice: `192.0.2.2:${port}` }),
      this.sip(24.9, name, { what: 'ACK' }),
      this.sip(5, name, { what: 'BYE', cseq: 9 }),
      this.sip(4.9, name, { what: 200, method: 'BYE', cseq: 9 }),
    ];
  }
}

test('descriptions make calls, whose media nobody here could see: that is not missing', async () => {
  await using receiver = await startReceiver(['udp:0']);
  const agent = new Agent();
  const held = agent.call('b', 6000, ['a=inactive']);
  // In the order of their times: an agent that goes back is not followed.
  const calls = agent.call('a', 4000).flatMap((packet, i) => [packet, held[i]!]);
  await sendUdp(receiver.ports[0]!, calls);
  await receiver.reaches(4, 'sip_session_descriptions_total', `${labels},result="read"`);
  await receiver.reaches(2, 'rtp_call_results_total', labels);
  assert.equal(receiver.total('rtp_call_results_total', 'result="not_seen"'), 1);
  assert.equal(receiver.total('rtp_call_results_total', 'result="held"'), 1);
  await sendUdp(receiver.ports[0]!, agent.call('c', 8000).slice(0, 2));
  await receiver.reaches(1, 'rtp_calls', `${labels},state="answered"`);
});

test('voice quality reports and headers with statistics in SIP', async () => {
  await using receiver = await startReceiver(['udp:0']);
  const report = [
    ...['VQSessionReport: CallTerm', 'CallID: a', 'LocalMetrics:', 'PacketLoss: NLR=1.5 JDR=0.5'],
    ...['QualityEst: MOSLQ=4.1 MOSCQ=4.0', ''],
  ].join('\r\n');
  const head = (method: string): string[] => [
    `${method} sip:b@x SIP/2.0`,
    `Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK${method}`,
    ...['From: <sip:a@x>;tag=a', 'To: <sip:b@x>', `Call-ID: ${method}`, `CSeq: 1 ${method}`],
  ];
  const publish = [
    ...head('PUBLISH'),
    ...['Event: vq-rtcpxr', 'Content-Type: application/vq-rtcpxr', `Content-Length: ${report.length}`],
    ...['', report],
  ].join('\r\n');
  const statistics = [...head('BYE'), 'P-RTP-Stat: PS=100,PR=90,PL=10,JI=3', 'Content-Length: 0', '', ''];
  const agent = new Agent();
  const packets = [publish, statistics.join('\r\n')].map((text) => agent.raw(1, text, 1));
  await sendUdp(receiver.ports[0]!, packets);
  await receiver.reaches(1, 'sip_voice_quality_reports_total', `${labels},kind="session",method="PUBLISH"`);
  await receiver.reaches(1, 'sip_rtp_stat_headers_total', `${labels},message="request"`);
});

test('RTCP of agents, in JSON or as it was: round trips of both ways, loss and jitter', async () => {
  await using receiver = await startReceiver(['udp:0'], '--hep.node', '1=media');
  const agent = new Agent();
  const interfaceLabel = 'interface="hep:media"';
  const middle = 0x1000_8000;
  // A receiver has the sender report 0.5 s before its own, which comes 0.6 s behind it: 0.1 s are the way.
  const block = { ssrc: 1, highest: 100, jitter: 80, lastSenderReport: middle, delay: 0x8000 };
  const next = { ...block, highest: 200, cumulativeLost: 25, fractionLost: 64, delay: 0x8001 };
  await sendUdp(receiver.ports[0]!, [
    agent.raw(3, rtpengineReport({ ssrc: 1, ntp: ntpOf(middle) })),
    agent.raw(2.4, heplifyReport({ ssrc: 2, blocks: [block] }), 5, true),
    agent.raw(2.4, asteriskReport({ ssrc: 2, blocks: [next] }), 5, true),
    agent.raw(2, bytesOf(senderReport(1, middle + 1), bye(1))),
    agent.raw(1.5, receiverReport(2, [{ ...next, lastSenderReport: middle + 1, delay: 0 }]), 5, true),
  ]);
  await receiver.reaches(
    3,
    'rtcp_report_blocks_total',
    `${interfaceLabel},direction="unknown",round_trip="measured"`,
  );
  const types = { sr: 2, rr: 3, sdes: 2, bye: 1 };
  for (const [type, count] of Object.entries(types)) {
    assert.equal(receiver.total('rtcp_packets_total', `type="${type}"`), count, type);
  }
  const sum = receiver.total('rtcp_round_trip_seconds', `_sum{${interfaceLabel}`);
  assert.ok(Math.abs(sum - (0.1 + 0.1 + 0.5)) < 0.001, `${sum} s`);
  assert.equal(receiver.total('rtcp_far_end_jitter_seconds', `_count{${interfaceLabel}`), 2);
  assert.equal(receiver.total('rtcp_far_end_loss_ratio', `_sum{${interfaceLabel}`), 0.25);
  for (const name of ['ringtap_hep_errors_total', 'ringtap_hep_unread_total', 'rtcp_parse_errors_total']) {
    assert.equal(receiver.total(name), 0, name);
  }
});

test('who tells only what comes to it: the call tells whose the reports are, another call has others', async () => {
  await using receiver = await startReceiver(['udp:0']);
  const agent = new Agent();
  const answer = receiverReport(2, [{ ssrc: 1, highest: 100, lastSenderReport: 0x1000_8000 }]);
  await sendUdp(receiver.ports[0]!, [
    agent.raw(3, senderReport(1, 0x1000_8000), 5, false, 'a'),
    agent.raw(2.5, answer, 5, false, 'a'),
    agent.raw(2.5, answer, 5, false, 'b'),
    agent.raw(2.5, answer, 5, false),
  ]);
  await receiver.reaches(2, 'rtcp_report_blocks_total', `${labels},round_trip="unmatched"`);
  assert.equal(receiver.total('rtcp_report_blocks_total', 'round_trip="measured"'), 1);
});

test('what is not read is counted by its protocol, what is wrong by its reason', async () => {
  await using receiver = await startReceiver(['udp:0']);
  const types = { rtp: 4, media_report: 34, log: 100, ng: 61, dns: 53, other: 200 };
  const agent = new Agent();
  await sendUdp(receiver.ports[0]!, [
    ...Object.values(types).map((type) => agent.raw(0, 'x', type)),
    hep3([chunk(11, [0])]),
    hep3([chunk(11, [5]), chunk(16, [1])]),
    agent.raw(0, '{"ssrc":1,"type":201'),
    agent.raw(0, '{"ssrc":1}'),
    agent.raw(0, receiverReport(1).subarray(0, 6)),
    agent.raw(0, ''),
  ]);
  await receiver.reaches(2, 'rtcp_parse_errors_total', labels);
  for (const [name, count] of Object.entries({ ...types, other: 2 })) {
    const expected = name === 'other' ? count : 1;
    assert.equal(receiver.total('ringtap_hep_unread_total', `protocol="${name}"`), expected, name);
  }
  assert.equal(receiver.total('ringtap_hep_skipped_total', 'reason="compressed"'), 1);
  assert.equal(receiver.total('ringtap_hep_errors_total', 'reason="bad_report"'), 2);
});

test('RTCP needs the key, too', async () => {
  await using receiver = await startReceiver(['udp:0'], '--hep.auth-key', 'myHep');
  const report = heplifyReport({ ssrc: 1, blocks: [{ ssrc: 2 }] });
  await sendUdp(receiver.ports[0]!, [hepOf(report), hepOf(report, { key: 'myHep' })]);
  await receiver.reaches(1, 'rtcp_packets_total', 'type="rr"');
  assert.equal(receiver.total('ringtap_hep_refused_total', 'reason="key"'), 1);
});

test('without media nothing of it is read, and that is counted', async () => {
  await using receiver = await startReceiver(['udp:0'], '--no-rtp.capture');
  const agent = new Agent();
  await sendUdp(receiver.ports[0]!, [...agent.call('a', 4000), agent.raw(0, ascii('{'))]);
  await receiver.reaches(1, 'ringtap_hep_unread_total', 'protocol="rtcp"');
  assert.equal(receiver.total('sip_requests_total'), 3);
  assert.equal(receiver.total('sip_session_descriptions_total'), 0);
});
