// SPDX-License-Identifier: Apache-2.0
// Fragments in tunnels, and tunnels in fragments.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SipFilter } from '../../src/decode/sip-filter.ts';
import { SipPorts } from '../../src/decode/sip-ports.ts';
import { allTunnels } from '../../src/decode/tunnel-kind.ts';
import { message } from '../replay/traffic.ts';
import { checkedUdp, ipv4Fragment, partsEvery } from '../support/fragments.ts';
import { carriers } from '../support/tunnel-carriers.ts';
import { bytesOf, ethernet, fragmentHeader, uint16 } from '../support/udp-frame.ts';
import { TestMonitor } from './monitor.ts';

const addresses = { source: '192.0.2.1', destination: '198.51.100.2' };
const invite = message({ call: 'a', method: 'INVITE', fields: [`X-Long: ${'x'.repeat(2000)}`] });
const datagram = checkedUdp(addresses, { destinationPort: 5060 }, invite);
const whole = ipv4Fragment(addresses, { offset: 0, hasMore: false, data: datagram });

/** The rule of the kernel's filter. */
const filter = new SipFilter(new SipPorts([5060], false), allTunnels.kinds);

/** A whole packet of either IP version in fragments; nothing that it is in need of is behind its first header. */
function fragmentsOf(packet: Uint8Array, size: number, identification: number): Uint8Array[] {
  const isIpv4 = packet[0]! >> 4 === 4;
  const headerLength = isIpv4 ? 20 : 40;
  return partsEvery(packet.slice(headerLength), size).map(({ offset, hasMore, data }) => {
    const header = packet.slice(0, headerLength);
    if (isIpv4) {
      header.set(uint16(headerLength + data.length), 2);
      header.set(uint16(identification), 4);
      header.set(uint16((hasMore ? 0x2000 : 0) | (offset >> 3)), 6);
      return bytesOf(header, data);
    }
    header.set(uint16(8 + data.length), 4);
    header[6] = 44;
    return bytesOf(header, fragmentHeader(packet[6]!, offset | (hasMore ? 1 : 0), data, identification));
  });
}

/** What is left of frames: the INVITE once, and nothing that is not read. */
function check(name: string, frames: readonly Uint8Array[], reassembled: number): void {
  const monitor = new TestMonitor();
  for (const [i, frame] of frames.entries()) {
    monitor.take(frame, 1_700_000_000e6 + i * 100);
    assert.ok(filter.wants(monitor.frame), `${name}: a live capture would not see fragment ${i}`);
  }
  const values = monitor
    .values()
    .filter((line) =>
      /^(sip_requests|sip_parse|sip_capture|ringtap_decode|ringtap_fragments_datagrams)/.test(line),
    );
  assert.deepEqual(
    values,
    [
      'sip_requests_total{interface="eth0",direction="inbound",method="INVITE"} 1',
      `ringtap_fragments_datagrams_total{interface="eth0",result="reassembled"} ${reassembled}`,
    ],
    name,
  );
}

for (const [name, , etherType, carry] of carriers) {
  test(`${name}: fragments inside, outside, on both sides`, () => {
    const inside = fragmentsOf(whole, 600, 5).map((packet) => carry(packet));
    const inFrames = (packets: readonly Uint8Array[]): Uint8Array[] =>
      packets.map((packet) => ethernet(etherType, packet));
    check('inside', inFrames(inside), 1);
    check('inside, last first', inFrames(inside.toReversed()), 1);
    if (etherType !== 0x0800 && etherType !== 0x86dd) return;
    check('outside', inFrames(fragmentsOf(carry(whole), 800, 6).toReversed()), 1);
    const both = inside.flatMap((packet, i) => fragmentsOf(packet, 200, 10 + i));
    check('both sides', inFrames(both), 1 + inside.length);
    check('both sides, last first', inFrames(both.toReversed()), 1 + inside.length);
  });
}
