// SPDX-License-Identifier: Apache-2.0
import { ascii } from '../base/ascii.ts';
import type { Datagram } from '../decode/datagram.ts';
import { JsonReader, JsonToken } from './json-reader.ts';

/** Parts of a report in JSON. */
const Part = { none: 0, report: 1, sender: 2, block: 3, extended: 4 } as const;
type Part = (typeof Part)[keyof typeof Part];

/** A number in JSON, and where it stands in the packets that are written: bytes from the beginning of its part. */
interface Field {
  readonly part: Part;
  readonly key: Uint8Array;
  readonly at: number;
  readonly lengthBytes: number;
}

const field = (part: Part, key: string, at: number, lengthBytes: number): Field => ({
  part,
  key: ascii(key),
  at,
  lengthBytes,
});

/** RFC 3550 §6.4.1, §6.4.2; the VoIP metrics block of RFC 3611 §4.7. */
const fields: readonly Field[] = [
  field(Part.sender, 'ntp_timestamp_sec', 8, 4),
  field(Part.sender, 'ntp_timestamp_usec', 12, 4),
  field(Part.sender, 'rtp_timestamp', 16, 4),
  field(Part.sender, 'packets', 20, 4),
  field(Part.sender, 'octets', 24, 4),
  field(Part.block, 'source_ssrc', 0, 4),
  field(Part.block, 'fraction_lost', 4, 1),
  field(Part.block, 'packets_lost', 5, 3),
  field(Part.block, 'highest_seq_no', 8, 4),
  field(Part.block, 'ia_jitter', 12, 4),
  field(Part.block, 'lsr', 16, 4),
  field(Part.block, 'dlsr', 20, 4),
  // heplify's names, then captagent's.
  field(Part.extended, 'id', 12, 4),
  field(Part.extended, 'fraction_lost', 16, 1),
  field(Part.extended, 'fraction_discard', 17, 1),
  field(Part.extended, 'burst_density', 18, 1),
  field(Part.extended, 'gap_density', 19, 1),
  field(Part.extended, 'burst_duration', 20, 2),
  field(Part.extended, 'gap_duration', 22, 2),
  field(Part.extended, 'round_trip_delay', 24, 2),
  field(Part.extended, 'end_system_delay', 26, 2),
  field(Part.extended, 'identifier', 12, 4),
  field(Part.extended, 'loss_rate', 16, 1),
  field(Part.extended, 'discard_rate', 17, 1),
  field(Part.extended, 'burst_rate', 18, 1),
  field(Part.extended, 'gap_rate', 19, 1),
  field(Part.extended, 'end_sys_delay', 26, 2),
  field(Part.extended, 'signal_lev', 28, 1),
  field(Part.extended, 'noise_lev', 29, 1),
  field(Part.extended, 'RERL', 30, 1),
  field(Part.extended, 'Gmin', 31, 1),
  field(Part.extended, 'R_fact', 32, 1),
  field(Part.extended, 'ext_R_fact', 33, 1),
  field(Part.extended, 'MOS_LQ', 34, 1),
  field(Part.extended, 'MOS_CQ', 35, 1),
  field(Part.extended, 'JB_nom', 38, 2),
  field(Part.extended, 'JB_max', 40, 2),
  field(Part.extended, 'JB_abs_max', 42, 2),
];
const keys = {
  ssrc: ascii('ssrc'),
  type: ascii('type'),
  sender: ascii('sender_information'),
  blocks: ascii('report_blocks'),
  extended: ascii('report_blocks_xr'),
  captagentExtended: ascii('extended_report_information'),
  sdesSource: ascii('sdes_ssrc'),
  sdes: ascii('sdes_information'),
};

const Packet = { senderReport: 200, receiverReport: 201, sdes: 202, bye: 203, extended: 207 } as const;
const VERSION = 0x80;
const VOIP_METRICS = 7;
const HEADER = 4;
const SSRC_AT = 4;
const NTP_SECONDS_AT = 8;
const NTP_FRACTION_AT = 12;
/** Where a sender report and a receiver report end and their blocks begin. */
const BLOCKS_AT = 28;
const RECEIVER_REPORT = 8;
const BLOCK = 24;
const MAX_BLOCKS = 31;
const VOIP_BLOCK = 36;
const EXTENDED = 8 + VOIP_BLOCK;
/** From signal level to MOS of a VoIP metrics block; 127 says that they are not known, and Gmin is the usual 16. */
const NOT_TOLD_AT = 28;
const notTold = Uint8Array.of(127, 127, 127, 16, 127, 127, 127, 127);
const MAX_LENGTH = BLOCKS_AT + MAX_BLOCKS * BLOCK + EXTENDED + 2 * HEADER;

/** Seconds from 1900 to 1970. */
const NTP_EPOCH_SECONDS = 2_208_988_800;
/** A clock that is right is no further away. */
const DAY_SECONDS = 86_400;
const FRACTIONS_PER_MICRO = 2 ** 32 / 1e6;

