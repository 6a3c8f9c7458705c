// SPDX-License-Identifier: Apache-2.0
import type { FlowLine } from './flow.ts';
import { type MessageParts, sessionDescription, statusLine } from './message-text.ts';

/** Who takes part: `host` is the last byte of the address. Proxies forward what they get. */
const parties: Readonly<Record<string, { readonly host: number; readonly isProxy?: boolean }>> = {
  alice: { host: 10 },
  bob: { host: 20 },
  carol: { host: 30 },
  dave: { host: 40 },
  gateway: { host: 50 },
  pbx: { host: 60 },
  registrar: { host: 70 },
  scanner: { host: 99 },
  proxy: { host: 1, isProxy: true },
  edge: { host: 2, isProxy: true },
  core: { host: 3, isProxy: true },
  nat: { host: 9, isProxy: true },
};

function isProxy(party: string): boolean {
  const known = parties[party];
  if (known === undefined) throw new Error(`no party ${party}`);
  return known.isProxy === true;
}

interface Request extends MessageParts {
  readonly method: string;
  readonly cseqNumber: number;
  readonly sender: string;
  readonly receiver: string;
  /** Values of From and To. */
  readonly from: string;
  readonly to: string;
}

interface Response extends MessageParts {
  readonly request: Request;
  readonly code: number;
  /** Value of To. */
  readonly to: string;
}

/** Methods whose messages say where their sender is to be reached (RFC 3261 §8.1.1.8, RFC 6665, RFC 3515). */
const withContact = new Set(['INVITE', 'UPDATE', 'SUBSCRIBE', 'NOTIFY', 'REFER', 'PRACK']);
/** Methods whose 2xx makes or confirms a dialog. */
const makesDialog = new Set(['INVITE', 'SUBSCRIBE', 'REFER']);

/**
 * The messages of one Call-ID, made from lines of a flow as RFC 3261 would have each party make them: Via stacks,
 * branches, tags, CSeq numbers, credentials after a challenge.
 */
export class Dialogue {
  readonly #domain: string;
  readonly #callId: string;
  readonly #network: number;
  readonly #isOld: boolean;
  readonly #requests: Request[] = [];
  readonly #responses: Response[] = [];
  readonly #cseqNumbers = new Map<string, number>();
  readonly #credentials = new Map<string, readonly string[]>();
  #caller = '';
  #callee = '';
  /** To tag of the dialog that further requests belong to: of the last 2xx, before one of the last 1xx. */
  #remoteTag = 'none';
  #isConfirmed = false;
  #branchCount = 0;

  /** `isOld`: the parties know RFC 2543 only, so neither tags nor branches. */
  constructor(caseName: string, callName: string, isOld: boolean) {
    this.#domain = `${caseName}.example`;
    this.#callId = `${callName === '' ? 'call' : callName}-${networkOf(caseName)}@${this.#domain}`;
    this.#network = networkOf(caseName);
    this.#isOld = isOld;
  }

  /** The message of a line. */
  message(line: FlowLine): MessageParts {
    if (line.statusCode > 0) {
      const response = this.#response(line);
      this.#responses.push(response);
      this.#learn(response);
      return response;
    }
    const request = this.#isForwarded(line) ? this.#forwarded(line) : this.#request(line);
    this.#requests.push(request);
    return request;
  }

