// SPDX-License-Identifier: Apache-2.0

/** Bytes before the SIP message in every frame made here: Ethernet 14, IPv4 20, UDP 8. */
export const sipOffsetBytes = 42;

/** A 32-bit word of a call's identity, written as 8 hexadecimal digits. */
const wordOf = {
  callId: 0,
  fromTag: 2,
  toTag: 3,
  inviteBranch: 4,
  ackBranch: 6,
  byeBranch: 8,
  /** Further branches, two words each, from here on: see `refreshTemplates`. */
  refreshBranch: 10,
} as const;
const wordsOf = {
  callId: 2,
  fromTag: 1,
  toTag: 1,
  inviteBranch: 2,
  ackBranch: 2,
  byeBranch: 2,
  refreshBranch: 2,
} as const;
type FieldName = keyof typeof wordOf;

/** One message of a call as a whole frame, with the places that differ from call to call. */
export interface MessageTemplate {
  /** The frame; identity digits are zeros, the IPv4 identification is zero. */
  readonly bytes: Uint8Array;
  /** Offset in `bytes` of each 8-digit field. */
  readonly fieldOffsets: Int32Array;
  /** Which word of the call each field shows; same order as `fieldOffsets`. */
  readonly fieldWords: Int32Array;
  /** Sum of the IPv4 header's 16-bit words, identification and checksum zero (RFC 1071). */
  readonly headerSum: number;
}

interface Party {
  readonly mac: readonly number[];
  readonly address: readonly number[];
  readonly host: string;
  readonly uri: string;
}

// Locally administered MACs that no interface has: the kernel calls the frames "other host", as behind a
// mirror port, and its own IP stack leaves them alone. Addresses are those for documentation (RFC 5737).
const caller: Party = {
  mac: [0x02, 0x00, 0x5e, 0x00, 0x00, 0x0a],
  address: [198, 51, 100, 10],
  host: '198.51.100.10:5060',
  uri: 'sip:+493012345678@198.51.100.10',
};
const callee: Party = {
  mac: [0x02, 0x00, 0x5e, 0x00, 0x00, 0x14],
  address: [203, 0, 113, 20],
  host: '203.0.113.20:5060',
  uri: 'sip:+498987654321@203.0.113.20',
};

const allow = 'Allow: INVITE, ACK, BYE, CANCEL, OPTIONS, PRACK, UPDATE, INFO, REFER, NOTIFY, MESSAGE';
const callerAgent = 'User-Agent: Bench Gateway 12.4.1 (build 20260101)';
const calleeAgent = 'Server: Bench Exchange 7.2 (x86_64/linux)';
const callerContact = 'Contact: <sip:+493012345678@198.51.100.10:5060>';
const calleeContact = 'Contact: <sip:+498987654321@203.0.113.20:5060>';

function sdp(party: Party, port: number): string {
  const address = party.address.join('.');
  return [
    'v=0',
    `o=- 20518 20518 IN IP4 ${address}`,
    's=-',
    `c=IN IP4 ${address}`,
    't=0 0',
    `m=audio ${port} RTP/AVP 8 0 101`,
    'a=rtpmap:101 telephone-event/8000',
    'a=ptime:20',
    '',
  ].join('\r\n');
}

/** Header fields of one message: start line, identity, further lines, body. */
function message(
  startLine: string,
  branch: FieldName,
  cseq: string,
  toTag: boolean,
  lines: string[],
  body = '',
): string {
  return [
    startLine,
    `Via: SIP/2.0/UDP ${branch === 'byeBranch' ? callee.host : caller.host};branch=z9hG4bK{${branch}};rport`,
    ...(branch === 'byeBranch'
      ? [`From: <${callee.uri}>;tag={toTag}`, `To: <${caller.uri}>;tag={fromTag}`]
      : [`From: "Alice" <${caller.uri}>;tag={fromTag}`, `To: <${callee.uri}>${toTag ? ';tag={toTag}' : ''}`]),
    'Call-ID: {callId}@198.51.100.10',
    `CSeq: ${cseq}`,
    ...lines,
    ...(body === '' ? [] : ['Content-Type: application/sdp']),
    `Content-Length: ${body.length}`,
    '',
    body,
  ].join('\r\n');
}

const inviteLine = 'INVITE sip:+498987654321@203.0.113.20 SIP/2.0';

/**
 * Turns a message text with `{field}` marks and its way into a frame template; `refresh` says which of the further
 * branches it shows.
 */
