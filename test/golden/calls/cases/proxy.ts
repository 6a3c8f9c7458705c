// SPDX-License-Identifier: Apache-2.0
import type { CallCase } from '../call-case.ts';

/** METRICS.md: "proxy on the host". */
export const proxy: readonly CallCase[] = [
  {
    name: 'proxy-record-route',
    meaning: 'Both hops of a proxy are seen: every message twice, one attempt, delays of the first hop.',
    source: 'RFC 3261 §16; METRICS.md, proxy on the host',
    flow: `
       0.000  alice > proxy  INVITE
       0.001  proxy > alice  100
       0.002  proxy > bob    INVITE  | Record-Route: <sip:10.0.0.1;lr>
       0.500  bob > proxy    180
       0.510  proxy > alice  180
       4.000  bob > proxy    200
       4.020  proxy > alice  200
       4.030  alice > proxy  ACK     | Route: <sip:10.0.0.1;lr>
       4.031  proxy > bob    ACK
      64.000  bob > proxy    BYE     | Route: <sip:10.0.0.1;lr>
      64.003  proxy > alice  BYE
      64.020  alice > proxy  200 BYE
      64.024  proxy > bob    200 BYE
    `,
    expected: {
      attempts: 1,
      results: { answered: 1 },
      codes: { 200: 1 },
      inviteCodes: { 200: 1 },
      sessionsEnded: { bye: 1 },
      sessionRequestDelay: { success: [0.51] },
      postDialDelay: [0.51],
      answerDelay: [4.02],
      // The session begins with the first 2xx seen, on whichever hop.
      sessionDuration: { success: [60] },
      sessionDisconnectDelay: { success: [0.024] },
    },
  },
  {
    name: 'proxy-without-record-route',
    meaning: 'The proxy does not stay in the path: ACK and BYE go end to end, past it, and are seen once.',
    source: 'RFC 3261 §16.6 step 4',
    flow: `
       0.000  alice > proxy  INVITE
       0.001  proxy > alice  100
       0.002  proxy > bob    INVITE
       0.500  bob > proxy    180
       0.510  proxy > alice  180
       4.000  bob > proxy    200
       4.020  proxy > alice  200
       4.030  alice > bob    ACK
      14.000  alice > bob    BYE
      14.040  bob > alice    200 BYE
    `,
    expected: {
      attempts: 1,
      results: { answered: 1 },
      codes: { 200: 1 },
      inviteCodes: { 200: 1 },
      sessionsEnded: { bye: 1 },
      sessionRequestDelay: { success: [0.51] },
      postDialDelay: [0.51],
      answerDelay: [4.02],
      sessionDuration: { success: [10] },
      sessionDisconnectDelay: { success: [0.04] },
    },
  },
  {
    name: 'proxy-three-hops',
    meaning: 'Three hops of two proxies: still one attempt and one session.',
    source: 'RFC 3261 §16; METRICS.md, proxy on the host',
    flow: `
       0.000  alice > edge   INVITE
       0.001  edge > alice   100
       0.002  edge > core    INVITE
       0.003  core > edge    100
       0.004  core > bob     INVITE
       1.000  bob > core     180
       1.001  core > edge    180
       1.002  edge > alice   180
       5.000  bob > core     200
       5.001  core > edge    200
       5.002  edge > alice   200
       5.003  alice > edge   ACK
       5.004  edge > core    ACK
       5.005  core > bob     ACK
      35.000  alice > edge   BYE
      35.001  edge > core    BYE
      35.002  core > bob     BYE
      35.010  bob > core     200 BYE
      35.011  core > edge    200 BYE
      35.012  edge > alice   200 BYE
    `,
    expected: {
      attempts: 1,
      results: { answered: 1 },
      codes: { 200: 1 },
      inviteCodes: { 200: 1 },
      sessionsEnded: { bye: 1 },
      sessionRequestDelay: { success: [1.002] },
      postDialDelay: [1.002],
      answerDelay: [5.002],
      sessionDuration: { success: [30] },
      sessionDisconnectDelay: { success: [0.012] },
    },
  },
  {
    name: 'proxy-failure',
    meaning: 'A failure passes the proxy: it is counted once, with the code of the first hop.',
    source: 'RFC 3261 §16.7; METRICS.md, proxy on the host',
    flow: `
       0.000  alice > proxy  INVITE
       0.001  proxy > alice  100
       0.002  proxy > bob    INVITE
       0.050  bob > proxy    503
       0.051  proxy > bob    ACK
       0.060  proxy > alice  500     -- RFC 3261 §16.7 step 6: a 503 is not passed on
       0.061  alice > proxy  ACK
       5.100  tick
    `,
    expected: {
      attempts: 1,
      results: { server_error: 1 },
      codes: { 500: 1 },
      inviteCodes: { 500: 1 },
      sessionRequestDelay: { failure: [0.06] },
    },
  },
  {
    name: 'proxy-challenge',
    meaning:
      'A proxy on the host challenges its users: only the INVITE with credentials goes on to the callee.',
    source: 'RFC 3261 §22.3',
    flow: `
       0.000  alice > proxy  INVITE
       0.002  proxy > alice  407
       0.003  alice > proxy  ACK
       0.020  alice > proxy  INVITE
       0.021  proxy > alice  100
       0.022  proxy > bob    INVITE
       0.500  bob > proxy    180
       0.501  proxy > alice  180
       3.000  bob > proxy    200
       3.001  proxy > alice  200
       3.002  alice > proxy  ACK
       3.003  proxy > bob    ACK
       9.000  alice > proxy  BYE
       9.001  proxy > bob    BYE
       9.020  bob > proxy    200 BYE
       9.021  proxy > alice  200 BYE
    `,
    expected: {
      attempts: 1,
      results: { answered: 1 },
      codes: { 200: 1 },
      inviteCodes: { 407: 1, 200: 1 },
      sessionsEnded: { bye: 1 },
      sessionRequestDelay: { success: [0.501] },
      postDialDelay: [0.501],
      answerDelay: [3.001],
      sessionDuration: { success: [6] },
      sessionDisconnectDelay: { success: [0.021] },
    },
  },
  {
    name: 'proxy-cancel',
    meaning: 'A CANCEL goes from hop to hop with one Via each: it rings off once, on the first hop.',
    source: 'RFC 3261 §9.2, §16.10',
    flow: `
       0.000  alice > proxy  INVITE
       0.001  proxy > alice  100
       0.002  proxy > bob    INVITE
       1.000  bob > proxy    180
       1.010  proxy > alice  180
       9.010  alice > proxy  CANCEL
       9.011  proxy > alice  200 CANCEL
       9.012  proxy > bob    CANCEL
       9.020  bob > proxy    200 CANCEL
       9.021  bob > proxy    487
       9.022  proxy > bob    ACK
       9.023  proxy > alice  487
       9.024  alice > proxy  ACK
      15.000  tick
    `,
    expected: {
      attempts: 1,
      results: { canceled: 1 },
      codes: { 487: 1 },
      inviteCodes: { 487: 1 },
      sessionRequestDelay: { failure: [1.01] },
      postDialDelay: [1.01],
      cancelRing: [8],
    },
  },
  {
    name: 'proxy-nat',
    meaning:
      'A NAT on this host shows every datagram twice, on other addresses: hops, neither retransmission nor duplicate.',
    source: 'METRICS.md, messages: a retransmission has the same 5-tuple',
    flow: `
       0.000  alice > bob    INVITE
       0.001  alice > bob    INVITE again src=nat
       0.500  bob > alice    180 dst=nat
       0.501  bob > alice    180 again
       2.000  bob > alice    200 dst=nat
       2.001  bob > alice    200 again
       2.010  alice > bob    ACK
       2.011  alice > bob    ACK again src=nat
      12.000  alice > bob    BYE
      12.001  alice > bob    BYE again src=nat
      12.020  bob > alice    200 BYE dst=nat
      12.021  bob > alice    200 BYE again
    `,
    expected: {
      attempts: 1,
      results: { answered: 1 },
      codes: { 200: 1 },
      inviteCodes: { 200: 1 },
      sessionsEnded: { bye: 1 },
      // One transaction by its branch, seen on two pairs of addresses: its first sight of each message counts.
      sessionRequestDelay: { success: [0.5] },
      postDialDelay: [0.5],
      answerDelay: [2],
      sessionDuration: { success: [10] },
      sessionDisconnectDelay: { success: [0.02] },
    },
  },
];
