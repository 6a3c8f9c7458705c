// SPDX-License-Identifier: Apache-2.0
import type { CallCase } from '../call-case.ts';

/** Methods that make no calls, and the reachability of peers. */
export const messages: readonly CallCase[] = [
  {
    name: 'options',
    meaning: 'OPTIONS to a server: its delay, no attempt.',
    source: 'RFC 3261 §11; METRICS.md, sip_options_response_delay_seconds',
    flow: `
       0.000  alice > pbx    OPTIONS | Accept: application/sdp
       0.030  pbx > alice    200 OPTIONS
      60.000  alice > pbx    OPTIONS call=second
      60.500  alice > pbx    OPTIONS call=second again
      60.550  pbx > alice    486 OPTIONS call=second
    `,
    expected: {
      retransmissions: { 'OPTIONS request': 1 },
      optionsResponseDelay: [0.03, 0.55],
    },
  },
  {
    name: 'options-in-dialog',
    meaning: 'OPTIONS in a dialog, as session border controllers test it, is no sign of an attempt.',
    source: 'RFC 3261 §11.2',
    flow: `
       0.000  alice > bob    INVITE
       1.000  bob > alice    180
       2.000  bob > alice    200
       2.001  alice > bob    ACK
      30.000  bob > alice    OPTIONS
      30.010  alice > bob    200 OPTIONS
      62.000  alice > bob    BYE
      62.020  bob > alice    200 BYE
    `,
    expected: {
      attempts: 1,
      results: { answered: 1 },
      codes: { 200: 1 },
      inviteCodes: { 200: 1 },
      sessionsEnded: { bye: 1 },
      sessionRequestDelay: { success: [1] },
      postDialDelay: [1],
      answerDelay: [2],
      optionsResponseDelay: [0.01],
      sessionDuration: { success: [60] },
      sessionDisconnectDelay: { success: [0.02] },
    },
  },
  {
    name: 'message-methods',
    meaning: 'SUBSCRIBE and NOTIFY, PUBLISH, MESSAGE, REFER, INFO and what is not known are messages only.',
    source: 'RFC 6665, RFC 3903, RFC 3428, RFC 3515, RFC 6086',
    flow: `
       0.000  alice > pbx    SUBSCRIBE          | Event: message-summary | Expires: 3600
       0.020  pbx > alice    202 SUBSCRIBE      | Expires: 3600
       0.030  pbx > alice    NOTIFY body=text   | Event: message-summary | Subscription-State: active;expires=3600
       0.040  alice > pbx    200 NOTIFY
       1.000  alice > pbx    PUBLISH call=p     | Event: presence | Expires: 3600
       1.020  pbx > alice    200 PUBLISH call=p | SIP-ETag: abc
       2.000  alice > bob    MESSAGE call=m body=text
       2.020  bob > alice    202 MESSAGE call=m
       3.000  alice > bob    REFER call=r       | Refer-To: <sip:carol@example.com>
       3.020  bob > alice    202 REFER call=r
       3.030  bob > alice    NOTIFY call=r body=sipfrag | Event: refer | Subscription-State: terminated
       3.040  alice > bob    200 NOTIFY call=r
       4.000  alice > bob    INFO call=i body=text
       4.020  bob > alice    481 INFO call=i
       5.000  alice > bob    JUMP call=j        -- a method that nobody knows
       5.020  bob > alice    501 JUMP call=j
      40.000  tick
    `,
    expected: {},
  },
  {
    name: 'peer-up',
    meaning: 'A configured peer answers OPTIONS: up, with its round trip; any answer but 503 will do.',
    source: 'METRICS.md and issue 4: OPTIONS reachability per configured peer',
    flow: `
       0.000  alice > pbx    OPTIONS
       0.030  pbx > alice    200 OPTIONS
      60.000  alice > pbx    OPTIONS call=second
      60.045  pbx > alice    404 OPTIONS call=second
    `,
    peer: 'pbx',
    expected: { optionsResponseDelay: [0.03, 0.045], peer: { up: 1, roundTripSeconds: 0.045 } },
  },
  {
    name: 'peer-flaps',
    meaning: 'A peer goes down (503), up, down (no answer): it has changed its state three times.',
    source: 'RFC 3261 §21.5.4, §17.1.2.2 timer F; issue 4',
    flow: `
       0.000  alice > pbx    OPTIONS
       0.030  pbx > alice    200 OPTIONS
      60.000  alice > pbx    OPTIONS call=second
      60.040  pbx > alice    503 OPTIONS call=second
     120.000  alice > pbx    OPTIONS call=third
     120.050  pbx > alice    200 OPTIONS call=third
     180.000  alice > pbx    OPTIONS call=fourth
     213.000  tick
    `,
    peer: 'pbx',
    expected: {
      timeouts: { OPTIONS: 1 },
      optionsResponseDelay: [0.03, 0.04, 0.05],
      peer: { up: 0, roundTripSeconds: 0.05, flaps: 3 },
    },
  },
];
