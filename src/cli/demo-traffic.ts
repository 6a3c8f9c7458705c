// SPDX-License-Identifier: Apache-2.0
import { createSocket, type Socket } from 'node:dgram';
import { setTimeout as sleep } from 'node:timers/promises';
import { Voice } from './demo-voice.ts';

/*
 * The traffic of `ringtap demo`: a worker of its own, in a network namespace that holds nothing but this. Callers on
 * 127.0.0.1:5070 and a server on 127.0.0.1:5060 exchange real SIP over UDP and talk by RTP, with all that makes counting
 * hard: challenges, forks, lost packets that are sent again, servers that say nothing, media that gets lost or goes one way.
 */
const HOST = '127.0.0.1';
const CALLER_PORT = 5070;
const SERVER_PORT = 5060;
const CALLER = `${HOST}:${CALLER_PORT}`;
const SERVER = `${HOST}:${SERVER_PORT}`;
const CALLS_PER_SECOND = 8;
const USERS = 50;
/** The demo stops by itself even if nobody stops it. */
const LIMIT_MILLIS = 3600_000;
const T1_MILLIS = 500;
/** Calls of which media gets lost, and how much of it; calls whose called side is not heard. */
const LOSSY_SHARE = 0.1;
const LOST_SHARE = 0.03;
const ONE_WAY_SHARE = 0.02;

/** How a call goes on once it is let in; the share of all calls. */
const outcomes = {
  answered: 0.65,
  forked: 0.03,
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

async function bound(port: number): Promise<Socket> {
  const socket = createSocket('udp4');
  await new Promise<void>((resolve) => socket.bind(port, HOST, resolve));
  return socket;
}

const caller = await bound(CALLER_PORT);
const server = await bound(SERVER_PORT);
let serial = 0;

/** One Call-ID: requests of a caller and what the server says to them. */
class Exchange {
  readonly #name = (++serial).toString(36).padStart(6, '0');
  readonly #user: string;
  /** The request last sent, but ACK and CANCEL, which have the number and the branch of their INVITE. */
  #cseq = 0;
  #method = '';
  /** Session description of each INVITE. */
  readonly #offer: string;

  constructor(user: number, offer = '') {
    this.#user = `user${user}`;
    this.#offer = offer;
  }

  /** Sends a new request. `toTag` is that of the dialog it belongs to. */
  async request(method: string, toTag = ''): Promise<void> {
    this.#cseq++;
    this.#method = method;
    await this.send(method, toTag);
  }

  /** Sends the last request once more, its CANCEL, or its ACK: one to a 2xx has a branch of its own. */
  async send(method: string = this.#method, toTag = '', branch = ''): Promise<void> {
    const lines = this.#lines(`${method} sip:${this.#user}@${SERVER} SIP/2.0`, method, toTag, branch);
    const message = this.#withBody(
      `${lines}Contact: <sip:${this.#user}@${CALLER}>`,
      method === 'INVITE' ? this.#offer : '',
    );
    caller.send(message, SERVER_PORT, HOST);
    await sleep(between(2, 6));
  }

  /** Answers the last request, or its CANCEL; a 2xx to an INVITE with a session description. */
  async respond(status: string, toTag = 'a', method: string = this.#method, answer = ''): Promise<void> {
    const lines = this.#lines(`SIP/2.0 ${status}`, method, status.startsWith('100') ? '' : toTag);
    const contact = method === 'REGISTER' ? `${CALLER}>;expires=600` : `${SERVER}>`;
    server.send(this.#withBody(`${lines}Contact: <sip:${this.#user}@${contact}`, answer), CALLER_PORT, HOST);
    await sleep(between(1, 3));
  }

  /** What requests and responses have in common. */
  #lines(startLine: string, method: string, toTag: string, branch = ''): string {
    return [
      startLine,
      `Via: SIP/2.0/UDP ${CALLER};branch=z9hG4bK${this.#name}${this.#cseq}${branch}`,
      `From: <sip:${method === 'REGISTER' ? this.#user : 'caller'}@${SERVER}>;tag=f${this.#name}`,
      `To: <sip:${this.#user}@${SERVER}>${toTag === '' ? '' : `;tag=${toTag}${this.#name}`}`,
      `Call-ID: ${this.#name}@demo.ringtap.invalid`,
      `CSeq: ${this.#cseq} ${method}`,
      'Max-Forwards: 70',
      '',
    ].join('\r\n');
  }

  #withBody(head: string, body: string): string {
    const type = body === '' ? [] : ['Content-Type: application/sdp'];
    return [head, ...type, `Content-Length: ${body.length}`, '', body].join('\r\n');
  }
}

