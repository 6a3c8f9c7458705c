// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import test from 'node:test';
import {
  asteriskReport,
  captagentReport,
  heplifyReport,
  ntpOf,
  type Report,
  rtpengineReport,
} from '../../test/hep/reports.ts';
import {
  extendedReport,
  receiverReport,
  rtcpPacket,
  senderReport,
  uint32,
  xrBlock,
} from '../../test/support/rtcp.ts';
import { ascii, bytesOf } from '../../test/support/udp-frame.ts';
import { Datagram } from '../decode/datagram.ts';
import { RtcpJson } from './rtcp-json.ts';

const json = new RtcpJson();
/** A minute after the time of `ntpOf(0x1234_0000)`. */
const NOW_MICROS = (0xe8f0_1234 - 2_208_988_800 + 60) * 1e6;

/** The RTCP that is made of a text, or undefined. */
function rtcpOf(text: string): Uint8Array | undefined {
  const datagram = new Datagram();
  datagram.bytes = bytesOf(ascii('12345'), ascii(text), ascii('6'));
  datagram.view = new DataView(datagram.bytes.buffer);
  datagram.payloadOffset = 5;
  datagram.payloadLength = text.length;
  if (!json.open(datagram, NOW_MICROS)) return undefined;
  const { bytes, payloadOffset, payloadLength, wirePayloadLength } = datagram;
  assert.equal(wirePayloadLength, payloadLength);
  return bytes.slice(payloadOffset, payloadOffset + payloadLength);
}

const ssrc = 0xfffffffe;
const ntpMiddle = 0x1234_8000;
const ntp = ntpOf(ntpMiddle);
const block = {
  ...{ ssrc: 0x80000001, fractionLost: 255, cumulativeLost: -1, highest: 0xffff0003, jitter: 4_000_000_000 },
  ...{ lastSenderReport: 0xf0000001, delay: 0xfffffffd },
};
const other = { ssrc: 7, fractionLost: 3, cumulativeLost: 5, highest: 9, jitter: 11 };
const sdes = rtcpPacket(202, 0, []);

test('a report of each agent is the RTCP it was', () => {
  const receiver: Report = { ssrc, blocks: [block] };
  const sender: Report = { ssrc, ntp, blocks: [block, other] };
  const asReceiver = receiverReport(ssrc, [block]);
  const asSender = senderReport(ssrc, ntpMiddle, [block, other]);
  assert.deepEqual(rtcpOf(rtpengineReport(receiver)), bytesOf(asReceiver, sdes));
  assert.deepEqual(rtcpOf(rtpengineReport(sender)), bytesOf(asSender, sdes));
  assert.deepEqual(rtcpOf(heplifyReport(receiver)), bytesOf(asReceiver, sdes));
  assert.deepEqual(rtcpOf(heplifyReport(sender)), bytesOf(asSender, sdes));
  assert.deepEqual(rtcpOf(asteriskReport(receiver)), asReceiver);
  assert.deepEqual(rtcpOf(captagentReport(receiver)), asReceiver);
  const told = rtcpOf(captagentReport({ ssrc, ntp, blocks: [block] }))!;
  // It swaps this, too, which nobody reads.
  told.set(uint32(160), 16);
  assert.deepEqual(told, senderReport(ssrc, ntpMiddle, [block]));
});

test('time since 1970 becomes NTP time, so that a receiver answers it by the same middle 32 bits', () => {
  for (const fraction of [0, 1, 0x8000, 0xffff]) {
    const middle = (0x1234_0000 | fraction) >>> 0;
    const [seconds, fractions] = ntpOf(middle);
    // A report is rarely made within a microsecond of where the middle 32 bits change: then it finds no answer.
    const rtcp = rtcpOf(asteriskReport({ ssrc, ntp: [seconds, fractions + 0x8000], blocks: [] }))!;
    assert.equal(new DataView(rtcp.buffer).getUint32(10), middle);
  }
});

test('time of a clock that is wrong is NTP time, as it is', () => {
  for (const seconds of [0, 1234, 0x7fffffff, 0xffffffff, 0x34121234]) {
    const text = JSON.stringify({
      ssrc,
      type: 200,
      sender_information: { ntp_timestamp_sec: seconds, ntp_timestamp_usec: 5 },
    });
    assert.deepEqual([...rtcpOf(text)!.subarray(8, 16)], [...uint32(seconds), ...uint32(5)]);
  }
});

test('of a sender report without blocks captagent tells the source in its description only', () => {
  const rtcp = rtcpOf(captagentReport({ ssrc, ntp }, `"sdes_ssrc":${ssrc},"sdes_information": []`))!;
  assert.deepEqual([...rtcp.subarray(0, 8)], [0x80, 200, 0, 6, ...uint32(ssrc)]);
});

