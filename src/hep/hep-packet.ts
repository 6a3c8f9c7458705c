// SPDX-License-Identifier: Apache-2.0

/** What a HEP packet says beside what goes into the `Datagram`. One object is reused for every packet. */
export class HepPacket {
  /** 1, 2 or 3. */
  version: 1 | 2 | 3 = 3;
  /** When the agent saw the message, microseconds since the epoch; 0 when it does not say. */
  captureMicros = 0;
  /** What an agent says that the payload is, by the numbers of the specification: 0 to 255; of HEP1 and HEP2 SIP. */
  protocolType = 0;
  /** The agent: 0 to 2^32-1 (HEP3), 0 to 65535 (HEP2), 0 when it does not say. */
  nodeId = 0;
  /** Where the authentication key begins in the bytes of the packet. */
  keyOffset = 0;
  /** 0 without a key. */
  keyLength = 0;
  /** Where the correlation id is, mostly the Call-ID of what the payload belongs to; its length is 0 without one. */
  correlationOffset = 0;
  correlationLength = 0;
}
