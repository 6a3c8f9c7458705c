// SPDX-License-Identifier: Apache-2.0
import { createSocket, type Socket } from 'node:dgram';
import { setTimeout as sleep } from 'node:timers/promises';

/*
 * The traffic of `ringtap demo`: a worker of its own, in a network namespace that holds nothing but this. Callers on
 * 127.0.0.1:5070 and a server on 127.0.0.1:5060 exchange real SIP over UDP, with all that makes counting hard:
 * challenges, forks, lost packets that are sent again, servers that say nothing.
 */
const CALLER = '127.0.0.1:5070';
const SERVER = '127.0.0.1:5060';
const CALLS_PER_SECOND = 8;
const USERS = 50;
/** The demo stops by itself even if nobody stops it. */
const LIMIT_MILLIS = 3600_000;
const T1_MILLIS = 500;

/** How a call goes on once it is let in; the share of all calls. */
const outcomes = {
  answered: 0.62,
  forked: 0.06,
  '486 Busy Here': 0.1,
  '480 Temporarily Unavailable': 0.06,
  canceled: 0.06,
  '404 Not Found': 0.04,
  '503 Service Unavailable': 0.03,
  '603 Decline': 0.02,
  silent: 0.01,
} as const;
type Outcome = keyof typeof outcomes;

const between = (low: number, high: number): number => low + Math.random() * (high - low);
const happens = (share: number): boolean => Math.random() < share;

function pickOutcome(): Outcome {
  let left = Math.random();
  for (const [outcome, share] of Object.entries(outcomes)) {
    left -= share;
    if (left < 0) return outcome as Outcome;
  }
  return 'answered';
}

async function bound(address: string): Promise<Socket> {
  const [host, port] = address.split(':');
  const socket = createSocket('udp4');
  await new Promise<void>((resolve) => socket.bind(Number(port), host, resolve));
  return socket;
}

const caller = await bound(CALLER);
const server = await bound(SERVER);
let serial = 0;

/** One Call-ID: requests of a caller and what the server says to them. */
class Exchange {
  readonly #name = (++serial).toString(36).padStart(6, '0');
  readonly #user: string;
  readonly #isRegistration: boolean;
  /** Number of the request last sent. */
  #cseq = 0;

  constructor(user: number, isRegistration = false) {
    this.#user = `user${user}`;
    this.#isRegistration = isRegistration;
  }

  /** Sends a new request. `toTag` is that of the dialog it belongs to. */
  async request(method: string, toTag = ''): Promise<void> {
    this.#cseq++;
    this.#send(method, toTag);
    await sleep(between(2, 6));
  }

  /** Sends the last request once more. */
  again(method: string): void {
    this.#send(method, '');
  }

  /** Sends the ACK or the CANCEL of the last INVITE; the ACK of a 2xx is a transaction of its own (RFC 3261 §17). */
  async follow(method: 'ACK' | 'CANCEL', toTag = '', branch = 'INVITE'): Promise<void> {
    this.#send(method, toTag, branch);
    await sleep(between(2, 6));
  }

