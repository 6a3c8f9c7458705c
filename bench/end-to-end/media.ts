// SPDX-License-Identifier: Apache-2.0
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { outputOf } from '../support/child-output.ts';
import { endsWithThisProcess, onExit } from '../support/clean-up.ts';
import { sum } from '../support/samples.ts';
import { openNetwork } from './network.ts';
import { RingtapProcess } from './ringtap-process.ts';

const usage = `node bench/end-to-end/media.ts [options]     (needs root, clang-19, ethtool, iproute2, util-linux and two cores)
  --reader ringtap|ring|filter|none   the program; a loop that only walks the ring; one whose filter lets no RTP through;
                                      nobody: what the sender alone can do
  --rtp-rate 1000000                  packets of RTP a second
  --sip-rate 20000                    packets of other calls' SIP a second beside
  --media-calls 10000                 calls with two streams each
  --seconds 10
  --ring-size 64                      MiB
All comes in on lo: the kernel makes the RTP itself (rtp-source.bpf.c). The sender has core 0, and with it the kernel's
whole way of a frame into the ring; the reader core 1.`;

interface Sent {
  readonly rtpFrames: number;
  readonly sipFrames: number;
  readonly seconds: number;
  readonly userMicros: number;
  readonly systemMicros: number;
}

const script = (name: string): string => join(import.meta.dirname, name);

async function send(options: Readonly<Record<string, string>>): Promise<Sent> {
  const args = Object.entries(options).flatMap(([name, value]) => [`--${name}`, value]);
  const [command, ...rest] = [
    ...endsWithThisProcess,
    'taskset',
    '-c',
    '0',
    process.execPath,
    script('send-media.ts'),
    ...args,
  ];
  const { text, ok } = await outputOf(spawn(command!, rest, { stdio: ['ignore', 'pipe', 'inherit'] }));
  if (!ok) throw new Error(`the sender failed: ${text}`);
  return JSON.parse(text) as Sent;
}

/** Figures of the sender: its core does the kernel's way of each frame too. */
function tellSent(sent: Sent): void {
  const frames = sent.rtpFrames + sent.sipFrames;
  const cpuMicros = sent.userMicros + sent.systemMicros;
  console.log(
    `sent ${sent.rtpFrames} RTP (${Math.round(sent.rtpFrames / sent.seconds)}/s), ${sent.sipFrames} SIP in ${sent.seconds.toFixed(1)} s; ` +
      `sender ${((cpuMicros / frames) * 1000).toFixed(0)} ns of CPU a frame, all waiting included, ` +
      `${((sent.systemMicros / frames) * 1000).toFixed(0)} ns of it in the kernel; ` +
      `${(cpuMicros / 1e4 / sent.seconds).toFixed(0)} % of a core`,
  );
}

async function withRing(
  rtp: string,
  ringMebibytes: number,
  options: Readonly<Record<string, string>>,
): Promise<void> {
  const args = ['--interface', 'lo', '--rtp', rtp, '--ring-size', `${ringMebibytes * 2 ** 20}`];
  args.push('--media-calls', options['media-calls']!);
  const [command, ...rest] = [
    ...endsWithThisProcess,
    'taskset',
    '-c',
    '1',
    process.execPath,
    script('read-ring.ts'),
    ...args,
  ];
  const child = spawn(command!, rest, { stdio: ['ignore', 'pipe', 'inherit'] });
  onExit(() => child.kill('SIGKILL'));
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  while (!text.includes('ready')) await Promise.race([once(child.stdout, 'data'), sleep(10_000)]);
  const sent = await send(options);
  await sleep(500);
  child.kill('SIGTERM');
  await once(child, 'close');
  const read = JSON.parse(text.slice(text.indexOf('{'))) as Record<string, number>;
  tellSent(sent);
  const frames = read['rtpFrames']! + read['otherFrames']!;
  console.log(
    `read ${JSON.stringify(read)}; ${((read['cpuMicros']! / frames) * 1000).toFixed(0)} ns of CPU a frame`,
  );
  if (rtp === 'learned') console.log(`RTP lost: ${sent.rtpFrames - read['rtpFrames']!}`);
}

async function withRingtap(ringMebibytes: number, options: Readonly<Record<string, string>>): Promise<void> {
  const args = ['-i', 'lo', '--capture.ring-size', `${ringMebibytes}MiB`];
  const ringtap = await RingtapProcess.start(args, '1');
  const before = await ringtap.samples();
  const cpuBefore = ringtap.cpuSeconds();
  const sent = await send(options);
  await sleep(2000);
  const after = await ringtap.samples();
  tellSent(sent);
  const families = [
    'ringtap_capture_packets_total',
    'ringtap_capture_drops_total',
    'sip_requests_total',
    'sip_responses_total',
  ];
  for (const name of families) console.log(`${name} +${sum(after, name) - sum(before, name)}`);
  const micros = ((ringtap.cpuSeconds() - cpuBefore) * 1e6) / (sent.rtpFrames + sent.sipFrames);
  console.log(`${micros.toFixed(3)} us of CPU a frame`);
  await ringtap.stop();
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      reader: { type: 'string', default: 'ringtap' },
      'rtp-rate': { type: 'string', default: '1000000' },
      'sip-rate': { type: 'string', default: '20000' },
      'media-calls': { type: 'string', default: '10000' },
      seconds: { type: 'string', default: '10' },
      'ring-size': { type: 'string', default: '64' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return console.log(usage);
  if (process.getuid?.() !== 0) throw new Error('the end-to-end bench needs root for its network namespace');
  const { reader, 'ring-size': ringSize, help: _, ...options } = values;
  openNetwork();
  if (reader === 'ringtap') await withRingtap(Number(ringSize), options);
  else if (reader === 'none') tellSent(await send(options));
  else await withRing(reader === 'ring' ? 'learned' : 'off', Number(ringSize), options);
}

await main().catch((error: Error) => {
  console.error(`bench: ${error.message}`);
  process.exit(1);
});
