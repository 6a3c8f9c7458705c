// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PortCounts } from '../../src/base/port-counts.ts';
import { rtpSnapshotLength } from '../../src/decode/rtp-ports.ts';
import { bytesOf, ethernet, ipv4, udp } from '../support/udp-frame.ts';
import { TestMonitor } from './monitor.ts';

const options = bytesOf(
  Buffer.from(
    'OPTIONS sip:a@b SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1\r\nFrom: <sip:a@b>;tag=1\r\n' +
      'To: <sip:b@b>\r\nCall-ID: 1\r\nCSeq: 1 OPTIONS\r\n\r\n',
  ),
);
const rtp = bytesOf([0x80, 0, 0, 1], new Uint8Array(168).fill(0x55));
const headersLength = 42;

const frameTo = (port: number, payload: Uint8Array): Uint8Array =>
  ethernet(0x0800, ipv4({}, udp({ sourcePort: 4000, destinationPort: port }, payload)));

/** 5060 carries SIP and was announced for media too; 20000 only for media, 5070 for neither. */
function monitor(): TestMonitor {
  const ports = new PortCounts();
  ports.add(5060);
  ports.add(20_000);
  return new TestMonitor({}, { rtp: { detect: false } }, 1, ports);
}

/** Takes the first bytes of a frame. */
function takeCut(one: TestMonitor, frame: Uint8Array, length: number): void {
  one.take(frame.subarray(0, length), 1e6, frame.length);
}

const figures = (one: TestMonitor): string[] =>
  one
    .values()
    .filter((line) => /^(sip_requests_total|sip_parse_errors|ringtap_(capture_tr|decode))/.test(line));

test('a snapshot of RTP is no truncation, what the sensor cut by itself is one', () => {
  const one = monitor();
  takeCut(one, frameTo(20_000, rtp), headersLength + rtpSnapshotLength);
  const media = figures(one);
  assert.ok(!media.some((line) => /truncated/.test(line)), `${media}`);
  takeCut(one, frameTo(20_000, rtp), headersLength + rtpSnapshotLength - 1);
  assert.ok(figures(one).some((line) => /^ringtap_capture_truncated_total.* 1$/.test(line)));
  takeCut(one, frameTo(5070, rtp), headersLength + rtpSnapshotLength);
  assert.ok(figures(one).some((line) => /^ringtap_capture_truncated_total.* 2$/.test(line)));
  assert.ok(figures(one).some((line) => /^ringtap_decode_errors_total.*truncated_by_sensor.* 1$/.test(line)));
});

test('a message that was cut stays one that cannot be read', () => {
  for (const port of [5060, 20_000]) {
    const one = monitor();
    takeCut(one, frameTo(port, options), headersLength + 100);
    const lines = figures(one);
    assert.equal(lines.length, 2, `${lines}`);
    assert.match(lines[0]!, /^ringtap_capture_truncated_total.* 1$/);
    assert.match(lines[1]!, /^ringtap_decode_errors_total\{.*reason="truncated_by_sensor".* 1$/);
  }
});

test('on a port of both, a message is a message and RTP no parse error', () => {
  const one = monitor();
  one.take(frameTo(5060, options), 1e6);
  one.take(frameTo(5060, rtp), 2e6);
  const lines = figures(one);
  assert.ok(
    lines.some((line) => /^sip_requests_total\{.*OPTIONS.* 1$/.test(line)),
    `${lines}`,
  );
  assert.ok(!lines.some((line) => /parse_errors/.test(line)), `${lines}`);
});

test('RTP on a port of SIP that nobody announced is a parse error', () => {
  const one = new TestMonitor({}, { rtp: { detect: false } }, 1, new PortCounts());
  one.take(frameTo(5060, rtp), 1e6);
  assert.ok(
    figures(one).some((line) => /^sip_parse_errors_total.* 1$/.test(line)),
    `${figures(one)}`,
  );
});
