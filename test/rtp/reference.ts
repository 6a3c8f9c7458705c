// SPDX-License-Identifier: Apache-2.0
import type { TestPacket } from './rtp-monitor.ts';

// A slow second opinion on the streams of RTP: one stream, whole objects and arrays, written from the text of RFC 3550
// appendix A and RFC 3611 §4.7.2 and appendix A.2. It shares nothing with src/.

export interface ReferenceInterval {
  received: number;
  lost: number;
  duplicate: number;
  outOfOrder: number;
  jitterMicros: number;
  /** One letter a packet sent: `.` heard, `-` lost, `x` discarded. */
  losses: string;
}

export interface ReferenceOptions {
  clockRate: number;
  intervalMicros: number;
  /** Sequence numbers behind the highest from which on what is missing is lost. */
  settledBehind: number;
}

const asidePayloadTypes = new Set([13, 101]);

/** Intervals of the packets of one stream without restarts, the first of which is its oldest. */
export function referenceIntervals(
  packets: readonly TestPacket[],
  { clockRate, intervalMicros, settledBehind }: ReferenceOptions,
): ReferenceInterval[] {
  const arrived = new Map<number, { discarded: boolean }>();
  const intervals: ReferenceInterval[] = [];
  const first = packets[0]!;
  let open = newInterval();
  let endMicros = first.micros + intervalMicros;
  let highest = first.sequenceNumber;
  let settled = first.sequenceNumber - 1;
  let jitterUnits = 0;
  let previous: TestPacket | undefined;
  const told = new Set<number>();
  let givenBack = 0;

  function newInterval(): ReferenceInterval {
    return { received: 0, lost: 0, duplicate: 0, outOfOrder: 0, jitterMicros: 0, losses: '' };
  }
  const settleUpTo = (sequence: number): void => {
    for (; settled < sequence; settled++) {
      const packet = arrived.get(settled + 1);
      open.losses += packet === undefined ? '-' : packet.discarded ? 'x' : '.';
      if (packet === undefined) {
        open.lost++;
        told.add(settled + 1);
      }
    }
  };
  const close = (): void => {
    open.jitterMicros = (jitterUnits / clockRate) * 1e6;
    const taken = Math.min(open.lost, givenBack);
    open.lost -= taken;
    givenBack -= taken;
    if (open.received + open.lost + open.duplicate > 0) intervals.push(open);
    open = newInterval();
  };

  for (const packet of packets) {
    while (packet.micros >= endMicros) {
      close();
      endMicros += intervalMicros;
    }
    // The sequence number, extended by its cycles: the one nearest to the highest.
    const cycles = Math.round((highest - packet.sequenceNumber) / 65_536);
    const sequence = packet.sequenceNumber + cycles * 65_536;
    if (arrived.has(sequence)) {
      open.duplicate++;
      continue;
    }
    open.received++;
    const note = { discarded: false };
    arrived.set(sequence, note);
    if (sequence > highest) highest = sequence;
    else if (sequence < highest) open.outOfOrder++;
    if (told.delete(sequence)) givenBack++;
    settleUpTo(highest - settledBehind);
    if (asidePayloadTypes.has(packet.payloadType ?? 0)) continue;
    if (previous !== undefined) {
      // RFC 3550 A.8
      const arrivalUnits = ((packet.micros - previous.micros) * clockRate) / 1e6;
      const difference = Math.abs(arrivalUnits - ((packet.timestamp - previous.timestamp) | 0));
      jitterUnits += (difference - jitterUnits) / 16;
    }
    previous = packet;
  }
  settleUpTo(highest);
  close();
  return intervals;
}

export interface Bursts {
  burstDensity: number;
  gapDensity: number;
  /** Mean lengths in packets. */
  burstLength: number;
  gapLength: number;
}

/**
 * The counters of RFC 3611 A.2. Its program takes for granted that a burst ended before the first packet and counts no loss or burst
 * until the next one; here the edges are gaps. And it counts the packet that begins a burst to the gap before as well, which
 * makes its gaps a packet longer.
 */
export function referenceBursts(losses: string, gmin = 16): Bursts {
  let [c11, c13, c14, c22, c23, c33] = [0, 0, 0, 0, 0, 0];
  let lost = 0;
  let pkt = 0;
  const endOfGroup = (): void => {
    if (lost === 1) c14++;
    else if (lost > 1) c13++;
    c11 += pkt;
  };
  for (const letter of losses) {
    if (letter === '.') {
      pkt++;
      continue;
    }
    if (lost === 0 || pkt >= gmin) {
      endOfGroup();
      lost = 1;
    } else {
      lost++;
      if (pkt === 0) c33++;
      else {
        c23++;
        c22 += pkt - 1;
      }
    }
    pkt = 0;
  }
  endOfGroup();
  const c31 = c13;
  const c32 = c23;
  const p32 = c32 / (c31 + c32 + c33);
  const p23 = c22 + c23 < 1 ? 1 : 1 - c22 / (c22 + c23);
  return {
    burstDensity: c13 === 0 ? 0 : p23 / (p23 + p32),
    gapDensity: c11 + c14 === 0 ? 0 : c14 / (c11 + c14),
    burstLength: c13 === 0 ? 0 : (c22 + c23 + c31 + c32 + c33) / c13,
    gapLength: (c11 + c14) / Math.max(1, c13),
  };
}

/** G.107 §7.2: mean length of the runs of losses, over that of random loss of the same share. */
export function referenceBurstRatio(losses: string): number {
  const runs = losses.split('.').filter((run) => run !== '');
  if (runs.length === 0) return 1;
  const count = losses.replaceAll('.', '').length;
  return Math.max(1, count / runs.length / (1 / (1 - count / losses.length)));
}
