// SPDX-License-Identifier: Apache-2.0
import { Frame, LinkType } from '../../src/base/frame.ts';
import { SeededHash } from '../../src/base/hash.ts';
import { Datagram } from '../../src/decode/datagram.ts';
import { DecodeResult } from '../../src/decode/decode-result.ts';
import {
  defaultFragmentLimits,
  type FragmentLimits,
  fragmentResultNames,
} from '../../src/decode/fragment-limits.ts';
import { FragmentTable } from '../../src/decode/fragment-table.ts';
import { decodeFrame, decodeWholePacket } from '../../src/decode/frame-decoder.ts';
import { lendBytes } from './lend-frame.ts';

/** What the tests have as duplicate window. */
export const duplicateMicros = 50e3;

/** Where a packet was seen. */
export interface Sighting {
  readonly context?: number;
  readonly vlanTci?: number;
  readonly originalLength?: number;
}

/** A table for fragments in bare IP packets, and what it told. */
export class FragmentBench {
  readonly table: FragmentTable;
  /** `N duplicates` and results, behind the context where that is not 0. */
  readonly told: string[] = [];
  readonly datagram: Datagram = new Datagram();
  micros = 1_700_000_000e6;
  readonly #frame = new Frame();

  constructor(limits: Partial<FragmentLimits> = {}) {
    const tell = (context: number, what: string): void => {
      this.told.push(context === 0 ? what : `${context}: ${what}`);
    };
    const hash = new SeededHash(1, 2);
    this.table = new FragmentTable({ ...defaultFragmentLimits, ...limits }, duplicateMicros, hash, {
      fragment: () => undefined,
      duplicates: (context, count) => tell(context, `${count} duplicates`),
      ended: (context, result) => tell(context, fragmentResultNames[result]!),
    });
    this.#frame.linkType = LinkType.rawIp;
  }

  /** Takes a packet, a fragment; returns the packet that it makes whole. */
  packetOf(packet: Uint8Array, sighting: Sighting = {}): Frame | undefined {
    const { context = 0, vlanTci = -1, originalLength = packet.length } = sighting;
    const frame = this.#frame;
    lendBytes(frame, packet);
    frame.originalLength = originalLength;
    frame.vlanTci = vlanTci;
    frame.arrivalMicros = this.micros;
    const decoded = decodeFrame(frame, this.datagram);
    if (decoded !== DecodeResult.fragment) throw new Error(`no fragment: ${decoded}`);
    return this.table.add(frame, this.datagram, context) ? this.table.packet : undefined;
  }

  /** Takes a packet, a fragment; returns the UDP payload that it makes whole, as text. */
  take(packet: Uint8Array, sighting: Sighting = {}): string | undefined {
    const { datagram } = this;
    const whole = this.packetOf(packet, sighting);
    if (whole === undefined) return undefined;
    const decoded = decodeWholePacket(whole, datagram);
    if (decoded !== DecodeResult.datagram) throw new Error(`no datagram: ${decoded}`);
    const { bytes, payloadOffset, payloadLength } = datagram;
    return Buffer.from(bytes.subarray(payloadOffset, payloadOffset + payloadLength)).toString('latin1');
  }

  /** Takes packets in a row; the payloads that became whole. */
  takeAll(packets: readonly Uint8Array[]): string[] {
    return packets.map((packet) => this.take(packet)).filter((payload) => payload !== undefined);
  }

  /** Lets time pass. */
  wait(micros: number): void {
    this.micros += micros;
    this.table.advance(this.micros);
  }
}
