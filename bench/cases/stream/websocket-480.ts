// SPDX-License-Identifier: Apache-2.0
import { StreamChunk } from '../../../src/decode/byte-stream.ts';
import { SipTransport } from '../../../src/decode/sip-transport.ts';
import { unmask } from '../../../src/decode/websocket-frame.ts';
import { SipMessage } from '../../../src/sip/message.ts';
import { parseMessage } from '../../../src/sip/parse-message.ts';
import { ParseResult } from '../../../src/sip/parse-result.ts';
import { defaultParserLimits } from '../../../src/sip/parser-limits.ts';
import { defaultWebSocketLimits } from '../../../src/sip/websocket-limits.ts';
import { WebSocketStreams } from '../../../src/sip/websocket-streams.ts';
import type { BenchCase } from '../../measure-case.ts';
import { writeFrame } from '../../traffic/call-stream.ts';
import { inviteTemplate, sipOffsetBytes } from '../../traffic/call-templates.ts';

const messageBytes = 480;
const messages = 4096;
const maskingKey = 0x37fa213d;
const headerBytes = 8;

/** The messages of scan/invite-480, each in a masked frame and a segment of its own: framing, unmasking and the scan. */
export default function prepare(): BenchCase {
  const template = inviteTemplate(messageBytes);
  const plain = new Uint8Array(sipOffsetBytes + messageBytes);
  const plainView = new DataView(plain.buffer);
  const frameBytes = headerBytes + messageBytes;
  const chunk = new StreamChunk();
  chunk.bytes = new Uint8Array(messages * frameBytes);
  chunk.view = new DataView(chunk.bytes.buffer);
  for (let call = 0; call < messages; call++) {
    writeFrame(template, call, 0, plain, 0);
    const at = call * frameBytes;
    chunk.bytes.set([0x81, 0x80 | 126, messageBytes >> 8, messageBytes & 0xff], at);
    chunk.view.setInt32(at + 4, maskingKey);
    unmask(plainView, sipOffsetBytes, messageBytes, maskingKey, chunk.view, at + headerBytes);
  }
  let callIdBytes = 0;
  const sink = {
    message: new SipMessage(),
    take: () => {},
    notMessage: () => {},
    settle: () => {},
    unit(
      _stream: number,
      _transport: SipTransport,
      bytes: Uint8Array,
      view: DataView,
      offset: number,
      length: number,
    ): void {
      const parsed = parseMessage(bytes, view, offset, length, defaultParserLimits, this.message);
      if (parsed === ParseResult.message) callIdBytes += this.message.callIdLength;
    },
  };
  const { maxMessageBytes } = defaultParserLimits;
  const streams = new WebSocketStreams(1, defaultWebSocketLimits, maxMessageBytes, SipTransport.ws, sink, {
    unread: () => {},
    webSocketUnread: () => {},
  });
  return {
    unit: 'message',
    units: messages,
    pass() {
      callIdBytes = 0;
      for (let index = 0; index < messages; index++) {
        chunk.start = index * frameBytes;
        chunk.end = chunk.start + frameBytes;
        if (streams.read(0, chunk) !== frameBytes) throw new Error('a frame is not read');
      }
      if (callIdBytes !== messages * 30) throw new Error(`Call-IDs of ${callIdBytes} bytes`);
    },
  };
}
