// SPDX-License-Identifier: Apache-2.0
import { bytesOf, ethernet, ipv4, udp } from '../../test/support/udp-frame.ts';

const headersBytes = 42;
const rtpHeaderBytes = 12;
/** 20 ms of G.711. */
const payloadBytes = 160;
const firstPort = 16_384;
const caller = { source: '198.51.100.11', destination: '203.0.113.21' };
const callee = { source: caller.destination, destination: caller.source };

/** Calls there is a port of each stream for. */
export const maxMediaCalls = 12_000;

/** The port that receives a stream, the caller's and the callee's in turn; every one has its own, as in rtp-source.bpf.c. */
export function mediaPort(stream: number): number {
  return firstPort + 2 * stream;
}

/** Frames one after the other. */
class FrameList {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  readonly offsets: Uint32Array;
  readonly lengths: Uint32Array;

  constructor(frames: readonly Uint8Array[]) {
    this.bytes = new Uint8Array(frames.reduce((sum, { length }) => sum + length, 0));
    this.view = new DataView(this.bytes.buffer);
    this.offsets = new Uint32Array(frames.length);
    this.lengths = new Uint32Array(frames.length);
    let end = 0;
    for (const [index, frame] of frames.entries()) {
      this.bytes.set(frame, end);
      this.offsets[index] = end;
      this.lengths[index] = frame.length;
      end += frame.length;
    }
  }
}

/** A packet of RTP as `RtpSource` makes others of; its ports and addresses are those of the first stream. */
export function rtpFrame(): Uint8Array {
  const payload = bytesOf(
    [0x80],
    new Uint8Array(rtpHeaderBytes - 1),
    new Uint8Array(payloadBytes).fill(0xd5),
  );
  const ports = { sourcePort: mediaPort(1), destinationPort: mediaPort(0) };
  return ethernet(0x0800, ipv4(callee, udp(ports, payload)));
}

/** What signals calls of two streams each: INVITE, 200 and ACK of each in turn, or BYE and 200. */
export function mediaSignalling(calls: number, phase: 'begin' | 'end'): FrameList {
  const frames: Uint8Array[] = [];
  for (let call = 0; call < calls; call++) {
    const send = (isForward: boolean, line: string, cseq: string, hasTag: boolean, port?: number): void => {
      const { source } = isForward ? caller : callee;
      const body =
        port === undefined
          ? ''
          : `v=0\r\no=- 1 1 IN IP4 ${source}\r\ns=-\r\nc=IN IP4 ${source}\r\nt=0 0\r\nm=audio ${port} RTP/AVP 0\r\n`;
      const text = [
        line,
        `Via: SIP/2.0/UDP ${caller.source}:5060;branch=z9hG4bKm${call}${cseq.replace(' ', '')}`,
        `From: <sip:a@${caller.source}>;tag=a${call}`,
        `To: <sip:b@${callee.source}>${hasTag ? `;tag=b${call}` : ''}`,
        `Call-ID: media-${call}@${caller.source}`,
        `CSeq: ${cseq}`,
        `Contact: <sip:${source}:5060>`,
        ...(body === '' ? [] : ['Content-Type: application/sdp']),
        `Content-Length: ${body.length}`,
        '',
        body,
      ].join('\r\n');
      const ports = { sourcePort: 5060, destinationPort: 5060 };
      frames.push(ethernet(0x0800, ipv4(isForward ? caller : callee, udp(ports, Buffer.from(text)))));
    };
    const uri = `sip:b@${callee.source}`;
    if (phase === 'begin') {
      send(true, `INVITE ${uri} SIP/2.0`, '1 INVITE', false, mediaPort(2 * call));
      send(false, 'SIP/2.0 200 OK', '1 INVITE', true, mediaPort(2 * call + 1));
      send(true, `ACK ${uri} SIP/2.0`, '1 ACK', true);
    } else {
      send(true, `BYE ${uri} SIP/2.0`, '2 BYE', true);
      send(false, 'SIP/2.0 200 OK', '2 BYE', true);
    }
  }
  return new FrameList(frames);
}

/** Bytes on the wire of each packet of RTP. */
export const mediaFrameBytes: number = headersBytes + rtpHeaderBytes + payloadBytes;
