// SPDX-License-Identifier: Apache-2.0
import type { CallCase } from './call-case.ts';
import { answers } from './cases/answers.ts';
import { authentication } from './cases/authentication.ts';
import { bindings } from './cases/bindings.ts';
import { bye } from './cases/bye.ts';
import { cancel } from './cases/cancel.ts';
import { dialog } from './cases/dialog.ts';
import { fork } from './cases/fork.ts';
import { forkBelow } from './cases/fork-below.ts';
import { longCall } from './cases/long-call.ts';
import { lost } from './cases/lost.ts';
import { messages } from './cases/messages.ts';
import { proxy } from './cases/proxy.ts';
import { registration } from './cases/registration.ts';
import { ringing } from './cases/ringing.ts';

/** The golden captures by the row of METRICS.md's table of hard cases that they belong to. */
export const caseGroups: readonly { readonly title: string; readonly cases: readonly CallCase[] }[] = [
  { title: '401/407 on INVITE, 422', cases: authentication },
  { title: 'fork, the first hop seen', cases: fork },
  { title: 'fork, seen from below', cases: forkBelow },
  { title: 'proxy on the host', cases: proxy },
  { title: 're-INVITE, UPDATE and what else is inside a dialog', cases: dialog },
  { title: 'CANCEL', cases: cancel },
  { title: 'ringing for minutes', cases: ringing },
  { title: 'BYE', cases: bye },
  { title: 'long call, session timer', cases: longCall },
  { title: 'REGISTER: attempts', cases: registration },
  { title: 'REGISTER: bindings, expiry values', cases: bindings },
  { title: '2xx, failures, redirection', cases: answers },
  { title: 'process start mid-call, duplicates, retransmissions, timeouts, old peers', cases: lost },
  { title: 'other methods, peers', cases: messages },
];

/** Every golden capture. Their names differ, so that no two share a Call-ID, an address or an address-of-record. */
export const callCases: readonly CallCase[] = caseGroups.flatMap(({ cases }) => cases);
