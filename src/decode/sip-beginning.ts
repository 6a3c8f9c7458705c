// SPDX-License-Identifier: Apache-2.0

/** How a datagram with a SIP message begins: the 14 methods of the IANA registry, or a status line. */
const beginnings: readonly Uint8Array[] = (
  'SIP/2.0 |ACK |BYE |CANCEL |INFO |INVITE |MESSAGE |NOTIFY |OPTIONS |' +
  'PRACK |PUBLISH |REFER |REGISTER |SUBSCRIBE |UPDATE '
)
  .split('|')
  .map((text) => new TextEncoder().encode(text));
/** Payloads below this are too short for the kernel's filter to look at. */
const minPayloadLength = 8;

/** Whether bytes from `start` to `end` begin like a SIP message, by the rule of bpf/sip_capture.bpf.c. */
export function beginsLikeSip(bytes: Uint8Array, start: number, end: number): boolean {
  if (start + minPayloadLength > end) return false;
  for (let i = 0; i < beginnings.length; i++) {
    const text = beginnings[i]!;
    let matching = 0;
    while (matching < text.length && start + matching < end && bytes[start + matching] === text[matching]) {
      matching++;
    }
    if (matching === text.length) return true;
  }
  return false;
}
