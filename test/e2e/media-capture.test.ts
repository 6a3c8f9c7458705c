// SPDX-License-Identifier: Apache-2.0
// Needs root: network namespaces, packet sockets. What the filter lets through of RTP, seen by the program itself.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sendDatagrams } from '../support/datagrams.ts';
import { openNetwork } from '../support/network.ts';
import { settle, startRingtap } from '../support/ringtap.ts';

const port = 31_000;
const packets = 50;
const rtp = Uint8Array.from([0x80, 0, 0, 1, ...new Array<number>(168).fill(0x55)]);
const report = Uint8Array.from([0x80, 201, 0, 1, 1, 2, 3, 4]);
const stun = Uint8Array.from([0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42, ...new Array<number>(12).fill(9)]);
const payloads = Array.from({ length: packets }, () => [rtp, report, stun]).flat();

for (const [args, taken] of [
  [['--rtp.detect'], 2 * packets],
  [[], 0],
  [['--no-rtp.capture', '--rtp.detect'], 0],
] as const) {
  test(`root: RTP and RTCP come in snapshots with "${args.join(' ')}": ${taken} packets`, async () => {
    await using network = await openNetwork();
    await using ringtap = await startRingtap(network.callee, { args });
    await sendDatagrams(network, port, payloads);
    const scrape = await settle(network, ringtap);
    // The keep-alive of `settle` is one.
    assert.equal(scrape.sum('ringtap_capture_packets_total'), taken + 1);
    assert.equal(scrape.sum('ringtap_capture_truncated_total'), 0, 'what was asked for is no truncation');
    assert.equal(scrape.sum('ringtap_decode_errors_total'), 0);
  });
}
