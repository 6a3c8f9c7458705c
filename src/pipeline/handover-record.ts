// SPDX-License-Identifier: Apache-2.0
import type { Evidence, EvidenceKind } from '../abuse/evidence.ts';
import type { PacketClock } from '../base/packet-clock.ts';
import type { Datagram } from '../decode/datagram.ts';
import type { SipTransport } from '../decode/sip-transport.ts';
import type { Sighting } from '../state/transactions.ts';

/*
 * A message on its way from one worker to another, little-endian:
 *
 *     0         8         12    13     14      15     16        32        48      50      52     54     56    60       64
 *     +---------+---------+-----+------+-------+------+---------+---------+-------+-------+------+------+-----+--------+------
 *     | arrival | context | IP  | 0    | trans-| sigh-| source  | desti-  | source| dest. | IP   | UDP  | VLAN| payload| payload
 *     | double  |         | ver.|      | port  | ting | address | nation  | port  | port  | ident| chk. | tag | length |
 *     +---------+---------+-----+------+-------+------+---------+---------+-------+-------+------+------+-----+--------+------
 *
 * Evidence of abuse has the IP version 0, and its own fields behind it:
 *
 *     0         8         12   14     16       20       24       28       32
 *     +---------+---------+----+------+--------+--------+--------+--------+-----
 *     | time    | context | 0  | kind | source, 2 words | target | window | not used
 *     +---------+---------+----+------+--------+--------+--------+--------+-----
 *
 * The context is one of the shard of the worker that writes. A report of a stream has no 0 there: media-handover-record.ts.
 */
const CONTEXT = 8;
const IP_VERSION = 12;
/** Byte of a record that is 1 in a report of a stream, and 0 in all else. */
export const IS_REPORT = 13;
const TRANSPORT = 14;
const SIGHTING = 15;
const SOURCE_ADDRESS = 16;
const DESTINATION_ADDRESS = 32;
const SOURCE_PORT = 48;
const DESTINATION_PORT = 50;
const IP_IDENTIFICATION = 52;
const UDP_CHECKSUM = 54;
const VLAN_TCI = 56;
const PAYLOAD_LENGTH = 60;
/** IP version of what is no message. */
const EVIDENCE = 0;
const EVIDENCE_KIND = 14;
const SOURCE_FIRST = 16;
const SOURCE_SECOND = 20;
const TARGET = 24;
const WINDOW = 28;
/** Bytes before the payload. */
export const HANDOVER_HEADER_BYTES = 64;
/** Bytes of a ring besides two records. */
const RING_OVERHEAD_BYTES = 16;
const ADDRESS_WORDS = 4;

/** The least bytes of a ring: room for two messages of `maxMessageBytes`. */
export function leastRingBytes(maxMessageBytes: number): number {
  return 2 * (maxMessageBytes + HANDOVER_HEADER_BYTES) + RING_OVERHEAD_BYTES;
}

/** Notes at index `at` how its owner saw the message that was written there: for the media of its call. */
export function setSighting(view: DataView, at: number, sighting: Sighting): void {
  view.setUint8(at + SIGHTING, sighting);
}

/** How the owner of the message at index `at` saw it. */
export function handoverSighting(view: DataView, at: number): Sighting {
  return view.getUint8(at + SIGHTING) as Sighting;
}

/** Writes a datagram at index `at`, where `HANDOVER_HEADER_BYTES` and its payload have room. */
export function writeHandover(
  view: DataView,
  at: number,
  context: number,
  datagram: Datagram,
  arrivalMicros: Float64Array,
  index: number,
): void {
  view.setFloat64(at, arrivalMicros[index]!, true);
  view.setInt32(at + CONTEXT, context, true);
  view.setUint8(at + IP_VERSION, datagram.ipVersion);
  view.setUint8(at + IS_REPORT, 0);
  view.setUint8(at + TRANSPORT, datagram.transport);
  for (let word = 0; word < ADDRESS_WORDS; word++) {
    view.setInt32(at + SOURCE_ADDRESS + word * 4, datagram.sourceAddress[word]!, true);
    view.setInt32(at + DESTINATION_ADDRESS + word * 4, datagram.destinationAddress[word]!, true);
  }
  view.setUint16(at + SOURCE_PORT, datagram.sourcePort, true);
  view.setUint16(at + DESTINATION_PORT, datagram.destinationPort, true);
  view.setUint16(at + IP_IDENTIFICATION, datagram.ipIdentification, true);
  view.setUint16(at + UDP_CHECKSUM, datagram.udpChecksum, true);
  view.setInt32(at + VLAN_TCI, datagram.vlanTci, true);
  view.setInt32(at + PAYLOAD_LENGTH, datagram.payloadLength, true);
  copyBytes(datagram.view, datagram.payloadOffset, datagram.payloadLength, view, at + HANDOVER_HEADER_BYTES);
}

