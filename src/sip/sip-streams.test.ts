// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { StreamChunk } from '../decode/byte-stream.ts';
import { SipTransport } from '../decode/sip-transport.ts';
import { type StreamEvents, type StreamLoss, streamLossNames } from '../decode/stream-events.ts';
import { SipMessage } from './message.ts';
import type { MessageSink } from './message-sink.ts';
import { firstParseError, keepAliveNames, type ParseResult, parseErrorNames } from './parse-result.ts';
import { defaultParserLimits, type ParserLimits } from './parser-limits.ts';
import { SipStreams } from './sip-streams.ts';

/** Reads one stream in pieces and writes down what comes of it. */
class Monitor implements MessageSink, StreamEvents {
  /** Call-IDs and bodies of messages, keep-alives, errors. */
  readonly events: string[] = [];
  readonly losses: string[] = [];
  lostByteCount = 0;
  readonly message: SipMessage = new SipMessage();
  readonly streams: SipStreams;
  readonly #chunk = new StreamChunk();
  #rest: Uint8Array = new Uint8Array(0);

  constructor(limits: Partial<ParserLimits> = {}) {
    this.streams = new SipStreams(1, { ...defaultParserLimits, ...limits }, SipTransport.tcp, this, this);
  }

  /** As `StreamRests` does it, with a copy for each call. */
  feed(bytes: Uint8Array): void {
    const all = new Uint8Array([...this.#rest, ...bytes]);
    const isEnough = all.length >= this.#chunk.wantedBytes;
    this.#rest = all;
    if (!isEnough || all.length === 0) return;
    const chunk = this.#chunk;
    chunk.bytes = all;
    chunk.view = new DataView(all.buffer);
    chunk.start = 0;
    chunk.end = all.length;
    chunk.wantedBytes = 0;
    this.#rest = all.slice(this.streams.read(0, chunk));
  }

  gap(): void {
    this.#rest = new Uint8Array(0);
    this.#chunk.wantedBytes = 0;
    this.streams.gap(0);
  }

  get restLength(): number {
    return this.#rest.length;
  }

  take(stream: number, transport: SipTransport): void {
    const { bytes, callIdOffset, callIdLength, bodyOffset, bodyLength } = this.message;
    assert.deepEqual([stream, transport], [0, SipTransport.tcp]);
    const text = (offset: number, length: number): string =>
      String.fromCharCode(...bytes.subarray(offset, offset + length));
    this.events.push(`${text(callIdOffset, callIdLength)}:${text(bodyOffset, bodyLength)}`);
  }
  notMessage(_stream: number, result: ParseResult): void {
    const isError = result >= firstParseError;
    this.events.push(isError ? parseErrorNames[result - firstParseError]! : keepAliveNames[result - 1]!);
  }
  lost(_stream: number, reason: StreamLoss): void {
    this.losses.push(streamLossNames[reason]!);
  }
  lostBytes(_stream: number, _reason: StreamLoss, lengthBytes: number): void {
    this.lostByteCount += lengthBytes;
  }
  noContentLength(): void {
    this.losses.push('no Content-Length');
  }
  unit(): void {}
  settle(): void {}
  unread(): void {}
}

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

function message(callId: string, body = '', fields = `Content-Length: ${body.length}\r\n`): string {
  return (
    `MESSAGE sip:bob@example.com SIP/2.0\r\nVia: SIP/2.0/TCP h;branch=z9hG4bK${callId}\r\n` +
    `From: <sip:a@example.com>;tag=1\r\nTo: <sip:b@example.com>\r\nCall-ID: ${callId}\r\n` +
    `CSeq: 1 MESSAGE\r\n${fields}\r\n${body}`
  );
}

/** What comes of a text in pieces that end at these places. */
function read(text: string, cuts: readonly number[] = [], limits: Partial<ParserLimits> = {}): Monitor {
  const monitor = new Monitor(limits);
  const bytes = encode(text);
  let from = 0;
  for (const cut of [...cuts.map((one) => one % bytes.length).sort((a, b) => a - b), bytes.length]) {
    monitor.feed(bytes.subarray(from, cut));
    from = cut;
  }
  return monitor;
}

test('messages are told apart by Content-Length, wherever the stream is cut', () => {
  const text =
    message('1', 'SIP/2.0 200 OK\r\n\r\n') +
    message('2') +
    message('3', '', 'l : 0\r\n') +
    message('4', 'Hello', 'CONTENT-LENGTH:\r\n 5\r\n') +
    message('5', '\r\n\r\n\r\n')
      .replaceAll('\r\n', '\n')
      .replace(/Content-Length: \d+/, 'l: 3') +
    message('6', 'x'.repeat(3000));
  const expected = ['1:SIP/2.0 200 OK\r\n\r\n', '2:', '3:', '4:Hello', '5:\n\n\n', `6:${'x'.repeat(3000)}`];
  const whole = read(text);
  assert.deepEqual([whole.events, whole.losses, whole.restLength], [expected, [], 0]);
  assert.deepEqual(
    read(
      text,
      Array.from(text, (_, i) => i),
    ).events,
    expected,
    'byte by byte',
  );
  for (let cut = 1; cut < text.length; cut++) assert.deepEqual(read(text, [cut]).events, expected, `${cut}`);
  fc.assert(
    fc.property(fc.array(fc.nat(100_000), { maxLength: 30 }), (cuts) => {
      assert.deepEqual(read(text, cuts).events, expected);
    }),
  );
});

test('pings and pongs count, line ends before a start line do not', () => {
  assert.deepEqual(read('\r\n\r\n').events, ['crlf']);
  assert.deepEqual(read('\r\n').events, ['crlf']);
  assert.deepEqual(read('\r\n'.repeat(4)).events, ['crlf', 'crlf']);
  assert.deepEqual(read(`\r\n${message('1')}`).events, ['1:']);
  const pongs = new Monitor();
  for (let i = 0; i < 3; i++) pongs.feed(encode('\r\n'));
  pongs.feed(encode(message('1')));
  assert.deepEqual([pongs.events, pongs.losses], [['crlf', 'crlf', 'crlf', '1:'], []]);
});

test('without Content-Length a message has no body, and that is counted', () => {
  const monitor = read(message('1', '', '') + message('2'));
  assert.deepEqual([monitor.events, monitor.losses], [['1:', '2:'], ['no Content-Length']]);
});

test('a message with an error is one error and hides nothing behind it', () => {
  for (const [wrong, error] of [
    [message('1', 'body').replace(/Via.*\r\n/, ''), 'missing_via'],
    [message('1', 'body').replace('CSeq: 1 MESSAGE', 'CSeq: 1 INVITE'), 'cseq_method_mismatch'],
    [message('1', 'body').replace('SIP/2.0\r\n', 'SIP/3.0\r\n'), 'unsupported_version'],
    [message('1', '', `Content-Length: 4\r\nX: ${'y'.repeat(9000)}\r\n`), 'header_too_long'],
  ] as const) {
    const text = wrong + (wrong.includes('yyy') ? 'body' : '') + message('2');
    assert.deepEqual(read(text).events, [error, '2:']);
    const bytewise = read(
      text,
      Array.from(text, (_, i) => i),
    );
    assert.deepEqual([bytewise.events, bytewise.losses], [[error, '2:'], []], error);
  }
});

test('a message that is too large is passed over to its end, without being kept', () => {
  const limits = { maxMessageBytes: 1000 };
  const text = message('1', `\r\n${message('inside')}${'x'.repeat(1000)}`) + message('2');
  const monitor = read(text, [500, 700, 900], limits);
  assert.deepEqual([monitor.events, monitor.losses], [['message_too_large', '2:'], []]);
  const endless = read(`${message('1', '', `X: ${'y'.repeat(2000)}\r\n`)}${message('2')}`, [600], limits);
  assert.deepEqual([endless.events, endless.losses], [['message_too_large', '2:'], []]);
  const absurd = read(message('1', '', 'Content-Length: 2000000000\r\n') + message('2'), [], limits);
  assert.deepEqual(absurd.events, ['message_too_large', '2:']);
});

test('where no message begins, all is passed over up to one that is a message in every way', () => {
  const rest = 'ine\r\nContent-Length: 20\r\n\r\nSIP/2.0 200 OK\r\n\r\nab\r\n';
  const traps =
    'SIP/2.0 200 OK\r\n' +
    'INVITE sip:x SIP/2.0\r\nnot a field\r\n' +
    'OPTIONS sip:x SIP/2.0\r\nVia: too little of a message\r\n\r\n';
  const text = rest + traps + message('1', 'Hello') + message('2');
  for (const cuts of [[], Array.from(text, (_, i) => i)]) {
    const monitor = read(text, cuts);
    assert.deepEqual([monitor.events, monitor.losses], [['1:Hello', '2:'], ['not_sip']]);
  }
  const other = read('GET / HTTP/1.1\r\nHost: x\r\n\r\n\x16\x03\x01\x00\xff\0\0\0');
  assert.deepEqual([other.events, other.losses], [[], ['not_sip']]);
});

test('behind a gap the next message counts, and what is left of the one before is no error', () => {
  const monitor = read(message('1') + message('2', 'x'.repeat(100)).slice(0, -50));
  monitor.gap();
  monitor.feed(encode(`${'x'.repeat(20)}\r\nab: c\r\n\r\n${message('3')}`));
  assert.deepEqual([monitor.events, monitor.losses], [['1:', '3:'], []]);
  monitor.gap();
  monitor.feed(encode(message('4')));
  assert.deepEqual(monitor.events, ['1:', '3:', '4:']);
});

test('the body that is left may end without a line end', () => {
  for (const [rest, next, event] of [
    ['Hello', message('1'), '1:'],
    ['a SIP/2.0 b', message('1'), '1:'],
    ['SIP/2.0 ', message('1').replace(/^.*\r\n/, 'SIP/2.0 200 OK\r\n'), '1:'],
  ] as const) {
    for (const cuts of [[], [3], [10], Array.from(rest + next, (_, i) => i)]) {
      const monitor = new Monitor();
      monitor.gap();
      let from = 0;
      const bytes = encode(rest + next);
      for (const cut of [...cuts, bytes.length]) {
        monitor.feed(bytes.subarray(from, cut));
        from = cut;
      }
      assert.deepEqual([monitor.events, monitor.lostByteCount], [[event], rest.length]);
    }
  }
});

test('a connection that ends leaves nothing to the next with its number', () => {
  const monitor = read(message('1').slice(0, 100));
  monitor.streams.end(0);
  monitor.gap();
  monitor.streams.end(0);
  monitor.feed(encode('\r\n\r\n'));
  assert.deepEqual(monitor.events, ['crlf']);
});

test('property: garbage never throws, and a message behind it is found', () => {
  const piece = fc.oneof(
    fc.constantFrom(
      '\r\n',
      'SIP/2.0 200 OK\r\n',
      'INVITE sip:a SIP/2.0\r\n',
      'l: 9\r\n',
      'Via: x\r\n',
      '\n\n',
    ),
    fc.string({ unit: 'binary', maxLength: 40 }),
    fc.constant(message('g', 'abc')),
  );
  fc.assert(
    fc.property(
      fc.array(piece, { maxLength: 20 }),
      fc.array(fc.nat(10_000), { maxLength: 20 }),
      (all, cuts) => {
        const text = `${all.join('')} `;
        const bytewise = read(
          text,
          Array.from(text, (_, i) => i),
        );
        const messages = ({ events }: Monitor): string[] => events.filter((event) => event !== 'crlf');
        assert.deepEqual(messages(read(text, cuts)), messages(bytewise), 'the cuts do not matter');
      },
    ),
    { numRuns: 200 },
  );
});
