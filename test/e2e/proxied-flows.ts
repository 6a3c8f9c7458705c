// SPDX-License-Identifier: Apache-2.0
import { answeredDelays, type Meaning } from './flows.ts';

/** What one call puts on one wire, see `Flow`, and what it means to who sees nothing else, or sees it first. */
export type Hop = { readonly ladder: readonly string[]; readonly meaning: Meaning };

/** One call through the proxy of proxy.cfg. */
export type ProxiedFlow = {
  /** Scenario of the caller. */
  readonly caller: string;
  readonly keys: Readonly<Record<string, string>>;
  /** Scenarios of the first and the second callee. */
  readonly callees: readonly { readonly scenario: string; readonly keys: Readonly<Record<string, string>> }[];
  /** Between caller and proxy. */
  readonly above: Hop;
  /** Between proxy and callees, all branches. */
  readonly below: Hop;
};

/** A callee that answers late enough for everything that is to come before. */
const answering = { scenario: 'uas-proxied', keys: { pause: '1000' } };
const busy = { scenario: 'uas-proxied-refuse', keys: { pause: '0', code: '486' } };
const declining = { scenario: 'uas-proxied-refuse', keys: { pause: '1000', code: '603' } };
const ringing = { scenario: 'uas-proxied-canceled', keys: {} };

/** From the 200 on: a re-INVITE puts the call on hold, a BYE ends it. */
const talk = ['< INVITE 200', '> ACK', '> INVITE', '< INVITE 200', '> ACK', '> BYE', '< BYE 200'];
/** The proxy itself answers each INVITE with 100, the callees don't. */
const talkAbove = ['< INVITE 100', ...talk];
const busyBranch = ['> INVITE', '< INVITE 180', '< INVITE 486', '> ACK'];
const canceledBranch = ['> INVITE', '< INVITE 180', '> CANCEL', '< CANCEL 200', '< INVITE 487', '> ACK'];

function answered(inviteFinalCodes: readonly string[]): Meaning {
  return {
    result: ['answered', '200'],
    inviteFinalCodes,
    sessionsEnded: ['bye'],
    delays: answeredDelays,
  };
}

/** Two callees ring, one after the other or both, and one answers. */
const bothRing: Hop = {
  ladder: ['> INVITE', '< INVITE 100', '< INVITE 180', '< INVITE 180', ...talkAbove],
  meaning: answered(['200']),
};
const busyThenAnswered: Hop = {
  ladder: [...busyBranch, '> INVITE', '< INVITE 180', ...talk],
  meaning: answered(['486', '200']),
};

/** All flows, by what happens in them. */
export const proxiedFlows: Readonly<Record<string, ProxiedFlow>> = {
  'a record-routing proxy: each hop counts messages, the attempt is one': {
    caller: 'uac-proxied',
    keys: { user: 'callee' },
    callees: [answering],
    above: {
      ladder: ['> INVITE', '< INVITE 100', '< INVITE 180', ...talkAbove],
      meaning: answered(['200']),
    },
    below: { ladder: ['> INVITE', '< INVITE 180', ...talk], meaning: answered(['200']) },
  },
  'a parallel fork: one callee answers, the other rings and is canceled': {
    caller: 'uac-proxied',
    keys: { user: 'parallel' },
    callees: [ringing, answering],
    above: bothRing,
    below: {
      ladder: [...canceledBranch, '> INVITE', '< INVITE 180', ...talk],
      meaning: answered(['487', '200']),
    },
  },
  'a parallel fork: one callee is busy, the other answers': {
    caller: 'uac-proxied',
    keys: { user: 'parallel' },
    callees: [busy, answering],
    above: bothRing,
    below: busyThenAnswered,
  },
  'a serial fork: the first callee is busy, the second answers': {
    caller: 'uac-proxied',
    keys: { user: 'serial' },
    callees: [busy, answering],
    above: bothRing,
    below: busyThenAnswered,
  },
  'a parallel fork that fails: a 603 beats the 487 of the branch it cancels': {
    caller: 'uac-proxied-refused',
    keys: { user: 'parallel', code: '603' },
    callees: [ringing, declining],
    above: {
      ladder: ['> INVITE', '< INVITE 100', '< INVITE 180', '< INVITE 180', '< INVITE 603', '> ACK'],
      meaning: declined(['603']),
    },
    below: {
      ladder: [...canceledBranch, '> INVITE', '< INVITE 180', '< INVITE 603', '> ACK'],
      meaning: declined(['603', '487']),
    },
  },
};

function declined(inviteFinalCodes: readonly string[]): Meaning {
  return {
    result: ['declined', '603'],
    inviteFinalCodes,
    delays: ['session_request_delay failure', 'post_dial_delay'],
  };
}
