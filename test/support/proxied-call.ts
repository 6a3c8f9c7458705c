// SPDX-License-Identifier: Apache-2.0
import { type Siptrace, startMediaProxy } from './kamailio.ts';
import { beginMedia, firstPackets, mediaRun, voiceFile } from './media-calls.ts';
import type { ProxyNetwork } from './network.ts';
import type { Exposition } from './prometheus-text.ts';
import { CaptureFolder } from './read-capture.ts';
import type { Ringtap } from './ringtap.ts';
import { startClient, startServer, together } from './sipp.ts';

/** Packets that each side of a proxied call sends. */
export const fromCaller = 100;
export const fromCallee = 80;

/** What a proxied call has more than usual. */
export type ProxiedCallOptions = {
  /** Where Kamailio and rtpengine send HEP. */
  readonly siptrace?: Siptrace;
  /** What comes while both speak. */
  readonly meanwhile?: () => Promise<void>;
};

/** A call with media through Kamailio and rtpengine, up to the verdict on it. Returns the scrape that has it. */
export async function runProxiedCall(
  network: ProxyNetwork,
  ringtap: Ringtap,
  { siptrace, meanwhile }: ProxiedCallOptions = {},
): Promise<Exposition> {
  using folder = new CaptureFolder();
  const { above, below } = network;
  await using _proxy = await startMediaProxy(network, siptrace);
  const plan = mediaRun({
    callerFile: await firstPackets(voiceFile, fromCaller, folder.path),
    calleeFile: await firstPackets(voiceFile, fromCallee, folder.path),
    talkMillis: 3500,
  });
  await using callee = await startServer(below.callee, { scenario: 'uas-media', ...plan });
  await using caller = await startClient(above, { scenario: 'uac-media', ...plan });
  // Offer and answer, each as it came to the proxy and as it left it.
  await beginMedia(above, ringtap, { descriptions: 4, calleeWire: below });
  await meanwhile?.();
  await together([callee, caller]).succeed();
  return await ringtap.scrapeUntil('the verdict', (s) => s.sum('rtp_call_results_total') > 0, 30_000);
}
