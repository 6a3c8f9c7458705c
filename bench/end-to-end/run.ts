// SPDX-License-Identifier: Apache-2.0
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { type Samples, sum } from '../support/samples.ts';
import { table } from '../support/statistics.ts';
import { openNetwork, receiver } from './network.ts';
import { RingtapProcess } from './ringtap-process.ts';
import { callsFor, type Load, OwnSender, type Sender, type Sent, Tcpreplay } from './senders.ts';

const usage = `node bench/end-to-end/run.ts [options]     (needs root, tcpreplay, ethtool, iproute2 and two cores)
  --mode sustained|highest-rate   one rate for long, or ever higher rates until something is lost
  --rate 300000                   frames a second (highest-rate: the first step)
  --seconds 30                    length (highest-rate: of a step, 5)
  --sender tcpreplay|sendmmsg     sustained: tcpreplay, up to about 350,000; highest-rate: sendmmsg
  --ringtap-cores 1               where ringtap may run, as in taskset; '' for anywhere
  --ring-size 64MiB
  --carriers 0                    so many carriers are configured, whose series are all scraped once a second (250: 100,000)
  --workers 1                     with more than one, let ringtap run anywhere
  --calls-in-flight 10000         calls under way at once
The sender has core 0, and with it the kernel's whole way of a frame into the ring.`;

const idleSeconds = 3;
/** Rate steps of the search. */
const stepFramesPerSecond = 50_000;
/** A sender that stays below this share of its rate, and is no faster than a step before, is at its own limit. */
const senderLimitRatio = 0.97;

interface Options {
  rate: number;
  seconds: number;
  callsInFlight: number;
  scrapeMillis: number;
  ringtap: RingtapProcess;
  sender: Sender;
}

interface Outcome {
  sent: Sent;
  lost: number;
  /** Counted later than 0.5 s after the last was sent. */
  late: number;
  drops: number;
  cpuMicrosPerFrame: number;
  rssBytes: number;
  scrapes: Scrapes;
  /** Counters that are not what the calls sent make them. */
  mismatches: string[];
}

/** Counters that did not grow as `calls` calls that were seen whole make them. */
function mismatches(before: Samples, after: Samples, calls: number): string[] {
  const families: [string, string[]][] = [
    ['sip_requests_total', ['method="INVITE"']],
    ['sip_requests_total', ['method="ACK"']],
    ['sip_requests_total', ['method="BYE"']],
    ['sip_responses_total', ['method="INVITE"', 'code="100"']],
    ['sip_responses_total', ['method="INVITE"', 'code="180"']],
    ['sip_responses_total', ['method="INVITE"', 'code="200"']],
    ['sip_responses_total', ['method="BYE"', 'code="200"']],
    ['sip_session_attempts_total', []],
    ['sip_session_attempt_results_total', ['result="answered"']],
    ['sip_invite_requests_by_final_code_total', ['code="200"']],
    ['sip_sessions_ended_total', ['reason="bye"']],
    ['sip_session_duration_seconds_count', ['outcome="success"']],
    ['sip_session_disconnect_delay_seconds_count', ['outcome="success"']],
    ['sip_post_dial_delay_seconds_count', []],
    ['sip_reason_total', ['protocol="Q.850"', 'cause="16"']],
  ];
  const absent: [string, string[]][] = [
    ['sip_retransmissions_total', []],
    ['sip_capture_duplicates_total', []],
    ['sip_unknown_dialog_messages_total', []],
    ['sip_transaction_timeouts_total', []],
    ['ringtap_table_evictions_total', ['state="open"']],
  ];
  const expected = [
    ...families.map((family) => [...family, calls] as const),
    ...absent.map((family) => [...family, 0] as const),
  ];
  return expected.flatMap(([name, labels, count]) => {
    const grown = sum(after, name, ...labels) - sum(before, name, ...labels);
    return grown === count ? [] : [`${name}{${labels.join(',')}} grew by ${grown}, not ${count}`];
  });
}

/** What scrapes took while a load was sent. */
interface Scrapes {
  count: number;
  series: number;
  /** Of the main thread, with what it does else. */
  cpuMillisEach: number;
  longestMillis: number;
}

