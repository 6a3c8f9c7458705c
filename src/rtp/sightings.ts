// SPDX-License-Identifier: Apache-2.0
import type { Datagram } from '../decode/datagram.ts';
import { StreamField } from './stream-record.ts';

/** Time is kept in units of 2^6 us and 16 bits: a window of half of them can be told. */
const UNIT_BITS = 6;
const MAX_WINDOW_MICROS = 2_000_000;
/** Packets whose sighting is kept. */
const MEMORY = 4;

/** A duplicate window as `isCopy` takes it. */
export function windowUnits(windowMicros: number): number {
  return Math.min(windowMicros, MAX_WINDOW_MICROS) >> UNIT_BITS;
}

/** Notes when a packet came and what tells its datagram, among those of the packets around the highest sequence number. */
export function noteSighting(
  words: Int32Array,
  fields: number,
  sequenceNumber: number,
  datagram: Datagram,
  wrappedMicros: number,
): void {
  const place = fields + StreamField.sightings + (sequenceNumber & (MEMORY - 1));
  words[place] = sightingOf(datagram, wrappedMicros);
}

/** When a packet came and what tells its datagram: time in the upper half of a word, signature in the lower. */
export function sightingOf(datagram: Datagram, wrappedMicros: number): number {
  return ((wrappedMicros << (16 - UNIT_BITS)) & 0xffff0000) | signatureOf(datagram);
}

/**
 * Whether a packet that came again, `distance` 0 or less from the highest sequence number, is the same datagram, captured
 * twice.
 */
export function isCopy(
  words: Int32Array,
  fields: number,
  sequenceNumber: number,
  distance: number,
  datagram: Datagram,
  wrappedMicros: number,
  window: number,
): boolean {
  if (distance <= -MEMORY) return false;
  const sighting = words[fields + StreamField.sightings + (sequenceNumber & (MEMORY - 1))]!;
  return isSighted(sighting, datagram, wrappedMicros, window);
}

/**
 * Whether a datagram is the one of a sighting. As with messages of SIP: identification and checksum are the same, and it
 * came within the window. Linux gives the identification 0 to all that may not be fragmented, so that time alone can tell.
 */
export function isSighted(
  sighting: number,
  datagram: Datagram,
  wrappedMicros: number,
  window: number,
): boolean {
  if ((sighting & 0xffff) !== signatureOf(datagram)) return false;
  const age = ((wrappedMicros << (16 - UNIT_BITS)) - (sighting & 0xffff0000)) >> 16;
  // Rings and mirrors may show the second copy with the earlier time.
  return Math.abs(age) < window;
}

function signatureOf(datagram: Datagram): number {
  return (datagram.ipIdentification ^ Math.imul(datagram.udpChecksum, 0x9e37)) & 0xffff;
}
