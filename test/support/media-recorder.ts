// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { SeededHash } from '../../src/base/hash.ts';
import { PacketClock } from '../../src/base/packet-clock.ts';
import { PortCounts } from '../../src/base/port-counts.ts';
import { Ticks } from '../../src/base/ticks.ts';
import { Datagram } from '../../src/decode/datagram.ts';
import { MediaCalls } from '../../src/media/media-calls.ts';
import {
  findingIndex,
  findingTuples,
  fromNames,
  leftOutNames,
  type MediaEvents,
  mediaCallStateNames,
  mediaResultNames,
} from '../../src/media/media-events.ts';
import type { MediaLimits } from '../../src/media/media-limits.ts';
import type { MediaMemory } from '../../src/media/media-memory.ts';
import { codecNames } from '../../src/rtp/codec.ts';
import type { JoinedBy } from '../../src/rtp/media-directory.ts';
import { StreamReport } from '../../src/rtp/stream-events.ts';
import { readSessionDescription } from '../../src/sdp/read-session-description.ts';
import { defaultSdpLimits } from '../../src/sdp/sdp-limits.ts';
import { SdpResult } from '../../src/sdp/sdp-result.ts';
import { SessionDescription } from '../../src/sdp/session-description.ts';
import { SipMessage } from '../../src/sip/message.ts';
import { parseMessage } from '../../src/sip/parse-message.ts';
import { ParseResult } from '../../src/sip/parse-result.ts';
import { defaultParserLimits } from '../../src/sip/parser-limits.ts';
import { CallKey } from '../../src/state/call-key.ts';

const SECOND = 1e6;

export const mediaLimits: MediaLimits = {
  maxCalls: 100,
  maxEndpoints: 1000,
  callMicros: 3600 * SECOND,
  lateMicros: 2 * SECOND,
  falseAnswerMicros: 3 * SECOND,
  proofMicros: 600 * SECOND,
};

/** An address and port, as `192.0.2.1:4000`. */
export type Place = string;

/** Four words as in `Datagram`. */
export function wordsOf(address: string): Int32Array {
  const octets = address.split('.').map(Number);
  return Int32Array.of(
    0,
    0,
    0xffff,
    octets.reduce((word, octet) => (word << 8) | octet, 0),
  );
}

/** A datagram from one place to another. */
export function datagramOf(from: Place, to: Place): Datagram {
  const datagram = new Datagram();
  const [source, sourcePort] = from.split(':');
  const [destination, destinationPort] = to.split(':');
  datagram.sourceAddress.set(wordsOf(source!));
  datagram.destinationAddress.set(wordsOf(destination!));
  datagram.sourcePort = Number(sourcePort);
  datagram.destinationPort = Number(destinationPort);
  return datagram;
}

/** Media of calls whose events are written down as text, and a clock in seconds. */
export class MediaRecorder implements MediaEvents {
  readonly events: string[] = [];
  readonly media: MediaCalls;
  readonly ports: PortCounts = new PortCounts();
  readonly gauges: number[] = mediaCallStateNames.map(() => 0);
  seconds = 1_700_000_000;
  readonly clock: PacketClock = new PacketClock();
  readonly #ticks: Ticks;
  readonly #key: CallKey;
  readonly #description = new SessionDescription(defaultSdpLimits.maxMedia);
  readonly #report = new StreamReport();
  #streams = 0;

  /** With `memory`, as where other threads have streams of the calls. */
  constructor(limits: Partial<MediaLimits> = {}, memory?: MediaMemory) {
    const hash = new SeededHash(1, 2);
    this.#key = new CallKey(hash);
    this.clock.micros = this.seconds * SECOND;
    this.media = new MediaCalls({
      limits: { ...mediaLimits, ...limits },
      hash,
      clock: this.clock,
      ports: this.ports,
      events: this,
      ...(memory && { memory }),
    });
    this.#ticks = new Ticks(this.clock, 100_000, [this.media]);
  }

