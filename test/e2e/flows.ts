// SPDX-License-Identifier: Apache-2.0

/** What ringtap is to make of one call (or registration, or other request), wherever it is seen from. */
export type Meaning = {
  /** Result and final code of the attempt; none for what is no call. */
  readonly result?: readonly [result: string, code: string];
  /** The final code of each INVITE without To tag, on the first hop. */
  readonly inviteFinalCodes?: readonly string[];
  /** Why its sessions ended. */
  readonly sessionsEnded?: readonly string[];
  /** States of the dialogs that are still there. */
  readonly dialogsLeft?: readonly string[];
  /** Requests within a dialog of which nothing was seen before. */
  readonly unknownDialogMessages?: number;
  /** Protocol and cause. */
  readonly reasons?: readonly string[];
  /** Result and final code of the registration attempt. */
  readonly registration?: string;
  /** Bindings that are still there. */
  readonly bindings?: number;
  /** Which delays are observed, once each. */
  readonly delays?: readonly string[];
  /** Methods of the transactions that got no final response. */
  readonly timeouts?: readonly string[];
};

/** One pair of SIPp scenarios, what each of its calls puts on the wire, and what it means. */
export type Flow = {
  readonly caller: string;
  readonly callee: string;
  /** What is put in the place of `[name]` in the scenario files. */
  readonly keys?: Readonly<Record<string, string>>;
  /** Password of the caller; the right one if not given. */
  readonly password?: string;
  /** All messages: `>` from caller to callee or `<` back, method, and the code of a response. */
  readonly ladder: readonly string[];
  readonly meaning: Meaning;
};

const answered = [...['> INVITE', '< INVITE 180', '< INVITE 200', '> ACK'], ...['> BYE', '< BYE 200']];
/** What is observed of a call that rings, is answered and is ended by a BYE. */
export const answeredDelays: readonly string[] = [
  'session_request_delay success',
  'post_dial_delay',
  'answer_delay',
  'session_disconnect_delay success',
  'session_duration success',
];
const answeredMeaning: Meaning = {
  result: ['answered', '200'],
  inviteFinalCodes: ['200'],
  sessionsEnded: ['bye'],
  delays: answeredDelays,
};

/** What asks for credentials, by status code (RFC 3261 §22). */
const challenges = {
  '401': 'WWW-Authenticate: Digest realm="e2e", nonce="e2e-nonce"',
  '407': 'Proxy-Authenticate: Digest realm="e2e", nonce="e2e-nonce"',
} as const;
const credentials = { '401': 'Authorization', '407': 'Proxy-Authorization' } as const;

function refused(code: string, header: string, meaning: Meaning): Flow {
  return {
    caller: 'uac-refused',
    callee: 'uas-refuse',
    keys: { code, header },
    ladder: ['> INVITE', `< INVITE ${code}`, '> ACK'],
    meaning: { inviteFinalCodes: [code], delays: ['session_request_delay failure'], ...meaning },
  };
}

function challengedThenAnswered(code: '401' | '407'): Flow {
  return {
    caller: 'uac-challenged',
    callee: 'uas-challenge',
    keys: { code, header: challenges[code], credentials: credentials[code] },
    ladder: ['> INVITE', `< INVITE ${code}`, '> ACK', ...answered],
    meaning: { ...answeredMeaning, inviteFinalCodes: [code, '200'] },
  };
}

function abandoned(header: string, meaning: Meaning): Flow {
  return {
    caller: 'uac-abandoned',
    callee: 'uas-abandoned',
    keys: { header },
    ladder: [...answered.slice(0, 4), '> UPDATE', '< UPDATE 200'],
    meaning: {
      result: ['answered', '200'],
      inviteFinalCodes: ['200'],
      delays: answeredDelays.slice(0, 3),
      ...meaning,
    },
  };
}

type FlowName =
  | 'answered'
  | 'busy'
  | 'serverError'
  | 'redirected'
  | 'intervalTooSmall'
  | 'challenged401'
  | 'challenged407'
  | 'challengedThenAnswered401'
  | 'challengedThenAnswered407'
  | 'canceled'
  | 'canceledTooLate'
  | 'earlyMedia'
  | 'transferred'
  | 'sessionTimer'
  | 'withoutSessionTimer'
  | 'unanswered'
  | 'endedUnseen'
  | 'options';

