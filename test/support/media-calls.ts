// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';
import { runCommand } from './command.ts';
import { sendDatagrams } from './datagrams.ts';
import type { Hosts } from './network.ts';
import type { Ringtap } from './ringtap.ts';
import type { RunOptions } from './sipp.ts';

/** What Debian's sip-tester brings: 236 packets of G.711 A-law of 30 ms each. */
export const voiceFile = '/usr/share/sip-tester/g711a.pcap';

/** Writes the first packets of a capture into a folder, and returns the new file. */
export async function firstPackets(file: string, count: number, folder: string): Promise<string> {
  const part = join(folder, `first-${count}.pcap`);
  await runCommand('editcap', ['-F', 'pcap', '-r', file, part, `1-${count}`]);
  return part;
}

/** The part of a scenario that plays a capture; nothing without a file. */
export const play = (file?: string): string =>
  file === undefined ? '' : `<nop><action><exec play_pcap_audio="${file}"/></action></nop>`;

/** What becomes of the places in uac-media.xml and uas-media.xml. */
export type MediaPlan = {
  readonly callerFile?: string;
  readonly calleeFile?: string;
  /** From the beginning of the media to the BYE. */
  readonly talkMillis: number;
  readonly byeHeader?: string;
  readonly byeAnswerHeader?: string;
};

/** Call-ID of the one call of a run. */
const callIdOf = (run: number): string => `media-${run}@e2e`;

/** The keys of both scenarios, and the Call-ID by which `beginMedia` finds the call. Runs in one network need a number. */
export function mediaRun(plan: MediaPlan, run = 0): Pick<RunOptions, 'calls' | 'keys' | 'callId'> {
  return {
    calls: 1,
    callId: callIdOf(run),
    keys: {
      user: 'callee',
      callerMedia: play(plan.callerFile),
      calleeMedia: play(plan.calleeFile),
      talkMillis: String(plan.talkMillis),
      byeHeader: plan.byeHeader ?? 'Subject: media',
      byeAnswerHeader: plan.byeAnswerHeader ?? 'Subject: media',
    },
  };
}

/** Where and when `beginMedia` begins. */
export type MediaBeginning = {
  readonly ipv6?: boolean;
  /** As in `mediaRun`. */
  readonly run?: number;
  /** Descriptions that were read by then on all wires that ringtap hears; two if not given. */
  readonly descriptions?: number;
  /** The wire to the callee, if that is another one than the caller's, and its port. */
  readonly calleeWire?: Hosts;
  readonly calleePort?: number;
  /** The caller's port. */
  readonly callerPort?: number;
};

/** Waits until ringtap has read so many descriptions. */
export async function whenDescriptionsAreRead(ringtap: Ringtap, count: number): Promise<void> {
  await ringtap.scrapeUntil(
    `${count} descriptions are read`,
    (scrape) => scrape.sum('sip_session_descriptions_total', { result: 'read' }) >= count,
  );
}

/**
 * Lets both sides speak once ringtap has read both descriptions: so it sees the media from the first packet on, however busy
 * the machine is.
 */
export async function beginMedia(
  hosts: Hosts,
  ringtap: Ringtap,
  beginning: MediaBeginning = {},
): Promise<void> {
  const { ipv6 = false, run = 0, descriptions = 2, calleeWire = hosts } = beginning;
  const { calleePort = 5060, callerPort = 5060 } = beginning;
  await whenDescriptionsAreRead(ringtap, descriptions);
  // The caller says BYE: it begins last.
  await sendDatagrams(calleeWire, calleePort, [speak(run, 'callee')], ipv6);
  const toCaller: Hosts = { caller: hosts.callee, callee: hosts.caller };
  await sendDatagrams(toCaller, callerPort, [speak(run, 'caller')], ipv6);
}

/** An INFO without To tag, which both scenarios wait for. */
function speak(run: number, side: string): Uint8Array {
  const lines = [
    'INFO sip:speak@e2e SIP/2.0',
    `Via: SIP/2.0/UDP test.e2e:40000;branch=z9hG4bK-speak-${side}-${run}`,
    `From: <sip:test@e2e>;tag=${side}`,
    'To: <sip:speak@e2e>',
    `Call-ID: ${callIdOf(run)}`,
    'CSeq: 1 INFO',
    'Content-Length: 0',
  ];
  return new TextEncoder().encode(`${lines.join('\r\n')}\r\n\r\n`);
}
