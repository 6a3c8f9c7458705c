// SPDX-License-Identifier: Apache-2.0
import { lowerCase } from '../parameters.ts';
import { thousandthsAt } from './thousandths.ts';

const SP = 0x20;
const COMMA = 0x2c;
const SEMICOLON = 0x3b;
const EQUALS = 0x3d;

/**
 * What `X-RTP-Stat` or `P-RTP-Stat` of a BYE or its response says of the call that ends, as its sender saw it. One object,
 * reused. No standard says what it is; devices agree on these of its fields (docs/media-quality.md):
 *
 *     X-RTP-Stat: PS=207;OS=49680;PR=314;OR=50240;PL=0;JI=600;LA=40;       AudioCodes
 *     P-RTP-Stat: PS=0,OS=0,PR=5429,OR=955504,PL=0,JI=0,LA=0,DU=108        Cisco SPA
 *     X-RTP-Stat: CS=0;PS=1089;PR=1095;PL=0,0;JI=23,2;EN=PCMA;DE=PCMA      AVM, baresip: here, there
 */
export class RtpStat {
  /** Packets sent, received and lost on the way here; -1 where absent. */
  packetsSent = -1;
  packetsReceived = -1;
  packetsLost = -1;
  /** Microseconds; -1 where absent. */
  jitterMicros = -1;
  latencyMicros = -1;
}

/** Two letters in lower case as a number. */
const letters = (name: string): number => (name.charCodeAt(0) << 8) | name.charCodeAt(1);
const PS = letters('ps');
const PR = letters('pr');
const PL = letters('pl');
const JI = letters('ji');
const LA = letters('la');

/**
 * Reads the header field's value of `length` bytes at `offset` into `stat`. Fields are separated by `;` or `,`, unknown
 * ones are stepped over; of a list of values, as PL=0,3, the first counts, and of a field that stands twice. Returns
 * whether any of them was there. Never throws or allocates; linear in `length`.
 */
export function parseRtpStat(bytes: Uint8Array, offset: number, length: number, stat: RtpStat): boolean {
  stat.packetsSent = -1;
  stat.packetsReceived = -1;
  stat.packetsLost = -1;
  stat.jitterMicros = -1;
  stat.latencyMicros = -1;
  const end = offset + length;
  let hasAny = false;
  for (let p = offset; p < end; p++) {
    while (p < end && bytes[p]! <= SP) p++;
    if (p + 2 < end && bytes[p + 2] === EQUALS) {
      const name = (lowerCase[bytes[p]!]! << 8) | lowerCase[bytes[p + 1]!]!;
      if (setField(stat, name, bytes, p + 3, end)) hasAny = true;
    }
    while (p < end && bytes[p] !== SEMICOLON && bytes[p] !== COMMA) p++;
  }
  return hasAny;
}

/** Sets a field that is known and not set yet; returns whether it did. */
function setField(stat: RtpStat, name: number, bytes: Uint8Array, p: number, end: number): boolean {
  switch (name) {
    case PS:
      if (stat.packetsSent >= 0) return false;
      stat.packetsSent = countAt(bytes, p, end);
      return stat.packetsSent >= 0;
    case PR:
      if (stat.packetsReceived >= 0) return false;
      stat.packetsReceived = countAt(bytes, p, end);
      return stat.packetsReceived >= 0;
    case PL:
      if (stat.packetsLost >= 0) return false;
      stat.packetsLost = countAt(bytes, p, end);
      return stat.packetsLost >= 0;
    case JI:
      // Milliseconds: a thousandth is a microsecond.
      if (stat.jitterMicros >= 0) return false;
      stat.jitterMicros = thousandthsAt(bytes, p, end);
      return stat.jitterMicros >= 0;
    case LA:
      if (stat.latencyMicros >= 0) return false;
      stat.latencyMicros = thousandthsAt(bytes, p, end);
      return stat.latencyMicros >= 0;
  }
  return false;
}

/** The whole number at `p`, or -1 without a digit; at most 2^31-1. */
function countAt(bytes: Uint8Array, p: number, end: number): number {
  let value = -1;
  for (; p < end && bytes[p]! >= 0x30 && bytes[p]! <= 0x39; p++) {
    value = Math.min(Math.max(value, 0) * 10 + bytes[p]! - 0x30, 0x7fffffff);
  }
  return value;
}
