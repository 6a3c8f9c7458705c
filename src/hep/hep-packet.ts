// SPDX-License-Identifier: Apache-2.0

/** What a HEP packet says beside what goes into the `Datagram`. One object is reused for every packet. */
export class HepPacket {
  /** 1, 2 or 3. */
  version: 1 | 2 | 3 = 3;
  /** When the agent saw the message, microseconds since the epoch; 0 when it does not say. */
  captureMicros = 0;
  /** The agent: 0 to 2^32-1 (HEP3), 0 to 65535 (HEP2), 0 when it does not say. */
  nodeId = 0;
  /** Where the authentication key begins in the bytes of the packet. */
  keyOffset = 0;
  /** 0 without a key. */
  keyLength = 0;
}
