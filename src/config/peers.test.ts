// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { ipv4, ipv6, udp } from '../../test/support/udp-frame.ts';
import { Frame, LinkType } from '../base/frame.ts';
import { Datagram } from '../decode/datagram.ts';
import { decodeFrame } from '../decode/frame-decoder.ts';
import { parsePeers } from './peers.ts';
import { ConfigError } from './values.ts';

const parse = (...texts: string[]): ReturnType<typeof parsePeers> => parsePeers('--sip.peer', texts);
const address = (text: string): string => parse(`x=${text}`)[0]!.address.join();

/** The destination address of a packet, as decode tells it. */
function decoded(packet: Uint8Array): string {
  const frame = new Frame();
  frame.bytes = packet;
  frame.capturedLength = packet.length;
  frame.originalLength = packet.length;
  frame.linkType = LinkType.rawIp;
  const datagram = new Datagram();
  assert.equal(decodeFrame(frame, datagram), 0);
  return datagram.destinationAddress.join();
}

test('a peer is a name, an address and perhaps a port', () => {
  assert.deepEqual(
    parse('a=192.0.2.1', 'b=192.0.2.1:5060', 'c.D-e_1=[2001:db8::1]:65535', 'd=[::1]', 'e=2001:db8::2').map(
      ({ name, port }) => [name, port],
    ),
    [
      ['a', 0],
      ['b', 5060],
      ['c.D-e_1', 65535],
      ['d', 0],
      ['e', 0],
    ],
  );
  assert.equal(parse(`${'n'.repeat(63)}=192.0.2.1`).length, 1);
});

test('addresses are what decode makes of the same address in a packet', () => {
  const octet = fc.nat(255);
  fc.assert(
    fc.property(fc.tuple(octet, octet, octet, octet), (octets) => {
      const text = octets.join('.');
      assert.equal(address(text), decoded(ipv4({ destination: text }, udp({}, []))));
      assert.equal(address(`::ffff:${text}`), address(text));
    }),
  );
  const group = fc.nat(0xffff).map((value) => value.toString(16));
  fc.assert(
    fc.property(
      fc.array(group, { minLength: 8, maxLength: 8 }),
      fc.nat(7),
      fc.nat(7),
      (groups, from, count) => {
        const zeros = Math.min(count, 8 - from);
        const head = groups.slice(0, from);
        const tail = groups.slice(from + zeros);
        const short = zeros === 0 ? groups.join(':') : `${head.join(':')}::${tail.join(':')}`;
        const long = [...head, ...new Array<string>(zeros).fill('0'), ...tail].join(':');
        const expected = decoded(ipv6({ destination: long }, udp({}, [])));
        assert.equal(address(`[${short}]:5060`), expected, short);
        assert.equal(address(short), expected, short);
      },
    ),
  );
});

test('what is wrong gets a sentence', () => {
  const wrongs = [
    [
      '',
      '=192.0.2.1',
      'a',
      'a=',
      'a=host:5060',
      'a=192.0.2',
      'a=192.0.2.256',
      'a=192.0.2.1:',
      'a=192.0.2.1:0',
    ],
    [
      'a=192.0.2.1:65536',
      'a=[192.0.2.1]',
      'a=[::1',
      'a=::1]',
      'a=[::1]:0',
      'a=[fe80::1%eth0]:5060',
      'a=1::2::3',
    ],
    ['a b=192.0.2.1', 'ä=192.0.2.1', `${'n'.repeat(64)}=192.0.2.1`, 'a=192.0.2.1:5060 ', 'a={"}=192.0.2.1'],
  ].flat();
  for (const wrong of wrongs) {
    assert.throws(
      () => parse(wrong),
      (error) =>
        error instanceof ConfigError &&
        error.message.startsWith('--sip.peer takes NAME=ADDRESS[:PORT]') &&
        error.message.endsWith(`not "${wrong}"`),
      wrong,
    );
  }
  assert.throws(() => parse('a=192.0.2.1', 'a=192.0.2.2'), /--sip\.peer names "a" twice/);
  assert.throws(() => parse('a=192.0.2.1:1', 'b=192.0.2.1:1'), /"a" and "b" the same address and port/);
  const many = Array.from({ length: 65 }, (_, i) => `p${i}=192.0.2.${i}`);
  assert.throws(() => parse(...many), /at most 64 times/);
  assert.equal(parse(...many.slice(1)).length, 64);
});
