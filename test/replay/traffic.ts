// SPDX-License-Identifier: Apache-2.0
import type { PcapRecord } from '../support/pcap.ts';
import { ascii, ipv4, udp } from '../support/udp-frame.ts';

const CALLER = '192.0.2.1';
const CALLEE = '198.51.100.2';
/** When the first packet comes. */
export const START_MICROS = 1_700_000_000_000_000;

let identification = 0;

/** A datagram between the two, at a time after the start; every one has another IP identification. */
export function datagram(
  seconds: number,
  fromCaller: boolean,
  payload: Iterable<number>,
  ports: { readonly source?: number; readonly destination?: number } = {},
): PcapRecord {
  const [source, destination] = fromCaller ? [CALLER, CALLEE] : [CALLEE, CALLER];
  const sourcePort = ports.source ?? 5060;
  const destinationPort = ports.destination ?? 5060;
  identification = (identification + 1) & 0xffff;
  return {
    micros: START_MICROS + Math.round(seconds * 1e6),
    bytes: ipv4({ source, destination, identification }, udp({ sourcePort, destinationPort }, payload)),
  };
}

/** A message of a call: a request by its method, a response by its code. */
export interface Message {
  readonly call: string;
  readonly method: string;
  readonly code?: number;
  readonly cseq?: number;
  readonly hasToTag?: boolean;
  readonly fields?: readonly string[];
}

/** The bytes of a message. */
export function message({ call, method, code, cseq = 1, hasToTag, fields = [] }: Message): Uint8Array {
  const toTag = (hasToTag ?? (code ?? 0) > 100) ? `;tag=t${call}` : '';
  const lines = [
    code === undefined ? `${method} sip:bob@${CALLEE} SIP/2.0` : `SIP/2.0 ${code} Whatever`,
    `Via: SIP/2.0/UDP ${CALLER};branch=z9hG4bK${call}${cseq}${method === 'ACK' ? 'INVITE' : method}`,
    `From: <sip:alice@${CALLER}>;tag=f${call}`,
    `To: <sip:bob@${CALLEE}>${toTag}`,
    `Call-ID: ${call}@example.com`,
    `CSeq: ${cseq} ${method}`,
    ...fields,
    'Content-Length: 0',
  ];
  return ascii(`${lines.join('\r\n')}\r\n\r\n`);
}

/** IP packets of calls of every kind: answered and ended, failed, retransmitted, registered, and other traffic. */
export function traffic(): PcapRecord[] {
  const call = (at: number, fromCaller: boolean, one: Message): PcapRecord =>
    datagram(at, fromCaller, message(one));
  const answered = (at: number, name: string): PcapRecord[] => [
    call(at, true, { call: name, method: 'INVITE' }),
    call(at + 0.5, true, { call: name, method: 'INVITE' }),
    call(at + 0.51, false, { call: name, method: 'INVITE', code: 100 }),
    call(at + 1, false, { call: name, method: 'INVITE', code: 180 }),
    call(at + 3, false, { call: name, method: 'INVITE', code: 200 }),
    call(at + 3.01, true, { call: name, method: 'ACK', hasToTag: true }),
    call(at + 63, true, {
      call: name,
      method: 'BYE',
      cseq: 2,
      hasToTag: true,
      fields: ['Reason: Q.850;cause=16'],
    }),
    call(at + 63.02, false, { call: name, method: 'BYE', cseq: 2, code: 200 }),
  ];
  const busy = (at: number, name: string): PcapRecord[] => [
    call(at, true, { call: name, method: 'INVITE' }),
    call(at + 0.2, false, { call: name, method: 'INVITE', code: 486 }),
    call(at + 0.21, true, { call: name, method: 'ACK', hasToTag: true }),
  ];
  const registered = (at: number, name: string): PcapRecord[] => [
    call(at, true, {
      call: name,
      method: 'REGISTER',
      fields: ['Contact: <sip:alice@192.0.2.1>', 'Expires: 600'],
    }),
    call(at + 0.1, false, {
      call: name,
      method: 'REGISTER',
      code: 200,
      fields: ['Contact: <sip:alice@192.0.2.1>;expires=600'],
    }),
  ];
  const rtp = ascii('\x80\x00\x00\x01payload of a voice');
  const list = [
    ...answered(0, 'one'),
    ...answered(0.25, 'two'),
    ...busy(10, 'busy'),
    ...registered(20, 'reg'),
    call(30, true, { call: 'lost', method: 'INVITE' }),
    datagram(40, true, ascii('\r\n\r\n')),
    datagram(41, true, ascii('neither SIP nor anything')),
    datagram(50, true, rtp, { source: 40000, destination: 40002 }),
    datagram(51, true, message({ call: 'elsewhere', method: 'OPTIONS' }), {
      source: 40000,
      destination: 40002,
    }),
    datagram(200, true, rtp, { source: 40000, destination: 40002 }),
  ];
  return list.sort((a, b) => a.micros - b.micros);
}
