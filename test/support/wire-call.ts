// SPDX-License-Identifier: Apache-2.0
import type { Host, Hosts } from './network.ts';
import { rtpPacket } from './rtp-packet.ts';
import { type Datagram, startWirePhone, type WirePhone } from './wire-phone.ts';

export type Side = 'caller' | 'callee';

/** Of one message; what is not given is that of the first INVITE. */
export type WireMessage = {
  /** A method, or the code of a response. */
  readonly what: string | number;
  /** Of the request that a response answers; INVITE if not given. */
  readonly method?: string;
  readonly cseq?: number;
  /** Port of the voice that a description in it announces; no body without. */
  readonly voice?: number;
  /** Address of that voice; the sender's own if not given. */
  readonly address?: string;
  /** Further lines of the description. */
  readonly lines?: readonly string[];
  /** Lines before that voice, and media lines instead of it. */
  readonly session?: readonly string[];
  readonly media?: readonly string[];
  /** Further header fields. */
  readonly headers?: readonly string[];
};

/** Voice of one side, 20 ms of PCMU a packet, in real time. */
export type Voice = {
  readonly side: Side;
  readonly packets: number;
  /** Ports it comes from and goes to; those that the sides announced last if not given. */
  readonly from?: number;
  readonly to?: number;
  /** Between two packets; 20 if not given. */
  readonly millis?: number;
};

const packetMillis = 20;
const unitsPerPacket = 160;

/**
 * A call between two hosts, message by message and packet by packet, as a test says: each step returns when all of it is on the
 * wire. Sequence numbers and timestamps of each direction go on from voice to voice.
 */
export class WireCall {
  readonly #network: Hosts;
  readonly #phones: Readonly<Record<Side, WirePhone>>;
  readonly #voicePorts: Record<Side, number> = { caller: 0, callee: 0 };
  readonly #bound: Record<Side, Set<number>> = { caller: new Set(), callee: new Set() };
  readonly #sent: Record<Side, number> = { caller: 0, callee: 0 };
  readonly #beginMillis = performance.now();
  readonly #isIpv6: boolean;
  #number = 1;

  private constructor(network: Hosts, phones: Readonly<Record<Side, WirePhone>>, isIpv6: boolean) {
    this.#network = network;
    this.#phones = phones;
    this.#isIpv6 = isIpv6;
  }

  static async open(network: Hosts, isIpv6 = false): Promise<WireCall & AsyncDisposable> {
    const caller = await startWirePhone(network.caller);
    const callee = await startWirePhone(network.callee);
    const call = new WireCall(network, { caller, callee }, isIpv6);
    await call.#bind('caller', 5060);
    await call.#bind('callee', 5060);
    return Object.assign(call, {
      [Symbol.asyncDispose]: async () => {
        await caller[Symbol.asyncDispose]();
        await callee[Symbol.asyncDispose]();
      },
    });
  }

