// SPDX-License-Identifier: Apache-2.0

/** A message made to take long. */
export interface HostileMessage {
  readonly name: string;
  readonly bytes: Uint8Array;
}

const required = 'v:SIP/2.0/UDP h\r\nf:<sip:f@h>\r\nt:<sip:t@h>\r\ni:id\r\nCSeq:1 BYE\r\n';

/** What is repeated, and what stands before it, behind the fields that a message must have. */
const kinds: readonly (readonly [name: string, before: string, repeated: string])[] = [
  ['quotes in Via', 'v:SIP/2.0/UDP h', ';a="b"'],
  ['open quotes in Via', 'v:SIP/2.0/UDP h;a=', '"\\"'],
  ['commas in Via', 'v:x', ','],
  ['Via values', 'v:x', ',SIP/2.0/UDP h;branch=z9hG4bK1'],
  ['Via fields', '', 'v:SIP/2.0/UDP h;branch=z9hG4bK1\r\n'],
  ['shortest Via fields', '', 'v:h\n'],
  ['Contact values', 'm:', '<sip:a@h>;expires=60,'],
  ['bare Contact values', 'm:', 'a,'],
  ['commas in Contact', 'm:', ','],
  ['Contact fields', '', 'Contact: <sip:a@h>;expires=60\r\n'],
  ['shortest Contact fields', '', 'm:*\n'],
  ['fields before a second Contact', 'm:a\r\n', 'a:\n'],
  ['quotes in Contact', 'm:', '"<>" <a>,'],
  ['escaped quotes in Contact', 'm:"', '\\",'],
  ['open brackets in Contact', 'm:', '<'],
  ['parameters of Contact', 'm:<a>', ';expires'],
  ['folding', 'm:a', '\r\n '],
  ['folding of one tab', 's:', '\n\t'],
  ['tag parameters of To', 't:<a>', ';tag'],
  ['quotes in To', 't:<a>', ';a="\\\\"'],
  ['backslashes in To', 't:"', '\\'],
  ['escapes in To', 't:<sip:', '%41'],
  ['Reason values', 'Reason:', 'Q.850;cause,'],
  ['Reason fields', '', 'Reason: SIP\r\n'],
  ['digits of a cause', 'Reason: SIP;cause=', '9'],
  ['challenges', 'WWW-Authenticate: Digest ', 'stale=no,'],
  ['quotes in a challenge', 'Proxy-Authenticate: Digest a=', '""'],
  ['digits of Expires', 'Expires:', '9'],
  ['digits of CSeq', 'CSeq:', '9'],
  ['names that begin like ours', '', 'www-authenticat: x\r\n'],
  ['white space before the colon', 'From', ' '],
  ['empty fields', '', 'f:\n'],
  ['lines without a colon', '', 'a\n'],
  ['one long line', 'X: ', 'x'],
  ['line ends of CR', 'X: ', '\r'],
];

/** Messages of `lengthBytes`, of which most is one thing repeated. */
export function hostileMessages(lengthBytes: number): HostileMessage[] {
  const encoder = new TextEncoder();
  const tail = '\r\n\r\n';
  const messages = kinds.map(([name, before, repeated]) => {
    // The field in question first: where the first of a name counts, it is the one.
    const start = `SIP/2.0 200 OK\r\n${before}`;
    const left = lengthBytes - start.length - tail.length - required.length;
    const text = `${start}${repeated.repeat(Math.floor(left / repeated.length))}\r\n${required}\r\n`;
    return { name, bytes: encoder.encode(text.padEnd(lengthBytes, 'x')) };
  });
  const line = (text: string, repeated: string) =>
    encoder.encode(text + repeated.repeat(lengthBytes - text.length));
  return [
    ...messages,
    { name: 'line ends', bytes: line('', '\n') },
    { name: 'zero bytes', bytes: line('', '\0') },
    { name: 'a Request-Line of spaces', bytes: line('INVITE', ' ') },
    { name: 'a method without end', bytes: line('', 'A') },
    { name: 'a Status-Line without end', bytes: line('SIP/2.0 200 ', 'x') },
  ];
}