  /** Answers the last request. */
  async respond(method: string, status: string, toTag = 'a'): Promise<void> {
    const tag = status.startsWith('100') ? '' : toTag;
    server.send(this.#text(`SIP/2.0 ${status}`, method, method, tag), ...endpoint(CALLER));
    await sleep(between(1, 3));
  }

  #send(method: string, toTag: string, branch = method): void {
    const start = `${method} sip:${this.#isRegistration ? '' : `${this.#user}@`}${SERVER} SIP/2.0`;
    caller.send(this.#text(start, method, branch, toTag), ...endpoint(SERVER));
  }

  #text(start: string, method: string, branch: string, toTag: string): string {
    const address = `<sip:${this.#user}@${SERVER}>`;
    const lines = [
      start,
      `Via: SIP/2.0/UDP ${CALLER};branch=z9hG4bK${this.#name}${this.#cseq}${branch}`,
      `From: ${this.#isRegistration ? address : `<sip:caller@${CALLER}>`};tag=f${this.#name}`,
      `To: ${address}${toTag === '' ? '' : `;tag=${toTag}${this.#name}`}`,
      `Call-ID: ${this.#name}@demo.ringtap.invalid`,
      `CSeq: ${this.#cseq} ${method}`,
      `Contact: <sip:${this.#user}@${this.#isRegistration ? CALLER : SERVER}>`,
      ...(this.#isRegistration ? ['Expires: 600'] : []),
      'Max-Forwards: 70',
      'Content-Length: 0',
    ];
    return `${lines.join('\r\n')}\r\n\r\n`;
  }
}

function endpoint(address: string): [port: number, host: string] {
  const [host, port] = address.split(':');
  return [Number(port), host!];
}

async function call(outcome: Outcome): Promise<void> {
  const exchange = new Exchange(Math.floor(between(0, USERS)));
  await exchange.request('INVITE');
  if (outcome === 'silent') return await repeatUntilTimeout(exchange);
  if (happens(0.04)) {
    // The first one was lost on its way.
    await sleep(T1_MILLIS);
    exchange.again('INVITE');
  }
  if (happens(0.3)) {
    await exchange.respond('INVITE', '407 Proxy Authentication Required');
    await exchange.follow('ACK', 'a');
    await exchange.request('INVITE');
  }
  await exchange.respond('INVITE', '100 Trying');
  const failure = await ring(exchange, outcome);
  if (failure !== undefined) {
    await exchange.respond('INVITE', failure);
    await exchange.follow('ACK', 'a');
    return;
  }
  const toTag = outcome === 'forked' ? 'b' : 'a';
  await exchange.respond('INVITE', '200 OK', toTag);
  await exchange.follow('ACK', toTag, 'ACK');
  await sleep(between(2000, 12_000));
  await exchange.request('BYE', toTag);
  await exchange.respond('BYE', '200 OK', toTag);
}

/** Rings, on two phones if the call is forked; returns the failure, or undefined for an answer. */
async function ring(exchange: Exchange, outcome: Outcome): Promise<string | undefined> {
  if (/^(?:404|503|486)/.test(outcome)) return outcome;
  await sleep(between(50, 300));
  await exchange.respond('INVITE', '180 Ringing');
  if (outcome === 'forked') await exchange.respond('INVITE', '180 Ringing', 'b');
  await sleep(between(500, 4000));
  if (outcome === 'answered' || outcome === 'forked') return undefined;
  if (outcome !== 'canceled') return outcome;
  await exchange.follow('CANCEL');
  await exchange.respond('CANCEL', '200 OK');
  return '487 Request Terminated';
}

/** Timer A doubles until timer B ends the transaction (RFC 3261 §17.1.1.2). */
async function repeatUntilTimeout(exchange: Exchange): Promise<void> {
  for (let millis = T1_MILLIS; millis < 64 * T1_MILLIS; millis *= 2) {
    await sleep(millis);
    exchange.again('INVITE');
  }
}

/** Every user registers with a challenge; some have forgotten their password. */
async function register(user: number): Promise<void> {
  const exchange = new Exchange(user, true);
  await exchange.request('REGISTER');
  await exchange.respond('REGISTER', '401 Unauthorized');
  await exchange.request('REGISTER');
  await exchange.respond('REGISTER', happens(0.05) ? '401 Unauthorized' : '200 OK');
}

/** What asks the server whether it is there: the peer of the demo. */
async function options(): Promise<void> {
  const exchange = new Exchange(0);
  await exchange.request('OPTIONS');
  await exchange.respond('OPTIONS', '200 OK');
}

const deadline = Date.now() + LIMIT_MILLIS;
for (let turn = 0; Date.now() < deadline; turn++) {
  void call(pickOutcome());
  if (turn % 4 === 0) void register((turn / 4) % USERS);
  if (turn % 8 === 0) void options();
  await sleep((1000 / CALLS_PER_SECOND) * between(0.5, 1.5));
}
// Calls that are under way end with this thread, and with it the demo.
process.exit();
