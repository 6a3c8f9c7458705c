// SPDX-License-Identifier: Apache-2.0
import type { SeededHash } from '../base/hash.ts';
import type { PacketClock } from '../base/packet-clock.ts';
import type { SipMessage } from '../sip/message.ts';
import { Method } from '../sip/method.ts';
import { Attempts } from './attempts.ts';
import type { CallEvents } from './call-events.ts';
import { CallKey } from './call-key.ts';
import { Dialogs } from './dialogs.ts';

/** Limits of the state: everything that could grow with what peers send. */
export interface StateLimits {
  readonly maxAttempts: number;
  readonly maxDialogs: number;
  /** How long an attempt waits for the INVITE that a 401, 407, 422 or 3xx asks for. */
  readonly retryMicros: number;
  /** The longest a dialog is kept after its last sign of life. */
  readonly sessionLimitMicros: number;
}

/** Expiry is looked at this often, in packet time. */
const TICK_MICROS = 100_000;

/** Attempts and dialogs, fed with every SIP message in the order of capture. */
export class Calls {
  readonly attempts: Attempts;
  readonly dialogs: Dialogs;

  readonly #clock: PacketClock;
  readonly #events: CallEvents;
  readonly #key: CallKey;
  #nextTickMicros = 0;

  constructor(limits: StateLimits, hash: SeededHash, clock: PacketClock, events: CallEvents) {
    this.attempts = new Attempts(limits.maxAttempts, limits.retryMicros, clock, events);
    this.dialogs = new Dialogs(limits.maxDialogs, limits.sessionLimitMicros, clock, events);
    this.#clock = clock;
    this.#events = events;
    this.#key = new CallKey(hash);
  }

  /** Expires what is due; to be called whenever the clock was set. */
  advance(): void {
    const nowMicros = this.#clock.micros;
    // A clock that was set back must not stop expiry until it has caught up.
    if (nowMicros < this.#nextTickMicros && nowMicros > this.#nextTickMicros - 2 * TICK_MICROS) return;
    this.#nextTickMicros = nowMicros + TICK_MICROS;
    this.attempts.expire();
    this.dialogs.expire();
  }

  /** Takes one message; `context` is where it was seen. */
  message(message: SipMessage, context: number): void {
    const { method } = message;
    if (method === Method.invite) {
      this.#key.readAttempt(message);
      if (!message.isRequest) this.#inviteResponse(message);
      else if (message.toTagLength === 0) this.attempts.invite(this.#key, message, context);
      else this.#inDialog(message, context);
    } else if (message.isRequest && (method === Method.bye || method === Method.update)) {
      this.#key.readAttempt(message);
      this.#inDialog(message, context);
    }
  }

  /** A re-INVITE, UPDATE or BYE. An UPDATE may belong to a dialog that is still early: not knowing it says nothing. */
  #inDialog(message: SipMessage, context: number): void {
    const key = this.#key;
    key.readDialog(message);
    const isBye = message.method === Method.bye;
    const isKnown = isBye ? this.dialogs.bye(key) : this.dialogs.refresh(key);
    if (!isKnown && message.method !== Method.update) this.#events.unknownDialogMessage(context);
  }

  #inviteResponse(message: SipMessage): void {
    const key = this.#key;
    const slot = this.attempts.find(key);
    // Without its INVITE a response says nothing for sure: it may belong to a re-INVITE.
    if (slot < 0 || !this.attempts.isAnsweredBy(slot, message.cseqNumber)) return;
    const statusCode = message.statusCode;
    if (statusCode < 200) this.attempts.provisional(slot, statusCode);
    else if (statusCode < 300) {
      key.readDialog(message);
      this.dialogs.confirm(key, this.attempts.contextOf(slot));
      this.attempts.answered(slot, statusCode);
    } else {
      this.attempts.failed(slot, statusCode, message.viaCount);
    }
  }
}
