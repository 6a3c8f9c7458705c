// SPDX-License-Identifier: Apache-2.0

/** Observations of a histogram, in seconds: its count, sum and every bucket follow from them. */
export type Seconds = readonly number[];

/** Observations by the label `outcome`. */
export type SecondsByOutcome = { readonly success?: Seconds; readonly failure?: Seconds };

/** Counts by label values; where there are two labels, joined by a space. */
export type Counts = Readonly<Record<string, number>>;

/**
 * What a capture leaves behind, written by hand from METRICS.md. What is not given is 0: nothing is left out. Counts
 * of messages and their sizes are not here: they follow from the flow above, and tshark confirms them.
 */
export interface ExpectedFigures {
  /** `sip_session_attempts_total` */
  readonly attempts?: number;
  /** `sip_session_attempt_results_total` by result */
  readonly results?: Counts;
  /** `sip_session_attempt_codes_total` by code */
  readonly codes?: Counts;
  /** `sip_invite_requests_by_final_code_total` by code */
  readonly inviteCodes?: Counts;
  /** `sip_dialogs` at the end, by state */
  readonly dialogs?: Counts;
  /** `sip_sessions_ended_total` by reason */
  readonly sessionsEnded?: Counts;
  /** `sip_unknown_dialog_messages_total` */
  readonly unknownDialogMessages?: number;
  /** `sip_reason_total` by protocol and cause */
  readonly reasons?: Counts;
  /** `sip_retransmissions_total` by method and kind */
  readonly retransmissions?: Counts;
  /** `sip_capture_duplicates_total` */
  readonly duplicates?: number;
  /** `sip_transaction_timeouts_total` by method */
  readonly timeouts?: Counts;
  /** `sip_registration_attempts_total` */
  readonly registrationAttempts?: number;
  /** `sip_registration_results_total` by result and code */
  readonly registrationResults?: Counts;
  /** `sip_registrations` at the end */
  readonly registrations?: number;
  /** `sip_session_request_delay_seconds`, RFC 6076 §4.3 */
  readonly sessionRequestDelay?: SecondsByOutcome;
  /** `sip_session_disconnect_delay_seconds`, RFC 6076 §4.4 */
  readonly sessionDisconnectDelay?: SecondsByOutcome;
  /** `sip_session_duration_seconds`, RFC 6076 §4.5 */
  readonly sessionDuration?: SecondsByOutcome;
  /** `sip_registration_request_delay_seconds`, RFC 6076 §4.1 */
  readonly registrationRequestDelay?: Seconds;
  /** `sip_post_dial_delay_seconds` */
  readonly postDialDelay?: Seconds;
  /** `sip_answer_delay_seconds` */
  readonly answerDelay?: Seconds;
  /** `sip_options_response_delay_seconds` */
  readonly optionsResponseDelay?: Seconds;
  /** `sip_redirect_delay_seconds` */
  readonly redirectDelay?: Seconds;
  /** `sip_cancel_ring_seconds` */
  readonly cancelRing?: Seconds;
  /** `sip_peer_up`, `sip_peer_round_trip_seconds` and `sip_peer_flaps_total` of the peer of the case */
  readonly peer?: { readonly up: 0 | 1; readonly roundTripSeconds?: number; readonly flaps?: number };
}

/** One golden capture: a flow, what it means and what it must leave behind. */
export interface CallCase {
  /** Name of the file and part of every Call-ID. */
  readonly name: string;
  /** What is special about it, in a sentence. */
  readonly meaning: string;
  /** Where it says so. */
  readonly source: string;
  /** The ladder, in the language of scenario.ts. */
  readonly flow: string;
  /** `compact`: compact header names (RFC 3261 §7.3.3). `rfc2543`: no tags and no branches. */
  readonly style?: 'compact' | 'rfc2543';
  /** `zero`: every IP identification is 0, as Linux sends datagrams that must not be fragmented (RFC 6864 §4.1). */
  readonly identification?: 'zero';
  /** Every frame is captured a second time this much later, on the same interface or on another one. */
  readonly mirror?: { readonly afterSeconds: number; readonly interface: 'same' | 'other' };
  /** The party that is configured with `--sip.peer`; its name in the figures is the name of the case. */
  readonly peer?: string;
  readonly expected: ExpectedFigures;
}
