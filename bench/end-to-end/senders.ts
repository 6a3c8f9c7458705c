// SPDX-License-Identifier: Apache-2.0
import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { outputOf } from '../support/child-output.ts';
import { endsWithThisProcess, onExit } from '../support/clean-up.ts';
import { CallStream, messagesPerCall } from '../traffic/call-stream.ts';
import { writeCapture } from '../traffic/capture-writer.ts';
import { sender as senderInterface } from './network.ts';

/** What to send: `calls` calls from number `firstCall` on. */
export interface Load {
  readonly calls: number;
  readonly firstCall: number;
  readonly callsInFlight: number;
  readonly framesPerSecond: number;
}

/** What was sent. */
export interface Sent {
  readonly frames: number;
  readonly seconds: number;
}

/** Sends a load, pinned to core 0. `prepare` may take long and is not part of the time that is measured. */
export interface Sender {
  readonly name: string;
  prepare(load: Load): void;
  send(load: Load): Promise<Sent>;
}

/** Runs a command on core 0 and returns what it prints; `descriptor` becomes its number 3. */
async function runOnCore0(command: string[], descriptor?: number): Promise<string> {
  const [program, ...args] = [...endsWithThisProcess, 'taskset', '-c', '0', ...command];
  const child = spawn(program!, args, {
    stdio: ['ignore', 'pipe', 'inherit', ...(descriptor === undefined ? [] : [descriptor])],
  });
  const { text, ok } = await outputOf(child);
  if (!ok) throw new Error(`${command[0]} failed: ${text}`);
  return text;
}

/** A folder with room for `sizeBytes`: memory where there is plenty, else the temporary folder. */
function roomyFolder(sizeBytes: number): string {
  const memory = /^MemAvailable:\s+(\d+) kB/m.exec(readFileSync('/proc/meminfo', 'utf8'));
  const spareBytes = Number(memory?.[1]) * 1024 - 4 * 2 ** 30;
  for (const folder of ['/dev/shm', tmpdir()]) {
    const { bavail, bsize } = statfsSync(folder);
    if (bavail * bsize > sizeBytes * 1.1 && (folder !== '/dev/shm' || spareBytes > sizeBytes)) return folder;
  }
  throw new Error(`no room for a capture of ${Math.ceil(sizeBytes / 1e9)} GB: choose fewer --seconds`);
}

/** tcpreplay of one generated file, so that no Call-ID comes twice. Its own limit is about 350,000 frames/s. */
export class Tcpreplay implements Sender {
  readonly name = 'tcpreplay';
  #capture = -1;

  prepare(load: Load): void {
    const stream = new CallStream(load.calls, load.callsInFlight, load.firstCall);
    const path = join(roomyFolder(stream.frames * 560), `ringtap-bench-${process.pid}.pcap`);
    onExit(() => rmSync(path, { force: true }));
    writeCapture(path, stream, load.framesPerSecond);
    // From here on the gigabytes live as long as this descriptor, even if this process is killed.
    this.#capture = openSync(path, 'r');
    rmSync(path);
  }

  async send(load: Load): Promise<Sent> {
    try {
      const rate = ['--pps', String(load.framesPerSecond)];
      // Its table of flows costs time and answers nothing here.
      const options = ['--intf1', senderInterface, '--quiet', '--no-flow-stats', ...rate];
      const text = await runOnCore0(['tcpreplay', ...options, '/dev/fd/3'], this.#capture);
      const actual = /Actual: (\d+) packets .* sent in ([\d.]+) seconds/.exec(text);
      const failed = /Failed packets:\s+(\d+)/.exec(text);
      if (actual === null || failed?.[1] !== '0') throw new Error(`tcpreplay: ${text}`);
      return { frames: Number(actual[1]), seconds: Number(actual[2]) };
    } finally {
      closeSync(this.#capture);
    }
  }
}

/** Calls that send-calls.ts sends over and over, each time as other calls: their frames are 18 MB. */
const callsInAPass = 4000;

/** send-calls.ts. */
export class OwnSender implements Sender {
  readonly name = 'sendmmsg';

  prepare(): void {}

  async send(load: Load): Promise<Sent> {
    const options = {
      interface: senderInterface,
      passes: load.calls / callsInAPass,
      'first-generation': load.firstCall / callsInAPass,
      'calls-in-a-pass': callsInAPass,
      'calls-in-flight': Math.min(load.callsInFlight, callsInAPass / 2),
      'frames-per-second': load.framesPerSecond,
    };
    const args = Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]);
    const script = join(import.meta.dirname, 'send-calls.ts');
    return JSON.parse(await runOnCore0([process.execPath, script, ...args])) as Sent;
  }
}

/** Calls that fill `seconds` at `framesPerSecond`, rounded up to whole passes. */
export function callsFor(framesPerSecond: number, seconds: number): number {
  return Math.ceil((framesPerSecond * seconds) / messagesPerCall / callsInAPass) * callsInAPass;
}