/** Scrapes every `everyMillis`, as a Prometheus would, until `stopped`. Returns the largest resident size seen, and the scrapes. */
async function watch(
  ringtap: RingtapProcess,
  everyMillis: number,
  stopped: AbortSignal,
): Promise<{ rssBytes: number; scrapes: Scrapes }> {
  let rssBytes = 0;
  const scrapes = { count: 0, series: 0, cpuMillisEach: 0, longestMillis: 0 };
  const cpuBefore = ringtap.mainThreadCpuSeconds();
  while (!stopped.aborted) {
    rssBytes = Math.max(rssBytes, ringtap.memoryBytes('VmRSS'));
    await sleep(everyMillis, undefined, { signal: stopped }).catch(() => {});
    if (stopped.aborted) break;
    const started = performance.now();
    const text = await ringtap.exposition();
    scrapes.longestMillis = Math.max(scrapes.longestMillis, performance.now() - started);
    scrapes.count++;
    scrapes.series = text.match(/^[^#\n]/gm)?.length ?? 0;
  }
  const cpuSeconds = ringtap.mainThreadCpuSeconds() - cpuBefore;
  scrapes.cpuMillisEach = (cpuSeconds * 1000) / Math.max(1, scrapes.count);
  return { rssBytes: Math.max(rssBytes, ringtap.memoryBytes('VmRSS')), scrapes };
}

/** Sends one load at ringtap and compares what it counted; `idleCpu` is its CPU seconds a second without frames. */
async function runLoad(options: Options, load: Load, idleCpu: number): Promise<Outcome> {
  const { ringtap, sender } = options;
  sender.prepare(load);
  const before = await ringtap.samples();
  const stop = new AbortController();
  const watching = watch(ringtap, options.scrapeMillis, stop.signal);
  const started = performance.now();
  const cpuBefore = ringtap.cpuSeconds();
  const sent = await sender.send(load);
  // A full ring is empty again within this time, or ringtap is far too slow; workers may wait for each other for longer.
  await sleep(500);
  const soon = await ringtap.samples();
  const after = await whenCounted(ringtap, soon);
  const cpuSeconds = ringtap.cpuSeconds() - cpuBefore - (idleCpu * (performance.now() - started)) / 1000;
  stop.abort();
  const { rssBytes, scrapes } = await watching;
  const grown = (name: string) => sum(after, name) - sum(before, name);
  return {
    sent,
    lost: sent.frames - messages(after) + messages(before),
    late: messages(after) - messages(soon),
    drops: grown('ringtap_capture_drops_total'),
    cpuMicrosPerFrame: (cpuSeconds * 1e6) / sent.frames,
    rssBytes,
    scrapes,
    mismatches: mismatches(before, after, load.calls),
  };
}

const messages = (samples: Samples): number =>
  sum(samples, 'sip_requests_total') + sum(samples, 'sip_responses_total');

/** Scrapes until no more messages are counted. */
async function whenCounted(ringtap: RingtapProcess, first: Samples): Promise<Samples> {
  for (let last = first; ; ) {
    await sleep(500);
    const next = await ringtap.samples();
    if (messages(next) === messages(last)) return next;
    last = next;
  }
}

async function idleCpuRatio(ringtap: RingtapProcess): Promise<number> {
  const before = ringtap.cpuSeconds();
  await sleep(idleSeconds * 1000);
  return (ringtap.cpuSeconds() - before) / idleSeconds;
}

function row(
  name: string,
  sender: Sender,
  { sent, lost, late, drops, cpuMicrosPerFrame, rssBytes }: Outcome,
): string[] {
  const rate = Math.round(sent.frames / sent.seconds);
  const cells = [sent.frames, sent.seconds.toFixed(1), rate, lost, late, drops, cpuMicrosPerFrame.toFixed(2)];
  return [name, sender.name, ...cells.map(String), (rssBytes / 1e6).toFixed(0)];
}
const header = [
  'end-to-end',
  'sender',
  'frames',
  'seconds',
  'frames/s',
  'lost',
  'late',
  'drops',
  'CPU us a frame',
  'RSS MB',
];

/** One rate for long. A loss or a wrong counter makes the exit code 1. */
async function sustained(options: Options): Promise<string> {
  const idleCpu = await idleCpuRatio(options.ringtap);
  const load = {
    calls: callsFor(options.rate, options.seconds),
    firstCall: 0,
    callsInFlight: options.callsInFlight,
    framesPerSecond: options.rate,
  };
  const outcome = await runLoad(options, load, idleCpu);
  if (outcome.mismatches.length > 0 || outcome.drops > 0) process.exitCode = 1;
  const { count, series, cpuMillisEach, longestMillis } = outcome.scrapes;
  const notes = [
    `Idle: ${(idleCpu * 100).toFixed(2)} % of a core, taken off.`,
    `${count} scrapes of ${series} series: ${cpuMillisEach.toFixed(1)} ms of the main thread each, answered in ${longestMillis.toFixed(0)} ms at most.`,
    ...outcome.mismatches,
  ];
  if (outcome.sent.frames / outcome.sent.seconds < options.rate * senderLimitRatio) {
    notes.push(`The sender did not reach ${options.rate} frames/s: no result for that rate.`);
    process.exitCode = 1;
  }
  return `${table(header, [row('sustained', options.sender, outcome)])}\n\n${notes.join('\n')}`;
}

/** Ever higher rates, until frames are lost or the sender can do no more. */
async function highestRate(options: Options): Promise<string> {
  const idleCpu = await idleCpuRatio(options.ringtap);
  const rows: string[][] = [];
  let end = '';
  let best = 0;
  let firstCall = 0;
  for (let rate = options.rate; end === ''; rate += stepFramesPerSecond) {
    const calls = callsFor(rate, options.seconds);
    const load = { calls, firstCall, callsInFlight: options.callsInFlight, framesPerSecond: rate };
    const outcome = await runLoad(options, load, idleCpu);
    firstCall += calls;
    rows.push(row(`step ${rate}`, options.sender, outcome));
    const sentPerSecond = outcome.sent.frames / outcome.sent.seconds;
    if (outcome.lost !== 0) end = `at ${Math.round(sentPerSecond)} ringtap lost ${outcome.lost}`;
    else if (sentPerSecond < rate * senderLimitRatio && sentPerSecond < best) {
      end = 'which is all the sender can do';
    } else best = Math.max(best, sentPerSecond);
  }
  return `${table(header, rows)}\n\nHighest rate at 0 lost: ${Math.round(best)} frames/s, ${end}.`;
}

/** Options for so many carriers, one of which has the caller's network, and room for all their series. */
function carrierOptions(carriers: number): string[] {
  if (carriers === 0) return [];
  const network = (carrier: number) =>
    carrier === 0 ? '198.51.100.0/24' : `10.${carrier >> 8}.${carrier & 255}.0/24`;
  const names = Array.from({ length: carriers }, (_, carrier) => [
    '--labels.carrier',
    `carrier${carrier}=${network(carrier)}`,
  ]);
  const series = String(carriers * 2000);
  return [...names.flat(), '--metrics.max-series', series, '--metrics.max-series-per-family', series];
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      mode: { type: 'string', default: 'sustained' },
      rate: { type: 'string' },
      seconds: { type: 'string' },
      sender: { type: 'string' },
      'ringtap-cores': { type: 'string', default: '1' },
      'ring-size': { type: 'string', default: '64MiB' },
      workers: { type: 'string', default: '1' },
      carriers: { type: 'string', default: '0' },
      'calls-in-flight': { type: 'string', default: '10000' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return console.log(usage);
  if (process.getuid?.() !== 0) throw new Error('the end-to-end bench needs root for its network namespace');
  const search = values.mode === 'highest-rate';
  const senderName = values.sender ?? (search ? 'sendmmsg' : 'tcpreplay');
  openNetwork();
  const ringtapOptions = [
    '-i',
    receiver,
    '--capture.ring-size',
    values['ring-size'],
    '--capture.workers',
    values.workers,
    ...carrierOptions(Number(values.carriers)),
  ];
  const ringtap = await RingtapProcess.start(ringtapOptions, values['ringtap-cores']);
  const options: Options = {
    rate: Number(values.rate ?? (search ? 200_000 : 300_000)),
    seconds: Number(values.seconds ?? (search ? 5 : 30)),
    callsInFlight: Number(values['calls-in-flight']),
    scrapeMillis: values.carriers === '0' ? 5000 : 1000,
    ringtap,
    sender: senderName === 'tcpreplay' ? new Tcpreplay() : new OwnSender(),
  };
  console.log(await (search ? highestRate(options) : sustained(options)));
  await ringtap.stop();
}

await main().catch((error: Error) => {
  console.error(`bench: ${error.message}`);
  process.exit(1);
});
