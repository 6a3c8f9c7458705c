// SPDX-License-Identifier: Apache-2.0
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { killAndWait, runCommand, startCommand } from './command.ts';
import { sendDatagrams } from './datagrams.ts';
import { waitUntil } from './deadline.ts';
import type { Hosts } from './network.ts';
import { addCount, type SipCounts } from './sip-counts.ts';

/** One SIP message as tshark reads it; the empty string for a field that it does not have. */
export type JudgedMessage = {
  /** Seconds since the epoch. */
  readonly time: number;
  readonly direction: 'inbound' | 'outbound';
  /** Addresses and ports. */
  readonly path: string;
  readonly method: string;
  /** Empty for a request. */
  readonly code: string;
  readonly callId: string;
  /** Of the topmost Via. */
  readonly branch: string;
  readonly cseqNumber: string;
  readonly toTag: string;
  readonly lengthBytes: number;
};

/** Wireshark's own capture of one interface: a second opinion on what went over the wire. */
export type PacketJudge = AsyncDisposable & {
  /** Ends the capture and returns its SIP messages, in order, seen from the callee of the wire, as tshark reads them. */
  messages(options?: JudgeOptions): Promise<JudgedMessage[]>;
  /** Ends the capture and returns its file. */
  file(): Promise<string>;
  /** Ends the capture and counts its SIP messages. */
  count(options?: JudgeOptions): Promise<SipCounts>;
  /** Ends the capture and counts the messages of its TCP streams: requests by direction and method, responses by code. */
  streamCounts(): Promise<Record<string, number>>;
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
export async function startPacketJudge(hosts: Hosts): Promise<PacketJudge> {
  const folder = mkdtempSync(join(tmpdir(), 'ringtap-judge-'));
  const file = join(folder, 'capture.pcapng');
  const { namespace, interfaceName } = hosts.callee;
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
  const endedFile = async (): Promise<string> => {
    if (!ended) {
      await waitForMark(hosts, file);
      await end();
    }
    return file;
  };
  const messages = async (options: JudgeOptions = {}): Promise<JudgedMessage[]> =>
    await readWithTshark(await endedFile(), hosts, options);
  return {
    messages,
    file: endedFile,
    count: async (options) => countMessages(await messages(options)),
    streamCounts: async () => await streamMessages(await endedFile(), hosts.callee),
    [Symbol.asyncDispose]: async () => {
      if (!ended) {
        await end();
      }
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Packets reach the file in order: when a mark sent now is in it, all before it are. */
async function waitForMark(hosts: Hosts, file: string): Promise<void> {
  const mark = Buffer.from(`ringtap-judge-mark-${process.pid}-${markCount++}`);
  await sendDatagrams(hosts, markPort, [mark]);
  await waitUntil(
    'the mark is in the capture file',
    () => (readFileSync(file).includes(mark) ? true : undefined),
    10_000,
    () => `${statSync(file).size} bytes in the file`,
  );
}

/** Counts messages as ringtap does: repeated ones too. */
export function countMessages(messages: readonly JudgedMessage[]): SipCounts {
  const counts: SipCounts = { requests: {}, responses: {} };
  for (const { direction, method, code } of messages) {
    if (code === '') addCount(counts.requests, `${direction} ${method}`, 1);
    else addCount(counts.responses, `${direction} ${method} ${code}`, 1);
  }
  return counts;
}

/**
 * Counts messages that came before, by method and kind: the same request or response of the same transaction
 * (RFC 3261 §17.1.3) on the same path.
 */
export function countRetransmissions(messages: readonly JudgedMessage[]): Record<string, number> {
  const seen = new Set<string>();
  const counts: Record<string, number> = {};
  for (const { path, method, code, callId, branch, cseqNumber, toTag } of messages) {
    const identity = [path, method, code, callId, branch, cseqNumber, toTag].join('\n');
    if (seen.has(identity)) addCount(counts, `${method} ${code === '' ? 'request' : 'response'}`, 1);
    seen.add(identity);
  }
  return counts;
}

const fields = [
  ...[
    'frame.time_epoch',
    'ip.src',
    'ipv6.src',
    'ip.dst',
    'ipv6.dst',
    'udp.srcport',
    'udp.dstport',
    'udp.length',
  ],
  ...[
    'sip.Method',
    'sip.Status-Code',
    'sip.CSeq.method',
    'sip.CSeq.seq',
    'sip.Call-ID',
    'sip.Via.branch',
    'sip.to.tag',
  ],
];
const udpHeaderBytes = 8;

async function readWithTshark(file: string, hosts: Hosts, options: JudgeOptions): Promise<JudgedMessage[]> {
  const decodeAs = (options.ports ?? [5060]).flatMap((port) => ['-d', `udp.port==${port},sip`]);
  // An ICMP error quotes the message that could not be delivered.
  const sip = 'sip.CSeq && !icmp && !icmpv6';
  const filter = options.filter === undefined ? sip : `${sip} && (${options.filter})`;
  const output = await runCommand('tshark', [
    ...['-n', '-r', file, ...decodeAs, '-Y', filter, '-T', 'fields', '-E', 'occurrence=f'],
    ...fields.flatMap((field) => ['-e', field]),
  ]);
  return output
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => readLine(line, hosts));
}

function readLine(line: string, { callee }: Hosts): JudgedMessage {
  const values = line.split('\t');
  const value = (field: string): string => values[fields.indexOf(field)] ?? '';
  const source = `${value('ip.src')}${value('ipv6.src')}`;
  const destination = `${value('ip.dst')}${value('ipv6.dst')}`;
  return {
    time: Number(value('frame.time_epoch')),
    direction: source === callee.ipv4 || source === callee.ipv6 ? 'outbound' : 'inbound',
    path: `${source} ${value('udp.srcport')} ${destination} ${value('udp.dstport')}`,
    method: value('sip.CSeq.method'),
    // A request may carry the start line of a response as its body (message/sipfrag).
    code: value('sip.Method') === '' ? value('sip.Status-Code') : '',
    callId: value('sip.Call-ID'),
    branch: value('sip.Via.branch'),
    cseqNumber: value('sip.CSeq.seq'),
    toTag: value('sip.to.tag'),
    lengthBytes: Number(value('udp.length')) - udpHeaderBytes,
  };
}

/**
 * The messages of the TCP streams of a capture file, any number in a frame, by direction seen from one of its hosts, and
 * method or code.
 */
export async function streamMessages(
  file: string,
  { ipv4, ipv6 }: StreamEnd,
): Promise<Record<string, number>> {
  const names = ['ip.src', 'ipv6.src', 'sip.Method', 'sip.Status-Code'];
  const output = await runCommand('tshark', [
    ...[
      '-n',
      '-r',
      file,
      '-o',
      'tcp.reassemble_out_of_order:TRUE',
      '-Y',
      'tcp && sip',
      '-T',
      'fields',
      '-E',
      'occurrence=a',
      '-E',
      'aggregator=,',
    ],
    ...names.flatMap((field) => ['-e', field]),
  ]);
  const counts: Record<string, number> = {};
  for (const line of output.split('\n')) {
    const [source4 = '', source6 = '', methods = '', codes = ''] = line.split('\t');
    const direction = source4 === ipv4 || source6 === ipv6 ? 'outbound' : 'inbound';
    for (const kind of `${methods},${codes}`.split(',')) {
      if (kind !== '') addCount(counts, `${direction} ${kind}`, 1);
    }
  }
  return counts;
}

/** The addresses of a host. */
export type StreamEnd = { readonly ipv4: string; readonly ipv6: string };

/**
 * What tshark makes of a capture file, one entry a frame: the method of a request (`INVITE`), method and code of a
 * response (`INVITE 200`), undefined where it finds no SIP. `decodeAs` are rules such as `udp.port==8472,vxlan`.
 */
export async function messageKinds(
  file: string,
  decodeAs: readonly string[] = [],
): Promise<(string | undefined)[]> {
  const fields = ['sip.Method', 'sip.Status-Code', 'sip.CSeq.method'];
  const output = await runCommand('tshark', [
    ...['-n', '-r', file, '-T', 'fields', '-E', 'occurrence=f'],
    ...decodeAs.flatMap((rule) => ['-d', rule]),
    ...fields.flatMap((field) => ['-e', field]),
  ]);
  return output
    .slice(0, -1)
    .split('\n')
    .map((line) => {
      const [method = '', code = '', cseqMethod = ''] = line.split('\t');
      if (code !== '') return `${cseqMethod} ${code}`;
      return method === '' ? undefined : method;
    });
}
