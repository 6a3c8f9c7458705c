// SPDX-License-Identifier: Apache-2.0
import type { SeenFrame } from '../calls/monitor.ts';
import type { CapturedFrame } from '../calls/scenario.ts';

/** A frame of a golden capture, with the SIP message in it if there is one. */
export interface UdpMessage {
  readonly frame: SeenFrame;
  /** Undefined for what only makes time pass. */
  readonly message?: { readonly source: string; readonly destination: string; readonly payload: Uint8Array };
}

/** Where the IPv4 header begins, and where the payload of its UDP datagram does. */
const ipOffset = 14;
const payloadOffset = ipOffset + 28;

/** Takes the messages out of the frames `play` makes, to be sent another way. */
export function udpMessages(frames: readonly CapturedFrame[]): UdpMessage[] {
  return frames.map((frame) => {
    if (frame.kind === undefined) return { frame };
    const address = (offset: number): string => frame.bytes.subarray(offset, offset + 4).join('.');
    const message = {
      source: address(ipOffset + 12),
      destination: address(ipOffset + 16),
      payload: frame.bytes.subarray(payloadOffset),
    };
    return { frame, message };
  });
}
