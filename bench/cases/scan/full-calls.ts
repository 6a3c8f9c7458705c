// SPDX-License-Identifier: Apache-2.0
import { SipMessage } from '../../../src/sip/message.ts';
import { parseMessage } from '../../../src/sip/parse-message.ts';
import { ParseResult } from '../../../src/sip/parse-result.ts';
import { defaultParserLimits } from '../../../src/sip/parser-limits.ts';
import type { BenchCase } from '../../measure-case.ts';
import { sipOffsetBytes } from '../../traffic/call-templates.ts';
import { FrameSet } from '../../traffic/frame-set.ts';

const calls = 1000;

/** The seven messages of a call as they come, requests and responses, with and without SDP. */
export default function prepare(): BenchCase {
  const { bytes, view, offsets, lengths } = new FrameSet(calls);
  const message = new SipMessage();
  return {
    units: offsets.length,
    pass() {
      let requests = 0;
      for (let index = 0; index < offsets.length; index++) {
        const length = lengths[index]! - sipOffsetBytes;
        const result = parseMessage(
          bytes,
          view,
          offsets[index]! + sipOffsetBytes,
          length,
          defaultParserLimits,
          message,
        );
        if (result !== ParseResult.message) throw new Error(`not parsed: ${result}`);
        if (message.isRequest) requests++;
      }
      if (requests !== 3 * calls) throw new Error(`${requests} requests in ${offsets.length} messages`);
    },
  };
}
