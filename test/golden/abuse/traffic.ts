// SPDX-License-Identifier: Apache-2.0
import type { PcapRecord } from '../../support/pcap.ts';
import { ethernet, ipv4, ipv6, udp } from '../../support/udp-frame.ts';

/** A multiple of a minute, as windows are counted: seconds since the epoch. */
const START_SECONDS = 1_700_000_040;
const SERVER = '198.51.100.2';
const SERVER_IPV6 = '2001:db8:5060::2';

/** One end of a message, and whom it is about. */
interface Party {
  /** Address of the client. */
  readonly source: string;
  /** User of the address-of-record, or number that is called. */
  readonly user: string;
  readonly agent?: string;
  /** Address of the server. */
  readonly server?: string;
}

/** What clients of one server send and get, in order of time; written to be counted by hand. */
export class Traffic {
  readonly #records: PcapRecord[] = [];
  #calls = 0;

  get records(): readonly PcapRecord[] {
    return [...this.#records].sort((a, b) => a.micros - b.micros);
  }

  /** A REGISTER and its only answer. */
  register(seconds: number, party: Party, code: number): void {
    this.#exchange(seconds, 'REGISTER', party, code);
  }

  /** A REGISTER that is challenged, and with credentials answered so. */
  registerWithCredentials(seconds: number, party: Party, code: number): void {
    const call = this.#exchange(seconds, 'REGISTER', party, 401);
    this.#exchange(seconds + 0.02, 'REGISTER', party, code, call, 2);
  }

  /** The same through a proxy, both of whose hops are seen. */
  registerThroughProxy(seconds: number, party: Party, proxy: string, code: number): void {
    const call = ++this.#calls;
    const inner = { ...party, source: proxy, server: '198.51.100.3' };
    this.#request(seconds, 'REGISTER', call, 1, { ...party, server: proxy });
    this.#request(seconds + 0.001, 'REGISTER', call, 1, inner, 2);
    this.#response(seconds + 0.01, 'REGISTER', call, 1, inner, code, 2);
    this.#response(seconds + 0.011, 'REGISTER', call, 1, { ...party, server: proxy }, code);
  }

  /** An OPTIONS request and its answer. */
  options(seconds: number, party: Party, code: number): void {
    this.#exchange(seconds, 'OPTIONS', party, code);
  }

  /** A call that is refused. */
  refused(seconds: number, party: Party, code: number): void {
    this.#exchange(seconds, 'INVITE', party, code);
  }

  /** A call that is answered at once, and ended by the caller after so long; 0: not at all. */
  answered(seconds: number, party: Party, durationSeconds: number): void {
    const call = this.#exchange(seconds, 'INVITE', party, 200);
    if (durationSeconds > 0) this.#exchange(seconds + 0.01 + durationSeconds, 'BYE', party, 200, call, 2);
  }

  /** Time passes. */
  tick(seconds: number): void {
    const arp = ethernet(0x0806, [0, 1, 8, 0, 6, 4, 0, 1, ...new Array<number>(20).fill(0)]);
    this.#records.push({ micros: microsOf(seconds), bytes: arp });
  }

  /** A request and its answer, of a call of their own or another one, which is returned. */
  #exchange(
    seconds: number,
    method: string,
    party: Party,
    code: number,
    call: number = ++this.#calls,
    cseq = 1,
  ): number {
    this.#request(seconds, method, call, cseq, party);
    this.#response(seconds + 0.01, method, call, cseq, party, code);
    return call;
  }

  #request(seconds: number, method: string, call: number, cseq: number, party: Party, vias = 1): void {
    const { source, user, agent, server = serverOf(source) } = party;
    const toTag = method === 'BYE' ? ';tag=b' : '';
    const lines = [
      `${method} sip:${user}@example.com SIP/2.0`,
      ...fields(method, call, cseq, source, user, toTag, vias),
      'Max-Forwards: 70',
      ...(agent === undefined ? [] : [`User-Agent: ${agent}`]),
      ...(method === 'REGISTER' ? [`Contact: <sip:${user}@10.0.0.1>`, 'Expires: 3600'] : []),
    ];
    this.#send(seconds, source, server, lines);
  }

  #response(
    seconds: number,
    method: string,
    call: number,
    cseq: number,
    { source, user, server = serverOf(source) }: Party,
    code: number,
    vias = 1,
  ): void {
    const lines = [
      `SIP/2.0 ${code} Whatever`,
      ...fields(method, call, cseq, source, user, ';tag=b', vias),
      ...(method === 'REGISTER' && code === 200 ? [`Contact: <sip:${user}@10.0.0.1>;expires=3600`] : []),
    ];
    this.#send(seconds, server, source, lines);
  }

  #send(seconds: number, source: string, destination: string, lines: readonly string[]): void {
    const text = [...lines, 'Content-Length: 0', '\r\n'].join('\r\n');
    const datagram = udp(
      { sourcePort: 5060, destinationPort: 5060, checksum: this.#records.length & 0xffff },
      new TextEncoder().encode(text),
    );
    const bytes = source.includes(':')
      ? ethernet(0x86dd, ipv6({ source, destination }, datagram))
      : ethernet(0x0800, ipv4({ source, destination, identification: this.#records.length }, datagram));
    this.#records.push({ micros: microsOf(seconds), bytes });
  }
}

const microsOf = (seconds: number): number => Math.round((START_SECONDS + seconds) * 1e6);

const serverOf = (source: string): string => (source.includes(':') ? SERVER_IPV6 : SERVER);

/** Fields that requests and responses have; topmost Via first. */
function fields(
  method: string,
  call: number,
  cseq: number,
  source: string,
  user: string,
  toTag: string,
  vias: number,
): string[] {
  const sentBy = source.includes(':') ? `[${source}]` : source;
  return [
    ...Array.from({ length: vias }, (_, i) => {
      const hop = vias - i;
      return `Via: SIP/2.0/UDP ${sentBy};branch=z9hG4bK-${call}-${cseq}-${method}-${hop}`;
    }),
    `From: <sip:${method === 'REGISTER' ? user : 'caller'}@example.com>;tag=a${call}`,
    `To: <sip:${user}@example.com>${toTag}`,
    `Call-ID: call-${call}@golden`,
    `CSeq: ${cseq} ${method}`,
  ];
}
