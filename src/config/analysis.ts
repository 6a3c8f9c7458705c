// SPDX-License-Identifier: Apache-2.0
import { tunnelNames } from '../decode/tunnel-kind.ts';
import type { SeriesBudget } from '../metrics/shard-memory.ts';
import type { AnalysisOptions } from '../pipeline/analysis-options.ts';
import { abuseOf } from './abuse.ts';
import type { CommandLine } from './command-line.ts';
import { labelsOf } from './labels.ts';
import { parsePeers } from './peers.ts';
import { ConfigError, parseCount, parseDuration, parseNames, parsePorts, parseSizeWithin } from './values.ts';

/** Records one state table may be given: keeps its arrays below what one typed array may hold. */
const MAX_RECORDS = 2 ** 23;
/** The same for secrets, whose records are larger. */
const MAX_KEYS = 2 ** 22;
const MAX_SERIES = 1_000_000;

/** What the analysis is told, live and in a replay. Throws ConfigError. */
export function analysisOf(line: CommandLine): AnalysisOptions {
  const count = (name: string, minimum: number, maximum: number): number =>
    parseCount(line.place(name), line.one(name), minimum, maximum);
  const size = (name: string, minimum: number, maximum: number): number =>
    parseSizeWithin(line.place(name), line.one(name), minimum, maximum);
  const duration = (name: string): number => parseDuration(line.place(name), line.one(name));
  const duplicates = 'capture.duplicate-window';
  const labels = labelsOf(line);
  return {
    fragments: {
      maxBytes: size('fragments.max-memory', 128 * 2 ** 10, 2 ** 30),
      maxFragments: count('fragments.max-per-datagram', 2, 1024),
      timeoutMicros: duration('fragments.timeout'),
      isVerifying: line.isOn('fragments.checksum'),
    },
    ports: portsOf(line),
    detect: line.isOn('sip.detect'),
    ...(line.isOn('rtp.capture') && { rtp: { detect: line.isOn('rtp.detect') } }),
    tunnels: {
      kinds: parseNames(line.place('capture.tunnels'), line.one('capture.tunnels'), tunnelNames),
      maxDepth: count('capture.max-tunnel-depth', 1, 16),
    },
    parser: {
      maxMessageBytes: size('sip.max-message-size', 1024, 2 ** 20),
      maxHeaderBytes: size('sip.max-header-length', 256, 2 ** 20),
      maxHeaders: count('sip.max-headers', 8, 65_535),
      maxVias: count('sip.max-vias', 1, 65_535),
    },
    sdp: {
      maxMedia: count('sdp.max-media', 1, 1024),
      maxBytes: size('sdp.max-size', 256, 2 ** 20),
      maxParts: count('sdp.max-parts', 1, 1024),
    },
    streams: {
      maxConnections: count('stream.max-connections', 1, 2 ** 20),
      directionBytes: size('stream.direction-buffer', 4096, 2 ** 24),
      memoryBytes: size('stream.memory', 2 ** 16, 2 ** 30),
      idleMicros: duration('stream.idle-timeout'),
      connectionMicros: duration('stream.connection-timeout'),
      gapMicros: duration('stream.gap-timeout'),
    },
    webSocket: { maxHeadBytes: size('websocket.max-head-size', 256, 2 ** 16) },
    sctp: {
      maxAssociations: count('sctp.max-associations', 1, 2 ** 20),
      memoryBytes: size('sctp.memory', 2 ** 16, 2 ** 30),
      maxFragments: count('sctp.max-fragments', 2, 1024),
      fragmentMicros: duration('sctp.fragment-timeout'),
    },
    rtcp: { maxSources: count('rtcp.max-sources', 1, MAX_RECORDS) },
    concealsG711: line.isOn('rtp.g711-concealment'),
    ...tlsOf(line, { count, size, duration }),
    state: {
      maxTransactions: count('state.max-transactions', 1, MAX_RECORDS),
      maxAttempts: count('state.max-attempts', 1, MAX_RECORDS),
      maxDialogs: count('state.max-dialogs', 1, MAX_RECORDS),
      maxEarlyDialogs: count('state.max-early-dialogs', 1, 10_000),
      maxRegistrationAttempts: count('state.max-registration-attempts', 1, MAX_RECORDS),
      maxRegistrations: count('state.max-registrations', 1, MAX_RECORDS),
      maxBindings: count('state.max-bindings', 1, 100),
      retryMicros: duration('sip.retry-timeout'),
      forkMicros: duration('sip.fork-timeout'),
      sessionLimitMicros: duration('state.session-limit'),
      registrationLimitMicros: duration('state.registration-limit'),
      duplicateMicros: parseDuration(line.place(duplicates), line.one(duplicates), true),
    },
    rtpStreams: {
      maxStreams: count('rtp.max-streams', 1, MAX_KEYS),
      maxStreamsPerFlow: count('rtp.max-streams-per-flow', 1, 1000),
      idleMicros: duration('rtp.idle-timeout'),
      intervalMicros: intervalOf(line),
      probation: count('rtp.probation', 2, 100),
      isDetecting: line.isOn('rtp.detect'),
      duplicateMicros: parseDuration(line.place(duplicates), line.one(duplicates), true),
    },
    media: {
      maxCalls: count('media.max-calls', 1, MAX_KEYS),
      maxEndpoints: count('media.max-endpoints', 1, MAX_KEYS),
      callMicros: duration('media.call-timeout'),
      lateMicros: duration('media.late-after'),
      falseAnswerMicros: duration('media.false-answer-after'),
      proofMicros: duration('media.proof-window'),
    },
    peers: parsePeers(line.place('sip.peer'), line.all('sip.peer')),
    ...labels,
    abuse: abuseOf(line, labels.labels?.carriers ?? []),
    windowMicros: duration('metrics.window'),
  };
}

