// SPDX-License-Identifier: Apache-2.0

/** Limits of the state: everything that could grow with what peers send, and how long it is kept. */
export interface StateLimits {
  readonly maxTransactions: number;
  readonly maxAttempts: number;
  readonly maxDialogs: number;
  /** Early dialogs of one attempt: branches of a fork that ring. */
  readonly maxEarlyDialogs: number;
  /** Registration attempts under way. */
  readonly maxRegistrationAttempts: number;
  /** Addresses-of-record with at least one binding. */
  readonly maxRegistrations: number;
  /** Bindings of one address-of-record. */
  readonly maxBindings: number;
  /** How long an attempt waits for the INVITE that a 401, 407, 422 or 3xx asks for; a REGISTER likewise. */
  readonly retryMicros: number;
  /** How long an attempt that failed on every branch known waits for a branch that does better. */
  readonly forkMicros: number;
  /** The longest a dialog is kept after its last sign of life; bounds Session-Expires too. */
  readonly sessionLimitMicros: number;
  /** The longest a binding is kept, whatever its expiry says. */
  readonly registrationLimitMicros: number;
  /** A copy of a frame seen within this time is a capture duplicate; 0 tells none apart. */
  readonly duplicateMicros: number;
}

/** A SIP server whose answers to OPTIONS tell whether it is there. */
export interface PeerAddress {
  /** Value of the label `peer`. */
  readonly name: string;
  /** Four big-endian words, IPv4 in mapped form, as in `Datagram`. */
  readonly address: readonly number[];
  /** 0 stands for every port. */
  readonly port: number;
}
