// SPDX-License-Identifier: Apache-2.0
import type { CallCase } from '../call-case.ts';

/** A final on each of two branches, the sensor below the forking proxy. */
function twoFailures(
  name: string,
  meaning: string,
  first: number,
  second: number,
  result: Readonly<Record<string, number>>,
  best: number,
): CallCase {
  return {
    name,
    meaning,
    source: 'RFC 3261 §16.7 step 6',
    flow: `
       0.000  alice ~ proxy  INVITE
       0.010  proxy > bob    INVITE
       0.011  proxy > carol  INVITE
       1.000  bob > proxy    ${first}
       1.001  proxy > bob    ACK
       2.000  carol > proxy  ${second}
       2.001  proxy > carol  ACK
       7.100  tick
    `,
    expected: {
      attempts: 1,
      results: result,
      codes: { [best]: 1 },
      inviteCodes: { [first]: 1, [second]: 1 },
      sessionRequestDelay: { failure: [0.99] },
    },
  };
}

/** METRICS.md: "fork", seen from below: several INVITEs with the same Vias are the branches of one attempt. */
export const forkBelow: readonly CallCase[] = [
  {
    name: 'fork-parallel-below',
    meaning:
      'The sensor is below the forking proxy: two INVITEs with the same Vias are two branches of one attempt.',
    source: 'METRICS.md, fork: a final of one branch does not end the attempt',
    flow: `
       0.000  alice ~ proxy  INVITE
       0.010  proxy > bob    INVITE
       0.011  proxy > carol  INVITE
       0.500  carol > proxy  180
       2.000  bob > proxy    486
       2.001  proxy > bob    ACK
      20.000  carol > proxy  200
      20.001  proxy ~ alice  200
      20.002  alice ~ proxy  ACK
      20.003  proxy > carol  ACK
      30.000  alice ~ proxy  BYE
      30.001  proxy > carol  BYE
      30.020  carol > proxy  200 BYE
    `,
    expected: {
      attempts: 1,
      results: { answered: 1 },
      codes: { 200: 1 },
      inviteCodes: { 486: 1, 200: 1 },
      sessionsEnded: { bye: 1 },
      sessionRequestDelay: { success: [0.49] },
      postDialDelay: [0.49],
      answerDelay: [19.99],
      sessionDuration: { success: [10.001] },
      sessionDisconnectDelay: { success: [0.019] },
    },
  },
  {
    name: 'fork-serial-below',
    meaning: 'From below, a busy branch and 50 ms later another one: a 2xx after a failure still wins.',
    source: 'METRICS.md, fork: a 2xx after a failure still wins while the attempt is kept',
    flow: `
       0.000  alice ~ proxy  INVITE
       0.010  proxy > bob    INVITE
       2.010  bob > proxy    486
       2.011  proxy > bob    ACK
       2.060  proxy > carol  INVITE
       3.010  carol > proxy  180
      15.010  carol > proxy  200
      15.011  proxy ~ alice  200
      15.012  alice ~ proxy  ACK
      15.013  proxy > carol  ACK
      25.010  carol > proxy  BYE
      25.011  proxy ~ alice  BYE
      25.020  alice ~ proxy  200 BYE
      25.021  proxy > carol  200 BYE
    `,
    expected: {
      attempts: 1,
      results: { answered: 1 },
      codes: { 200: 1 },
      inviteCodes: { 486: 1, 200: 1 },
      sessionsEnded: { bye: 1 },
      sessionRequestDelay: { success: [2] },
      postDialDelay: [3],
      answerDelay: [15],
      sessionDuration: { success: [10] },
      sessionDisconnectDelay: { success: [0.011] },
    },
  },
  {
    name: 'fork-serial-too-late',
    meaning: 'The next branch comes 6 s after the failure, which was the result by then: a new attempt.',
    source: 'METRICS.md, fork; --sip.fork-timeout 5 s',
    flow: `
       0.000  alice ~ proxy  INVITE
       0.010  proxy > bob    INVITE
       2.010  bob > proxy    486
       2.011  proxy > bob    ACK
       8.010  alice ~ proxy  INVITE
       8.011  proxy > carol  INVITE
       9.011  carol > proxy  200
       9.012  proxy ~ alice  200
       9.013  alice ~ proxy  ACK
       9.014  proxy > carol  ACK
    `,
    expected: {
      attempts: 2,
      results: { busy: 1, answered: 1 },
      codes: { 486: 1, 200: 1 },
      inviteCodes: { 486: 1, 200: 1 },
      dialogs: { confirmed: 1 },
      sessionRequestDelay: { failure: [2], success: [1] },
      postDialDelay: [1],
      answerDelay: [1],
    },
  },
  twoFailures('fork-best-603-486', '603 beats 486: a 6xx is the last word.', 486, 603, { declined: 1 }, 603),
  twoFailures('fork-best-486-503', '486 beats 503: the lowest class wins.', 503, 486, { busy: 1 }, 486),
  twoFailures('fork-best-404-486', 'In a class the first one seen stays.', 404, 486, { rejected: 1 }, 404),
  twoFailures(
    'fork-best-486-484',
    '484 tells what to do next, so it beats 486.',
    486,
    484,
    { rejected: 1 },
    484,
  ),
  twoFailures(
    'fork-best-503-500',
    'Two server errors: the first one seen.',
    503,
    500,
    { server_error: 1 },
    503,
  ),
  {
    name: 'fork-canceled-branches-below',
    meaning: 'The same seen from below: the canceled branches give their INVITEs a 487, the attempt nothing.',
    source: 'RFC 3261 §16.7 step 10',
    flow: `
       0.000  alice ~ proxy  INVITE
       0.001  proxy > bob    INVITE
       0.002  proxy > carol  INVITE
       0.501  bob > proxy    180
       0.701  carol > proxy  180
       6.001  carol > proxy  200
       6.002  proxy > bob    CANCEL
       6.003  proxy ~ alice  200
       6.004  alice ~ proxy  ACK
       6.005  proxy > carol  ACK
       6.010  bob > proxy    200 CANCEL
       6.012  bob > proxy    487
       6.014  proxy > bob    ACK
      50.000  tick
    `,
    expected: {
      attempts: 1,
      results: { answered: 1 },
      codes: { 200: 1 },
      inviteCodes: { 200: 1, 487: 1 },
      dialogs: { confirmed: 1 },
      sessionRequestDelay: { success: [0.5] },
      postDialDelay: [0.5],
      answerDelay: [6],
    },
  },
  {
    name: 'fork-two-2xx-below',
    meaning: 'Two branches answer, seen from below: two INVITEs with a 200 each, two dialogs, one answer.',
    source: 'RFC 3261 §13.2.2.4, §16.7 step 5',
    flow: `
       0.000  alice ~ proxy  INVITE
       0.010  proxy > bob    INVITE
       0.011  proxy > carol  INVITE
       1.010  bob > proxy    200
       1.011  proxy ~ alice  200 tag=bob
       1.012  alice ~ proxy  ACK tag=bob
       1.013  proxy > bob    ACK
       1.110  carol > proxy  200
       1.111  proxy ~ alice  200 tag=carol
       1.112  alice ~ proxy  ACK tag=carol
       1.113  proxy > carol  ACK
       2.109  alice ~ proxy  BYE tag=carol
       2.110  proxy > carol  BYE
       2.120  carol > proxy  200 BYE
    `,
    expected: {
      attempts: 1,
      results: { answered: 1 },
      codes: { 200: 1 },
      inviteCodes: { 200: 2 },
      dialogs: { confirmed: 1 },
      sessionsEnded: { bye: 1 },
      sessionRequestDelay: { success: [1] },
      postDialDelay: [1],
      answerDelay: [1],
      sessionDuration: { success: [1] },
      sessionDisconnectDelay: { success: [0.01] },
    },
  },
  {
    name: 'fork-challenged-branch-below',
    meaning:
      'One branch is challenged, the other busy: the challenge is the better answer, and nobody follows it.',
    source: 'RFC 3261 §16.7 step 6: prefer 401, 407, 415, 420, 484',
    flow: `
       0.000  alice ~ proxy  INVITE
       0.010  proxy > bob    INVITE
       0.011  proxy > carol  INVITE
       1.010  bob > proxy    486
       1.011  proxy > bob    ACK
       2.010  carol > proxy  401
       2.011  proxy > carol  ACK
       7.500  tick
      33.900  tick
      34.100  tick
    `,
    expected: {
      attempts: 1,
      results: { challenged: 1 },
      codes: { 401: 1 },
      inviteCodes: { 486: 1, 401: 1 },
      sessionRequestDelay: { failure: [1] },
    },
  },
  {
    name: 'fork-late-failure-below',
    meaning:
      'One branch answers, the other fails afterwards: its INVITE has its code, the attempt had its result.',
    source: 'RFC 3261 §16.7',
    flow: `
       0.000  alice ~ proxy  INVITE
       0.010  proxy > bob    INVITE
       0.011  proxy > carol  INVITE
       2.010  bob > proxy    200
       2.011  proxy ~ alice  200
       2.012  alice ~ proxy  ACK
       2.013  proxy > bob    ACK
       3.000  carol > proxy  603
       3.001  proxy > carol  ACK
      10.000  tick
    `,
    expected: {
      attempts: 1,
      results: { answered: 1 },
      codes: { 200: 1 },
      inviteCodes: { 200: 1, 603: 1 },
      dialogs: { confirmed: 1 },
      sessionRequestDelay: { success: [2] },
      postDialDelay: [2],
      answerDelay: [2],
    },
  },
];
