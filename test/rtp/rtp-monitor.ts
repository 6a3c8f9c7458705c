// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { Frame, LinkType } from '../../src/base/frame.ts';
import { SeededHash } from '../../src/base/hash.ts';
import { PacketClock } from '../../src/base/packet-clock.ts';
import { Ticks } from '../../src/base/ticks.ts';
import { Datagram } from '../../src/decode/datagram.ts';
import { DecodeResult } from '../../src/decode/decode-result.ts';
import { decodeFrame } from '../../src/decode/frame-decoder.ts';
import { Codec } from '../../src/rtp/codec.ts';
import { JoinedBy, type MediaDirectory } from '../../src/rtp/media-directory.ts';
import { parseRtpHeader, RtpResult } from '../../src/rtp/parse-rtp-header.ts';
import { RtpHeader } from '../../src/rtp/rtp-header.ts';
import type { RtpLimits } from '../../src/rtp/rtp-limits.ts';
import type { StreamEvents, StreamReport } from '../../src/rtp/stream-events.ts';
import { RtpStreams } from '../../src/rtp/streams.ts';
import { testRtpLimits } from '../pipeline/monitor.ts';
import { lendBytes } from '../support/lend-frame.ts';

/** A packet of RTP as a test writes it. */
export interface TestPacket {
  micros: number;
  sequenceNumber: number;
  timestamp: number;
  marker?: boolean;
  /** 0, PCMU, where not given. */
  payloadType?: number;
  ssrc?: number;
  payloadBytes?: number;
  sourcePort?: number;
  destinationPort?: number;
  /** Last byte of the source address. */
  source?: number;
  identification?: number;
  checksum?: number;
}

/** PCMU, PCMA, comfort noise, video and telephone-event at 8000 Hz; Opus at 48000 Hz. */
const codecByPayloadType: Readonly<Record<number, Codec>> = {
  0: Codec.pcmu,
  8: Codec.pcma,
  13: Codec.comfortNoise,
  96: Codec.video,
  97: Codec.rtx,
  101: Codec.telephoneEvent,
  111: Codec.opus,
};

/** Signalling as a test wants it: announced are the packets to these ports. */
export class TestDirectory implements MediaDirectory {
  readonly endpointKey = 77;
  endpoint = -1;
  asked = 0;
  isEncryptedMedia = false;
  isAnnounced: (port: number) => boolean = () => true;

  find({ destinationPort }: Datagram): JoinedBy {
    this.asked++;
    if (!this.isAnnounced(destinationPort)) return JoinedBy.none;
    this.endpoint = destinationPort;
    return JoinedBy.destination;
  }

  isStill(endpoint: number): boolean {
    return this.isAnnounced(endpoint);
  }

  codecOf(endpoint: number, payloadType: number): Codec {
    if (endpoint < 0 && payloadType >= 96) return Codec.other;
    return codecByPayloadType[payloadType] ?? Codec.other;
  }

  ratedCodecOf(endpoint: number, payloadType: number): number {
    return this.codecOf(endpoint, payloadType);
  }

  clockRateOf(endpoint: number, payloadType: number): number {
    const codec = this.codecOf(endpoint, payloadType);
    return codec === Codec.opus ? 48_000 : codec === Codec.video ? 90_000 : 8000;
  }

  isEncrypted(): boolean {
    return this.isEncryptedMedia;
  }
}

/** Streams with a recorder behind them; `began`, `intervals` and `ended` are copies of the reports. */
export class RtpMonitor implements StreamEvents {
  readonly began: StreamReport[] = [];
  readonly intervals: StreamReport[] = [];
  readonly ended: StreamReport[] = [];
  readonly clock: PacketClock = new PacketClock();
  readonly directory: TestDirectory = new TestDirectory();
  readonly streams: RtpStreams;
  readonly datagram: Datagram = new Datagram();
  /** Traffic context of the packets. */
  context = 0;
  readonly #ticks: Ticks;
  readonly #header = new RtpHeader();
  readonly #frame = new Frame();

