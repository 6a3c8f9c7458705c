// SPDX-License-Identifier: Apache-2.0
import { randomSource } from '../../support/random.ts';
import { StreamSender } from '../../support/segmenter.ts';

/** What a capture of streams must leave behind; what is not given is 0. */
export interface StreamFigures {
  /** Requests by method, responses by code. */
  readonly messages: Readonly<Record<string, number>>;
  readonly keepAlives?: number;
  /** Losses by reason. */
  readonly losses?: Readonly<Record<string, number>>;
}

/** One golden capture of TCP segments. */
export interface StreamCase {
  readonly name: string;
  readonly meaning: string;
  /** Frames, a millisecond apart. */
  readonly frames: readonly Uint8Array[];
  readonly expected: StreamFigures;
  /** tshark does not find the first start line behind bytes that are missing, or counts otherwise: why. */
  readonly tsharkDiffers?: string;
}

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

/** A request with a body of so many bytes. */
export function request(method: string, callId: string, bodyBytes: number = 0): string {
  const body = 'Lorem ipsum dolor sit amet, consectetur adipiscing elit.\r\n'.repeat(
    Math.ceil(bodyBytes / 58),
  );
  return (
    `${method} sip:bob@example.com SIP/2.0\r\nVia: SIP/2.0/TCP 192.0.2.1;branch=z9hG4bK-${callId}\r\n` +
    `From: <sip:alice@example.com>;tag=${callId}\r\nTo: <sip:bob@example.com>\r\nCall-ID: ${callId}@192.0.2.1\r\n` +
    `CSeq: 1 ${method}\r\nMax-Forwards: 70\r\n${bodyBytes > 0 ? 'Content-Type: text/plain\r\n' : ''}` +
    `Content-Length: ${bodyBytes}\r\n\r\n${body.slice(0, bodyBytes)}`
  );
}

/** Its 200. */
export function answer(method: string, callId: string): string {
  return (
    `SIP/2.0 200 OK\r\nVia: SIP/2.0/TCP 192.0.2.1;branch=z9hG4bK-${callId}\r\n` +
    `From: <sip:alice@example.com>;tag=${callId}\r\nTo: <sip:bob@example.com>;tag=b\r\n` +
    `Call-ID: ${callId}@192.0.2.1\r\nCSeq: 1 ${method}\r\nContent-Length: 0\r\n\r\n`
  );
}

/** Both ends of a connection of one case. */
class Conversation {
  readonly caller: StreamSender;
  readonly callee: StreamSender;

  constructor(port: number, firstSequence = 1000, isIpv6 = false) {
    const random = randomSource(port);
    const caller = { address: isIpv6 ? '2001:db8::1' : '192.0.2.1', port };
    const callee = { address: isIpv6 ? '2001:db8::2' : '198.51.100.2', port: 5060 };
    this.caller = new StreamSender(caller, callee, firstSequence, random);
    this.callee = new StreamSender(callee, caller, firstSequence + 77, random);
  }

  handshake(): Uint8Array[] {
    const syn = this.caller.control('S');
    const synAck = this.callee.control('SA', this.caller.sequence);
    return [syn, synAck, this.caller.control('A', this.callee.sequence)];
  }

  /** The acknowledgment of all the caller has sent. */
  acknowledge(): Uint8Array {
    return this.callee.control('A', this.caller.sequence);
  }
}

const all = (count: number, make: (i: number) => string): Uint8Array =>
  encode(Array.from({ length: count }, (_, i) => make(i)).join(''));

function severalInOne(): StreamCase {
  const talk = new Conversation(40_001);
  const options = all(5, (i) => request('OPTIONS', `several-${i}`, i * 10));
  const answers = all(5, (i) => answer('OPTIONS', `several-${i}`));
  return {
    name: 'several-in-one-segment',
    meaning: 'Five requests in one segment, their answers in another.',
    frames: [...talk.handshake(), talk.caller.whole(options), talk.callee.whole(answers)],
    expected: { messages: { OPTIONS: 5, 200: 5 } },
  };
}

