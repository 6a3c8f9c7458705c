// SPDX-License-Identifier: Apache-2.0
import { ContactList } from '../../../src/sip/contact-list.ts';
import { SipMessage } from '../../../src/sip/message.ts';
import { parseMessage } from '../../../src/sip/parse-message.ts';
import { ParseResult } from '../../../src/sip/parse-result.ts';
import type { ParserLimits } from '../../../src/sip/parser-limits.ts';
import { hostileMessages } from '../../../test/sip-cases/hostile-messages.ts';
import type { BenchCase } from '../../measure-case.ts';

const lengthBytes = 65_535;
const mostMillis = 5;
/** None but the length: what the limits of the program would end at once. */
const limits: ParserLimits = {
  maxMessageBytes: lengthBytes,
  maxHeaderBytes: lengthBytes,
  maxHeaders: lengthBytes,
  maxVias: lengthBytes,
};

/**
 * 64 KiB messages made to take long, and all their Contacts. A unit is a message of the kind that takes longest, which
 * is told to stderr; 5 ms are the most it may take.
 */
export default function prepare(): BenchCase {
  const message = new SipMessage();
  const contacts = new ContactList();
  const messages = hostileMessages(lengthBytes).map(({ name, bytes }) => {
    const view = new DataView(bytes.buffer);
    const parse = () => {
      const result = parseMessage(bytes, view, 0, bytes.length, limits, message);
      if (result !== ParseResult.message) return;
      contacts.read(message);
      while (contacts.next());
    };
    return { name, parse };
  });
  for (let round = 0; round < 50; round++) for (const { parse } of messages) parse();
  const millis = messages.map(({ parse }) => {
    let best = Number.POSITIVE_INFINITY;
    for (let round = 0; round < 5; round++) {
      const before = performance.now();
      parse();
      best = Math.min(best, performance.now() - before);
    }
    return best;
  });
  const longest = millis.indexOf(Math.max(...millis));
  const { name, parse } = messages[longest]!;
  console.error(`scan/hostile-64k: ${name}, ${millis[longest]!.toFixed(3)} ms`);
  if (millis[longest]! > mostMillis) throw new Error(`${name} took ${millis[longest]} ms`);
  return { unit: 'message', units: 1, pass: parse };
}
