// SPDX-License-Identifier: Apache-2.0
// Needs root: network namespaces, packet sockets. What arrives on a SIP port and is no SIP.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sendDatagrams } from '../support/datagrams.ts';
import { figuresOf } from '../support/figures.ts';
import { openNetwork } from '../support/network.ts';
import { settle, startRingtap } from '../support/ringtap.ts';
import { runCalls } from '../support/sipp.ts';
import { expectedFigures, planOf } from './expected-figures.ts';
import { flows } from './flows.ts';

const repeated = (payload: Uint8Array, count: number): Uint8Array[] =>
  Array.from({ length: count }, () => payload);
const text = (value: string): Uint8Array => new TextEncoder().encode(value);

/** The same pseudo-random bytes in every run (xorshift32). The first is never one that SIP, CRLF or STUN begins with. */
function randomPayloads(count: number): Uint8Array[] {
  let state = 0x9e3779b9;
  const next = (): number => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
  return Array.from({ length: count }, () => {
    const payload = Uint8Array.from({ length: 1 + (next() % 1400) }, () => next() & 0xff);
    payload[0] = 0x80 | payload[0]!;
    return payload;
  });
}

/** A STUN Binding request without attributes (RFC 8489 §5). */
const stunBindingRequest = Uint8Array.of(
  0,
  1,
  0,
  0,
  0x21,
  0x12,
  0xa4,
  0x42,
  1,
  2,
  3,
  4,
  5,
  6,
  7,
  8,
  9,
  10,
  11,
  12,
);

const withoutVia = text(
  'INVITE sip:a@b SIP/2.0\r\nFrom: <sip:c@d>;tag=1\r\nTo: <sip:a@b>\r\nCall-ID: x\r\nCSeq: 1 INVITE\r\n\r\n',
);
const unterminated = text(
  'INVITE sip:a@b SIP/2.0\r\nVia: SIP/2.0/UDP d;branch=z9hG4bK1\r\nFrom: <sip:c@d>;tag=1',
);

test('root: garbage and keep-alives on the SIP port are counted for what they are, and calls beside them too', async () => {
  await using network = await openNetwork();
  const { interfaceName } = network.callee;
  await using ringtap = await startRingtap(network.callee, { args: ['--sip.ports', '5060,5061'] });
  const run = { flow: flows.answered, calls: 50 };
  const payloads = [
    ...randomPayloads(200),
    ...repeated(text('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'), 5),
    ...repeated(withoutVia, 7),
    ...repeated(unterminated, 8),
    ...repeated(new Uint8Array(0), 30),
    ...repeated(text('\r\n\r\n'), 25),
    ...repeated(text('\r\n'), 15),
    ...repeated(stunBindingRequest, 20),
    ...repeated(new Uint8Array(4), 10),
  ];
  // The calls have a port of their own: SIPp, unlike ringtap, gives up on garbage.
  await Promise.all([
    runCalls(network, planOf(run, { callsPerSecond: 100, port: 5061 })),
    sendDatagrams(network, 5060, payloads),
  ]);
  await settle(network, ringtap);
  const calls = expectedFigures([run], { side: 'callee', interfaceName, keepAlives: 1 });
  assert.deepEqual(figuresOf(await ringtap.scrape()), {
    ...calls,
    parseErrors: { 'sip not_sip': 205, 'sip missing_via': 7, 'sip unterminated_headers': 8 },
    keepAlives: { empty: 30, crlf: 41, stun: 20, nul: 10 },
    packets: { [interfaceName]: calls.packets[interfaceName]! + payloads.length },
  });
});
