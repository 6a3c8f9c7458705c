// SPDX-License-Identifier: Apache-2.0
import type { Figures } from '../support/figures.ts';
import { addCount } from '../support/sip-counts.ts';
import type { CallPlan } from '../support/sipp.ts';

/** One pair of SIPp scenarios and what each of its calls puts on the wire and means. */
export type Flow = {
  readonly caller: string;
  readonly callee: string;
  /** Methods the caller sends. */
  readonly requests: readonly string[];
  /** What the callee answers: method and code. */
  readonly responses: readonly string[];
  /** The attempt's result; none for what is no call. */
  readonly result?: string;
  /** The final code of each INVITE. */
  readonly inviteFinalCodes?: readonly string[];
  /** A session came about and a BYE ended it. */
  readonly endedByBye?: boolean;
};

type FlowName =
  | 'answered'
  | 'busy'
  | 'serverError'
  | 'redirected'
  | 'canceled'
  | 'challengedThenAnswered'
  | 'register'
  | 'registerWithDigest'
  | 'options';

const answeredRequests = ['INVITE', 'ACK', 'BYE'];
const answeredResponses = ['INVITE 180', 'INVITE 200', 'BYE 200'];

/** All flows of the tests, by name. */
export const flows: Readonly<Record<FlowName, Flow>> = {
  answered: {
    caller: 'uac-call',
    callee: 'uas-call',
    requests: answeredRequests,
    responses: answeredResponses,
    result: 'answered',
    inviteFinalCodes: ['200'],
    endedByBye: true,
  },
  busy: refused('486', 'busy'),
  serverError: refused('500', 'server_error'),
  redirected: refused('302', 'redirected'),
  canceled: {
    caller: 'uac-canceled',
    callee: 'uas-canceled',
    requests: ['INVITE', 'CANCEL', 'ACK'],
    responses: ['INVITE 180', 'CANCEL 200', 'INVITE 487'],
    result: 'canceled',
    inviteFinalCodes: ['487'],
  },
  challengedThenAnswered: {
    caller: 'uac-challenged',
    callee: 'uas-challenge',
    requests: ['INVITE', 'ACK', ...answeredRequests],
    responses: ['INVITE 407', ...answeredResponses],
    result: 'answered',
    inviteFinalCodes: ['407', '200'],
    endedByBye: true,
  },
  register: {
    caller: 'uac-register',
    callee: 'uas-register',
    requests: ['REGISTER'],
    responses: ['REGISTER 200'],
  },
  registerWithDigest: {
    caller: 'uac-register-challenged',
    callee: 'uas-register-challenge',
    requests: ['REGISTER', 'REGISTER'],
    responses: ['REGISTER 401', 'REGISTER 200'],
  },
  options: {
    caller: 'uac-options',
    callee: 'uas-options',
    requests: ['OPTIONS'],
    responses: ['OPTIONS 200'],
  },
};

function refused(code: string, result: string): Flow {
  return {
    caller: 'uac-refused',
    callee: `uas-refuse-${code}`,
    requests: ['INVITE', 'ACK'],
    responses: [`INVITE ${code}`],
    result,
    inviteFinalCodes: [code],
  };
}

/** A plan that ringtap watches: how often a flow runs. */
export type FlowRun = { readonly flow: Flow; readonly calls: number };

/** Where the figures are taken: whose requests are `inbound` there, and the interface. */
export type ViewPoint = {
  readonly side: 'caller' | 'callee';
  readonly interfaceName: string;
  /** CRLF keep-alives beside the calls, see `settle`. */
  readonly keepAlives: number;
};

/** The plan for a run of a flow. */
export function planOf({ flow, calls }: FlowRun, more: Partial<CallPlan> = {}): CallPlan {
  return { caller: flow.caller, callee: flow.callee, calls, ...more };
}

/** The exact figures some runs must give, once all is over. */
export function expectedFigures(runs: readonly FlowRun[], viewPoint: ViewPoint): Figures {
  const [forward, backward] = viewPoint.side === 'callee' ? ['inbound', 'outbound'] : ['outbound', 'inbound'];
  const { interfaceName, keepAlives } = viewPoint;
  const figures: Figures = {
    requests: {},
    responses: {},
    attempts: {},
    results: {},
    invitesByFinalCode: {},
    sessionsEnded: {},
    confirmedDialogs: 0,
    unknownDialogMessages: 0,
    parseErrors: {},
    keepAlives: keepAlives === 0 ? {} : { crlf: keepAlives },
    decodeErrors: {},
    decodeSkipped: {},
    packets: {},
    drops: {},
  };
  addCount(figures.packets, interfaceName, keepAlives);
  for (const { flow, calls } of runs) {
    for (const method of flow.requests) addCount(figures.requests, `${forward} ${method}`, calls);
    for (const answer of flow.responses) addCount(figures.responses, `${backward} ${answer}`, calls);
    for (const code of flow.inviteFinalCodes ?? []) {
      addCount(figures.invitesByFinalCode, `${forward} ${code}`, calls);
    }
    if (flow.result !== undefined) {
      addCount(figures.attempts, `${forward}`, calls);
      addCount(figures.results, `${forward} ${flow.result}`, calls);
    }
    if (flow.endedByBye === true) addCount(figures.sessionsEnded, `${forward} bye`, calls);
    addCount(figures.packets, interfaceName, (flow.requests.length + flow.responses.length) * calls);
  }
  return figures;
}
