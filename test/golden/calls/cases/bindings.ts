// SPDX-License-Identifier: Apache-2.0
import type { CallCase } from '../call-case.ts';

const contact = 'Contact: <sip:alice@10.0.0.10:5060>';
const desk = '<sip:alice@10.0.0.11:5060;line=1>';

/** METRICS.md: "REGISTER" and "expiry values from the wire", what is about Contact bindings. */
export const bindings: readonly CallCase[] = [
  {
    name: 'register-removed',
    meaning: 'Contact with expires=0 removes the binding; the 200 has no Contact any more.',
    source: 'RFC 3261 §10.2.2',
    flow: `
       0.000  alice > registrar  REGISTER     | ${contact};expires=3600
       0.020  registrar > alice  200 REGISTER | ${contact};expires=3600
      50.000  alice > registrar  REGISTER     | ${contact};expires=0
      50.030  registrar > alice  200 REGISTER
    `,
    expected: {
      registrationAttempts: 2,
      registrationResults: { 'succeeded 200': 2 },
      registrationRequestDelay: [0.02, 0.03],
    },
  },
  {
    name: 'register-removed-expires-field',
    meaning: 'The same with the Expires header field.',
    source: 'RFC 3261 §10.2.2, §10.3 step 7',
    flow: `
       0.000  alice > registrar  REGISTER     | ${contact} | Expires: 3600
       0.020  registrar > alice  200 REGISTER | ${contact};expires=3600
      50.000  alice > registrar  REGISTER     | ${contact} | Expires: 0
      50.030  registrar > alice  200 REGISTER
    `,
    expected: {
      registrationAttempts: 2,
      registrationResults: { 'succeeded 200': 2 },
      registrationRequestDelay: [0.02, 0.03],
    },
  },
  {
    name: 'register-removed-all',
    meaning: 'Contact: * removes every binding of the address-of-record.',
    source: 'RFC 3261 §10.2.2',
    flow: `
       0.000  alice > registrar  REGISTER     | ${contact} | Expires: 3600
       0.020  registrar > alice  200 REGISTER | ${contact};expires=3600, ${desk};expires=1800
      50.000  alice > registrar  REGISTER     | Contact: * | Expires: 0
      50.030  registrar > alice  200 REGISTER
    `,
    expected: {
      registrationAttempts: 2,
      registrationResults: { 'succeeded 200': 2 },
      registrationRequestDelay: [0.02, 0.03],
    },
  },
  {
    name: 'register-two-contacts',
    meaning: 'Two devices of one user, each with its own Call-ID: the list of the last 200 is the truth.',
    source: 'RFC 3261 §10.3 step 8',
    flow: `
       0.000  alice > registrar  REGISTER     | ${contact};expires=3600
       0.020  registrar > alice  200 REGISTER | ${contact};expires=3600
      10.000  alice > registrar  REGISTER     call=desk | Contact: ${desk};expires=3600
      10.020  registrar > alice  200 REGISTER call=desk | ${contact};expires=3590 | Contact: ${desk};expires=3600
      20.000  tick
    `,
    expected: {
      registrationAttempts: 2,
      registrationResults: { 'succeeded 200': 2 },
      registrations: 2,
      registrationRequestDelay: [0.02, 0.02],
    },
  },
  {
    name: 'register-one-of-two-expires',
    meaning: 'Two bindings with their own expiry: after 61 s the short one is gone.',
    source: 'RFC 3261 §10.2.1.1',
    flow: `
       0.000  alice > registrar  REGISTER     | ${contact} | Contact: ${desk}
       0.020  registrar > alice  200 REGISTER | ${contact};expires=60, ${desk};expires=3600
      61.000  tick
    `,
    expected: {
      registrationAttempts: 1,
      registrationResults: { 'succeeded 200': 1 },
      registrations: 1,
      registrationRequestDelay: [0.02],
    },
  },
  {
    name: 'register-one-of-two-removed',
    meaning: 'One device leaves; the 200 lists the one that stays.',
    source: 'RFC 3261 §10.3 step 8',
    flow: `
       0.000  alice > registrar  REGISTER     | ${contact} | Contact: ${desk} | Expires: 3600
       0.020  registrar > alice  200 REGISTER | ${contact};expires=3600 | Contact: ${desk};expires=3600
      30.000  alice > registrar  REGISTER     | Contact: ${desk};expires=0
      30.020  registrar > alice  200 REGISTER | ${contact};expires=3570
    `,
    expected: {
      registrationAttempts: 2,
      registrationResults: { 'succeeded 200': 2 },
      registrations: 1,
      registrationRequestDelay: [0.02, 0.02],
    },
  },
  {
    name: 'register-expiry-contact',
    meaning: 'Contact;expires goes before Expires: 60 s, not an hour.',
    source: 'RFC 3261 §10.2.1.1; METRICS.md, REGISTER',
    flow: `
       0.000  alice > registrar  REGISTER     | ${contact} | Expires: 3600
       0.020  registrar > alice  200 REGISTER | ${contact};q=0.7;expires=60 | Expires: 3600
      61.100  tick
    `,
    expected: {
      registrationAttempts: 1,
      registrationResults: { 'succeeded 200': 1 },
      registrationRequestDelay: [0.02],
    },
  },
  {
    name: 'register-expiry-response',
    meaning: 'Without Contact;expires, Expires of the response counts: 120 s, though 3600 were asked for.',
    source: 'RFC 3261 §10.2.1.1; METRICS.md, REGISTER',
    flow: `
       0.000  alice > registrar  REGISTER     | ${contact} | Expires: 3600
       0.020  registrar > alice  200 REGISTER | ${contact} | Expires: 120
     121.100  tick
    `,
    expected: {
      registrationAttempts: 1,
      registrationResults: { 'succeeded 200': 1 },
      registrationRequestDelay: [0.02],
    },
  },
  {
    name: 'register-expiry-request',
    meaning: 'A response that says nothing about time accepts what was asked for: 120 s.',
    source: 'RFC 3261 §10.3 step 7; METRICS.md, REGISTER',
    flow: `
       0.000  alice > registrar  REGISTER     | ${contact} | Expires: 120
       0.020  registrar > alice  200 REGISTER | ${contact}
     119.900  tick
     121.100  tick
    `,
    expected: {
      registrationAttempts: 1,
      registrationResults: { 'succeeded 200': 1 },
      registrationRequestDelay: [0.02],
    },
  },
  {
    name: 'register-expiry-default',
    meaning: 'Nobody says a time: the binding is there for an hour.',
    source: 'METRICS.md, REGISTER: then 3600 s',
    flow: `
       0.000  alice > registrar  REGISTER     | ${contact}
       0.020  registrar > alice  200 REGISTER | ${contact}
    3599.900  tick
    `,
    expected: {
      registrationAttempts: 1,
      registrationResults: { 'succeeded 200': 1 },
      registrations: 1,
      registrationRequestDelay: [0.02],
    },
  },
  {
    name: 'register-expiry-default-over',
    meaning: 'And after an hour it is gone.',
    source: 'METRICS.md, REGISTER: then 3600 s',
    flow: `
       0.000  alice > registrar  REGISTER     | ${contact}
       0.020  registrar > alice  200 REGISTER | ${contact}
    3601.100  tick
    `,
    expected: {
      registrationAttempts: 1,
      registrationResults: { 'succeeded 200': 1 },
      registrationRequestDelay: [0.02],
    },
  },
  {
    name: 'register-expiry-clamped',
    meaning: 'A binding for a year is one for two hours: then it is gone, unless refreshed.',
    source: 'METRICS.md, expiry values from the wire: registration 7200 s',
    flow: `
       0.000  alice > registrar  REGISTER     | ${contact};expires=31536000
       0.020  registrar > alice  200 REGISTER | ${contact};expires=31536000
    7199.900  tick
    7201.100  tick
    `,
    expected: {
      registrationAttempts: 1,
      registrationResults: { 'succeeded 200': 1 },
      registrationRequestDelay: [0.02],
    },
  },
  {
    name: 'register-query',
    meaning: 'A REGISTER without Contact asks which bindings there are: the answer makes them known.',
    source: 'RFC 3261 §10.2.3, §10.3 step 8',
    flow: `
       0.000  alice > registrar  REGISTER
       0.020  registrar > alice  200 REGISTER | ${contact};expires=1000, ${desk};expires=2000
    `,
    expected: {
      registrationAttempts: 1,
      registrationResults: { 'succeeded 200': 1 },
      registrations: 2,
      registrationRequestDelay: [0.02],
    },
  },
  {
    name: 'register-response-without-contact',
    meaning: 'A registrar that does not list the bindings: what the request asked for is what changed.',
    source: 'RFC 3261 §10.3 step 8 asks for the list; brief: the first Contact of the request',
    flow: `
       0.000  alice > registrar  REGISTER     | ${contact} | Expires: 300
       0.020  registrar > alice  200 REGISTER | Expires: 300
      50.000  tick
    `,
    expected: {
      registrationAttempts: 1,
      registrationResults: { 'succeeded 200': 1 },
      registrations: 1,
      registrationRequestDelay: [0.02],
    },
  },
  {
    name: 'register-contact-forms',
    meaning: 'Contacts as phones write them: a name with a comma, an instance in quotes, no angle brackets.',
    source: 'RFC 3261 §20.10, §7.3.1; RFC 5626 §4.1',
    flow: `
       0.000  alice > registrar  REGISTER     | Contact: "Desk, 1; expires=9" <sip:a@10.0.0.10>;reg-id=1;+sip.instance="<urn:uuid:0;expires=9>";expires=600
       0.020  registrar > alice  200 REGISTER | Contact: "Desk, 1; expires=9" <sip:a@10.0.0.10>;+sip.instance="<urn:uuid:0;expires=9>";expires=600 , sip:b@10.0.0.11;expires=30
      20.000  tick
    `,
    expected: {
      registrationAttempts: 1,
      registrationResults: { 'succeeded 200': 1 },
      registrations: 2,
      registrationRequestDelay: [0.02],
    },
  },
  {
    name: 'register-two-users',
    meaning: 'A gateway registers two users and removes one of them with *: the other one stays.',
    source: 'RFC 3261 §10.2.4, §10.3 step 5; METRICS.md, REGISTER',
    flow: `
       0.000  gateway > registrar  REGISTER call=u1 to=1001     | Contact: <sip:1001@10.0.0.50>;expires=600
       0.020  registrar > gateway  200 REGISTER call=u1         | Contact: <sip:1001@10.0.0.50>;expires=600
       1.000  gateway > registrar  REGISTER call=u2 to=1002     | Contact: <sip:1002@10.0.0.50>;expires=600
       1.020  registrar > gateway  200 REGISTER call=u2         | Contact: <sip:1002@10.0.0.50>;expires=600
      50.000  gateway > registrar  REGISTER call=u1             | Contact: * | Expires: 0
      50.020  registrar > gateway  200 REGISTER call=u1
    `,
    expected: {
      registrationAttempts: 3,
      registrationResults: { 'succeeded 200': 3 },
      registrations: 1,
      registrationRequestDelay: [0.02, 0.02, 0.02],
    },
  },
  {
    name: 'register-refresh-refused',
    meaning: 'A refresh that fails leaves the binding until it expires.',
    source: 'RFC 3261 §10.3',
    flow: `
       0.000  alice > registrar  REGISTER     | ${contact};expires=600
       0.020  registrar > alice  200 REGISTER | ${contact};expires=600
     300.000  alice > registrar  REGISTER     | ${contact};expires=600
     300.020  registrar > alice  503 REGISTER
     590.000  tick
    `,
    expected: {
      registrationAttempts: 2,
      registrationResults: { 'succeeded 200': 1, 'server_error 503': 1 },
      registrations: 1,
      registrationRequestDelay: [0.02],
    },
  },
];