test('an extended report has what is told of its VoIP metrics, and says so of what is not', () => {
  const told = {
    ...{ type: 7, id: 5, fraction_lost: 1, fraction_discard: 2, burst_density: 3, gap_density: 4 },
    ...{ burst_duration: 500, gap_duration: 600, round_trip_delay: 70, end_system_delay: 80 },
  };
  const metrics = xrBlock(7, [
    ...uint32(5),
    ...[1, 2, 3, 4, 500 >> 8, 500 & 0xff, 600 >> 8, 600 & 0xff, 0, 70, 0, 80],
    ...[127, 127, 127, 16, 127, 127, 127, 127],
    ...new Array<number>(8).fill(0),
  ]);
  const extended = extendedReport(ssrc, metrics);
  assert.deepEqual(rtcpOf(heplifyReport({ ssrc }, told, 207)), extended);
  assert.deepEqual(
    rtcpOf(heplifyReport({ ssrc, blocks: [other] }, told, 207)),
    bytesOf(receiverReport(ssrc, [other]), extended),
  );
  assert.equal(rtcpOf(heplifyReport({ ssrc }, { type: 6 }, 207)), undefined);
  const captagent = captagentReport(
    { ssrc, blocks: [other] },
    '"extended_report_information":{"type":7, "identifier":5, "loss_rate":1, "discard_rate":2, "burst_rate":3, ' +
      '"gap_rate":4, "burst_duration":500, "gap_duration":600, "round_trip_delay":70, "end_sys_delay":80, ' +
      '"signal_lev":127, "noise_lev":127, "RERL":127, "Gmin":16, "R_fact":93, "ext_R_fact":127, "MOS_LQ":44, ' +
      '"MOS_CQ":43, "RX_conf":[{"PLC":3, "JB_adapt":3, "JB_rate":2}], "JB_nom":40, "JB_max":80, "JB_abs_max":120}',
  );
  const all = [...metrics];
  all.splice(24, 12, 93, 127, 44, 43, 0, 0, 0, 40, 0, 80, 0, 120);
  assert.deepEqual(rtcpOf(captagent), bytesOf(receiverReport(ssrc, [other]), extendedReport(ssrc, all)));
});

test('what there is of the last packet only', () => {
  assert.deepEqual(rtcpOf('{"ssrc":1,"type":201}'), receiverReport(1));
  assert.deepEqual(rtcpOf('{"type":202,"ssrc":1}'), sdes);
  assert.deepEqual(rtcpOf('{"type":203,"ssrc":1}'), rtcpPacket(203, 0, []));
  assert.equal(rtcpOf('{"type":200,"ssrc":1}')?.length, 28);
});

test('numbers beyond their field are the next that fits', () => {
  const text = `{"ssrc":1e12,"report_blocks":[{"source_ssrc":-1,"fraction_lost":256,"packets_lost":-99999999,"ia_jitter":1.9}]}`;
  const expected = { ssrc: 0xffffffff, fractionLost: 255, cumulativeLost: -(2 ** 23), jitter: 1 };
  assert.deepEqual(rtcpOf(text), receiverReport(0xffffffff, [expected]));
});

test('31 blocks are read, more are no report; nothing is left of the one before', () => {
  const blocks = Array.from({ length: 31 }, (_, index) => ({ ...block, ssrc: index }));
  assert.deepEqual(rtcpOf(asteriskReport({ ssrc, blocks })), receiverReport(ssrc, blocks));
  assert.equal(rtcpOf(asteriskReport({ ssrc, blocks: [...blocks, block] })), undefined);
  assert.deepEqual(rtcpOf('{"report_blocks":[{}]}'), receiverReport(0, [{ ssrc: 0 }]));
});

test('what is no report, or nothing of RTCP', () => {
  for (const text of [
    '{}',
    '{"ssrc":1}',
    '[1]',
    '{"report_blocks":{"lsr":1}}',
    '{"ssrc":1,"type":201',
    'x',
  ]) {
    assert.equal(rtcpOf(text), undefined, text);
  }
});

test('JSON is told from RTCP by how it begins', () => {
  const isJson = (bytes: Uint8Array): boolean =>
    RtcpJson.isJson(Object.assign(new Datagram(), { bytes, payloadOffset: 0, payloadLength: bytes.length }));
  assert.ok(isJson(ascii(' \n{"a":1}')));
  assert.ok(!isJson(receiverReport(1)));
  assert.ok(!isJson(ascii('  ')));
});
