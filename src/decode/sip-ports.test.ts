// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import test from 'node:test';
import { ascii, bytesOf } from '../../test/support/udp-frame.ts';
import { Datagram } from './datagram.ts';
import { SipPorts } from './sip-ports.ts';

function datagramOf(sourcePort: number, destinationPort: number, payload: string): Datagram {
  // What lies around the payload would be read as SIP.
  const bytes = bytesOf(ascii('INVITE '), ascii(payload), ascii('INVITE sip:a@b'));
  return Object.assign(new Datagram(), {
    ...{ bytes, payloadOffset: 7, payloadLength: payload.length, sourcePort, destinationPort },
  });
}

test('either port of the list is enough', () => {
  const ports = new SipPorts([0, 5060, 65535], false);
  for (const port of [0, 5060, 65535]) {
    assert.ok(ports.has(port));
    assert.ok(ports.takes(datagramOf(port, 9, '')));
    assert.ok(ports.takes(datagramOf(9, port, '')));
  }
  assert.ok(!ports.has(5061));
  assert.ok(!ports.takes(datagramOf(9, 5061, 'INVITE sip:a@b')));
  assert.throws(() => new SipPorts([65536], false), RangeError);
});

test('with detection, so is a payload that begins like SIP', () => {
  const ports = new SipPorts([5060], true);
  assert.ok(ports.takes(datagramOf(9, 9, 'INVITE sip:a@b SIP/2.0')));
  assert.ok(ports.takes(datagramOf(9, 9, 'SIP/2.0 ')));
  for (const other of ['', 'INVITE', 'SUBSCRIBE', 'xINVITE sip:a@b', 'SIP/2.1 200', '\r\n\r\n']) {
    assert.ok(!ports.takes(datagramOf(9, 9, other)), other);
    assert.ok(ports.takes(datagramOf(9, 5060, other)), other);
  }
});