  constructor(limits: Partial<RtpLimits> = {}) {
    this.clock.micros = 1e6;
    const hash = new SeededHash(1, 2);
    const all = { ...testRtpLimits, ...limits };
    this.streams = new RtpStreams(all, this.directory, hash, this.clock, this);
    this.#ticks = new Ticks(this.clock, 100_000, [this.streams]);
    this.datagram.sourceAddress[2] = 0xffff;
    this.datagram.destinationAddress[2] = 0xffff;
  }

  take(packet: TestPacket): void {
    const { datagram } = this;
    const header = this.#header;
    this.wait(packet.micros);
    datagram.sourceAddress[3] = packet.source ?? 1;
    datagram.destinationAddress[3] = 2;
    datagram.sourcePort = packet.sourcePort ?? 10_000;
    datagram.destinationPort = packet.destinationPort ?? 20_000;
    datagram.ipIdentification = packet.identification ?? packet.sequenceNumber;
    datagram.udpChecksum = packet.checksum ?? 0;
    header.marker = packet.marker ?? false;
    header.payloadType = packet.payloadType ?? 0;
    header.sequenceNumber = packet.sequenceNumber & 0xffff;
    header.timestamp = packet.timestamp | 0;
    header.ssrc = packet.ssrc ?? 0x1234;
    header.payloadBytes = packet.payloadBytes ?? 160;
    this.streams.packet(datagram, header, this.context);
  }

  /** Takes the packet of RTP in an Ethernet frame. */
  takeFrame(bytes: Uint8Array, micros: number): void {
    lendBytes(this.#frame, bytes);
    this.#frame.linkType = LinkType.ethernet;
    const { datagram } = this;
    assert.equal(decodeFrame(this.#frame, datagram), DecodeResult.datagram);
    this.wait(micros);
    const { view, payloadOffset, payloadLength } = datagram;
    const result = parseRtpHeader(view, payloadOffset, payloadLength, payloadLength, this.#header);
    assert.equal(result, RtpResult.packet);
    this.streams.packet(datagram, this.#header, this.context);
  }

  /** Sets the time and does what is due. */
  wait(micros: number): void {
    this.clock.micros = micros;
    while (this.#ticks.advance());
  }

  takeAll(packets: readonly TestPacket[]): this {
    for (const packet of packets) this.take(packet);
    return this;
  }

  finish(): this {
    this.streams.finish();
    return this;
  }

  /** The sum of a number over all intervals. */
  sum(name: NumberName): number {
    return this.intervals.reduce((sum, report) => sum + report[name], 0);
  }

  streamBegan(report: StreamReport): void {
    this.began.push({ ...report });
  }

  intervalEnded(report: StreamReport): void {
    this.intervals.push({ ...report });
  }

  streamEnded(report: StreamReport): void {
    this.ended.push({ ...report });
  }
}

/** Fields of a report that are numbers. */
export type NumberName = {
  [Name in keyof StreamReport]: StreamReport[Name] extends number ? Name : never;
}[keyof StreamReport];

/** `count` packets of 20 ms of G.711, from 1 s on. */
export function voice(count: number, first: Partial<TestPacket> = {}): TestPacket[] {
  const { micros = 1e6, sequenceNumber = 1000, timestamp = 5000 } = first;
  return Array.from({ length: count }, (_, i) => ({
    ...first,
    micros: micros + i * 20_000,
    sequenceNumber: (sequenceNumber + i) & 0xffff,
    timestamp: (timestamp + i * 160) | 0,
  }));
}

/** The packets behind those of `voice(count, first)`. */
export function after(
  packets: readonly TestPacket[],
  count: number,
  change: Partial<TestPacket> = {},
): TestPacket[] {
  const last = packets.at(-1)!;
  return voice(count, {
    ...last,
    micros: last.micros + 20_000,
    sequenceNumber: last.sequenceNumber + 1,
    timestamp: last.timestamp + 160,
    ...change,
  });
}
