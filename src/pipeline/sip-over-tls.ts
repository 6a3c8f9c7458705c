// SPDX-License-Identifier: Apache-2.0
import type { SeededHash } from '../base/hash.ts';
import type { KeyedTable } from '../base/keyed-table.ts';
import type { PacketClock } from '../base/packet-clock.ts';
import { nodeTlsCrypto } from '../crypto/node-tls-crypto.ts';
import type { BufferPool } from '../decode/buffer-pool.ts';
import type { StreamEvents } from '../decode/stream-events.ts';
import type { StreamLimits } from '../decode/stream-limits.ts';
import { StreamRests } from '../decode/stream-rests.ts';
import type { ShardWriter } from '../metrics/shard-writer.ts';
import { TlsMetrics } from '../metrics/tls-metrics.ts';
import { KeyLogReader } from '../tls/key-log.ts';
import { Secrets } from '../tls/secrets.ts';
import type { TlsLimits } from '../tls/tls-limits.ts';
import { TlsStreams } from '../tls/tls-streams.ts';
import { KeyLogFile } from './key-log-file.ts';
import type { StreamProtocols } from './stream-protocols.ts';

/** What TLS can be told. */
export interface TlsOptions {
  readonly keyLogFile: string;
  readonly limits: TlsLimits;
  /** Whether the metrics of the key log are told here, true if not given: several workers read the same. */
  readonly isTellingOfKeyLog?: boolean;
}

/** What `SipOverTls` is made of. */
export interface TlsPipelineParts {
  readonly options: TlsOptions;
  readonly streamLimits: StreamLimits;
  readonly pool: BufferPool;
  readonly hash: SeededHash;
  readonly clock: PacketClock;
  readonly writer: ShardWriter;
  /** Reads what is inside. */
  readonly inside: StreamProtocols;
  readonly streamEvents: StreamEvents;
  /** Has what TCP keeps of a stream read again. */
  readonly readAgain: (stream: number) => void;
  /** What is read from now on was seen at this time. */
  readonly seenAt: (micros: number) => void;
}

/** TLS between two layers of streams: the reader of the outer ones, its key log and its metrics. */
export class SipOverTls {
  /** Reads streams of TLS. */
  readonly streams: TlsStreams;
  readonly #secrets: Secrets;
  readonly #metrics: TlsMetrics;
  readonly #keyLog: KeyLogReader;
  readonly #keyLogFile: KeyLogFile;
  readonly #isTellingOfKeyLog: boolean;

  /** Reads the key log as far as it goes. Throws KeyLogError. */
  constructor(parts: TlsPipelineParts) {
    const { options, streamLimits, pool, hash, clock, writer, inside, streamEvents } = parts;
    this.#secrets = new Secrets(options.limits.maxKeys, hash, clock);
    this.#keyLog = new KeyLogReader(this.#secrets);
    this.#keyLogFile = new KeyLogFile(options.keyLogFile, this.#keyLog);
    this.#keyLogFile.readAll();
    this.#isTellingOfKeyLog = options.isTellingOfKeyLog ?? true;
    this.#metrics = new TlsMetrics(writer);
    const { maxConnections, directionBytes } = streamLimits;
    this.streams = new TlsStreams({
      maxStreamConnections: maxConnections,
      limits: options.limits,
      tlsCrypto: nodeTlsCrypto,
      keys: { secrets: this.#secrets, refresh: () => this.#keyLogFile.lookSoon() },
      clock,
      inside: new StreamRests(maxConnections, directionBytes, pool, inside, streamEvents),
      insideReader: inside,
      readAgain: parts.readAgain,
      seenAt: parts.seenAt,
      events: this.#metrics,
      streamEvents,
    });
  }

  /** The tables of connections and of secrets. */
  get tables(): readonly KeyedTable[] {
    return [this.streams.table, this.#secrets.table];
  }

  /** Reads what was appended to the key log, and tells how it stands; to be called about once a second. */
  refresh(): void {
    if (this.#keyLogFile.look()) this.streams.keysCame();
    if (!this.#isTellingOfKeyLog) return;
    this.#metrics.keyLog(this.#keyLog.lineCounts, this.#keyLogFile.errorCount);
  }
}