  /** Sends a message of the call. */
  async sip(side: Side, message: WireMessage): Promise<void> {
    const { what, method = typeof what === 'string' ? what : 'INVITE', cseq = 1, voice } = message;
    const isRequest = typeof what === 'string';
    const { address = this.#addressOf(side), headers = [] } = message;
    if (voice !== undefined) this.#voicePorts[side] = voice;
    const body = voice === undefined ? '' : description(address, voice, message);
    const isFirst = side === 'caller' && method === 'INVITE' && cseq === 1;
    const tagged = { caller: '<sip:caller@e2e>;tag=a', callee: `<sip:callee@e2e>${isFirst ? '' : ';tag=b'}` };
    // Who sent the request is `From` in its responses, too.
    const from: Side = isRequest === (side === 'caller') ? 'caller' : 'callee';
    const text = [
      isRequest ? `${what} sip:phone@e2e SIP/2.0` : `SIP/2.0 ${what} Whatever`,
      `Via: SIP/2.0/UDP ${from}.e2e;branch=z9hG4bK${this.#number}${method}${cseq}`,
      `From: ${tagged[from]}`,
      `To: ${tagged[from === 'caller' ? 'callee' : 'caller']}`,
      `Call-ID: wire-call-${this.#number}`,
      `CSeq: ${cseq} ${method}`,
      ...headers,
      ...(body && ['Content-Type: application/sdp']),
      `Content-Length: ${body.length}`,
      '',
      body,
    ].join('\r\n');
    const to = [this.#addressOf(otherOf(side)), 5060] as const;
    await this.#phones[side].send([{ from: 5060, to, payload: new TextEncoder().encode(text) }]);
  }

  /** BYE and its 200. */
  async bye(side: Side = 'caller', headers: readonly string[] = []): Promise<void> {
    await this.sip(side, { what: 'BYE', cseq: 9, headers });
    await this.sip(otherOf(side), { what: 200, method: 'BYE', cseq: 9 });
  }

  /** What comes now is another call, with the same ports. */
  next(): void {
    this.#number++;
  }

  /** Several voices at once. */
  async talk(...voices: readonly Voice[]): Promise<void> {
    const ready = await Promise.all(voices.map((voice) => this.#voice(voice)));
    await Promise.all(ready.map(([phone, datagrams]) => phone.send(datagrams)));
  }

  /** Both sides at once, so many packets each. */
  async both(packets: number): Promise<void> {
    await this.talk({ side: 'caller', packets }, { side: 'callee', packets });
  }

  /** Datagrams as they are, from a port of a side to one of the other, at the given times from now on. */
  async raw(
    side: Side,
    from: number,
    to: number,
    payloads: readonly Uint8Array[],
    timesMillis: readonly number[] = [],
  ): Promise<void> {
    await this.#bind(side, from);
    await this.#bind(otherOf(side), to);
    const address = this.#addressOf(otherOf(side));
    const datagrams = payloads.map((payload, i) => ({
      from,
      to: [address, to] as const,
      payload,
      atMillis: timesMillis[i] ?? 0,
    }));
    await this.#phones[side].send(datagrams);
  }

  async #voice(voice: Voice): Promise<[WirePhone, Datagram[]]> {
    const { side, packets, millis = packetMillis } = voice;
    const other = otherOf(side);
    const { from = this.#voicePorts[side], to = this.#voicePorts[other] } = voice;
    await this.#bind(side, from);
    await this.#bind(other, to);
    const address = this.#addressOf(other);
    const first = this.#sent[side];
    this.#sent[side] += packets;
    // The timestamp goes with the time, as in a phone that was silent in between.
    const beginUnits = Math.round((performance.now() - this.#beginMillis) * 8);
    return [
      this.#phones[side],
      Array.from({ length: packets }, (_, i) => ({
        from,
        to: [address, to],
        payload: rtpPacket({
          sequenceNumber: 1000 + first + i,
          timestamp: beginUnits + i * unitsPerPacket,
          ssrc: side === 'caller' ? 0xa : 0xb,
        }),
        atMillis: i * millis,
      })),
    ];
  }

  async #bind(side: Side, port: number): Promise<void> {
    if (this.#bound[side].has(port)) return;
    this.#bound[side].add(port);
    await this.#phones[side].bind(port, this.#addressOf(side));
  }

  #addressOf(side: Side): string {
    const host: Host = this.#network[side];
    return this.#isIpv6 ? host.ipv6 : host.ipv4;
  }
}

const otherOf = (side: Side): Side => (side === 'caller' ? 'callee' : 'caller');

function description(address: string, port: number, message: WireMessage): string {
  const { session = [], media = [`m=audio ${port} RTP/AVP 0`], lines = [] } = message;
  const family = address.includes(':') ? 'IP6' : 'IP4';
  return [
    ...['v=0', `o=- 1 1 IN ${family} ${address}`, 's=-', `c=IN ${family} ${address}`, 't=0 0'],
    ...[...session, ...media, ...lines, ''],
  ].join('\r\n');
}