/** Flows of calls, by name. */
export const flows: Readonly<Record<FlowName, Flow>> = {
  answered: { caller: 'uac-call', callee: 'uas-call', ladder: answered, meaning: answeredMeaning },
  busy: refused('486', 'Reason: Q.850;cause=17', { result: ['busy', '486'], reasons: ['Q.850 17'] }),
  serverError: refused('500', 'Retry-After: 60', { result: ['server_error', '500'] }),
  redirected: refused('302', 'Contact: <sip:callee@10.99.0.9>', {
    result: ['redirected', '302'],
    delays: ['redirect_delay'],
  }),
  intervalTooSmall: refused('422', 'Min-SE: 3600', { result: ['rejected', '422'] }),
  // RFC 6076 §4.3.2: a challenge is no failure whose delay counts.
  challenged401: refused('401', challenges['401'], { result: ['challenged', '401'], delays: [] }),
  challenged407: refused('407', challenges['407'], { result: ['challenged', '407'], delays: [] }),
  challengedThenAnswered401: challengedThenAnswered('401'),
  challengedThenAnswered407: challengedThenAnswered('407'),
  canceled: {
    caller: 'uac-canceled',
    callee: 'uas-canceled',
    ladder: [...['> INVITE', '< INVITE 180', '> CANCEL', '< CANCEL 200', '< INVITE 487', '> ACK']],
    meaning: {
      result: ['canceled', '487'],
      inviteFinalCodes: ['487'],
      reasons: ['SIP 487'],
      delays: ['session_request_delay failure', 'post_dial_delay', 'cancel_ring'],
    },
  },
  canceledTooLate: {
    caller: 'uac-race',
    callee: 'uas-race',
    ladder: [...answered, '> CANCEL', '< CANCEL 200'],
    meaning: { ...answeredMeaning, delays: [...answeredDelays, 'cancel_ring'] },
  },
  earlyMedia: {
    caller: 'uac-early',
    callee: 'uas-early',
    ladder: [
      ...['> INVITE', '< INVITE 183', '> PRACK', '< PRACK 200', '> UPDATE', '< UPDATE 200'],
      ...['< INVITE 180', '< INVITE 200', '> ACK', '< BYE', '> BYE 200'],
    ],
    meaning: { ...answeredMeaning, reasons: ['Q.850 16'] },
  },
  transferred: {
    caller: 'uac-transfer',
    callee: 'uas-transfer',
    ladder: [
      ...answered,
      ...['> INVITE', '< INVITE 200', '> ACK', '> INVITE', '< INVITE 200', '> ACK', '> REFER', '< REFER 202'],
      ...['< NOTIFY', '> NOTIFY 200', '< NOTIFY', '> NOTIFY 200'],
    ],
    meaning: { ...answeredMeaning, reasons: ['Q.850 16'] },
  },
  sessionTimer: abandoned('Session-Expires: 3;refresher=uac', { sessionsEnded: ['session_timer'] }),
  withoutSessionTimer: abandoned('Allow: INVITE, ACK, BYE, UPDATE', { dialogsLeft: ['confirmed'] }),
  unanswered: {
    caller: 'uac-unanswered',
    callee: 'uas-silent',
    ladder: ['> INVITE'],
    meaning: { result: ['timeout', 'timeout'], inviteFinalCodes: ['timeout'], timeouts: ['INVITE'] },
  },
  endedUnseen: {
    caller: 'uac-bye',
    callee: 'uas-answer',
    keys: { code: '200', header: 'Allow: INVITE, ACK, CANCEL, OPTIONS, BYE' },
    ladder: ['> BYE', '< BYE 200'],
    meaning: { unknownDialogMessages: 1 },
  },
  options: {
    caller: 'uac-options',
    callee: 'uas-answer',
    keys: { code: '200', header: 'Allow: INVITE, ACK, CANCEL, OPTIONS, BYE' },
    ladder: ['> OPTIONS', '< OPTIONS 200'],
    meaning: { delays: ['options_response_delay'] },
  },
};

type RegistrationFlowName =
  | 'registered'
  | 'registeredWithDigest'
  | 'registeredWithWrongPassword'
  | 'unregistered'
  | 'unregisteredAll'
  | 'challenged'
  | 'forbidden'
  | 'intervalTooBrief'
  | 'unavailable';

/** Flows of registrations, by name. Each call is an address-of-record of its own. */
export const registrationFlows: Readonly<Record<RegistrationFlowName, Flow>> = {
  registered: {
    caller: 'uac-register',
    callee: 'uas-register',
    keys: { expires: '3600', code: '200' },
    ladder: ['> REGISTER', '< REGISTER 200'],
    meaning: { registration: 'succeeded 200', bindings: 1, delays: ['registration_request_delay'] },
  },
  registeredWithDigest: {
    caller: 'uac-register-challenged',
    callee: 'uas-register-challenge',
    keys: { expires: '3600', code: '200' },
    ladder: ['> REGISTER', '< REGISTER 401', '> REGISTER', '< REGISTER 200'],
    meaning: { registration: 'succeeded 200', bindings: 1, delays: ['registration_request_delay'] },
  },
  registeredWithWrongPassword: {
    caller: 'uac-register-challenged',
    callee: 'uas-register-challenge',
    keys: { expires: '3600', code: '401' },
    password: 'wrong',
    ladder: ['> REGISTER', '< REGISTER 401', '> REGISTER', '< REGISTER 401'],
    meaning: { registration: 'authentication_failed 401' },
  },
  /** Removes the binding that `registered` made. */
  unregistered: {
    caller: 'uac-register',
    callee: 'uas-answer',
    keys: { expires: '0', code: '200', header: 'Date: Mon, 23 Nov 2026 12:00:00 GMT' },
    ladder: ['> REGISTER', '< REGISTER 200'],
    meaning: { registration: 'succeeded 200', bindings: -1, delays: ['registration_request_delay'] },
  },
  /** Removes all bindings of an address-of-record, of which there is one. */
  unregisteredAll: {
    caller: 'uac-unregister-all',
    callee: 'uas-answer',
    keys: { expires: '0', code: '200', header: 'Date: Mon, 23 Nov 2026 12:00:00 GMT' },
    ladder: ['> REGISTER', '< REGISTER 200'],
    meaning: { registration: 'succeeded 200', bindings: -1, delays: ['registration_request_delay'] },
  },
  challenged: refusedRegistration('401', challenges['401'], 'challenged 401'),
  forbidden: refusedRegistration('403', 'Warning: 399 e2e "no"', 'rejected 403'),
  intervalTooBrief: refusedRegistration('423', 'Min-Expires: 7200', 'rejected 423'),
  unavailable: refusedRegistration('503', 'Retry-After: 60', 'server_error 503'),
};

function refusedRegistration(code: string, header: string, registration: string): Flow {
  return {
    caller: 'uac-register',
    callee: 'uas-answer',
    keys: { expires: '3600', code, header },
    ladder: ['> REGISTER', `< REGISTER ${code}`],
    meaning: { registration },
  };
}
