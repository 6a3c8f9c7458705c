// SPDX-License-Identifier: Apache-2.0
import { SipMessage } from '../../../src/sip/message.ts';
import { parseMessage } from '../../../src/sip/parse-message.ts';
import { ParseResult } from '../../../src/sip/parse-result.ts';
import { defaultParserLimits } from '../../../src/sip/parser-limits.ts';
import type { BenchCase } from '../../measure-case.ts';
import { writeFrame } from '../../traffic/call-stream.ts';
import { inviteTemplate, sipOffsetBytes } from '../../traffic/call-templates.ts';

const messageBytes = 480;
const messages = 4096;

/** 4096 different INVITEs of 480 bytes, all header and no body: 2 MB, more than a core's first cache. */
export default function prepare(): BenchCase {
  const template = inviteTemplate(messageBytes);
  const frameBytes = sipOffsetBytes + messageBytes;
  const bytes = new Uint8Array(messages * frameBytes);
  for (let call = 0; call < messages; call++) writeFrame(template, call, 0, bytes, call * frameBytes);
  const view = new DataView(bytes.buffer);
  const message = new SipMessage();
  return {
    units: messages,
    pass() {
      let callIdBytes = 0;
      for (let index = 0; index < messages; index++) {
        const result = parseMessage(
          bytes,
          view,
          index * frameBytes + sipOffsetBytes,
          messageBytes,
          defaultParserLimits,
          message,
        );
        if (result !== ParseResult.message) throw new Error(`not parsed: ${result}`);
        callIdBytes += message.callIdLength;
      }
      if (callIdBytes !== messages * 30) throw new Error(`Call-IDs of ${callIdBytes} bytes`);
    },
  };
}
