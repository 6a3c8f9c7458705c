// SPDX-License-Identifier: Apache-2.0
import type { PcapRecord } from '../../support/pcap.ts';
import { bytesOf, ethernet, ipv4, udp } from '../../support/udp-frame.ts';

/** When captures begin, microseconds since the epoch. */
export const START_MICROS = 1_700_000_000_000_000;
/** Packets of voice, 40 ms of G.729 or G.711 each; G.711 has a shortened payload, so that the files are small. */
const PACKET_MILLIS = 40;
const UNITS_PER_PACKET = 320;
const PAYLOAD_BYTES = 40;
const SIP_PORT = 5060;
/** Where the UDP header of a frame is: behind Ethernet and IPv4. */
export const UDP_AT = 34;
const UDP_BYTES = 8;

/** An address and port, as `192.0.2.1:4000`. */
export type Place = string;

/** Of one message; those that are not told are those of the call's first request. */
export interface Sip {
  /** A method, or the code of a response. */
  readonly what: string | number;
  readonly method?: string;
  readonly cseq?: number;
  readonly to?: string;
  /** Whether the called side sends the request. */
  readonly isBack?: boolean;
  readonly hops?: number;
  readonly branch?: string;
  /** The voice of a description, and further lines of it. */
  readonly voice?: Place;
  readonly lines?: readonly string[];
  /** Lines before the voice. */
  readonly session?: readonly string[];
  readonly formats?: string;
  readonly source?: string;
  readonly destination?: string;
}

/** One stream of voice. */
export interface Voice {
  readonly from: Place;
  readonly to: Place;
  /** Seconds from the beginning of the capture. */
  readonly begin: number;
  readonly end: number;
  readonly payloadType?: number;
  readonly ssrc?: number;
}

/** Who plays a scenario: 0 for those it was written for, else others, who have Call-IDs and addresses of their own. */
export interface Cast {
  readonly number: number;
  /** What is added to each SSRC. */
  readonly ssrcOffset: number;
}

/** Traffic that is put together message by message and voice by voice, in any order. */
export class Scenario {
  readonly #cast: Cast;
  readonly #records: PcapRecord[] = [];
  #identification = 0;

  constructor(cast: Cast = { number: 0, ssrcOffset: 0 }) {
    this.#cast = cast;
  }

  /** A message of a call at a time, from 192.0.2.1 to 192.0.2.2 or back. */
  sip(seconds: number, name: string, sip: Sip): void {
    const {
      what,
      method = String(what),
      cseq = 1,
      hops = 0,
      voice,
      lines = [],
      session = [],
      formats = '0',
    } = sip;
    const { number } = this.#cast;
    const callId = number === 0 ? name : `${name}-${number}`;
    const isRequest = typeof what === 'string';
    const isFromCaller = isRequest !== (sip.isBack ?? false);
    const { source = isFromCaller ? '192.0.2.1' : '192.0.2.2' } = sip;
    const { destination = isFromCaller ? '192.0.2.2' : '192.0.2.1' } = sip;
    const to = sip.to ?? (what === 'INVITE' ? '' : 'b');
    const caller = `<sip:a@x>;tag=a${callId}`;
    const callee = `<sip:b@x>${to && `;tag=${to}`}`;
    const place = voice === undefined ? '' : placeOf(voice, number);
    const body = place && description(place, session, lines, formats);
    const text = [
      isRequest ? `${what} sip:b@x SIP/2.0` : `SIP/2.0 ${what} X`,
      `Via: SIP/2.0/UDP ${source};branch=z9hG4bK${callId}${sip.branch ?? ''}${method}${cseq}`,
      ...Array.from({ length: hops }, (_, hop) => `Via: SIP/2.0/UDP h${hop};branch=z9hG4bKhop${hop}`),
      `From: ${sip.isBack ? callee : caller}`,
      `To: ${sip.isBack ? caller : callee}`,
      `Call-ID: ${callId}`,
      `CSeq: ${cseq} ${method}`,
      ...(body && ['Content-Type: application/sdp']),
      `Content-Length: ${body.length}`,
      '',
      body,
    ].join('\r\n');
    this.#datagram(seconds, `${source}:${SIP_PORT}`, `${destination}:${SIP_PORT}`, Buffer.from(text));
  }