/**
 * Makes RTCP again of what agents make of it, captagent (src/modules/protocol/rtcp), rtpengine (daemon/rtcp.c), heplify
 * (protos/rtcp.go) and Asterisk (main/rtp_engine.c) nearly the same:
 *
 *     { "ssrc": 1, "type": 200, "sender_information": { "ntp_timestamp_sec": ... }, "report_blocks": [ { "source_ssrc": ... } ] }
 *
 * So what is read of RTCP, and how it is checked, is the same wherever it came from. `type` is the last packet's of a
 * compound one, and `report_count` that one's: what is there decides. Allocates nothing, never throws.
 */
export class RtcpJson {
  readonly #reader = new JsonReader();
  readonly #bytes = new Uint8Array(MAX_LENGTH);
  readonly #view = new DataView(this.#bytes.buffer);
  /** The extended report, until it is known where the blocks end. */
  readonly #extended = new Uint8Array(EXTENDED);
  readonly #extendedView = new DataView(this.#extended.buffer);
  #ssrc = 0;
  #type = 0;
  #blockCount = 0;
  #isSender = false;
  #hasSdes = false;
  #isExtended = false;

  /** Whether a payload is JSON: RTCP begins with its version. */
  static isJson({ bytes, payloadOffset, payloadLength }: Datagram): boolean {
    let p = payloadOffset;
    const end = payloadOffset + payloadLength;
    while (p < end && bytes[p]! <= 0x20) p++;
    return p < end && bytes[p] === 0x7b;
  }

  /**
   * Puts RTCP in place of the JSON that is the payload of a datagram; it stays until the next call. Returns whether there was a report:
   * not where the text is no JSON, has nothing of RTCP, or more blocks than a report can have. `nowMicros` is about when it was
   * made: microseconds since the epoch.
   */
  open(datagram: Datagram, nowMicros: number): boolean {
    this.#clear();
    this.#reader.open(datagram.bytes, datagram.payloadOffset, datagram.payloadLength);
    if (!this.#read()) return false;
    if (this.#isSender) this.#toNtpTime(nowMicros);
    const end = this.#finish();
    const start = this.#isSender ? 0 : BLOCKS_AT - RECEIVER_REPORT;
    if (end <= start) return false;
    datagram.bytes = this.#bytes;
    datagram.view = this.#view;
    datagram.payloadOffset = start;
    datagram.payloadLength = end - start;
    datagram.wirePayloadLength = end - start;
    return true;
  }

  #clear(): void {
    this.#bytes.fill(0, 0, BLOCKS_AT);
    this.#extended.fill(0);
    this.#extended.set(notTold, NOT_TOLD_AT);
    this.#ssrc = 0;
    this.#type = 0;
    this.#blockCount = 0;
    this.#isSender = false;
    this.#hasSdes = false;
    this.#isExtended = false;
  }

  /** Writes the numbers where they belong. Returns whether the text is whole. */
  #read(): boolean {
    const reader = this.#reader;
    let part: Part = Part.none;
    for (;;) {
      const token = reader.next();
      if (token === JsonToken.done) return true;
      if (token === JsonToken.bad) return false;
      if (token === JsonToken.begin) {
        if (reader.depth === 1) part = Part.report;
        else if (reader.depth === 2) part = this.#partOfKey();
        else if (reader.depth === 3 && part === Part.block && !this.#beginBlock()) return false;
      } else if (token === JsonToken.end) {
        if (reader.depth === 1) part = Part.report;
      } else if (token === JsonToken.number) this.#number(part);
    }
  }

  #partOfKey(): Part {
    const reader = this.#reader;
    if (reader.hasKey(keys.sender)) return Part.sender;
    if (reader.hasKey(keys.blocks)) return Part.block;
    if (reader.hasKey(keys.extended) || reader.hasKey(keys.captagentExtended)) return Part.extended;
    if (reader.hasKey(keys.sdes)) this.#hasSdes = true;
    return Part.none;
  }

  #beginBlock(): boolean {
    if (this.#blockCount === MAX_BLOCKS) return false;
    const at = BLOCKS_AT + this.#blockCount * BLOCK;
    this.#bytes.fill(0, at, at + BLOCK);
    this.#blockCount++;
    return true;
  }

