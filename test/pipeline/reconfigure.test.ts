// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import test from 'node:test';
import { defaultParserLimits } from '../../src/sip/parser-limits.ts';
import { ethernet, ipv4, udp } from '../support/udp-frame.ts';
import { sipFrame, TestMonitor, testAnalysis } from './monitor.ts';

const START = 1_700_000_000_000_000;
const { ports, detect, parser, peers, abuse } = testAnalysis;
const live = { ports, detect, parser, peers, abuse };

/** A request of a call, or the answer 200 to it. */
function message(method: string, cseq: number, isAnswer: boolean): string {
  return [
    isAnswer ? 'SIP/2.0 200 OK' : `${method} sip:b@x SIP/2.0`,
    `Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK${cseq}`,
    'From: <sip:a@x>;tag=1',
    `To: <sip:b@x>${isAnswer || cseq > 1 ? ';tag=2' : ''}`,
    'Call-ID: c',
    `CSeq: ${cseq} ${method}`,
    'Content-Length: 0',
    '\r\n',
  ].join('\r\n');
}

for (const batch of [1, 64]) {
  test(`a call goes on over a change, and the next packet is judged by it; batch ${batch}`, () => {
    const monitor = new TestMonitor({}, {}, batch);
    const take = (text: string, micros: number, port = 5060): void =>
      monitor.take(
        ethernet(
          0x0800,
          ipv4({}, udp({ sourcePort: 5555, destinationPort: port }, new TextEncoder().encode(text))),
        ),
        START + micros,
      );
    monitor.take(sipFrame(message('INVITE', 1, false)), START);
    monitor.take(sipFrame(message('INVITE', 1, true)), START + 1000);
    monitor.pipeline.reconfigure({
      ...live,
      ports: [5070],
      parser: { ...parser, maxVias: 1, maxHeaders: 7 },
    });
    assert.equal(monitor.total('sip_dialogs'), 1, 'what waited in the batch is counted');
    take(message('BYE', 2, false), 2000);
    take(message('BYE', 2, false), 3000, 5070);
    take(message('BYE', 2, true).replace('CSeq', 'X: 1\r\nX: 2\r\nCSeq'), 4000, 5070);
    monitor.pipeline.release();
    assert.equal(monitor.total('sip_sessions_ended_total'), 1);
    assert.equal(monitor.total('ringtap_decode_skipped_total'), 1, 'port 5060 is no more');
    assert.equal(monitor.total('sip_parse_errors_total'), 1, 'more header fields than may be now');
    monitor.pipeline.reconfigure({ ...live, detect: true });
    take(message('OPTIONS', 3, false), 5000, 9999);
    monitor.pipeline.release();
    assert.equal(monitor.total('sip_requests_total'), 3);
  });
}

test('the longest message stays that of the start: buffers were made for it', () => {
  const monitor = new TestMonitor({}, { parser: { ...defaultParserLimits, maxMessageBytes: 2000 } });
  monitor.pipeline.reconfigure({ ...live, parser: { ...defaultParserLimits, maxMessageBytes: 9000 } });
  const text = message('OPTIONS', 1, false).replace(
    'Content-Length',
    `X: ${'x'.repeat(3000)}\r\nContent-Length`,
  );
  monitor.take(sipFrame(text), START);
  assert.equal(monitor.total('sip_parse_errors_total'), 1);
});
