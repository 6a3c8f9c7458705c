// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';
import { type Finished, killAndWait, runCommand, startCommand } from './command.ts';
import { crlfKeepAlive, sendDatagrams } from './datagrams.ts';
import { waitUntil } from './deadline.ts';
import type { Host, Hosts } from './network.ts';
import { type Exposition, parsePrometheusText } from './prometheus-text.ts';

/** The real program, running in a network namespace. */
export type Ringtap = AsyncDisposable & {
  readonly pid: number;
  readonly finished: Promise<Finished>;
  /** Its log so far. */
  log(): string;
  /** What GET of a path answers: status and body, or status 0 where nothing listens. */
  get(path: string, accept?: string): Promise<HttpAnswer>;
  /** What POST of a path answers. */
  post(path: string): Promise<HttpAnswer>;
  /** Waits until GET of a path answers with a status. */
  waitForStatus(path: string, status: number): Promise<void>;
  /** One scrape of /metrics, parsed strictly. */
  scrape(): Promise<Exposition>;
  /** Scrapes until the condition holds and returns that scrape. */
  scrapeUntil(
    what: string,
    condition: (exposition: Exposition) => boolean,
    deadlineMillis?: number,
  ): Promise<Exposition>;
  /** Sends a signal and waits for the end. */
  end(signal: NodeJS.Signals): Promise<Finished>;
};

/** An HTTP answer. */
export type HttpAnswer = { readonly status: number; readonly contentType: string; readonly body: string };

/** How to start the program. */
export type RingtapOptions = {
  /** Interfaces to capture on; the host's own if not given; an empty list leaves the choice to ringtap. */
  readonly interfaces?: readonly string[];
  readonly args?: readonly string[];
  /** What starts ringtap; the program of this folder on this Node if not given. */
  readonly command?: readonly string[];
  /** Where it listens; `listenAddress` if not given. For more than one in a namespace. */
  readonly listenAddress?: string;
  /** Returns only when `/-/ready` answers 200; true if not given. */
  readonly waitForReady?: boolean;
};

/** Where a ringtap of the tests listens: each namespace has a loopback of its own. */
export const listenAddress = '127.0.0.1:10060';

const program = join(import.meta.dirname, '../../bin/ringtap.js');

/** Starts `ringtap run` on a host. Dispose of it (`await using`) to be sure that it ends. Needs root. */
export async function startRingtap(
  host: Pick<Host, 'namespace' | 'interfaceName'>,
  options: RingtapOptions = {},
): Promise<Ringtap> {
  const interfaces = options.interfaces ?? [host.interfaceName];
  const address = options.listenAddress ?? listenAddress;
  const [command, ...before] = options.command ?? [process.execPath, program];
  const running = await startCommand(
    command!,
    [
      ...[...before, 'run', ...interfaces.flatMap((name) => ['-i', name])],
      ...['--web.listen-address', address, ...(options.args ?? [])],
    ],
    { namespace: host.namespace, timeoutMillis: 120_000 },
  );
  const get = (path: string, accept = 'text/plain'): Promise<HttpAnswer> => {
    if (running.child.exitCode !== null || running.child.signalCode !== null) {
      throw new Error(`ringtap has ended\n${running.stderr()}`);
    }
    return askInNamespace(host.namespace, address, path, ['--header', `Accept: ${accept}`]);
  };
  const scrape = async (): Promise<Exposition> => {
    const { status, contentType, body } = await get('/metrics', 'text/plain;version=0.0.4');
    if (status !== 200 || !contentType.startsWith('text/plain; version=0.0.4')) {
      throw new Error(`/metrics: ${status} ${contentType}\n${body}\n${running.stderr()}`);
    }
    return parsePrometheusText(body);
  };
  const ringtap: Ringtap = {
    pid: running.pid,
    finished: running.finished,
    log: running.stderr,
    get,
    post: (path) => askInNamespace(host.namespace, address, path, ['--request', 'POST']),
    waitForStatus: async (path, status) => {
      await waitUntil(
        `${path} answers ${status}`,
        async () => ((await get(path)).status === status ? true : undefined),
        60_000,
        running.stderr,
      );
    },
    scrape,
    scrapeUntil: (what, condition, deadlineMillis = 15_000) => {
      let last: Exposition | undefined;
      return waitUntil(
        what,
        async () => {
          last = await scrape();
          return condition(last) ? last : undefined;
        },
        deadlineMillis,
        () => `${last?.describe()}\n${running.stderr()}`,
      );
    },
    end: (signal) => killAndWait(running, signal),
    [Symbol.asyncDispose]: async () => {
      await killAndWait(running);
    },
  };
  if (options.waitForReady ?? true) {
    try {
      await ringtap.waitForStatus('/-/ready', 200);
    } catch (error) {
      await killAndWait(running);
      throw error;
    }
  }
  return ringtap;
}