  #number(part: Part): void {
    const reader = this.#reader;
    if (part === Part.report) this.#ofReport();
    else if (part === Part.extended && reader.hasKey(keys.type)) {
      this.#isExtended = reader.number[0] === VOIP_METRICS;
    } else if (part !== Part.none) {
      for (let i = 0; i < fields.length; i++) {
        const one = fields[i]!;
        if (one.part === part && reader.hasKey(one.key)) this.#write(one);
      }
    }
  }

  #ofReport(): void {
    const reader = this.#reader;
    if (reader.hasKey(keys.ssrc)) this.#ssrc = wordOf(reader.number[0]!, 4);
    else if (reader.hasKey(keys.type)) this.#type = wordOf(reader.number[0]!, 1);
    else if (reader.hasKey(keys.sdesSource) && reader.number[0] !== 0) {
      this.#hasSdes = true;
      // Of a sender report without blocks captagent tells nothing else of the source.
      if (this.#ssrc === 0) this.#ssrc = wordOf(reader.number[0]!, 4);
    }
  }

  #write({ part, at, lengthBytes }: Field): void {
    let bytes = this.#bytes;
    let target = at;
    const word = wordOf(this.#reader.number[0]!, lengthBytes);
    if (part === Part.extended) bytes = this.#extended;
    else if (part === Part.block) {
      // Beside the blocks' own objects there is none to write to.
      if (this.#blockCount === 0) return;
      target += BLOCKS_AT + (this.#blockCount - 1) * BLOCK;
    } else if (word !== 0) this.#isSender = true;
    for (let i = lengthBytes - 1, rest = word; i >= 0; i--, rest >>>= 8) bytes[target + i] = rest & 0xff;
  }

  /** Writes the headers around what was read. Returns where all of it ends. */
  #finish(): number {
    const type = this.#type;
    let start = BLOCKS_AT - RECEIVER_REPORT;
    let end = start;
    if (type === Packet.senderReport) this.#isSender = true;
    if (this.#isSender || this.#blockCount > 0 || type === Packet.receiverReport) {
      if (this.#isSender) start = 0;
      end = BLOCKS_AT + this.#blockCount * BLOCK;
      const packet = this.#isSender ? Packet.senderReport : Packet.receiverReport;
      this.#header(start, this.#blockCount, packet, end - start);
      this.#view.setInt32(start + SSRC_AT, this.#ssrc);
    }
    if (this.#isExtended) {
      this.#extendedView.setInt32(SSRC_AT, this.#ssrc);
      this.#extendedView.setUint8(8, VOIP_METRICS);
      this.#extendedView.setUint16(10, VOIP_BLOCK / 4 - 1);
      this.#bytes.set(this.#extended, end);
      this.#header(end, 0, Packet.extended, EXTENDED);
      end += EXTENDED;
    }
    if (this.#hasSdes || type === Packet.sdes) end = this.#empty(end, Packet.sdes);
    // Whose it was is not told.
    if (type === Packet.bye) end = this.#empty(end, Packet.bye);
    return end;
  }

  #empty(at: number, packet: number): number {
    this.#header(at, 0, packet, HEADER);
    return at + HEADER;
  }

  #header(at: number, count: number, packet: number, lengthBytes: number): void {
    this.#view.setUint8(at, VERSION | count);
    this.#view.setUint8(at + 1, packet);
    this.#view.setUint16(at + 2, lengthBytes / 4 - 1);
  }

  /**
   * Asterisk tells time since 1970 in microseconds, captagent the NTP time with its bytes in the order of its machine; others
   * NTP time, whose fractions are under the name of microseconds. What gives today is meant, and else it is NTP time of a clock
   * that is wrong.
   */
  #toNtpTime(nowMicros: number): void {
    const view = this.#view;
    const nowSeconds = Math.floor(nowMicros / 1e6) + NTP_EPOCH_SECONDS;
    const seconds = view.getUint32(NTP_SECONDS_AT);
    if (isNear(seconds, nowSeconds)) return;
    if (isNear(seconds + NTP_EPOCH_SECONDS, nowSeconds)) {
      const micros = view.getUint32(NTP_FRACTION_AT);
      view.setUint32(NTP_SECONDS_AT, seconds + NTP_EPOCH_SECONDS);
      // The middle of the microsecond: both ways of rounding stay in it.
      view.setUint32(NTP_FRACTION_AT, Math.min((micros + 0.5) * FRACTIONS_PER_MICRO, 2 ** 32 - 1));
      return;
    }
    const swapped = view.getUint32(NTP_SECONDS_AT, true);
    if (!isNear(swapped, nowSeconds)) return;
    view.setUint32(NTP_SECONDS_AT, swapped);
    view.setUint32(NTP_FRACTION_AT, view.getUint32(NTP_FRACTION_AT, true));
  }
}

/** Whether two times are within a day, in seconds modulo 2^32. */
function isNear(seconds: number, otherSeconds: number): boolean {
  return Math.abs((seconds - otherSeconds) | 0) < DAY_SECONDS;
}

/** A number as an int32 of whose bytes the lowest `lengthBytes` are it, or the next that fits. */
function wordOf(value: number, lengthBytes: number): number {
  const whole = Math.trunc(value);
  const limit = 2 ** (8 * lengthBytes);
  return (whole < 0 ? Math.max(whole, -limit / 2) : Math.min(whole, limit - 1)) | 0;
}
