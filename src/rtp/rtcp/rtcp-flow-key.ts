// SPDX-License-Identifier: Apache-2.0
import type { SeededHash } from '../../base/hash.ts';
import type { Datagram } from '../../decode/datagram.ts';

const ADDRESS_WORDS = 4;
/** An address and a port. */
const END_BYTES = 20;
const KEY_BYTES = 2 * END_BYTES + 4;

const keyBytes = new DataView(new ArrayBuffer(KEY_BYTES));

/**
 * Hashes a source: its SSRC and the way its stream goes, which is that of `datagram` or, with `isAnswered`, the other
 * way, as that of a source that the datagram reports on. Both ends may use one SSRC, as SIPp does.
 *
 *     | address of who sends, 16 | its port, 4 | address of who receives, 16 | its port, 4 | SSRC, 4 |
 *
 * The result is in `hash.low` and `hash.high`.
 */
export function hashRtcpSource(
  hash: SeededHash,
  datagram: Datagram,
  isAnswered: boolean,
  ssrc: number,
): void {
  const { sourceAddress, sourcePort, destinationAddress, destinationPort } = datagram;
  writeEnd(isAnswered ? END_BYTES : 0, sourceAddress, sourcePort);
  writeEnd(isAnswered ? 0 : END_BYTES, destinationAddress, destinationPort);
  keyBytes.setInt32(2 * END_BYTES, ssrc);
  hash.hash(keyBytes, 0, KEY_BYTES);
}

/** A call, where it is told whose an RTCP datagram is: 64 bits of a hash, as int32; both 0 where it is not. */
export interface RtcpCall {
  readonly low: number;
  readonly high: number;
}

const CALL_KEY_BYTES = 12;

/**
 * The same of a source of a call that is told. The way does not matter there: who stands in the way of the media may tell only
 * what comes to it, the sender's reports on one way and what the receiver answers on another.
 */
export function hashRtcpSourceOfCall(hash: SeededHash, { low, high }: RtcpCall, ssrc: number): void {
  keyBytes.setInt32(0, low);
  keyBytes.setInt32(4, high);
  keyBytes.setInt32(8, ssrc);
  hash.hash(keyBytes, 0, CALL_KEY_BYTES);
}

function writeEnd(position: number, address: Int32Array, port: number): void {
  for (let word = 0; word < ADDRESS_WORDS; word++) keyBytes.setInt32(position + 4 * word, address[word]!);
  keyBytes.setInt32(position + 4 * ADDRESS_WORDS, port);
}