  /** Proxies forward; but a CANCEL and the ACK to a failure go from hop to hop (RFC 3261 §9.2, §16.7). */
  #isForwarded(line: FlowLine): boolean {
    if (!isProxy(line.sender) || line.method === 'CANCEL') return false;
    return line.method !== 'ACK' || this.#failureOf(this.#inviteOf(line)) === undefined;
  }

  #request(line: FlowLine): Request {
    const { method, sender, receiver, options } = line;
    if (this.#caller === '') this.#begin(line);
    const invite = this.#inviteOf(line);
    const failure = method === 'ACK' ? this.#failureOf(invite) : undefined;
    // An ACK to a failure and a CANCEL belong to the INVITE's transaction on this hop (RFC 3261 §9.1, §17.1.1.3).
    const parent = method === 'CANCEL' || failure !== undefined ? invite : undefined;
    const tag = options.get('tag') ?? this.#defaultTag(method);
    const target = tag === 'none' ? this.#initialTarget(method) : this.#contactUri(receiver);
    const from = parent?.from ?? this.#fromValue(sender);
    const to = failure?.to ?? parent?.to ?? this.#toValue(sender, tag);
    const cseqNumber = this.#cseqNumber(line, invite);
    return {
      method,
      cseqNumber,
      sender,
      receiver,
      from,
      to,
      startLine: `${method} ${parent?.startLine.split(' ')[1] ?? target} SIP/2.0`,
      vias: [parent?.vias[0] ?? this.#via(sender)],
      fields: [
        'Max-Forwards: 70',
        `From: ${from}`,
        `To: ${to}`,
        `Call-ID: ${this.#callId}`,
        `CSeq: ${cseqNumber} ${method}`,
        ...(withContact.has(method) ? [`Contact: <${this.#contactUri(sender)}>`] : []),
        ...(invite === undefined ? (this.#credentials.get(sender) ?? []) : []),
        `User-Agent: ${sender}/1.0`,
        ...line.fields,
      ],
      ...this.#body(line, method === 'INVITE'),
    };
  }

  /** Who calls whom is decided by the first request. */
  #begin({ method, sender, receiver, options }: FlowLine): void {
    this.#caller = sender;
    const usual = isProxy(receiver) ? 'bob' : receiver;
    this.#callee = options.get('to') ?? (method === 'REGISTER' ? sender : usual);
  }

  /** What a proxy makes of a request: one Via more, one hop less (RFC 3261 §16.6). */
  #forwarded(line: FlowLine): Request {
    const { method, sender, receiver, options } = line;
    const cseq = options.get('cseq');
    const received = this.#requests.findLast(
      (one) =>
        one.method === method &&
        one.receiver === sender &&
        (cseq === undefined || one.cseqNumber === Number(cseq)),
    );
    if (received === undefined) throw new Error(`nothing to forward: ${line.text}`);
    const fields = received.fields.map((field) =>
      field.replace(/^Max-Forwards: (\d+)/, (_, hops) => `Max-Forwards: ${Number(hops) - 1}`),
    );
    return {
      ...received,
      sender,
      receiver,
      startLine: `${method} ${method === 'REGISTER' ? this.#initialTarget(method) : this.#contactUri(receiver)} SIP/2.0`,
      vias: [this.#via(sender), ...received.vias],
      fields: [...fields, ...line.fields],
    };
  }

  #response(line: FlowLine): Response {
    const { sender, receiver, method, statusCode, options } = line;
    const cseq = options.get('cseq');
    const request = this.#requests.findLast(
      (one) =>
        one.method === method &&
        one.receiver === sender &&
        one.sender === receiver &&
        (cseq === undefined || one.cseqNumber === Number(cseq)),
    );
    if (request === undefined) throw new Error(`nothing to answer: ${line.text}`);
    const tag = options.get('tag');
    const forwarded = isProxy(sender)
      ? this.#responses.findLast(
          (one) =>
            one.code === statusCode &&
            one.request.sender === sender &&
            one.request.method === method &&
            one.request.cseqNumber === request.cseqNumber &&
            (tag === undefined || one.to.includes(`tag=${tag}-`)),
        )
      : undefined;
    if (forwarded !== undefined) {
      return {
        ...forwarded,
        request,
        vias: request.vias,
        fields: [...forwarded.fields, ...line.fields],
      };
    }
    const to =
      statusCode === 100 || request.to.includes(';tag=') || tag === 'none'
        ? request.to
        : request.to + this.#tagParameter(tag ?? sender);
    const isContact = withContact.has(method) && statusCode > 100 && statusCode < 300;
    return {
      request,
      code: statusCode,
      to,
      startLine: statusLine(statusCode),
      vias: request.vias,
      fields: [
        `From: ${request.from}`,
        `To: ${to}`,
        `Call-ID: ${this.#callId}`,
        `CSeq: ${request.cseqNumber} ${method}`,
        ...(isContact
          ? [`Contact: <${this.#contactUri(tag === undefined || tag === 'none' ? sender : tag)}>`]
          : []),
        ...this.#challenge(statusCode, options.has('stale')),
        `Server: ${sender}/1.0`,
        ...line.fields,
      ],
      ...this.#body(line, method === 'INVITE' && (statusCode === 183 || Math.floor(statusCode / 100) === 2)),
    };
  }

  /** What the parties know from now on. */
  #learn({ code, to, request }: Response): void {
    const tag = /;tag=([^-]+)-/.exec(to)?.[1];
    const isInitial = !request.to.includes(';tag=');
    if (isInitial && tag !== undefined && makesDialog.has(request.method) && code < 300) {
      if (code >= 200) this.#isConfirmed = true;
      if (code >= 200 || !this.#isConfirmed) this.#remoteTag = tag;
    }
    if (code === 401 || code === 407) {
      const [name, uri] = [code === 401 ? 'Authorization' : 'Proxy-Authorization', `sip:${this.#domain}`];
      const digest = `Digest username="${this.#caller}", realm="example", nonce="n1", uri="${uri}", response="00"`;
      const others =
        this.#credentials.get(request.sender)?.filter((one) => !one.startsWith(`${name}:`)) ?? [];
      this.#credentials.set(request.sender, [...others, `${name}: ${digest}`]);
    }
  }

  #challenge(code: number, isStale: boolean): string[] {
    if (code !== 401 && code !== 407) return [];
    const name = code === 401 ? 'WWW-Authenticate' : 'Proxy-Authenticate';
    return [`${name}: Digest realm="example", nonce="n1", algorithm=MD5${isStale ? ', stale=true' : ''}`];
  }

  #failureOf(invite: Request | undefined): Response | undefined {
    const final = this.#responses.findLast((one) => one.request === invite && one.code >= 200);
    return final !== undefined && final.code >= 300 ? final : undefined;
  }

  /** The INVITE that an ACK or a CANCEL is about. */
  #inviteOf({ method, sender, receiver, options }: FlowLine): Request | undefined {
    if (method !== 'ACK' && method !== 'CANCEL') return undefined;
    const cseq = options.get('cseq');
    const sent = this.#requests.filter(
      (one) =>
        one.method === 'INVITE' &&
        one.sender === sender &&
        (cseq === undefined || one.cseqNumber === Number(cseq)),
    );
    return sent.findLast((one) => one.receiver === receiver) ?? sent.at(-1);
  }

  #cseqNumber({ sender, options }: FlowLine, invite: Request | undefined): number {
    const number = Number(
      options.get('cseq') ?? invite?.cseqNumber ?? (this.#cseqNumbers.get(sender) ?? 0) + 1,
    );
    this.#cseqNumbers.set(sender, Math.max(number, this.#cseqNumbers.get(sender) ?? 0));
    return number;
  }

  #defaultTag(method: string): string {
    // Before it is confirmed, an INVITE still means the attempt, other requests the early dialog.
    return method === 'INVITE' && !this.#isConfirmed ? 'none' : this.#remoteTag;
  }

  #fromValue(sender: string): string {
    const isCallee = sender !== this.#caller;
    return `<sip:${isCallee ? this.#callee : sender}@${this.#domain}>${this.#tagParameter(sender)}`;
  }

  #toValue(sender: string, tag: string): string {
    if (sender !== this.#caller) {
      return `<sip:${this.#caller}@${this.#domain}>${this.#tagParameter(this.#caller)}`;
    }
    const parameter = tag === 'none' ? '' : this.#tagParameter(tag);
    return `<sip:${this.#callee}@${this.#domain}>${parameter}`;
  }

  #tagParameter(name: string): string {
    return this.#isOld ? '' : `;tag=${name}-${this.#network.toString(16)}`;
  }

  #initialTarget(method: string): string {
    return method === 'REGISTER' ? `sip:${this.#domain}` : `sip:${this.#callee}@${this.#domain}`;
  }

  #contactUri(party: string): string {
    return `sip:${isProxy(party) ? this.#callee : party}@${addressOf(this.#network, party)}:5060`;
  }

  #via(sender: string): string {
    this.#branchCount++;
    const branch = `;branch=z9hG4bK${this.#network.toString(16)}.${sender}.${this.#callId.split('-', 1)[0]}.${this.#branchCount}`;
    return `SIP/2.0/UDP ${addressOf(this.#network, sender)}:5060${this.#isOld ? '' : branch}`;
  }

  #body(
    { sender, options }: FlowLine,
    hasOffer: boolean,
  ): { readonly body?: NonNullable<MessageParts['body']> } {
    const direction = options.get('sdp') ?? (hasOffer ? 'sendrecv' : 'none');
    if (direction !== 'none') {
      return { body: sessionDescription(addressOf(this.#network, sender), direction)! };
    }
    const kind = options.get('body');
    if (kind === 'sipfrag')
      return { body: { type: 'message/sipfrag;version=2.0', text: 'SIP/2.0 200 OK\r\n' } };
    return kind === 'text' ? { body: { type: 'text/plain', text: 'Hello' } } : {};
  }
}

/** 16 bits of a case's name, which tell the networks of two cases apart. */
export function networkOf(caseName: string): number {
  let sum = 7;
  for (let i = 0; i < caseName.length; i++) sum = (Math.imul(sum, 31) + caseName.charCodeAt(i)) & 0xffff;
  return sum;
}

/** The IPv4 address of a party. */
export function addressOf(network: number, party: string): string {
  const { host } = parties[party] ?? { host: 250 };
  return `10.${network >> 8}.${network & 255}.${host}`;
}
