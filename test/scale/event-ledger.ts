// SPDX-License-Identifier: Apache-2.0
import type { SipMessage } from '../../src/sip/message.ts';
import { DialogState, SessionEnd } from '../../src/state/call-events.ts';
import type { MessageEvents } from '../../src/state/message-events.ts';

/** A number for each context. */
type Counts = Map<number, number>;

/**
 * Keeps account of what the state tells, by itself, and complains (throws) as soon as a story cannot be true: a dialog
 * that was not where the event says, an end without a beginning.
 */
export class EventLedger {
  attemptsBegun = 0;
  attemptsEnded = 0;
  registrationsBegun = 0;
  registrationsEnded = 0;
  sessionsBegun = 0;
  sessionsEnded = 0;
  sessionsEvicted = 0;
  requests = 0;
  responses = 0;
  /** Contact bindings there are, by context. */
  readonly bindings: Counts = new Map();
  /** Dialogs that are alive, by context, early and confirmed. */
  readonly early: Counts = new Map();
  readonly confirmed: Counts = new Map();
  /** State of each dialog that is alive. */
  readonly dialogs: Map<number, { context: number; state: DialogState }> = new Map();
  /** The dialog whose session must be told to have ended next. */
  #sessionToEnd: number | undefined;

  /** A listener that keeps account and passes everything on. */
  wrap(events: MessageEvents): MessageEvents {
    return {
      message: (context, message) => {
        this.#message(message);
        events.message(context, message);
      },
      retransmission: (context, message) => events.retransmission(context, message),
      captureDuplicate: (context, message) => events.captureDuplicate(context, message),
      notMessage: (context, result) => events.notMessage(context, result),
      transactionTimeout: (context, method) => events.transactionTimeout(context, method),
      attemptBegun: (attempt, context) => {
        this.attemptsBegun++;
        events.attemptBegun(attempt, context);
      },
      attemptEnded: (attempt, context, result, statusCode) => {
        this.attemptsEnded++;
        events.attemptEnded(attempt, context, result, statusCode);
      },
      inviteEnded: (context, statusCode) => events.inviteEnded(context, statusCode),
      dialogChanged: (dialog, context, from, to) => {
        this.#dialogChanged(dialog, context, from, to);
        events.dialogChanged(dialog, context, from, to);
      },
      sessionEnded: (dialog, context, reason) => {
        this.#sessionEnded(dialog, reason);
        events.sessionEnded(dialog, context, reason);
      },
      sessionDuration: (context, outcome, millis, isFirst) => {
        if (!Number.isInteger(millis) || millis < 0) throw new Error(`a session of ${millis} ms`);
        events.sessionDuration(context, outcome, millis, isFirst);
      },
      unknownDialogMessage: (context) => events.unknownDialogMessage(context),
      registrationBegun: (registration, context) => {
        this.registrationsBegun++;
        events.registrationBegun(registration, context);
      },
      registrationEnded: (registration, context, result, statusCode) => {
        this.registrationsEnded++;
        events.registrationEnded(registration, context, result, statusCode);
      },
      bindingsChanged: (context, change) => {
        if (change === 0) throw new Error('bindings changed by 0');
        add(this.bindings, context, change);
        events.bindingsChanged(context, change);
      },
      delay: (kind, context, outcome, micros) => {
        if (!Number.isInteger(micros) || micros < 0) throw new Error(`a delay of ${micros} us`);
        events.delay(kind, context, outcome, micros);
      },
      reason: (context, protocol, cause) => events.reason(context, protocol, cause),
      peerChecked: (peer, isUp, micros) => events.peerChecked(peer, isUp, micros),
    };
  }

  /** Complains where an event that belongs to the one before did not come. */
  settle(): void {
    if (this.#sessionToEnd !== undefined)
      throw new Error(`session ${this.#sessionToEnd} was not told to have ended`);
  }

  #message(message: SipMessage): void {
    if (message.isRequest) this.requests++;
    else this.responses++;
  }

  #dialogChanged(dialog: number, context: number, from: DialogState, to: DialogState): void {
    this.settle();
    const known = this.dialogs.get(dialog);
    if ((known?.state ?? DialogState.none) !== from) {
      throw new Error(`dialog ${dialog} goes from ${from} to ${to} and is in ${known?.state}`);
    }
    if (known !== undefined && known.context !== context)
      throw new Error(`dialog ${dialog} has another context`);
    if (to <= from) throw new Error(`a dialog goes from ${from} to ${to}`);
    if (from === DialogState.early) add(this.early, context, -1);
    if (from === DialogState.confirmed) {
      add(this.confirmed, context, -1);
      this.#sessionToEnd = dialog;
    }
    if (to === DialogState.early) add(this.early, context, 1);
    if (to === DialogState.confirmed) {
      add(this.confirmed, context, 1);
      this.sessionsBegun++;
    }
    if (to === DialogState.terminated) this.dialogs.delete(dialog);
    else this.dialogs.set(dialog, { context, state: to });
  }

  #sessionEnded(dialog: number, reason: SessionEnd): void {
    if (this.#sessionToEnd !== dialog) throw new Error(`session ${dialog} ended, but not its dialog`);
    this.#sessionToEnd = undefined;
    this.sessionsEnded++;
    if (reason === SessionEnd.evicted) this.sessionsEvicted++;
  }
}

function add(counts: Counts, context: number, change: number): void {
  const count = (counts.get(context) ?? 0) + change;
  if (count < 0) throw new Error(`a count of ${count}`);
  counts.set(context, count);
}