function frameTemplate(text: string, from: Party, to: Party, refresh = 0): MessageTemplate {
  const offsets: number[] = [];
  const words: number[] = [];
  let sip = '';
  for (const part of text.split(/(\{\w+\})/)) {
    if (!part.startsWith('{')) {
      sip += part;
      continue;
    }
    const name = part.slice(1, -1) as FieldName;
    for (let word = 0; word < wordsOf[name]; word++) {
      offsets.push(sipOffsetBytes + sip.length);
      words.push(wordOf[name] + word + (name === 'refreshBranch' ? refresh * wordsOf.refreshBranch : 0));
      sip += '00000000';
    }
  }
  const udpLength = 8 + sip.length;
  const ipLength = 20 + udpLength;
  const header = [0x45, 0, ipLength >> 8, ipLength & 255, 0, 0, 0x40, 0, 64, 17, 0, 0];
  header.push(...from.address, ...to.address);
  let headerSum = 0;
  for (let index = 0; index < 20; index += 2) headerSum += (header[index]! << 8) | header[index + 1]!;
  const port = [5060 >> 8, 5060 & 255];
  const frame = [...to.mac, ...from.mac, 0x08, 0x00, ...header];
  // UDP checksum zero: none was computed (RFC 768).
  frame.push(...port, ...port, udpLength >> 8, udpLength & 255, 0, 0);
  return {
    bytes: Uint8Array.from([...frame, ...new TextEncoder().encode(sip)]),
    fieldOffsets: Int32Array.from(offsets),
    fieldWords: Int32Array.from(words),
    headerSum,
  };
}

/**
 * The seven messages of one answered call in order: INVITE, 100, 180, 200, ACK, BYE by the callee, 200. The INVITE's
 * 200 has `answerLines` too.
 */
export function callTemplates(answerLines: readonly string[] = []): readonly MessageTemplate[] {
  const supported = 'Supported: timer, 100rel, replaces';
  const invite = ['Max-Forwards: 70', callerContact, callerAgent, allow, supported];
  const answer = [calleeContact, calleeAgent, allow, supported];
  const ackLine = 'ACK sip:+498987654321@203.0.113.20:5060 SIP/2.0';
  const byeLine = 'BYE sip:+493012345678@198.51.100.10:5060 SIP/2.0';
  const forward = (text: string) => frameTemplate(text, caller, callee);
  const backward = (text: string) => frameTemplate(text, callee, caller);
  return [
    forward(message(inviteLine, 'inviteBranch', '1 INVITE', false, invite, sdp(caller, 16_384))),
    backward(message('SIP/2.0 100 Trying', 'inviteBranch', '1 INVITE', false, [calleeAgent])),
    backward(message('SIP/2.0 180 Ringing', 'inviteBranch', '1 INVITE', true, answer)),
    backward(
      message(
        'SIP/2.0 200 OK',
        'inviteBranch',
        '1 INVITE',
        true,
        [...answer, ...answerLines],
        sdp(callee, 24_576),
      ),
    ),
    forward(message(ackLine, 'ackBranch', '1 ACK', true, ['Max-Forwards: 70', callerContact, callerAgent])),
    backward(
      message(byeLine, 'byeBranch', '2 BYE', true, [
        'Max-Forwards: 70',
        calleeAgent,
        'Reason: Q.850;cause=16',
      ]),
    ),
    forward(message('SIP/2.0 200 OK', 'byeBranch', '2 BYE', true, [callerAgent, allow, supported])),
  ];
}

/**
 * A sign of life within a call, its `round`th (from 0, with a branch of its own): a re-INVITE, its 200 and ACK, or an
 * UPDATE and its 200. The 200 has `answerLines` too.
 */
export function refreshTemplates(
  method: 'INVITE' | 'UPDATE',
  round: number,
  answerLines: readonly string[],
): readonly MessageTemplate[] {
  const uri = 'sip:+498987654321@203.0.113.20:5060';
  const cseq = `${round + 2} ${method}`;
  const lines = ['Max-Forwards: 70', callerContact, callerAgent];
  const request = message(
    `${method} ${uri} SIP/2.0`,
    'refreshBranch',
    cseq,
    true,
    lines,
    sdp(caller, 16_384),
  );
  const answer = message('SIP/2.0 200 OK', 'refreshBranch', cseq, true, [calleeContact, ...answerLines]);
  const ack = message(`ACK ${uri} SIP/2.0`, 'refreshBranch', `${round + 2} ACK`, true, lines);
  return [
    frameTemplate(request, caller, callee, round),
    frameTemplate(answer, callee, caller, round),
    ...(method === 'INVITE' ? [frameTemplate(ack, caller, callee, round)] : []),
  ];
}

/**
 * An INVITE of exactly `lengthBytes` without a body, so that every byte is header and the scan can skip none.
 * @throws RangeError when the mandatory header fields alone are longer.
 */
export function inviteTemplate(lengthBytes: number): MessageTemplate {
  const build = (agent: string) =>
    message(inviteLine, 'inviteBranch', '1 INVITE', false, ['Max-Forwards: 70', callerContact, agent, allow]);
  const bare = frameTemplate(build('User-Agent: '), caller, callee).bytes.length - sipOffsetBytes;
  if (bare > lengthBytes) throw new RangeError(`an INVITE needs at least ${bare} bytes here`);
  return frameTemplate(
    build(`User-Agent: ${'Bench/1.0 '.repeat(50).slice(0, lengthBytes - bare)}`),
    caller,
    callee,
  );
}
