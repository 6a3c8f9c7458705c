// SPDX-License-Identifier: Apache-2.0
import { type CallEvents, DialogState } from '../../src/state/call-events.ts';

/** Counts what a bench checks, and costs as little as a listener can. */
export class CountedEvents implements CallEvents {
  /** Attempts that have their result. */
  results = 0;
  /** Sessions that have ended. */
  ended = 0;
  /** Confirmed dialogs there are. */
  confirmed = 0;
  unknown = 0;

  transactionTimeout(): void {}
  attemptBegun(): void {}
  attemptEnded(): void {
    this.results++;
  }
  inviteEnded(): void {}
  dialogChanged(_dialog: number, _context: number, from: DialogState, to: DialogState): void {
    if (to === DialogState.confirmed) this.confirmed++;
    if (from === DialogState.confirmed) this.confirmed--;
  }
  sessionEnded(): void {
    this.ended++;
  }
  sessionDuration(): void {}
  unknownDialogMessage(): void {
    this.unknown++;
  }
  registrationBegun(): void {}
  registrationEnded(): void {}
  bindingsChanged(): void {}
  delay(): void {}
  reason(): void {}
  peerChecked(): void {}
}
