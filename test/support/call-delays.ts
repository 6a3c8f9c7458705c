// SPDX-License-Identifier: Apache-2.0
import type { JudgedMessage } from './packet-judge.ts';
import { addCount } from './sip-counts.ts';

/** Seconds, summed over all calls, by name as in `Figures.delays`. */
export type DelaySums = Record<string, number>;

/**
 * The sums of `delaysOf`, a slow reference: each call is one attempt that is answered or refused, and if it is answered, ended by
 * a BYE. Delays are those of `firstHop`, the messages of one wire. A session lasts from the first 2xx to the first BYE on any
 * hop: `allHops` has the messages of every wire that is watched, if there is more than the first. Repeated messages change
 * nothing, the first copy counts.
 */
export function measureDelays(
  firstHop: readonly JudgedMessage[],
  allHops: readonly JudgedMessage[] = firstHop,
): DelaySums {
  const sums: DelaySums = {};
  const hopsOf = Map.groupBy(byTime(allHops), ({ callId }) => callId);
  for (const [callId, call] of Map.groupBy(byTime(firstHop), ({ callId }) => callId)) {
    const invite = call.find((one) => isRequest(one, 'INVITE') && one.toTag === '')!.time;
    const answer = call.find(isAnswer)?.time;
    const outcome = answer === undefined ? 'failure' : 'success';
    const responded = call.find((one) => one.method === 'INVITE' && Number(one.code) > 100)!.time;
    addCount(sums, `session_request_delay ${outcome}`, responded - invite);
    const rung = call.find((one) => isRinging(one) || isAnswer(one))?.time;
    if (rung !== undefined) addCount(sums, 'post_dial_delay', rung - invite);
    if (answer === undefined) continue;
    addCount(sums, 'answer_delay', answer - invite);
    const bye = call.find((one) => isRequest(one, 'BYE'))!.time;
    const byeAnswer = call.find((one) => one.method === 'BYE' && Number(one.code) >= 200)!.time;
    addCount(sums, 'session_disconnect_delay success', byeAnswer - bye);
    const hops = hopsOf.get(callId)!;
    const begun = hops.find(isAnswer)!.time;
    const ended = hops.find((one) => isRequest(one, 'BYE'))!.time;
    addCount(sums, 'session_duration success', ended - begun);
  }
  return sums;
}

function byTime(messages: readonly JudgedMessage[]): JudgedMessage[] {
  return messages.toSorted((one, other) => one.time - other.time);
}

function isRequest({ method, code }: JudgedMessage, wanted: string): boolean {
  return method === wanted && code === '';
}

function isAnswer({ method, code }: JudgedMessage): boolean {
  return method === 'INVITE' && Number(code) >= 200 && Number(code) <= 299;
}

/** Says that it rings, or rang (RFC 6228). */
function isRinging({ method, code }: JudgedMessage): boolean {
  return method === 'INVITE' && ((Number(code) >= 180 && Number(code) <= 183) || Number(code) === 199);
}
