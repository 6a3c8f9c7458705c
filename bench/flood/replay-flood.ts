// SPDX-License-Identifier: Apache-2.0
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { SeededHash } from '../../src/base/hash.ts';
import { PacketClock } from '../../src/base/packet-clock.ts';
import { PortCounts } from '../../src/base/port-counts.ts';
import { parseReplayConfig } from '../../src/config/replay-config.ts';
import { MediaCalls } from '../../src/media/media-calls.ts';
import type { MediaEvents } from '../../src/media/media-events.ts';
import type { MediaLimits } from '../../src/media/media-limits.ts';
import type { CallEvents } from '../../src/state/call-events.ts';
import { Calls } from '../../src/state/calls.ts';
import type { StateLimits } from '../../src/state/state-limits.ts';
import { parseSamples, type Samples, sum } from '../support/samples.ts';
import { type FloodPlan, invitesPerRinging } from '../traffic/flood-stream.ts';

const root = join(import.meta.dirname, '../..');

/** A flood, how fast it is in packet time, and options of `ringtap replay`. */
export interface FloodRun {
  readonly plan: FloodPlan;
  readonly framesPerSecond: number;
  readonly replayOptions: readonly string[];
  /**
   * INVITEs of the run that tells what the process takes without its tables. With none it is an empty capture; a few
   * thousand have V8 compile and its heap grow as far as they will.
   */
  readonly baseInvites: number;
}

/** What a replay of a flood came to. */
export interface FloodResult {
  readonly samples: Samples;
  readonly seconds: number;
  /** Peak resident size of the replay, and of the one with `baseInvites`. */
  readonly peakBytes: number;
  readonly basePeakBytes: number;
  /** All tables when they are full: what the options allow. */
  readonly tableBytes: number;
  /** Figures that are not what the plan makes them, in words. */
  readonly mismatches: readonly string[];
}

/** Replays a flood with the real program, from a pipe. Throws when a program fails. */
export async function replayFlood(run: FloodRun): Promise<FloodResult> {
  const { plan, framesPerSecond, replayOptions, baseInvites } = run;
  const basePlan = { ...plan, establishedCalls: 0, invites: baseInvites };
  const base = await replay(basePlan, framesPerSecond, replayOptions);
  const started = performance.now();
  const { samples, peakBytes } = await replay(plan, framesPerSecond, replayOptions);
  const seconds = (performance.now() - started) / 1000;
  const { state, media } = parseReplayConfig([...replayOptions, '-']).analysis;
  return {
    samples,
    seconds,
    peakBytes,
    basePeakBytes: base.peakBytes,
    tableBytes: tableBytes(state, media),
    mismatches: mismatches(samples, plan),
  };
}

/** The generator, a pipe and `ringtap replay -`; both end with this process, and the pipe with either. */
async function replay(
  plan: FloodPlan,
  framesPerSecond: number,
  replayOptions: readonly string[],
): Promise<{ samples: Samples; peakBytes: number }> {
  const generator = Object.entries({ ...plan, framesPerSecond }).flatMap(([name, value]) => [
    `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`,
    String(value),
  ]);
  const program = ['--import', join(import.meta.dirname, 'report-peak.ts'), join(root, 'bin/ringtap.js')];
  const commands = [
    [process.execPath, join(root, 'bench/generate-flood.ts'), ...generator],
    [process.execPath, ...program, 'replay', ...replayOptions, '-'],
  ];
  const line = commands
    .map((words) => ['setpriv --pdeathsig KILL', ...words.map(quoted)].join(' '))
    .join(' | ');
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', 'bash', '-o', 'pipefail', '-c', line], {
    stdio: ['ignore', 'pipe', 'inherit', 'pipe'],
  });
  const [text, peak, [code]] = await Promise.all([
    textOf(child.stdio[1]!),
    textOf(child.stdio[3] as NodeJS.ReadableStream),
    once(child, 'close') as Promise<[number | null]>,
  ]);
  if (code !== 0) throw new Error(`the replay of a flood ended with code ${code}`);
  return { samples: parseSamples(text), peakBytes: Number(peak) };
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}

async function textOf(stream: NodeJS.ReadableStream): Promise<string> {
  let text = '';
  for await (const chunk of stream.setEncoding('utf8')) text += chunk;
  return text;
}

/** What the tables of these limits take, records and indexes: as much as the state allocates at its start, and no more later. */
export function tableBytes(limits: StateLimits, mediaLimits: MediaLimits): number {
  const before = process.memoryUsage().arrayBuffers;
  const [hash, clock] = [new SeededHash(1, 2), new PacketClock()];
  const { tables } = new Calls(limits, [], hash, clock, {} as CallEvents);
  const events = {} as MediaEvents;
  const media = new MediaCalls({ limits: mediaLimits, hash, clock, ports: new PortCounts(), events });
  const bytes = process.memoryUsage().arrayBuffers - before;
  if (tables.length + media.tables.length === 0) throw new Error('no tables');
  return bytes;
}

/** Compares counters with the plan. What was evicted while it was open has no result; all else must add up. */
function mismatches(samples: Samples, plan: FloodPlan): string[] {
  const { establishedCalls, invites, refreshRounds } = plan;
  const reInvites = establishedCalls * Math.ceil(refreshRounds / 2);
  const updates = establishedCalls * Math.floor(refreshRounds / 2);
  const begun = establishedCalls + invites;
  const attempts = 'table="attempts"';
  const open = sum(samples, 'ringtap_table_entries', attempts);
  const evictedOpen = sum(samples, 'ringtap_table_evictions_total', attempts, 'state="open"');
  const expected: [number, string, ...string[]][] = [
    [begun + reInvites, 'sip_requests_total', 'method="INVITE"'],
    [establishedCalls + reInvites, 'sip_requests_total', 'method="ACK"'],
    [updates, 'sip_requests_total', 'method="UPDATE"'],
    [establishedCalls, 'sip_requests_total', 'method="BYE"'],
    [establishedCalls + Math.ceil(invites / invitesPerRinging), 'sip_responses_total', 'code="180"'],
    [0, 'sip_retransmissions_total'],
    [0, 'sip_capture_duplicates_total'],
    [0, 'sip_parse_errors_total'],
    [0, 'sip_unknown_dialog_messages_total'],
    [begun, 'sip_session_attempts_total'],
    [establishedCalls, 'sip_session_attempt_results_total', 'result="answered"'],
    // The established calls' attempts are forgotten by the end, so that what is in the table is open.
    [begun - open - evictedOpen, 'sip_session_attempt_results_total'],
    [establishedCalls, 'sip_sessions_ended_total'],
    [establishedCalls, 'sip_sessions_ended_total', 'reason="bye"'],
    [establishedCalls, 'sip_session_duration_seconds_count', 'outcome="success"'],
    [0, 'sip_dialogs', 'state="confirmed"'],
  ];
  return expected.flatMap(([value, name, ...labels]) => {
    const found = sum(samples, name, ...labels);
    return found === value ? [] : [`${name}{${labels.join(',')}} is ${found}, not ${value}`];
  });
}