function wrapAndReorder(): StreamCase {
  const talk = new Conversation(40_002, 2 ** 32 - 2000);
  const bytes = all(8, (i) => request('MESSAGE', `wrap-${i}`, 700));
  const how = { maxBytes: 300, isReordered: true, repeatOneIn: 6 };
  return {
    name: 'any-order-over-the-end-of-sequence-numbers',
    meaning: 'Small segments in any order, some twice, while the sequence numbers wrap.',
    frames: [...talk.handshake(), ...talk.caller.send(bytes, how), talk.acknowledge()],
    expected: { messages: { MESSAGE: 8 } },
  };
}

function byteByByte(): StreamCase {
  const talk = new Conversation(40_003, 5, true);
  return {
    name: 'a-byte-a-segment-ipv6',
    meaning: 'Every byte has a segment of its own; IPv6.',
    frames: [
      ...talk.handshake(),
      ...talk.caller.send(encode(request('MESSAGE', 'byte', 100)), { maxBytes: 1 }),
    ],
    expected: { messages: { MESSAGE: 1 } },
  };
}

function midStream(): StreamCase {
  const talk = new Conversation(40_004);
  const bytes = encode(request('MESSAGE', 'middle-0', 300) + request('OPTIONS', 'middle-1'));
  return {
    name: 'met-in-the-middle',
    meaning: 'The capture begins inside a body: the next message is the first.',
    frames: [
      talk.caller.whole(bytes.subarray(400)),
      talk.callee.whole(encode(answer('OPTIONS', 'middle-1'))),
    ],
    expected: { messages: { OPTIONS: 1, 200: 1 }, losses: { not_sip: 1 } },
    tsharkDiffers: 'it does not look for a start line inside a segment',
  };
}

function gap(): StreamCase {
  const talk = new Conversation(40_005);
  const frames = talk.handshake();
  const first = talk.caller.whole(encode(request('OPTIONS', 'gap-0')));
  const lost = encode(request('MESSAGE', 'gap-1', 500));
  const before = talk.caller.whole(lost.subarray(0, 300));
  talk.caller.skip(200);
  const after = talk.caller.whole(
    encode(`${new TextDecoder().decode(lost.subarray(500))}${request('OPTIONS', 'gap-2')}`),
  );
  return {
    name: 'gap',
    meaning:
      'A segment amid a message is missing, though it was acknowledged: that message is lost, and no error.',
    frames: [...frames, first, before, after, talk.acknowledge()],
    expected: { messages: { OPTIONS: 2 }, losses: { gap: 1 } },
    tsharkDiffers: 'it does not look for a start line behind a gap',
  };
}

function reset(): StreamCase {
  const talk = new Conversation(40_006);
  const bytes = encode(request('OPTIONS', 'reset-0') + request('MESSAGE', 'reset-1', 500));
  return {
    name: 'reset',
    meaning: 'RST amid a message.',
    frames: [...talk.handshake(), talk.caller.whole(bytes.subarray(0, 600)), talk.callee.control('R')],
    expected: { messages: { OPTIONS: 1 }, losses: { reset: 1 } },
  };
}

function large(): StreamCase {
  const talk = new Conversation(40_007);
  const bytes = all(100, (i) => request('MESSAGE', `large-${i}`, 800));
  const frames = talk.handshake();
  for (let p = 0; p < bytes.length; p += 60_001)
    frames.push(talk.caller.whole(bytes.subarray(p, p + 60_001)));
  return {
    name: 'merged-segments',
    meaning: 'Segments of 60 KiB, as generic receive offload makes them, with messages across their ends.',
    frames,
    expected: { messages: { MESSAGE: 100 } },
  };
}

function keepAlives(): StreamCase {
  const talk = new Conversation(40_008);
  const frames = [
    ...talk.handshake(),
    talk.caller.whole(encode('\r\n\r\n')),
    talk.callee.whole(encode('\r\n')),
    talk.caller.whole(encode(request('OPTIONS', 'ping'))),
    talk.caller.control('FA'),
    talk.callee.control('FA', talk.caller.sequence),
  ];
  return {
    name: 'keep-alives',
    meaning: 'A ping, its pong, a request; both ends close.',
    frames,
    expected: { messages: { OPTIONS: 1 }, keepAlives: 2 },
  };
}

/** Every golden capture of streams. */
export const streamCases: readonly StreamCase[] = [
  severalInOne(),
  wrapAndReorder(),
  byteByByte(),
  midStream(),
  gap(),
  reset(),
  large(),
  keepAlives(),
];
