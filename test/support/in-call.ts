// SPDX-License-Identifier: Apache-2.0
import { whenDescriptionsAreRead } from './media-calls.ts';
import { type MediaFigures, mediaFiguresOf } from './media-figures.ts';
import { openNetwork } from './network.ts';
import { startPacketJudge } from './packet-judge.ts';
import type { Exposition } from './prometheus-text.ts';
import { type Ringtap, startRingtap } from './ringtap.ts';
import { WireCall, type WireMessage } from './wire-call.ts';

/** Ports of the voice of both sides. */
export const callerPort = 6000;
export const calleePort = 7000;

/** The clock has no part in what is late, and there is one interval. */
export const patient: readonly string[] = [
  ...['--media.late-after', '30s', '--media.false-answer-after', '60s', '--rtp.interval', '60s'],
];

/** What `inCall` begins with, beside what is usual. */
export type InCallOptions = {
  readonly args?: readonly string[];
  readonly ipv6?: boolean;
  /** Packets of RTP that are waited for, and what is sent then: on two processors it could overtake them. */
  readonly packets?: number;
  readonly end?: (call: WireCall) => Promise<void>;
  /** Of the messages with the descriptions. */
  readonly offer?: Partial<WireMessage>;
  readonly answer?: Partial<WireMessage>;
};

/** What was said of a call when it was over, and the file of its packets. */
export type JudgedCall = {
  readonly figures: MediaFigures;
  readonly scrape: Exposition;
  readonly file: string;
} & AsyncDisposable;

/** Opens all there is to a call that both sides answered, lets `play` go on with it, ends it and waits for the verdict. */
export async function inCall(
  options: InCallOptions,
  play: (call: WireCall) => Promise<void>,
): Promise<JudgedCall> {
  const opened = new AsyncDisposableStack();
  try {
    const network = opened.use(await openNetwork());
    const args = [...patient, ...(options.args ?? [])];
    const ringtap = opened.use(await startRingtap(network.callee, { args }));
    const judge = opened.use(await startPacketJudge(network));
    const call = opened.use(await WireCall.open(network, options.ipv6));
    await answer(call, ringtap, options);
    await play(call);
    const { packets = 0, end } = options;
    await ringtap.scrapeUntil('the packets', (s) => s.sum('rtp_packets_total') >= packets);
    await end?.(call);
    await call.bye();
    await ringtap.scrapeUntil('the verdict', (s) => s.sum('rtp_call_results_total') > 0, 30_000);
    const scrape = await ringtap.scrape();
    const file = await judge.file();
    const figures = mediaFiguresOf(scrape);
    return { figures, scrape, file, [Symbol.asyncDispose]: () => opened.disposeAsync() };
  } catch (error) {
    await opened.disposeAsync();
    throw error;
  }
}

/** INVITE, 200 and ACK, and the program has read what is in them. */
export async function answer(
  call: WireCall,
  ringtap: Ringtap,
  { offer = {}, answer: answered = {} }: Pick<InCallOptions, 'offer' | 'answer'> = {},
): Promise<void> {
  await call.sip('caller', { what: 'INVITE', voice: callerPort, ...offer });
  await call.sip('callee', { what: 200, voice: calleePort, ...answered });
  await call.sip('caller', { what: 'ACK' });
  await whenDescriptionsAreRead(ringtap, 2);
}
