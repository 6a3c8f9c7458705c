// SPDX-License-Identifier: Apache-2.0

const ETHERNET_BYTES = 14;
const IPV4_BYTES = 20;
const UDP_BYTES = 8;
const MORE_FRAGMENTS = 0x2000;

/** An Ethernet frame with IPv4 and UDP, without options, whose payload begins with CR LF: the fanout does not look behind. */
export function withLeadingLineEnd(frame: Uint8Array): Uint8Array {
  const payloadAt = ETHERNET_BYTES + IPV4_BYTES + UDP_BYTES;
  const longer = Uint8Array.from([...frame.subarray(0, payloadAt), 13, 10, ...frame.subarray(payloadAt)]);
  const view = new DataView(longer.buffer);
  view.setUint16(ETHERNET_BYTES + 2, view.getUint16(ETHERNET_BYTES + 2) + 2);
  view.setUint16(ETHERNET_BYTES + IPV4_BYTES + 4, view.getUint16(ETHERNET_BYTES + IPV4_BYTES + 4) + 2);
  return longer;
}

/** The same packet in two fragments (RFC 791 §3.2), the second one first. */
export function inFragments(frame: Uint8Array, identification: number): Uint8Array[] {
  const headBytes = ETHERNET_BYTES + IPV4_BYTES;
  const dataBytes = frame.length - headBytes;
  const firstBytes = (dataBytes >> 4) * 8;
  const fragment = (from: number, to: number, flagsAndOffset: number): Uint8Array => {
    const part = Uint8Array.from([
      ...frame.subarray(0, headBytes),
      ...frame.subarray(headBytes + from, headBytes + to),
    ]);
    const view = new DataView(part.buffer);
    view.setUint16(ETHERNET_BYTES + 2, IPV4_BYTES + to - from);
    view.setUint16(ETHERNET_BYTES + 4, identification);
    view.setUint16(ETHERNET_BYTES + 6, flagsAndOffset);
    return part;
  };
  return [fragment(firstBytes, dataBytes, firstBytes / 8), fragment(0, firstBytes, MORE_FRAGMENTS)];
}