  /** INVITE, 200 with descriptions at the time and ACK. */
  answered(seconds: number, callId: string, caller: Place, callee: Place): void {
    this.sip(seconds - 1, callId, { what: 'INVITE', voice: caller });
    this.sip(seconds, callId, { what: 200, method: 'INVITE', voice: callee });
    this.sip(seconds + 0.01, callId, { what: 'ACK' });
  }

  /** BYE and its 200. */
  bye(seconds: number, callId: string): void {
    this.sip(seconds, callId, { what: 'BYE', cseq: 9 });
    this.sip(seconds + 0.01, callId, { what: 200, method: 'BYE', cseq: 9 });
  }

  voice({ from, to, begin, end, payloadType = 0, ssrc = 0x1234 }: Voice): void {
    const count = Math.round(((end - begin) * 1000) / PACKET_MILLIS);
    for (let i = 0; i < count; i++) {
      const header = new DataView(new ArrayBuffer(12));
      header.setUint8(0, 0x80);
      header.setUint8(1, (i === 0 ? 0x80 : 0) | payloadType);
      header.setUint16(2, (1000 + i) & 0xffff);
      header.setUint32(4, i * UNITS_PER_PACKET);
      header.setUint32(8, ssrc + this.#cast.ssrcOffset);
      const payload = bytesOf(new Uint8Array(header.buffer), new Uint8Array(PAYLOAD_BYTES));
      this.#datagram(begin + (i * PACKET_MILLIS) / 1000, from, to, payload);
    }
  }

  /** A datagram of RTCP. */
  rtcp(seconds: number, from: Place, to: Place, ...packets: readonly Uint8Array[]): void {
    this.#datagram(seconds, from, to, bytesOf(...packets));
  }

  /** Both directions. */
  talk(caller: Place, callee: Place, begin: number, end: number): void {
    this.voice({ from: caller, to: callee, begin, end, ssrc: 0xa });
    this.voice({ from: callee, to: caller, begin, end, ssrc: 0xb });
  }

  /** All of it in the order of its times. */
  get records(): PcapRecord[] {
    return this.#records.toSorted((a, b) => a.micros - b.micros);
  }

  #datagram(seconds: number, from: Place, to: Place, payload: Uint8Array): void {
    const { number } = this.#cast;
    const [source, sourcePort] = placeOf(from, number).split(':');
    const [destination, destinationPort] = placeOf(to, number).split(':');
    this.#identification = (this.#identification + 1) & 0xffff;
    const addresses = { source: source!, destination: destination!, identification: this.#identification };
    const ports = { sourcePort: Number(sourcePort), destinationPort: Number(destinationPort) };
    const bytes = ethernet(0x0800, ipv4(addresses, udp(ports, payload)));
    this.#records.push({ micros: START_MICROS + Math.round(seconds * 1e6), bytes });
  }
}

/** Whether a frame of a scenario has a message of SIP. */
export function isSip({ bytes }: PcapRecord): boolean {
  return ((bytes[UDP_AT]! << 8) | bytes[UDP_AT + 1]!) === SIP_PORT;
}

/** The payload of UDP in a frame of a scenario. */
export function payloadOf({ bytes }: PcapRecord): Uint8Array {
  return bytes.subarray(UDP_AT + UDP_BYTES);
}

/** The place of others: a private address stays one, a public one too. */
export function placeOf(place: Place, number: number): Place {
  return place.replace(/\d+/g, (byte, offset) =>
    place.indexOf('.') + 1 === offset ? `${Number(byte) + number}` : byte,
  );
}

function description(
  voice: Place,
  session: readonly string[],
  lines: readonly string[],
  formats: string,
): string {
  const [address, port] = voice.split(':');
  const body = ['v=0', `o=- 1 1 IN IP4 ${address}`, 's=-', `c=IN IP4 ${address}`, 't=0 0'];
  return [...body, ...session, `m=audio ${port} RTP/AVP ${formats}`, ...lines, ''].join('\r\n');
}
