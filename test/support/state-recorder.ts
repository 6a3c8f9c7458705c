// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { SeededHash } from '../../src/base/hash.ts';
import { PacketClock } from '../../src/base/packet-clock.ts';
import { Ticks } from '../../src/base/ticks.ts';
import { Datagram } from '../../src/decode/datagram.ts';
import { SipMessage } from '../../src/sip/message.ts';
import { methodNames } from '../../src/sip/method.ts';
import { parseMessage } from '../../src/sip/parse-message.ts';
import { ParseResult } from '../../src/sip/parse-result.ts';
import { defaultParserLimits } from '../../src/sip/parser-limits.ts';
import { attemptResultNames } from '../../src/state/attempt-result.ts';
import { type CallEvents, outcomeNames, sessionEndNames } from '../../src/state/call-events.ts';
import { Calls } from '../../src/state/calls.ts';
import { registrationResultNames } from '../../src/state/registration-result.ts';
import type { PeerAddress, StateLimits } from '../../src/state/state-limits.ts';
import { Sighting } from '../../src/state/transactions.ts';

const SECOND = 1e6;
const limits: StateLimits = {
  maxTransactions: 1000,
  maxAttempts: 100,
  maxDialogs: 100,
  maxEarlyDialogs: 10,
  maxRegistrationAttempts: 100,
  maxRegistrations: 100,
  maxBindings: 3,
  retryMicros: 32 * SECOND,
  forkMicros: 5 * SECOND,
  sessionLimitMicros: 86_400 * SECOND,
  registrationLimitMicros: 7200 * SECOND,
  duplicateMicros: 50_000,
};

const dialogStateNames = ['none', 'early', 'confirmed', 'terminated'];
const delayNames = [
  'registration',
  'request',
  'disconnect',
  'post_dial',
  'answer',
  'redirect',
  'cancel',
  'options',
];

/** State whose events are written down as text, and a clock in seconds. */
export class StateRecorder implements CallEvents {
  readonly events: string[] = [];
  readonly calls: Calls;
  /** Whether delays are written down. */
  withDelays = false;
  seconds = 1_700_000_000;
  readonly datagram: Datagram = new Datagram();
  readonly #clock = new PacketClock();
  readonly #ticks: Ticks;

  constructor(options: Partial<StateLimits> = {}, peers: readonly PeerAddress[] = []) {
    this.calls = new Calls({ ...limits, ...options }, peers, new SeededHash(1, 2), this.#clock, this);
    this.#ticks = new Ticks(this.#clock, 100_000, [this.calls]);
  }

  transactionTimeout(_context: number, method: number): void {
    this.events.push(`no answer to ${methodNames[method]}`);
  }
  attemptBegun(_attempt: number, context: number): void {
    this.events.push(`begun@${context}`);
  }
  attemptEnded(_attempt: number, context: number, result: number, statusCode: number): void {
    this.events.push(`${attemptResultNames[result]}:${statusCode}@${context}`);
  }
  inviteEnded(_context: number, statusCode: number): void {
    this.events.push(`invite:${statusCode}`);
  }
  dialogChanged(_dialog: number, context: number, from: number, to: number): void {
    this.events.push(`${dialogStateNames[from]}>${dialogStateNames[to]}@${context}`);
  }
  sessionEnded(_dialog: number, _context: number, reason: number): void {
    this.events.push(`ended:${sessionEndNames[reason]}`);
  }
  sessionDuration(_context: number, outcome: number, durationMillis: number): void {
    if (this.withDelays) this.events.push(`duration:${outcomeNames[outcome]}:${durationMillis / 1000}`);
  }
  unknownDialogMessage(): void {
    this.events.push('unknown');
  }
  registrationBegun(): void {
    this.events.push('register');
  }
  registrationEnded(_registration: number, _context: number, result: number, statusCode: number): void {
    this.events.push(`${registrationResultNames[result]}:${statusCode}`);
  }
  bindingsChanged(_context: number, change: number): void {
    this.events.push(`bindings${change > 0 ? '+' : ''}${change}`);
  }
  delay(kind: number, _context: number, outcome: number, delayMicros: number): void {
    if (this.withDelays)
      this.events.push(`${delayNames[kind]}:${outcomeNames[outcome]}:${delayMicros / SECOND}`);
  }
  reason(_context: number, protocol: number, cause: number): void {
    this.events.push(`${protocol === 0 ? 'Q.850' : 'SIP'}:${cause}`);
  }
  peerChecked(peer: number, isUp: boolean, delayMicros: number): void {
    this.events.push(`peer${peer}:${isUp ? `up:${delayMicros / SECOND}` : 'down'}`);
  }

  /** Takes a message in a datagram of its own and returns what happened since the last call. */
  take(text: string, context = 0): string[] {
    this.datagram.ipIdentification = (this.datagram.ipIdentification + 1) & 0xffff;
    return this.copy(text, context);
  }

  /** Takes a message in the datagram of the one before. */
  copy(text: string, context = 0): string[] {
    const bytes = new TextEncoder().encode(text);
    const view = new DataView(bytes.buffer);
    const message = new SipMessage();
    const { calls, datagram } = this;
    assert.equal(
      parseMessage(bytes, view, 0, bytes.length, defaultParserLimits, message),
      ParseResult.message,
      text,
    );
    this.#clock.micros = this.seconds * SECOND;
    this.#ticks.advance();
    calls.prepare(0, message);
    const sighting = calls.see(0, message, datagram, context);
    if (sighting === Sighting.duplicate) this.events.push('duplicate');
    else {
      if (sighting === Sighting.retransmission) this.events.push('again');
      calls.message(message, datagram, sighting, context);
    }
    return this.events.splice(0);
  }

  /** Lets time pass and returns what happened. */
  wait(seconds: number): string[] {
    this.seconds += seconds;
    this.#clock.micros = this.seconds * SECOND;
    while (this.#ticks.advance());
    return this.events.splice(0);
  }
}

/** What a message is told apart by. */
export interface Parts {
  readonly callId?: string;
  readonly from?: string;
  readonly to?: string;
  readonly branch?: string;
  readonly cseq?: number;
  /** Further header fields. */
  readonly lines?: readonly string[];
  /** Hops before the one where the message is seen. */
  readonly hops?: number;
}

export function sip(startLine: string, method: string, parts: Parts): string {
  const { callId = 'c1', from = 'a', to = '', branch = 'b1', cseq = 1, hops = 0, lines = [] } = parts;
  return [
    startLine,
    `Via: SIP/2.0/UDP h;branch=z9hG4bK${branch}`,
    ...Array.from({ length: hops }, (_, hop) => `Via: SIP/2.0/UDP h${hop};branch=z9hG4bKhop${hop}`),
    `From: <sip:a@x>;tag=${from}`,
    `To: <sip:b@x>${to === '' ? '' : `;tag=${to}`}`,
    `Call-ID: ${callId}`,
    `CSeq: ${cseq} ${method}`,
    ...lines,
    '',
    '',
  ].join('\r\n');
}
export const request = (method: string, parts: Parts = {}): string =>
  sip(`${method} sip:b@x SIP/2.0`, method, parts);
export const response = (code: number, method: string, parts: Parts = {}): string =>
  sip(`SIP/2.0 ${code} X`, method, parts);
export const invite = (parts: Parts = {}): string => request('INVITE', parts);
export const answer = (code: number, parts: Parts = {}): string =>
  response(code, 'INVITE', { to: code > 100 ? 'b' : '', ...parts });
