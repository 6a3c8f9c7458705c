// SPDX-License-Identifier: Apache-2.0
import { createSocket, type Socket } from 'node:dgram';
import { setTimeout as sleep } from 'node:timers/promises';

/*
 * The calls of `ringtap demo`: a worker of its own, in a network namespace that holds nothing but this. A caller on
 * 127.0.0.1:5070 and a callee on 127.0.0.1:5060 exchange real SIP over UDP: calls that are answered, busy, not
 * answered, canceled, authenticated or refused, registrations and OPTIONS.
 */
const CALLER_PORT = 5070;
const CALLEE_PORT = 5060;
const CALLS_PER_SECOND = 8;
/** The demo stops by itself even if nobody stops it. */
const LIMIT_MILLIS = 3600_000;

/** How a call goes on after its INVITE (and the authentication round, where there is one). */
type Outcome = 'answered' | 'busy' | 'noAnswer' | 'canceled' | 'notFound' | 'unavailable';
const outcomes: readonly (readonly [Outcome, number])[] = [
  ['answered', 0.68],
  ['busy', 0.1],
  ['noAnswer', 0.07],
  ['canceled', 0.07],
  ['notFound', 0.05],
  ['unavailable', 0.03],
];

/** What stays the same through one call or request series. */
interface Exchange {
  readonly callId: string;
  readonly user: string;
  readonly fromTag: string;
  readonly toTag: string;
}

let serial = 0;

function newExchange(): Exchange {
  serial++;
  const name = serial.toString(36).padStart(6, '0');
  return {
    callId: `${name}@demo.ringtap.invalid`,
    user: `user${serial % 50}`,
    fromTag: `f${name}`,
    toTag: `t${name}`,
  };
}

/** Text of a request or, with `status`, of the response to it. */
function message(
  exchange: Exchange,
  cseq: number,
  method: string,
  status?: string,
  inDialog = false,
): Uint8Array {
  const { callId, user, fromTag, toTag } = exchange;
  const hasToTag = inDialog || (status !== undefined && !status.startsWith('100'));
  const lines = [
    status === undefined ? `${method} sip:${user}@127.0.0.1:${CALLEE_PORT} SIP/2.0` : `SIP/2.0 ${status}`,
    `Via: SIP/2.0/UDP 127.0.0.1:${CALLER_PORT};branch=z9hG4bK${fromTag}${cseq}${method === 'ACK' ? 'INVITE' : method}`,
    `From: <sip:caller@127.0.0.1:${CALLER_PORT}>;tag=${fromTag}`,
    `To: <sip:${user}@127.0.0.1:${CALLEE_PORT}>${hasToTag ? `;tag=${toTag}` : ''}`,
    `Call-ID: ${callId}`,
    `CSeq: ${cseq} ${method}`,
    `Contact: <sip:demo@127.0.0.1:${status === undefined ? CALLER_PORT : CALLEE_PORT}>`,
    'Max-Forwards: 70',
    'User-Agent: ringtap-demo',
    'Content-Length: 0',
  ];
  return new TextEncoder().encode(`${lines.join('\r\n')}\r\n\r\n`);
}

async function bound(port: number): Promise<Socket> {
  const socket = createSocket('udp4');
  await new Promise<void>((resolve) => socket.bind(port, '127.0.0.1', resolve));
  return socket;
}

const caller = await bound(CALLER_PORT);
const callee = await bound(CALLEE_PORT);
const request = (exchange: Exchange, cseq: number, method: string, inDialog = false): void =>
  caller.send(message(exchange, cseq, method, undefined, inDialog), CALLEE_PORT, '127.0.0.1');
const response = (exchange: Exchange, cseq: number, method: string, status: string): void =>
  callee.send(message(exchange, cseq, method, status), CALLER_PORT, '127.0.0.1');

async function call(
  outcome: Outcome,
  isChallenged: boolean,
  ringMillis: number,
  talkMillis: number,
): Promise<void> {
  const exchange = newExchange();
  let cseq = 1;
  request(exchange, cseq, 'INVITE');
  await sleep(3);
  if (isChallenged) {
    response(exchange, cseq, 'INVITE', '407 Proxy Authentication Required');
    request(exchange, cseq, 'ACK', true);
    cseq++;
    await sleep(5);
    request(exchange, cseq, 'INVITE');
    await sleep(3);
  }
  response(exchange, cseq, 'INVITE', '100 Trying');
  const failure = await ring(exchange, cseq, outcome, ringMillis);
  response(exchange, cseq, 'INVITE', failure ?? '200 OK');
  await sleep(2);
  request(exchange, cseq, 'ACK', true);
  if (failure !== undefined) return;
  await sleep(talkMillis);
  request(exchange, cseq + 1, 'BYE', true);
  await sleep(3);
  response(exchange, cseq + 1, 'BYE', '200 OK');
}

/** Rings as the outcome wants it; returns the failure, or undefined for an answer. */
async function ring(
  exchange: Exchange,
  cseq: number,
  outcome: Outcome,
  millis: number,
): Promise<string | undefined> {
  if (outcome === 'notFound') return '404 Not Found';
  if (outcome === 'unavailable') return '503 Service Unavailable';
  if (outcome === 'busy') return '486 Busy Here';
  response(exchange, cseq, 'INVITE', '180 Ringing');
  await sleep(millis);
  if (outcome === 'noAnswer') return '480 Temporarily Unavailable';
  if (outcome !== 'canceled') return undefined;
  request(exchange, cseq, 'CANCEL');
  await sleep(2);
  response(exchange, cseq, 'CANCEL', '200 OK');
  return '487 Request Terminated';
}

async function register(): Promise<void> {
  const exchange = newExchange();
  request(exchange, 1, 'REGISTER');
  await sleep(3);
  response(exchange, 1, 'REGISTER', '401 Unauthorized');
  await sleep(3);
  request(exchange, 2, 'REGISTER');
  await sleep(3);
  response(exchange, 2, 'REGISTER', '200 OK');
}

async function options(): Promise<void> {
  const exchange = newExchange();
  request(exchange, 1, 'OPTIONS');
  await sleep(2);
  response(exchange, 1, 'OPTIONS', '200 OK');
}

function pickOutcome(): Outcome {
  let left = Math.random();
  for (const [outcome, share] of outcomes) {
    left -= share;
    if (left < 0) return outcome;
  }
  return 'answered';
}

const deadline = Date.now() + LIMIT_MILLIS;
while (Date.now() < deadline) {
  void call(pickOutcome(), Math.random() < 0.3, 200 + Math.random() * 1500, 1000 + Math.random() * 9000);
  if (serial % 4 === 0) void register();
  if (serial % 6 === 0) void options();
  await sleep((1000 / CALLS_PER_SECOND) * (0.5 + Math.random()));
}
caller.close();
callee.close();
