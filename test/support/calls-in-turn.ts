// SPDX-License-Identifier: Apache-2.0
import { beginMedia, firstPackets, mediaRun, voiceFile, whenDescriptionsAreRead } from './media-calls.ts';
import type { Hosts } from './network.ts';
import { CaptureFolder } from './read-capture.ts';
import type { Ringtap } from './ringtap.ts';
import { startCalls } from './sipp.ts';

/** A call: the caller's port of media, which decides what worker has it, who is heard, and the port of both sides' SIP. */
export type HeardCall = {
  readonly callerMediaPort: number;
  readonly isCallerHeard: boolean;
  readonly isCalleeHeard: boolean;
  readonly sipPort?: number;
};

/** Makes calls one after the other. Who is heard sends so many packets, once all ringtaps have read the descriptions. */
export async function callInTurn(
  hosts: Hosts,
  ringtaps: readonly Ringtap[],
  calls: readonly HeardCall[],
  { packets, talkMillis }: { readonly packets: number; readonly talkMillis: number },
): Promise<void> {
  using folder = new CaptureFolder();
  const voice = await firstPackets(voiceFile, packets, folder.path);
  for (const [run, { callerMediaPort, isCallerHeard, isCalleeHeard, sipPort = 5060 }] of calls.entries()) {
    const plan = {
      ...(isCallerHeard && { callerFile: voice }),
      ...(isCalleeHeard && { calleeFile: voice }),
      talkMillis,
    };
    await using call = await startCalls(hosts, {
      ...{ caller: 'uac-media', callee: 'uas-media', port: sipPort, callerMediaPort },
      ...mediaRun(plan, run),
    });
    const descriptions = 2 * (run + 1);
    const [first, ...others] = ringtaps;
    for (const ringtap of others) await whenDescriptionsAreRead(ringtap, descriptions);
    await beginMedia(hosts, first!, { run, descriptions, callerPort: sipPort, calleePort: sipPort });
    await call.succeed();
  }
}