/** Writes evidence at index `at`, where `HANDOVER_HEADER_BYTES` have room. */
export function writeEvidence(view: DataView, at: number, evidence: Evidence, clock: PacketClock): void {
  view.setFloat64(at, clock.micros, true);
  view.setInt32(at + CONTEXT, evidence.context, true);
  view.setUint16(at + IP_VERSION, EVIDENCE, true);
  view.setUint16(at + EVIDENCE_KIND, evidence.kind, true);
  view.setInt32(at + SOURCE_FIRST, evidence.sourceFirst, true);
  view.setInt32(at + SOURCE_SECOND, evidence.sourceSecond, true);
  view.setInt32(at + TARGET, evidence.target, true);
  view.setInt32(at + WINDOW, evidence.window, true);
}

/** Whether what is at index `at` is evidence, and no message. */
export function isEvidence(view: DataView, at: number): boolean {
  return view.getUint16(at + IP_VERSION, true) === EVIDENCE;
}

/** Reads the evidence at index `at`, but for its context: see `handoverContext`. */
export function readEvidence(view: DataView, at: number, evidence: Evidence): void {
  evidence.kind = view.getUint16(at + EVIDENCE_KIND, true) as EvidenceKind;
  evidence.sourceFirst = view.getInt32(at + SOURCE_FIRST, true);
  evidence.sourceSecond = view.getInt32(at + SOURCE_SECOND, true);
  evidence.target = view.getInt32(at + TARGET, true);
  evidence.window = view.getInt32(at + WINDOW, true);
}

/** When the message at index `at` was captured, or a report was made, microseconds since the epoch. */
export function handoverMicros(view: DataView, at: number): number {
  return view.getFloat64(at, true);
}

/** The context of the message at index `at`, in the shard of its writer. */
export function handoverContext(view: DataView, at: number): number {
  return view.getInt32(at + CONTEXT, true);
}

/** Reads the message at index `at` of `bytes`, which are those of `view`, and stay its bytes. */
export function readHandover(bytes: Uint8Array, view: DataView, at: number, datagram: Datagram): void {
  datagram.bytes = bytes;
  datagram.view = view;
  datagram.ipVersion = view.getUint8(at + IP_VERSION) === 6 ? 6 : 4;
  datagram.transport = view.getUint8(at + TRANSPORT) as SipTransport;
  for (let word = 0; word < ADDRESS_WORDS; word++) {
    datagram.sourceAddress[word] = view.getInt32(at + SOURCE_ADDRESS + word * 4, true);
    datagram.destinationAddress[word] = view.getInt32(at + DESTINATION_ADDRESS + word * 4, true);
  }
  datagram.sourcePort = view.getUint16(at + SOURCE_PORT, true);
  datagram.destinationPort = view.getUint16(at + DESTINATION_PORT, true);
  datagram.ipIdentification = view.getUint16(at + IP_IDENTIFICATION, true);
  datagram.udpChecksum = view.getUint16(at + UDP_CHECKSUM, true);
  datagram.vlanTci = view.getInt32(at + VLAN_TCI, true);
  datagram.payloadLength = view.getInt32(at + PAYLOAD_LENGTH, true);
  datagram.payloadOffset = at + HANDOVER_HEADER_BYTES;
}

/** By words: `set` would need a new view of the source for each message. */
function copyBytes(source: DataView, from: number, length: number, target: DataView, to: number): void {
  let i = 0;
  for (; i + 4 <= length; i += 4) target.setInt32(to + i, source.getInt32(from + i));
  for (; i < length; i++) target.setUint8(to + i, source.getUint8(from + i));
}