async function call(outcome: Outcome): Promise<void> {
  const voices = [await Voice.open(HOST), await Voice.open(HOST)] as const;
  try {
    await callWith(voices, outcome);
  } finally {
    for (const voice of voices) voice.close();
  }
}

async function callWith([mine, theirs]: readonly [Voice, Voice], outcome: Outcome): Promise<void> {
  const exchange = new Exchange(Math.floor(between(0, USERS)), mine.description);
  await exchange.request('INVITE');
  if (outcome === 'silent') return await repeatUntilTimeout(exchange);
  if (happens(0.04)) {
    await sleep(T1_MILLIS);
    await exchange.send();
  }
  if (happens(0.3)) {
    await exchange.respond('407 Proxy Authentication Required');
    await exchange.send('ACK', 'a');
    await exchange.request('INVITE');
  }
  await exchange.respond('100 Trying');
  const failure = await ring(exchange, outcome);
  if (failure !== undefined) {
    await exchange.respond(failure);
    await exchange.send('ACK', 'a');
    return;
  }
  const toTag = outcome === 'forked' ? 'b' : 'a';
  await exchange.respond('200 OK', toTag, 'INVITE', theirs.description);
  await exchange.send('ACK', toTag, 'ack');
  mine.talkTo(theirs, happens(LOSSY_SHARE) ? LOST_SHARE : 0);
  if (!happens(ONE_WAY_SHARE)) theirs.talkTo(mine, 0);
  await sleep(between(2000, 12_000));
  await exchange.request('BYE', toTag);
  await exchange.respond('200 OK', toTag);
}

/** Rings, on two phones if the call is forked; returns the failure, or undefined for an answer. */
async function ring(exchange: Exchange, outcome: Outcome): Promise<string | undefined> {
  if (/^(?:404|503|486)/.test(outcome)) return outcome;
  await sleep(between(50, 300));
  await exchange.respond('180 Ringing');
  if (outcome === 'forked') await exchange.respond('180 Ringing', 'b');
  await sleep(between(500, 4000));
  if (outcome === 'answered' || outcome === 'forked') return undefined;
  if (outcome !== 'canceled') return outcome;
  await exchange.send('CANCEL');
  await exchange.respond('200 OK', 'a', 'CANCEL');
  return '487 Request Terminated';
}

/** Timer A doubles until timer B ends the transaction (RFC 3261 §17.1.1.2). */
async function repeatUntilTimeout(exchange: Exchange): Promise<void> {
  for (let millis = T1_MILLIS; millis < 64 * T1_MILLIS; millis *= 2) {
    await sleep(millis);
    await exchange.send();
  }
}

/** Every user registers with a challenge; some have forgotten their password. */
async function register(user: number): Promise<void> {
  const exchange = new Exchange(user);
  await exchange.request('REGISTER');
  await exchange.respond('401 Unauthorized');
  await exchange.request('REGISTER');
  await exchange.respond(happens(0.05) ? '401 Unauthorized' : '200 OK');
}

/** What asks the server whether it is there: the peer of the demo. */
async function options(): Promise<void> {
  const exchange = new Exchange(0);
  await exchange.request('OPTIONS');
  await exchange.respond('200 OK');
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
