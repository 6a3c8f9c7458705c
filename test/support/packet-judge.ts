// SPDX-License-Identifier: Apache-2.0
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { killAndWait, runCommand, startCommand } from './command.ts';
import { sendDatagrams } from './datagrams.ts';
import { waitUntil } from './deadline.ts';
import type { Host, Network } from './network.ts';
import { addCount, type SipCounts } from './sip-counts.ts';

/** Wireshark's own capture of the callee's interface: a second opinion on what went over the wire. */
export type PacketJudge = AsyncDisposable & {
  /** Ends the capture and counts its SIP messages, seen from the callee, with tshark. */
  count(options?: JudgeOptions): Promise<SipCounts>;
};

/** What the judge counts. */
export type JudgeOptions = {
  /** UDP ports to read as SIP; 5060 if not given. */
  readonly ports?: readonly number[];
  /** A further display filter, for example `vlan.id == 100`. */
  readonly filter?: string;
};

const markPort = 9;
let markCount = 0;

/** Starts dumpcap on the callee's interface and returns when it captures. */
export async function startPacketJudge(network: Network): Promise<PacketJudge> {
  const folder = mkdtempSync(join(tmpdir(), 'ringtap-judge-'));
  const file = join(folder, 'capture.pcapng');
  const { namespace, interfaceName } = network.callee;
  const running = await startCommand('dumpcap', ['-q', '-i', interfaceName, '-w', file], {
    namespace,
    timeoutMillis: 120_000,
  });
  await waitUntil(
    'dumpcap captures',
    () => running.stderr().includes('File:') || undefined,
    10_000,
    running.stderr,
  );
  let ended = false;
  const end = async (): Promise<void> => {
    ended = true;
    await killAndWait(running, 'SIGINT');
  };
  return {
    count: async (options = {}) => {
      if (!ended) {
        await waitForMark(network, file);
        await end();
      }
      return await countWithTshark(file, network.callee, options);
    },
    [Symbol.asyncDispose]: async () => {
      if (!ended) {
        await end();
      }
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Packets reach the file in order: when a mark sent now is in it, all before it are. */
async function waitForMark(network: Network, file: string): Promise<void> {
  const mark = Buffer.from(`ringtap-judge-mark-${process.pid}-${markCount++}`);
  await sendDatagrams(network, markPort, [mark]);
  await waitUntil(
    'the mark is in the capture file',
    () => (readFileSync(file).includes(mark) ? true : undefined),
    10_000,
    () => `${statSync(file).size} bytes in the file`,
  );
}

async function countWithTshark(file: string, callee: Host, options: JudgeOptions): Promise<SipCounts> {
  const decodeAs = (options.ports ?? [5060]).flatMap((port) => ['-d', `udp.port==${port},sip`]);
  const filter = options.filter === undefined ? 'sip' : `sip && (${options.filter})`;
  const fields = ['ip.src', 'ipv6.src', 'sip.Method', 'sip.Status-Code', 'sip.CSeq.method'];
  const output = await runCommand('tshark', [
    ...['-n', '-r', file, ...decodeAs, '-Y', filter, '-T', 'fields', '-E', 'occurrence=f'],
    ...fields.flatMap((field) => ['-e', field]),
  ]);
  const counts: SipCounts = { requests: {}, responses: {} };
  for (const line of output.split('\n').filter((text) => text !== '')) {
    const [ipv4, ipv6, method, code, cseqMethod] = line.split('\t');
    const direction = ipv4 === callee.ipv4 || ipv6 === callee.ipv6 ? 'outbound' : 'inbound';
    if (code !== undefined && code !== '') {
      addCount(counts.responses, `${direction} ${cseqMethod} ${code}`, 1);
    } else if (method !== undefined && method !== '') {
      addCount(counts.requests, `${direction} ${method}`, 1);
    }
  }
  return counts;
}
