// SPDX-License-Identifier: Apache-2.0
import type { JudgedMessage } from './packet-judge.ts';
import { addCount } from './sip-counts.ts';

/** Seconds, summed over all calls, by name as in `Figures.delays`. */
export type DelaySums = Record<string, number>;

/**
 * The sums of `delaysOf` from the messages of one wire, a slow reference: each call is one attempt that is answered or refused, and
 * if it is answered, ended by a BYE.
 */
export function measureDelays(messages: readonly JudgedMessage[]): DelaySums {
  const sums: DelaySums = {};
  for (const call of Map.groupBy(messages, ({ callId }) => callId).values()) {
    const timeOf = (method: string, isWanted: (code: number, message: JudgedMessage) => boolean) =>
      call.find((one) => one.method === method && isWanted(Number(one.code), one))?.time;
    const invite = timeOf('INVITE', (code, { toTag }) => code === 0 && toTag === '')!;
    const answer = timeOf('INVITE', (code) => code >= 200 && code <= 299);
    const outcome = answer === undefined ? 'failure' : 'success';
    addCount(sums, `session_request_delay ${outcome}`, timeOf('INVITE', (code) => code > 100)! - invite);
    const rung = timeOf('INVITE', (code) => (code >= 180 && code <= 183) || (code >= 199 && code <= 299));
    if (rung !== undefined) addCount(sums, 'post_dial_delay', rung - invite);
    if (answer === undefined) continue;
    addCount(sums, 'answer_delay', answer - invite);
    const bye = timeOf('BYE', (code) => code === 0)!;
    addCount(sums, 'session_duration success', bye - answer);
    addCount(sums, 'session_disconnect_delay success', timeOf('BYE', (code) => code >= 200)! - bye);
  }
  return sums;
}