  mediaCallBegan(): void {}
  mediaDescribed(): void {}
  descriptionLeftOut(_context: number, reason: number): void {
    this.events.push(`left out:${leftOutNames[reason]}`);
  }
  mediaDelay(_call: number, _context: number, from: number, delayMicros: number): void {
    this.events.push(`delay:${fromNames[from]}:${delayMicros / SECOND}`);
  }
  mediaFinding(_call: number, _context: number, finding: number, from: number): void {
    this.events.push(findingTuples[findingIndex(finding as 0, from as 0)]!.join(':'));
  }
  mediaCodec(_call: number, _context: number, from: number, codec: number): void {
    this.events.push(`${fromNames[from]}:${codecNames[codec]}`);
  }
  mediaJudged(_call: number, _context: number, result: number): void {
    this.events.push(mediaResultNames[result]!);
  }
  mediaCallsChanged(_context: number, state: number, change: number): void {
    this.gauges[state]! += change;
  }

  /** Takes a message that came from an address, and returns what happened since the last call. */
  take(text: string, source = '192.0.2.99'): string[] {
    const bytes = new TextEncoder().encode(text);
    const message = new SipMessage();
    const parsed = parseMessage(
      bytes,
      new DataView(bytes.buffer),
      0,
      bytes.length,
      defaultParserLimits,
      message,
    );
    assert.equal(parsed, ParseResult.message, text);
    const datagram = new Datagram();
    datagram.sourceAddress.set(wordsOf(source));
    this.#key.read(message);
    this.#now();
    const read = readSessionDescription(message, defaultSdpLimits, this.#description);
    if (read === SdpResult.description && MediaCalls.describes(message)) {
      this.media.describe(this.#key, message, datagram, this.#description, 0);
    }
    if (MediaCalls.concerns(message)) this.media.signal(this.#key, message);
    return this.events.splice(0);
  }

  /** What a packet from one place to another is joined to: how, and whether by who sends it. */
  find(from: Place, to: Place): { joinedBy: JoinedBy; endpoint: number; endpointKey: number } {
    const datagram = datagramOf(from, to);
    const { directory } = this.media;
    const joinedBy = directory.find(datagram);
    return { joinedBy, endpoint: directory.endpoint, endpointKey: directory.endpointKey };
  }

  /** A stream of media that begins now. */
  stream(from: Place, to: Place, codec = 1, payloadType = 0): RecordedStream {
    const found = this.find(from, to);
    const name = ++this.#streams;
    const beginSeconds = this.seconds;
    const report = this.#report;
    const tell = (first: number): void => {
      this.#now();
      Object.assign(report, found, { stream: name, slot: name, codec, payloadType, received: 100 });
      report.firstMicros = beginSeconds * SECOND;
      report.beginMicros = first * SECOND;
      report.lastMicros = this.seconds * SECOND;
      report.endMicros = report.lastMicros;
    };
    tell(beginSeconds);
    this.media.flows.streamBegan(report);
    let intervalSeconds = beginSeconds;
    return {
      joinedBy: found.joinedBy,
      flow: (seconds) => {
        this.seconds += seconds;
        tell(intervalSeconds);
        this.media.flows.intervalEnded(report);
        intervalSeconds = this.seconds;
      },
      end: () => {
        tell(intervalSeconds);
        report.lastMicros = intervalSeconds * SECOND;
        this.media.flows.streamEnded(report);
      },
    };
  }

  /** Lets time pass and returns what happened. */
  wait(seconds: number): string[] {
    this.seconds += seconds;
    this.#now();
    while (this.#ticks.advance());
    return this.events.splice(0);
  }

  finish(): string[] {
    this.media.finish();
    return this.events.splice(0);
  }

  #now(): void {
    this.clock.micros = this.seconds * SECOND;
  }
}

/** One stream of a `MediaRecorder`. */
export interface RecordedStream {
  readonly joinedBy: JoinedBy;
  /** It flows for so long, alone: time passes. */
  flow(seconds: number): void;
  end(): void;
}

/** A session description with one voice; port 0 for a line that is off. */
export function sdp(place: Place, lines: readonly string[] = [], formats = '0'): string {
  const [address, port] = place.split(':');
  return [
    'v=0',
    `o=- 1 1 IN IP4 ${address}`,
    's=-',
    `c=IN IP4 ${address}`,
    't=0 0',
    `m=audio ${port} RTP/AVP ${formats}`,
    ...lines,
    '',
  ].join('\r\n');
}

/** A message with a description behind its header fields. */
export function withSdp(text: string, body: string): string {
  return text.replace(/\r\n\r\n$/, `\r\nContent-Type: application/sdp\r\n\r\n${body}`);
}
