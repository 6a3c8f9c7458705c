// SPDX-License-Identifier: Apache-2.0
import type { Figures } from '../support/figures.ts';
import { addCount } from '../support/sip-counts.ts';
import type { CallPlan } from '../support/sipp.ts';
import type { Flow, Meaning } from './flows.ts';

/** A plan that ringtap watches: how often a flow runs. */
export type FlowRun = { readonly flow: Flow; readonly calls: number };

/** Where the figures are taken: whose messages are `inbound` there, and the interface. */
export type ViewPoint = {
  readonly side: 'caller' | 'callee';
  readonly interfaceName: string;
  /** CRLF keep-alives beside the calls, see `settle`. */
  readonly keepAlives: number;
};

/** The plan for a run of a flow. */
export function planOf({ flow, calls }: FlowRun, more: Partial<CallPlan> = {}): CallPlan {
  const { caller, callee, keys = {}, password } = flow;
  return { caller, callee, calls, keys, ...(password === undefined ? {} : { password }), ...more };
}

/** The exact figures some runs must give, once all is over. */
export function expectedFigures(runs: readonly FlowRun[], viewPoint: ViewPoint): Figures {
  let figures = noFigures;
  for (const { flow, calls } of runs) {
    figures = addMeaning(figures, flow.meaning, viewPoint.side === 'callee' ? 'inbound' : 'outbound', calls);
    figures = addLadder(figures, flow.ladder, viewPoint, calls);
  }
  return addKeepAlives(figures, viewPoint);
}

/** Nothing happened. */
export const noFigures: Figures = {
  requests: {},
  responses: {},
  retransmissions: {},
  captureDuplicates: 0,
  transactionTimeouts: {},
  attempts: {},
  results: {},
  codes: {},
  invitesByFinalCode: {},
  dialogs: {},
  sessionsEnded: {},
  unknownDialogMessages: 0,
  reasons: {},
  registrationAttempts: {},
  registrationResults: {},
  bindings: 0,
  delays: {},
  parseErrors: {},
  keepAlives: {},
  decodeErrors: {},
  decodeSkipped: {},
  packets: {},
  drops: {},
};

/** Adds the messages of some calls that go over one interface. */
export function addLadder(
  before: Figures,
  ladder: readonly string[],
  { side, interfaceName }: ViewPoint,
  calls: number,
): Figures {
  const figures = structuredClone(before);
  for (const step of ladder) {
    const [arrow, method, code] = step.split(' ');
    const direction = (arrow === '>') === (side === 'callee') ? 'inbound' : 'outbound';
    if (code === undefined) addCount(figures.requests, `${direction} ${method}`, calls);
    else addCount(figures.responses, `${direction} ${method} ${code}`, calls);
  }
  addCount(figures.packets, interfaceName, ladder.length * calls);
  return figures;
}

/** Adds the keep-alives that came in by an interface. */
export function addKeepAlives(before: Figures, { interfaceName, keepAlives }: ViewPoint): Figures {
  const figures = structuredClone(before);
  addCount(figures.keepAlives, 'crlf', keepAlives);
  addCount(figures.packets, interfaceName, keepAlives);
  return figures;
}

/** Adds what some calls mean; `direction` is the direction of the first request. */
export function addMeaning(before: Figures, meaning: Meaning, direction: string, calls: number): Figures {
  const figures = structuredClone(before);
  const add = (counts: Record<string, number>, names: readonly string[], prefix = ''): void => {
    for (const name of names) addCount(counts, `${prefix}${name}`, calls);
  };
  if (meaning.result !== undefined) {
    add(figures.attempts, [direction]);
    add(figures.results, [`${direction} ${meaning.result[0]}`]);
    add(figures.codes, [`${direction} ${meaning.result[1]}`]);
  }
  if (meaning.registration !== undefined) {
    add(figures.registrationAttempts, [direction]);
    add(figures.registrationResults, [`${direction} ${meaning.registration}`]);
  }
  add(figures.invitesByFinalCode, meaning.inviteFinalCodes ?? [], `${direction} `);
  add(figures.sessionsEnded, meaning.sessionsEnded ?? [], `${direction} `);
  add(figures.dialogs, meaning.dialogsLeft ?? []);
  add(figures.reasons, meaning.reasons ?? []);
  add(figures.delays, meaning.delays ?? []);
  add(figures.transactionTimeouts, meaning.timeouts ?? []);
  return {
    ...figures,
    bindings: figures.bindings + (meaning.bindings ?? 0) * calls,
    unknownDialogMessages: figures.unknownDialogMessages + (meaning.unknownDialogMessages ?? 0) * calls,
  };
}
