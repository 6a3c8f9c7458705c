// SPDX-License-Identifier: Apache-2.0
import { randomSource } from '../../support/random.ts';
import { dataChunk, iDataChunk, pieceAt, sackChunk, sctp } from '../../support/sctp.ts';
import { ethernet, ipv4 } from '../../support/udp-frame.ts';
import type { SeenFrame } from '../calls/monitor.ts';
import type { UdpMessage } from './udp-message.ts';

/** How messages go over SCTP. */
export interface SctpManner {
  /** Messages in pieces of at most so many bytes; whole if not given. */
  readonly pieceBytes?: number;
  /** The pieces of a message in any order. */
  readonly isReordered?: boolean;
  /** I-DATA instead of DATA. */
  readonly isInterleaved?: boolean;
  /** Several chunks in a packet, an acknowledgement before them. */
  readonly isBundled?: boolean;
  /** Some chunks come once more, in a packet of the next message. */
  readonly isRepeated?: boolean;
  readonly seed: number;
}

/** What comes of a capture beside its messages. */
export type SctpExtras = {
  duplicates: number;
};

/** One direction of an association. */
interface Direction {
  readonly verificationTag: number;
  tsn: number;
  message: number;
  /** Chunks to be sent once more, and when they were sent. */
  repeated: Uint8Array[];
  repeatedMicros: number;
}

/** The messages of a capture over SCTP (RFC 4168): each is complete when it was over UDP. */
export function overSctp(
  messages: readonly UdpMessage[],
  manner: SctpManner,
): { frames: SeenFrame[]; extras: SctpExtras } {
  const random = randomSource(manner.seed);
  const directions = new Map<string, Direction>();
  const frames: SeenFrame[] = [];
  const extras: SctpExtras = { duplicates: 0 };
  for (const { frame, message } of messages) {
    if (message === undefined) {
      frames.push(frame);
      continue;
    }
    const { source, destination, payload } = message;
    const path = `${source} ${destination}`;
    let direction = directions.get(path);
    if (direction === undefined) {
      const verificationTag = random(2 ** 31) * 2 + 1;
      direction = { verificationTag, tsn: random(2 ** 31) * 2, message: 0, repeated: [], repeatedMicros: 0 };
      directions.set(path, direction);
    }
    const { pieceBytes = payload.length } = manner;
    const count = Math.ceil(payload.length / pieceBytes);
    const chunks: Uint8Array[] = [];
    for (let i = 0; i < count; i++) {
      const fields = {
        tsn: direction.tsn,
        stream: 1,
        message: direction.message,
        piece: pieceAt(i, count),
        pieceNumber: i,
      };
      const userData = payload.subarray(i * pieceBytes, (i + 1) * pieceBytes);
      chunks.push(manner.isInterleaved === true ? iDataChunk(fields, userData) : dataChunk(fields, userData));
      direction.tsn = (direction.tsn + 1) >>> 0;
    }
    // tshark, which is to judge, counts TSNs from the first one that it sees.
    if (manner.isReordered === true && direction.message > 0) shuffle(chunks, random);
    direction.message = (direction.message + 1) & 0xffff;
    // Nobody waits longer with a retransmission: RTO.Max is 60 s (RFC 9260 §16).
    const again = frame.micros < direction.repeatedMicros + 60e6 ? direction.repeated : [];
    direction.repeatedMicros = frame.micros;
    extras.duplicates += again.length;
    direction.repeated = manner.isRepeated === true ? chunks.filter(() => random(2) === 0) : [];
    const all = [...again, ...chunks];
    const perPacket = manner.isBundled === true ? 3 : 1;
    for (let i = 0; i < all.length; i += perPacket) {
      const bundle = all.slice(i, i + perPacket);
      if (manner.isBundled === true) bundle.unshift(sackChunk(1));
      const packet = sctp({ verificationTag: direction.verificationTag }, ...bundle);
      const bytes = ethernet(0x0800, ipv4({ source, destination, protocol: 132 }, packet));
      frames.push({ ...frame, bytes });
    }
  }
  return { frames, extras };
}

function shuffle(values: Uint8Array[], random: (limit: number) => number): void {
  for (let i = values.length - 1; i > 0; i--) {
    const j = random(i + 1);
    [values[i], values[j]] = [values[j]!, values[i]!];
  }
}
