// SPDX-License-Identifier: Apache-2.0
import type { CallCase } from '../call-case.ts';

const contact = 'Contact: <sip:alice@10.0.0.10:5060>';

/** METRICS.md: "REGISTER", what is about attempts and their results. */
export const registration: readonly CallCase[] = [
  {
    name: 'register-challenged',
    meaning: 'The usual REGISTER: challenged, repeated, accepted; one attempt with both rounds in its delay.',
    source: 'RFC 3261 §10.2, RFC 6076 §4.1',
    flow: `
       0.000  alice > registrar  REGISTER     | ${contact} | Expires: 600
       0.020  registrar > alice  401 REGISTER
       0.050  alice > registrar  REGISTER     | ${contact} | Expires: 600
       0.060  registrar > alice  100 REGISTER
       0.090  registrar > alice  200 REGISTER | ${contact};expires=600
     500.000  tick
    `,
    expected: {
      registrationAttempts: 1,
      registrationResults: { 'succeeded 200': 1 },
      registrations: 1,
      registrationRequestDelay: [0.09],
    },
  },
  {
    name: 'register-refresh',
    meaning: 'A refresh with the same Call-ID is an attempt of its own and no second binding.',
    source: 'RFC 3261 §10.2.4',
    flow: `
       0.000  alice > registrar  REGISTER     | ${contact};expires=60
       0.020  registrar > alice  200 REGISTER | ${contact};expires=60
      50.000  alice > registrar  REGISTER     | ${contact};expires=60
      50.030  registrar > alice  200 REGISTER | ${contact};expires=60
     100.000  tick
    `,
    expected: {
      registrationAttempts: 2,
      registrationResults: { 'succeeded 200': 2 },
      registrations: 1,
      registrationRequestDelay: [0.02, 0.03],
    },
  },
  {
    name: 'register-423',
    meaning: 'Too brief for the registrar: the next REGISTER asks for longer; one attempt.',
    source: 'RFC 3261 §10.2.8',
    flow: `
       0.000  alice > registrar  REGISTER     | ${contact};expires=10
       0.020  registrar > alice  423 REGISTER | Min-Expires: 60
       0.030  alice > registrar  REGISTER     | ${contact};expires=60
       0.050  registrar > alice  200 REGISTER | ${contact};expires=60
      10.000  tick
    `,
    expected: {
      registrationAttempts: 1,
      registrationResults: { 'succeeded 200': 1 },
      registrations: 1,
      registrationRequestDelay: [0.05],
    },
  },
  {
    name: 'register-423-gave-up',
    meaning: 'Too brief, and no second REGISTER: rejected after 32 s.',
    source: 'RFC 3261 §10.2.8',
    flow: `
       0.000  alice > registrar  REGISTER     | ${contact};expires=10
       0.020  registrar > alice  423 REGISTER | Min-Expires: 60
      40.000  tick
    `,
    expected: { registrationAttempts: 1, registrationResults: { 'rejected 423': 1 } },
  },
  {
    name: 'register-wrong-password',
    meaning:
      'The second 401 without stale says that the credentials are wrong: an authentication failure, at once.',
    source: 'RFC 3261 §22.2, RFC 6076 §4.2; METRICS.md, sip_registration_results_total',
    flow: `
       0.000  alice > registrar  REGISTER     | ${contact}
       0.020  registrar > alice  401 REGISTER
       0.050  alice > registrar  REGISTER     | ${contact}
       0.070  registrar > alice  401 REGISTER
    `,
    expected: { registrationAttempts: 1, registrationResults: { 'authentication_failed 401': 1 } },
  },
  {
    name: 'register-stale',
    meaning: 'The second 401 has stale=true: only the nonce was old, and the third REGISTER is accepted.',
    source: 'RFC 7616 §3.3; METRICS.md, sip_registration_results_total',
    flow: `
       0.000  alice > registrar  REGISTER     | ${contact}
       0.020  registrar > alice  401 REGISTER
       0.050  alice > registrar  REGISTER     | ${contact}
       0.070  registrar > alice  401 REGISTER stale
       0.100  alice > registrar  REGISTER     | ${contact}
       0.130  registrar > alice  200 REGISTER | ${contact};expires=3600
    `,
    expected: {
      registrationAttempts: 1,
      registrationResults: { 'succeeded 200': 1 },
      registrations: 1,
      registrationRequestDelay: [0.13],
    },
  },
  {
    name: 'register-challenge-ignored',
    meaning:
      'Challenged once and never again heard of: challenged after 32 s, which is no ineffective attempt.',
    source: 'RFC 6076 §4.2; METRICS.md, sip_registration_results_total',
    flow: `
       0.000  alice > registrar  REGISTER     | ${contact}
       0.020  registrar > alice  407 REGISTER
      31.900  tick
      32.100  tick
    `,
    expected: { registrationAttempts: 1, registrationResults: { 'challenged 407': 1 } },
  },
  {
    name: 'register-timeout',
    meaning: 'No registrar answers: timeout at timer F.',
    source: 'RFC 3261 §17.1.2.2, RFC 6076 §4.2',
    flow: `
       0.000  alice > registrar  REGISTER     | ${contact}
       0.500  alice > registrar  REGISTER again
       1.500  alice > registrar  REGISTER again
       3.500  alice > registrar  REGISTER again
      31.900  tick
      33.000  tick
    `,
    expected: {
      registrationAttempts: 1,
      registrationResults: { 'timeout timeout': 1 },
      retransmissions: { 'REGISTER request': 3 },
      timeouts: { REGISTER: 1 },
    },
  },
  {
    name: 'register-scanner',
    meaning:
      'A scanner tries extensions, each an address-of-record and a Call-ID of its own: four attempts, no binding.',
    source: 'RFC 6076 §4.2; METRICS.md, REGISTER: AOR is To',
    flow: `
       0.000  scanner > registrar  REGISTER call=c100 to=100     | Contact: <sip:100@10.0.0.99>
       0.010  registrar > scanner  404 REGISTER call=c100
       0.020  scanner > registrar  REGISTER call=c101 to=101     | Contact: <sip:101@10.0.0.99>
       0.030  registrar > scanner  403 REGISTER call=c101
       0.040  scanner > registrar  REGISTER call=c102 to=102     | Contact: <sip:102@10.0.0.99>
       0.050  registrar > scanner  401 REGISTER call=c102
       0.060  scanner > registrar  REGISTER call=c103 to=103     | Contact: <sip:103@10.0.0.99>
       0.070  registrar > scanner  401 REGISTER call=c103
      33.000  tick
    `,
    expected: {
      registrationAttempts: 4,
      registrationResults: { 'rejected 404': 1, 'rejected 403': 1, 'challenged 401': 2 },
    },
  },
  {
    name: 'register-server-errors',
    meaning: 'A failing registrar: each class of failure has its result.',
    source: 'RFC 3261 §21, RFC 6076 §4.2',
    flow: `
       0.000  alice > registrar  REGISTER     | ${contact}
       0.020  registrar > alice  500 REGISTER
      10.000  alice > registrar  REGISTER     | ${contact}
      10.020  registrar > alice  503 REGISTER | Retry-After: 10
      20.000  alice > registrar  REGISTER     | ${contact}
      20.020  registrar > alice  603 REGISTER
      30.000  alice > registrar  REGISTER     | ${contact}
      30.020  registrar > alice  302 REGISTER | Contact: <sip:10.0.0.71>
    `,
    expected: {
      registrationAttempts: 4,
      registrationResults: {
        'server_error 500': 1,
        'server_error 503': 1,
        'global_error 603': 1,
        'redirected 302': 1,
      },
    },
  },
  {
    name: 'register-through-proxy',
    meaning: 'Both hops of an edge proxy are seen: one attempt, one binding, the delay of the first hop.',
    source: 'METRICS.md, proxy on the host',
    flow: `
       0.000  alice > edge      REGISTER     | ${contact}
       0.001  edge > registrar  REGISTER
       0.010  registrar > edge  401 REGISTER
       0.012  edge > alice      401 REGISTER
       0.030  alice > edge      REGISTER     | ${contact}
       0.031  edge > registrar  REGISTER
       0.050  registrar > edge  200 REGISTER | ${contact};expires=3600
       0.055  edge > alice      200 REGISTER
    `,
    expected: {
      registrationAttempts: 1,
      registrationResults: { 'succeeded 200': 1 },
      registrations: 1,
      registrationRequestDelay: [0.055],
    },
  },
];
