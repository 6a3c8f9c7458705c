// SPDX-License-Identifier: Apache-2.0
// How far addresses-of-record are told apart: as far for scans as for registrations.
import assert from 'node:assert/strict';
import test from 'node:test';
import { MAX_ADDRESS_OF_RECORD_BYTES } from '../../src/sip/address-of-record.ts';
import { ethernet, ipv4, udp } from '../support/udp-frame.ts';
import { TestMonitor } from './monitor.ts';

const CLIENT = '192.0.2.1';
const REGISTRAR = '192.0.2.2';
const START_MICROS = 1_700_000_000e6;
/** The default of --abuse.registration-scan. */
const SCAN = 10;

function frame(source: string, destination: string, text: string): Uint8Array {
  return ethernet(0x0800, ipv4({ source, destination }, udp({}, new TextEncoder().encode(text))));
}

/** Registers as many addresses, told apart by the byte behind the first `same` ones, with a code for all. */
function register(same: number, count: number, code: number): TestMonitor {
  const monitor = new TestMonitor();
  for (let i = 0; i < count; i++) {
    const address = `${'sip:'.padEnd(same, 'u')}${String.fromCharCode(0x61 + i)}@example.com`;
    const fields = [
      `Via: SIP/2.0/UDP ${CLIENT};branch=z9hG4bK${i}`,
      `From: <${address}>;tag=1`,
      `To: <${address}>`,
      `Call-ID: ${i}`,
      'CSeq: 1 REGISTER',
      `Contact: <sip:${CLIENT}>;expires=600`,
      'Content-Length: 0',
    ].join('\r\n');
    const micros = START_MICROS + i * 100_000;
    monitor.take(frame(CLIENT, REGISTRAR, `REGISTER sip:example.com SIP/2.0\r\n${fields}\r\n\r\n`), micros);
    monitor.take(frame(REGISTRAR, CLIENT, `SIP/2.0 ${code} X\r\n${fields}\r\n\r\n`), micros + 1000);
  }
  monitor.text();
  return monitor;
}

test('addresses that differ within 512 bytes are as many registrations, and targets of a scan', () => {
  for (const same of [20, 255, 256, MAX_ADDRESS_OF_RECORD_BYTES - 1]) {
    assert.equal(register(same, SCAN, 200).total('sip_registrations'), SCAN, `${same}`);
    assert.equal(register(same, SCAN, 403).total('sip_scans_total'), 1, `${same}`);
  }
});

test('addresses that are the same up to there are one', () => {
  assert.equal(register(MAX_ADDRESS_OF_RECORD_BYTES, SCAN, 200).total('sip_registrations'), 1);
  assert.equal(register(MAX_ADDRESS_OF_RECORD_BYTES, SCAN, 403).total('sip_scans_total'), 0);
});
