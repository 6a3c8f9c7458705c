// SPDX-License-Identifier: Apache-2.0
import type { CallCase } from '../call-case.ts';

/** METRICS.md: "fork", where the sensor sees the hop before the forking proxy too. */
export const fork: readonly CallCase[] = [
  {
    name: 'fork-parallel',
    meaning:
      'Both sides of a parallel fork are seen: the busy branch changes nothing, the other one answers.',
    source: 'RFC 3261 §16.7; METRICS.md, fork',
    flow: `
       0.000  alice > proxy  INVITE
       0.001  proxy > bob    INVITE
       0.002  proxy > carol  INVITE
       0.003  proxy > alice  100
       0.500  bob > proxy    180
       0.501  proxy > alice  180
       0.700  carol > proxy  180
       0.701  proxy > alice  180
       2.000  bob > proxy    486
       2.001  proxy > bob    ACK
       8.000  carol > proxy  200
       8.001  proxy > alice  200
       8.002  alice > proxy  ACK tag=carol
       8.003  proxy > carol  ACK
      50.000  tick
      68.000  alice > proxy  BYE
      68.001  proxy > carol  BYE
      68.010  carol > proxy  200 BYE
      68.011  proxy > alice  200 BYE
    `,
    expected: {
      attempts: 1,
      results: { answered: 1 },
      codes: { 200: 1 },
      inviteCodes: { 200: 1 },
      sessionsEnded: { bye: 1 },
      sessionRequestDelay: { success: [0.501] },
      postDialDelay: [0.501],
      answerDelay: [8.001],
      sessionDuration: { success: [60] },
      sessionDisconnectDelay: { success: [0.011] },
    },
  },
  {
    name: 'fork-serial',
    meaning: 'The proxy tries bob, then carol: upstream sees one INVITE and its answer.',
    source: 'RFC 3261 §16.6; METRICS.md, fork',
    flow: `
       0.000  alice > proxy  INVITE
       0.001  proxy > bob    INVITE
       0.003  proxy > alice  100
       0.500  bob > proxy    180
       0.501  proxy > alice  180
      10.000  bob > proxy    480
      10.001  proxy > bob    ACK
      10.002  proxy > carol  INVITE
      10.500  carol > proxy  180
      10.501  proxy > alice  180
      12.000  carol > proxy  200
      12.001  proxy > alice  200
      12.002  alice > proxy  ACK
      12.003  proxy > carol  ACK
      50.000  tick
      72.000  carol > proxy  BYE
      72.001  proxy > alice  BYE
      72.010  alice > proxy  200 BYE
      72.012  proxy > carol  200 BYE
    `,
    expected: {
      attempts: 1,
      results: { answered: 1 },
      codes: { 200: 1 },
      inviteCodes: { 200: 1 },
      sessionsEnded: { bye: 1 },
      sessionRequestDelay: { success: [0.501] },
      postDialDelay: [0.501],
      answerDelay: [12.001],
      sessionDuration: { success: [60] },
      sessionDisconnectDelay: { success: [0.012] },
    },
  },
  {
    name: 'fork-two-2xx',
    meaning: 'Two branches answer: one attempt, answered once; two dialogs, each ended by its own BYE.',
    source: 'RFC 3261 §13.2.2.4',
    flow: `
       0.000  alice > proxy  INVITE
       0.001  proxy > bob    INVITE
       0.002  proxy > carol  INVITE
       1.000  bob > proxy    200
       1.001  proxy > alice  200 tag=bob
       1.002  alice > proxy  ACK tag=bob
       1.003  proxy > bob    ACK
       1.100  carol > proxy  200
       1.101  proxy > alice  200 tag=carol
       1.102  alice > proxy  ACK tag=carol
       1.103  proxy > carol  ACK
       2.100  alice > proxy  BYE tag=carol
       2.101  proxy > carol  BYE
       2.110  carol > proxy  200 BYE
       2.111  proxy > alice  200 BYE
      61.000  alice > proxy  BYE tag=bob
      61.001  proxy > bob    BYE
      61.010  bob > proxy    200 BYE
      61.011  proxy > alice  200 BYE
    `,
    expected: {
      attempts: 1,
      results: { answered: 1 },
      codes: { 200: 1 },
      inviteCodes: { 200: 1 },
      sessionsEnded: { bye: 2 },
      sessionRequestDelay: { success: [1.001] },
      postDialDelay: [1.001],
      answerDelay: [1.001],
      sessionDuration: { success: [1, 60] },
      sessionDisconnectDelay: { success: [0.011, 0.011] },
    },
  },
  {
    name: 'fork-best-upstream',
    meaning: 'Where upstream is seen, what the proxy sends there is the result, whatever its branches said.',
    source: 'RFC 3261 §16.7; METRICS.md, proxy on the host',
    flow: `
       0.000  alice > proxy  INVITE
       0.001  proxy > bob    INVITE
       0.002  proxy > carol  INVITE
       0.003  proxy > alice  100
       0.500  bob > proxy    180
       0.501  proxy > alice  180
       1.000  carol > proxy  503
       1.001  proxy > carol  ACK
       9.000  bob > proxy    486
       9.001  proxy > bob    ACK
       9.002  proxy > alice  486
       9.003  alice > proxy  ACK
      15.000  tick
    `,
    expected: {
      attempts: 1,
      results: { busy: 1 },
      codes: { 486: 1 },
      inviteCodes: { 486: 1 },
      sessionRequestDelay: { failure: [0.501] },
      postDialDelay: [0.501],
    },
  },
  {
    name: 'fork-early-dialogs',
    meaning: 'Three phones ring and the capture ends: three early dialogs, an attempt without result.',
    source: 'RFC 3261 §12.1; RFC 4235 §3.7.1',
    flow: `
       0.000  alice > proxy  INVITE
       0.001  proxy > bob    INVITE
       0.002  proxy > carol  INVITE
       0.003  proxy > dave   INVITE
       0.500  bob > proxy    180
       0.501  proxy > alice  180 tag=bob
       0.700  carol > proxy  180
       0.701  proxy > alice  180 tag=carol
       0.900  dave > proxy   180
       0.901  proxy > alice  180 tag=dave
    `,
    expected: {
      attempts: 1,
      dialogs: { early: 3 },
      postDialDelay: [0.501],
    },
  },
  {
    name: 'fork-canceled-branches',
    meaning:
      'One phone of three answers and the proxy cancels the others: one answer; no early dialog is left.',
    source: 'RFC 3261 §16.7 step 10; RFC 3326 §3',
    flow: `
       0.000  alice > proxy  INVITE
       0.001  proxy > bob    INVITE
       0.002  proxy > carol  INVITE
       0.003  proxy > dave   INVITE
       0.500  bob > proxy    180
       0.501  proxy > alice  180 tag=bob
       0.700  carol > proxy  180
       0.701  proxy > alice  180 tag=carol
       0.900  dave > proxy   180
       0.901  proxy > alice  180 tag=dave
       6.000  carol > proxy  200
       6.001  proxy > alice  200
       6.002  proxy > bob    CANCEL | Reason: SIP;cause=200;text="Call completed elsewhere"
       6.003  proxy > dave   CANCEL | Reason: SIP;cause=200;text="Call completed elsewhere"
       6.004  alice > proxy  ACK
       6.005  proxy > carol  ACK
       6.010  bob > proxy    200 CANCEL
       6.011  dave > proxy   200 CANCEL
       6.012  bob > proxy    487
       6.013  dave > proxy   487
       6.014  proxy > bob    ACK
       6.015  proxy > dave   ACK
      50.000  tick
    `,
    expected: {
      attempts: 1,
      results: { answered: 1 },
      codes: { 200: 1 },
      inviteCodes: { 200: 1 },
      dialogs: { confirmed: 1 },
      sessionRequestDelay: { success: [0.501] },
      postDialDelay: [0.501],
      answerDelay: [6.001],
    },
  },
  {
    name: 'fork-next-server',
    meaning:
      'The caller tries its next server with the same CSeq: a branch more; the first one never answers.',
    source: 'RFC 3263 §4.3',
    flow: `
       0.000  alice > edge   INVITE
       0.500  alice > edge   INVITE again
       5.000  alice > core   INVITE cseq=1
       5.010  core > alice   100
       6.000  core > alice   180 tag=bob
       8.000  core > alice   200 tag=bob
       8.001  alice > core   ACK
      28.000  alice > core   BYE
      28.030  core > alice   200 BYE
      40.000  tick
    `,
    expected: {
      attempts: 1,
      results: { answered: 1 },
      codes: { 200: 1 },
      inviteCodes: { 200: 1, timeout: 1 },
      retransmissions: { 'INVITE request': 1 },
      timeouts: { INVITE: 1 },
      sessionsEnded: { bye: 1 },
      sessionRequestDelay: { success: [6] },
      postDialDelay: [6],
      answerDelay: [8],
      sessionDuration: { success: [20] },
      sessionDisconnectDelay: { success: [0.03] },
    },
  },
];
