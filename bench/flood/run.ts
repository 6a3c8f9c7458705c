// SPDX-License-Identifier: Apache-2.0
import { parseArgs } from 'node:util';
import { machineName, revisionName } from '../support/machine.ts';
import { sum } from '../support/samples.ts';
import { table } from '../support/statistics.ts';
import { replayFlood } from './replay-flood.ts';

const usage = `node bench/flood/run.ts [options] [-- OPTIONS OF ringtap replay]
  --invites 10000000          INVITEs with their own Call-ID, tags and branch; every tenth rings
  --established-calls 1000    calls answered before them, hung up after them
  --refresh-rounds 4          re-INVITEs and UPDATEs of each established call amid the flood
  --session-expires-seconds 120
  --frames-per-second 50000   in packet time
Exit code 1 where a figure is wrong or the peak resident size exceeds the bound by more than a tenth.`;

/** Of the bound: what V8 takes for garbage and code beyond what an empty capture needs. */
const allowance = 1.1;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    invites: { type: 'string', default: '10000000' },
    'established-calls': { type: 'string', default: '1000' },
    'refresh-rounds': { type: 'string', default: '4' },
    'session-expires-seconds': { type: 'string', default: '120' },
    'frames-per-second': { type: 'string', default: '50000' },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) console.log(usage);
else {
  console.log(`${machineName()}; ringtap ${revisionName(`${import.meta.dirname}/../..`)}\n`);
  const { samples, seconds, mismatches, ...bytes } = await replayFlood({
    plan: {
      establishedCalls: Number(values['established-calls']),
      invites: Number(values.invites),
      refreshRounds: Number(values['refresh-rounds']),
      sessionExpiresSeconds: Number(values['session-expires-seconds']),
    },
    framesPerSecond: Number(values['frames-per-second']),
    replayOptions: positionals,
    baseInvites: 0,
  });
  const { peakBytes, basePeakBytes, tableBytes } = bytes;
  const frames = sum(samples, 'ringtap_capture_packets_total');
  const boundBytes = basePeakBytes + tableBytes;
  const megabytes = (size: number): string => (size / 1e6).toFixed(1);
  const cells = [
    frames,
    seconds.toFixed(1),
    Math.round(frames / seconds),
    ...[basePeakBytes, tableBytes].map(megabytes),
  ];
  const header = ['frames', 's', 'frames/s', 'empty MB', 'tables MB', 'bound MB', 'peak MB', 'peak/bound'];
  const ratio = peakBytes / boundBytes;
  console.log(
    table(header, [[...cells.map(String), megabytes(boundBytes), megabytes(peakBytes), ratio.toFixed(3)]]),
  );
  const figures = /^(sip_sessions_ended|sip_session_attempt(s|_results)|ringtap_table_(entries|evictions))/;
  for (const [series, value] of samples)
    if (value > 0 && figures.test(series)) console.log(`${series} ${value}`);
  for (const mismatch of mismatches) console.log(`WRONG: ${mismatch}`);
  if (mismatches.length > 0 || ratio > allowance) process.exitCode = 1;
}
