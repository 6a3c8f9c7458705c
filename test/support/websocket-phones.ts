// SPDX-License-Identifier: Apache-2.0
// Two telephones in one process, each with a WebSocket to the proxy: alice and bob register, alice calls bob as often
// as is said. `node websocket-phones.ts ws://ADDRESS:PORT CALLS` writes `done` when all calls are over, and stays.

import { once } from 'node:events';

const [url = '', calls = ''] = process.argv.slice(2);

/** A message that came, as far as a telephone has to know it. */
interface Received {
  readonly startLine: string;
  /** All values of a header field, in order. */
  all(name: string): string[];
}

function parse(text: string): Received {
  const [startLine = '', ...lines] = text.split('\r\n\r\n')[0]!.split('\r\n');
  const fields = lines.map((line): [string, string] => {
    const colon = line.indexOf(':');
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
  });
  return { startLine, all: (name) => fields.filter(([field]) => field === name).map(([, value]) => value) };
}

class Phone {
  readonly #name: string;
  readonly #socket: WebSocket;
  readonly #received: Received[] = [];
  #wake: () => void = () => {};
  #count = 0;

  constructor(name: string) {
    this.#name = name;
    this.#socket = new WebSocket(url, 'sip');
    this.#socket.addEventListener('message', ({ data }) => {
      this.#received.push(parse(String(data)));
      this.#wake();
    });
  }

  get contact(): string {
    return `<sip:${this.#name}@${this.#name}.invalid;transport=ws>`;
  }

  async connect(): Promise<void> {
    const event = await Promise.race(['open', 'error'].map((name) => once(this.#socket, name)));
    if (this.#socket.readyState !== WebSocket.OPEN) throw new Error('no connection', { cause: event[0] });
  }

  async next(what: string): Promise<Received> {
    while (this.#received.length === 0) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    const received = this.#received.shift()!;
    if (!received.startLine.includes(what)) throw new Error(`${received.startLine} instead of ${what}`);
    return received;
  }

  send(startLine: string, fields: readonly string[], body = ''): void {
    // RFC 7118 §5: the length of the message is that of its frame.
    const length = body === '' && this.#count % 2 === 1 ? [] : [`Content-Length: ${body.length}`];
    this.#socket.send([startLine, ...fields, ...length, '', body].join('\r\n'));
  }

  request(method: string, uri: string, fields: readonly string[], body = ''): void {
    const branch = `z9hG4bK-${this.#name}-${++this.#count}`;
    const via = `Via: SIP/2.0/WS ${this.#name}.invalid;branch=${branch};rport`;
    this.send(`${method} ${uri} SIP/2.0`, [via, 'Max-Forwards: 70', ...fields], body);
  }

  answer(request: Received, status: string, toTag: string, more: readonly string[] = [], body = ''): void {
    const to = request.all('to')[0]!;
    const copied = ['via', 'record-route', 'from', 'call-id', 'cseq'].flatMap((name) =>
      request.all(name).map((value) => `${name}: ${value}`),
    );
    const tagged = to.includes('tag=') || toTag === '' ? to : `${to};tag=${toTag}`;
    this.send(`SIP/2.0 ${status}`, [...copied, `To: ${tagged}`, ...more], body);
  }
}

const domain = new URL(url).hostname;
const uriOf = (name: string): string => `<sip:${name}@${domain}>`;

async function register(phone: Phone, name: string): Promise<void> {
  const identity = [`From: ${uriOf(name)};tag=r-${name}`, `To: ${uriOf(name)}`, `Call-ID: register-${name}`];
  phone.request('REGISTER', `sip:${domain}`, [
    ...identity,
    'CSeq: 1 REGISTER',
    `Contact: ${phone.contact};expires=600`,
  ]);
  await phone.next('200');
}

/** One call, from the INVITE to the answer to the BYE. */
async function call(alice: Phone, bob: Phone, number: number): Promise<void> {
  const session = 'v=0\r\no=- 0 0 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n';
  const media = `${session}m=audio 4000 RTP/AVP 0\r\n${'a=x-filler:0123456789abcdef\r\n'.repeat(number * 4)}`;
  const withMedia = 'Content-Type: application/sdp';
  const dialog = [`From: ${uriOf('alice')};tag=a${number}`, `Call-ID: call-${number}`];
  const offer = [...dialog, `To: ${uriOf('bob')}`, 'CSeq: 1 INVITE', `Contact: ${alice.contact}`, withMedia];
  alice.request('INVITE', `sip:bob@${domain}`, offer, media);
  const invite = await bob.next('INVITE');
  bob.answer(invite, '180 Ringing', `b${number}`, [`Contact: ${bob.contact}`]);
  await alice.next('100');
  await alice.next('180');
  bob.answer(invite, '200 OK', `b${number}`, [`Contact: ${bob.contact}`, withMedia], media);
  const answer = await alice.next('200');
  // RFC 3261 §12.1.2: the route set is the Record-Route in reverse order.
  const routes = answer
    .all('record-route')
    .reverse()
    .map((value) => `Route: ${value}`);
  const target = /<(.*)>/.exec(answer.all('contact')[0]!)![1]!;
  const inDialog = [...dialog, `To: ${answer.all('to')[0]}`, ...routes];
  alice.request('ACK', target, [...inDialog, 'CSeq: 1 ACK']);
  await bob.next('ACK');
  alice.request('BYE', target, [...inDialog, 'CSeq: 2 BYE']);
  bob.answer(await bob.next('BYE'), '200 OK', '');
  await alice.next('200');
}

const alice = new Phone('alice');
const bob = new Phone('bob');
await Promise.all([alice.connect(), bob.connect()]);
await register(alice, 'alice');
await register(bob, 'bob');
for (let number = 0; number < Number(calls); number++) await call(alice, bob, number);
process.stdout.write('done\n');
