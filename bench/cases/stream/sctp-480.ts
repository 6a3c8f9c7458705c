// SPDX-License-Identifier: Apache-2.0
import { SeededHash } from '../../../src/base/hash.ts';
import { PacketClock } from '../../../src/base/packet-clock.ts';
import { Datagram } from '../../../src/decode/datagram.ts';
import { SctpAssociations } from '../../../src/decode/sctp-associations.ts';
import { defaultSctpLimits } from '../../../src/decode/sctp-limits.ts';
import { SipMessage } from '../../../src/sip/message.ts';
import { parseMessage } from '../../../src/sip/parse-message.ts';
import { ParseResult } from '../../../src/sip/parse-result.ts';
import { defaultParserLimits } from '../../../src/sip/parser-limits.ts';
import type { BenchCase } from '../../measure-case.ts';
import { writeFrame } from '../../traffic/call-stream.ts';
import { inviteTemplate, sipOffsetBytes } from '../../traffic/call-templates.ts';

const messageBytes = 480;
const messages = 4096;
const associations = 64;
/** Of a DATA chunk. */
const headerBytes = 16;

/** The messages of scan/invite-480, each in a DATA chunk and a packet of its own, over some associations in turn. */
export default function prepare(): BenchCase {
  const template = inviteTemplate(messageBytes);
  const frameBytes = sipOffsetBytes + messageBytes;
  const datagram = new Datagram();
  datagram.bytes = new Uint8Array(messages * frameBytes);
  datagram.view = new DataView(datagram.bytes.buffer);
  for (let call = 0; call < messages; call++) {
    writeFrame(template, call, 0, datagram.bytes, call * frameBytes);
    const chunk = call * frameBytes + sipOffsetBytes - headerBytes;
    datagram.view.setInt32(chunk, (0x0003 << 16) | (headerBytes + messageBytes));
  }
  datagram.payloadLength = headerBytes + messageBytes;
  const message = new SipMessage();
  let callIdBytes = 0;
  const clock = new PacketClock();
  clock.micros = 1_767_225_600e6;
  const { maxMessageBytes } = defaultParserLimits;
  const sctp = new SctpAssociations(defaultSctpLimits, maxMessageBytes, new SeededHash(1, 2), clock, {
    sctpMessage(bytes, view, offset, length) {
      const parsed = parseMessage(bytes, view, offset, length, defaultParserLimits, message);
      if (parsed === ParseResult.message) callIdBytes += message.callIdLength;
    },
    sctpChunk: () => {},
    sctpUnread: () => {},
    settle: () => {},
  });
  let tsn = 0;
  return {
    unit: 'message',
    units: messages,
    pass() {
      callIdBytes = 0;
      for (let index = 0; index < messages; index++) {
        const chunk = index * frameBytes + sipOffsetBytes - headerBytes;
        tsn = (tsn + 1) | 0;
        datagram.view.setInt32(chunk + 4, tsn);
        datagram.payloadOffset = chunk;
        datagram.verificationTag = index % associations;
        sctp.packet(datagram);
      }
      if (callIdBytes !== messages * 30) throw new Error(`Call-IDs of ${callIdBytes} bytes`);
    },
  };
}
