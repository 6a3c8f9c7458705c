// SPDX-License-Identifier: Apache-2.0
import { lineOfEndpoint } from '../media/endpoint-name.ts';
import type { JoinedAddresses } from '../media/joined-addresses.ts';
import type { Codec } from '../rtp/codec.ts';
import type { StreamReport } from '../rtp/stream-events.ts';
import { IS_REPORT } from './handover-record.ts';

/*
 * What a worker tells of a stream of RTP that was joined to a call, for whoever has the call; little-endian, in a ring with
 * messages (handover-record.ts), which have 0 where it has 1:
 *
 *     0      8      12      13  14      16       20         24           28         32      40     48      56           72
 *     +------+------+-------+---+-------+--------+----------+--------------+----------+-------+------+-------+------------+
 *     | time | slot | event | 1 | codec | stream | endpoint | endpoint key | received | first | last | begin | address of |
 *     | dbl. |      |       |   | and PT|        |          |              |          |    three doubles     | the line   |
 *     +------+------+-------+---+-------+--------+----------+--------------+----------+-------+------+-------+------------+
 */
const SLOT = 8;
const EVENT = 12;
const CODEC = 14;
const PAYLOAD_TYPE = 15;
const STREAM = 16;
const ENDPOINT = 20;
const ENDPOINT_KEY = 24;
const RECEIVED = 28;
const FIRST_MICROS = 32;
const LAST_MICROS = 40;
const BEGIN_MICROS = 48;
const ADDRESS = 56;
const ADDRESS_WORDS = 4;
/** Bytes of such a record. */
export const STREAM_REPORT_BYTES = 72;

/** Which method of `StreamEvents` a report is of. */
export const StreamEvent = { began: 0, joined: 1, intervalEnded: 2, ended: 3, left: 4 } as const;
export type StreamEvent = (typeof StreamEvent)[keyof typeof StreamEvent];

/** Of a worker's number a stream's slot has the bits above this. */
const SLOT_BITS = 22;

/** The name of a stream's slot among all workers. */
function slotAmongWorkers(worker: number, slot: number): number {
  return (worker << SLOT_BITS) | slot;
}

/** Which worker's a slot with such a name is. */
export function workerOfSlot(slot: number): number {
  return slot >> SLOT_BITS;
}

/** The slot there. */
function slotOfWorker(slot: number): number {
  return slot & ((1 << SLOT_BITS) - 1);
}

/** Writes what calls want to know of a stream at index `at`, at a time. */
export function writeStreamReport(
  view: DataView,
  at: number,
  micros: number,
  event: StreamEvent,
  worker: number,
  report: StreamReport,
  addresses: JoinedAddresses,
): void {
  view.setFloat64(at, micros, true);
  view.setInt32(at + SLOT, slotAmongWorkers(worker, report.slot), true);
  view.setUint8(at + EVENT, event);
  view.setUint8(at + IS_REPORT, 1);
  view.setUint8(at + CODEC, report.codec);
  view.setInt8(at + PAYLOAD_TYPE, report.payloadType);
  view.setInt32(at + STREAM, report.stream, true);
  view.setInt32(at + ENDPOINT, report.endpoint, true);
  view.setInt32(at + ENDPOINT_KEY, report.endpointKey, true);
  view.setInt32(at + RECEIVED, report.received, true);
  view.setFloat64(at + FIRST_MICROS, report.firstMicros, true);
  view.setFloat64(at + LAST_MICROS, report.lastMicros, true);
  view.setFloat64(at + BEGIN_MICROS, report.beginMicros, true);
  const address = addresses.offsetOf(lineOfEndpoint(report.endpoint));
  for (let word = 0; word < ADDRESS_WORDS; word++) {
    view.setInt32(at + ADDRESS + word * 4, addresses.words[address + word]!, true);
  }
}

/** Reads it, with the address of the stream's line. Returns what it is of. */
export function readStreamReport(
  view: DataView,
  at: number,
  report: StreamReport,
  address: Int32Array,
): StreamEvent {
  report.slot = view.getInt32(at + SLOT, true);
  report.codec = view.getUint8(at + CODEC) as Codec;
  report.payloadType = view.getInt8(at + PAYLOAD_TYPE);
  report.stream = view.getInt32(at + STREAM, true);
  report.endpoint = view.getInt32(at + ENDPOINT, true);
  report.endpointKey = view.getInt32(at + ENDPOINT_KEY, true);
  report.received = view.getInt32(at + RECEIVED, true);
  report.firstMicros = view.getFloat64(at + FIRST_MICROS, true);
  report.lastMicros = view.getFloat64(at + LAST_MICROS, true);
  report.beginMicros = view.getFloat64(at + BEGIN_MICROS, true);
  for (let word = 0; word < ADDRESS_WORDS; word++) {
    address[word] = view.getInt32(at + ADDRESS + word * 4, true);
  }
  return view.getUint8(at + EVENT) as StreamEvent;
}

/** Whether the record at index `at` is a report. */
export function isStreamReport(view: DataView, at: number): boolean {
  return view.getUint8(at + IS_REPORT) === 1;
}

// The order to end a stream: its slot, its key, and the line.
const END_STREAM = 4;
const END_LINE = 8;
/** Bytes of an order. */
export const STREAM_END_BYTES = 12;

/** Writes the order to end a stream, if it still is joined to a line. */
export function writeStreamEnd(view: DataView, at: number, slot: number, stream: number, line: number): void {
  view.setInt32(at, slotOfWorker(slot), true);
  view.setInt32(at + END_STREAM, stream, true);
  view.setInt32(at + END_LINE, line, true);
}

/** The slot in the order at index `at`. */
export function endSlot(view: DataView, at: number): number {
  return view.getInt32(at, true);
}

/** The key of the stream in the order. */
export function endStream(view: DataView, at: number): number {
  return view.getInt32(at + END_STREAM, true);
}

/** The line in the order. */
export function endLine(view: DataView, at: number): number {
  return view.getInt32(at + END_LINE, true);
}