interface Values {
  readonly count: (name: string, minimum: number, maximum: number) => number;
  readonly size: (name: string, minimum: number, maximum: number) => number;
  readonly duration: (name: string) => number;
}

function tlsOf(line: CommandLine, { count, size, duration }: Values): Pick<AnalysisOptions, 'tls'> {
  const limits = {
    maxKeys: count('tls.max-keys', 1, MAX_KEYS),
    maxConnections: count('tls.max-connections', 1, 2 ** 16),
    maxHandshakeBytes: size('tls.max-handshake', 4096, 2 ** 24),
    keyWaitMicros: duration('tls.key-wait'),
  };
  const keyLogFile = line.all('tls.keylog').at(-1);
  return keyLogFile === undefined ? {} : { tls: { keyLogFile, limits } };
}

/** Length of the intervals of RTP streams, 1 s to 60 s. Throws ConfigError. */
function intervalOf(line: CommandLine): number {
  const micros = parseDuration(line.place('rtp.interval'), line.one('rtp.interval'));
  if (micros >= 1e6 && micros <= 60e6) return micros;
  throw new ConfigError(`${line.place('rtp.interval')} takes 1s to 60s, not "${line.one('rtp.interval')}"`);
}

/** Ports whose packets are taken: those of SIP, and with a key log those of TLS. Throws ConfigError. */
function portsOf(line: CommandLine): readonly number[] {
  const ports = parsePorts(line.place('sip.ports'), line.one('sip.ports'));
  const tlsPorts = parsePorts(line.place('tls.ports'), line.one('tls.ports'));
  if (line.all('tls.keylog').length === 0) return ports;
  return [...new Set([...ports, ...tlsPorts])].sort((a, b) => a - b);
}

/** How many series there may be. Throws ConfigError. */
export function budgetOf(line: CommandLine): SeriesBudget {
  return {
    maxSeries: parseCount(line.place('metrics.max-series'), line.one('metrics.max-series'), 1000, MAX_SERIES),
    maxSeriesPerFamily: parseCount(
      line.place('metrics.max-series-per-family'),
      line.one('metrics.max-series-per-family'),
      100,
      MAX_SERIES,
    ),
    ...(line.isOn('metrics.native-histograms') && { hasNativeHistograms: true }),
    ...(line.isOn('metrics.exemplars') && { hasExemplars: true }),
  };
}