/**
 * Waits until ringtap, running on the callee, has counted all that was sent before, and returns a scrape from then:
 * the ring keeps packets in order, so when a keep-alive sent now is counted, everything before it is. Asserts that
 * ringtap made exactly one thing of each packet.
 */
export async function settle(hosts: Hosts, ringtap: Ringtap): Promise<Exposition> {
  const crlfCount = (exposition: Exposition): number =>
    exposition.sum('sip_keepalives_total', { type: 'crlf' });
  const before = crlfCount(await ringtap.scrape());
  await sendDatagrams(hosts, 5060, [crlfKeepAlive]);
  await ringtap.scrapeUntil('the keep-alive is counted', (exposition) => crlfCount(exposition) > before);
  return await whenEachPacketIsOneThing(ringtap);
}

/**
 * The scrape that showed the last packet may have read the other counters before it, and a worker of several may have a
 * message on its way to another.
 */
async function whenEachPacketIsOneThing(ringtap: Ringtap): Promise<Exposition> {
  return await ringtap.scrapeUntil('each packet is one thing', (exposition) => {
    const outcomes =
      packetOutcomes.reduce((sum, name) => sum + exposition.sum(name), 0) -
      exposition.sum('sip_transport_messages_total', { transport: 'tcp' });
    const reassembled = exposition.sum('ringtap_fragments_datagrams_total', { result: 'reassembled' });
    return exposition.sum('ringtap_capture_packets_total') + reassembled === outcomes;
  });
}

/**
 * Each packet counts in exactly one of these, and each that was made of fragments; the messages of segments besides. Of RTP
 * that is true once what is in probation is a stream, or none.
 */
const packetOutcomes = [
  'sip_requests_total',
  'sip_responses_total',
  'sip_capture_duplicates_total',
  'sip_keepalives_total',
  'sip_parse_errors_total',
  'ringtap_decode_errors_total',
  'ringtap_decode_skipped_total',
  'ringtap_fragments_total',
  'ringtap_stream_segments_total',
  'rtp_packets_total',
  'rtp_packets_duplicate_total',
  'rtp_capture_duplicates_total',
  'ringtap_rtp_packets_refused_total',
  'ringtap_media_unread_packets_total',
  'rtcp_datagrams_total',
];

async function askInNamespace(
  namespace: string,
  address: string,
  path: string,
  options: readonly string[],
): Promise<HttpAnswer> {
  const running = await startCommand(
    'curl',
    [
      ...['--silent', '--max-time', '5', ...options],
      ...['--write-out', '\n%{http_code} %{content_type}', `http://${address}${path}`],
    ],
    { namespace, timeoutMillis: 10_000 },
  );
  const { stdout } = await running.finished;
  const end = stdout.lastIndexOf('\n');
  const [, status, contentType] = stdout.slice(end + 1).match(/^(\d{3}) (.*)$/) ?? [];
  return { status: Number(status), contentType: contentType ?? '', body: stdout.slice(0, end) };
}

/** Runs promtool's lint over a scrape; throws with its complaints. */
export async function checkWithPromtool(text: string): Promise<void> {
  await runCommand('promtool', ['check', 'metrics'], { input: text });
}
