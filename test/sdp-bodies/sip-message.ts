// SPDX-License-Identifier: Apache-2.0
import { SipMessage } from '../../src/sip/message.ts';
import { parseMessage } from '../../src/sip/parse-message.ts';
import { ParseResult } from '../../src/sip/parse-result.ts';
import { defaultParserLimits } from '../../src/sip/parser-limits.ts';

/** The text of an INVITE with these fields and this body. */
export function inviteText(fields: readonly string[], body: string): string {
  const lines = [
    'INVITE sip:bob@example.com SIP/2.0',
    'Via: SIP/2.0/UDP pc33.example.com;branch=z9hG4bK77',
    'From: <sip:alice@example.com>;tag=1',
    'To: <sip:bob@example.com>',
    'Call-ID: c1@pc33.example.com',
    'CSeq: 1 INVITE',
    ...fields,
    `Content-Length: ${new TextEncoder().encode(body).length}`,
  ];
  return `${lines.join('\r\n')}\r\n\r\n${body}`;
}

/** That INVITE, parsed; with bytes around it that are none of it. */
export function invite(fields: readonly string[], body: string): SipMessage {
  const text = new TextEncoder().encode(inviteText(fields, body));
  const bytes = new Uint8Array(text.length + 20).fill(0x2d);
  bytes.set(text, 10);
  const message = new SipMessage();
  const result = parseMessage(
    bytes,
    new DataView(bytes.buffer),
    10,
    text.length,
    defaultParserLimits,
    message,
  );
  if (result !== ParseResult.message) throw new Error(`not parsed: ${result}`);
  return message;
}
