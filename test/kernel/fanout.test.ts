// SPDX-License-Identifier: Apache-2.0
// Needs root: sockets of several workers share an interface; which one gets a packet is what src/base/spread.ts says.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Frame } from '../../src/base/frame.ts';
import { Spread, type SpreadKey } from '../../src/base/spread.ts';
import { LiveCapture } from '../../src/capture/live-capture.ts';
import { type CaptureOptions, openCapture } from '../../src/capture/open-capture.ts';
import { SipMessage } from '../../src/sip/message.ts';
import { parseMessage } from '../../src/sip/parse-message.ts';
import { ParseResult } from '../../src/sip/parse-result.ts';
import { defaultParserLimits } from '../../src/sip/parser-limits.ts';
import { randomSource } from '../support/random.ts';
import { ascii, EtherType, ethernet, frameId, ipv4, ipv6, Protocol, udp } from './frames.ts';
import { captureOptions, consumerOf, createVethPair, enterTestNamespace, FrameSender } from './network.ts';

enterTestNamespace();
createVethPair('fan0', 'fan1');

const key: SpreadKey = { seed: 0x12345678, multiplier: 0x9e3779b1 };
const random = randomSource(20_261_126);
const pick = <Value>(values: readonly Value[]): Value => values[random(values.length)]!;

/** Captures of some workers, closed with the test. */
class Workers implements Disposable {
  readonly captures: readonly LiveCapture[];

  constructor(
    workers: number,
    interfaces: readonly string[] = ['fan0'],
    changed: Partial<CaptureOptions> = {},
  ) {
    const { handles } = openCapture(captureOptions(interfaces, { ...changed, sharing: { workers, key } }));
    this.captures = handles.map((worker) => new LiveCapture(worker));
  }

  /** Takes frames until none came to anybody for a while; returns by `frameId` the worker that got it. */
  take(frames: Map<number, number> = new Map()): Map<number, number> {
    const lent = new Frame();
    for (let idle = 0; idle < 5; idle++) {
      for (const [worker, capture] of this.captures.entries()) {
        const consumer = consumerOf((frame) => {
          const id = frameId(frame.bytes.subarray(frame.offset));
          assert.ok(!frames.has(id), `frame ${id} came twice`);
          frames.set(id, worker);
        });
        capture.wait(10);
        if (capture.read(lent, consumer, 8) > 0) idle = 0;
      }
    }
    return frames;
  }

  [Symbol.dispose](): void {
    for (const capture of this.captures) capture.close();
  }
}

/** Sends payloads in frames whose ids are their places, and says which worker got each. */
function workersOf(frames: readonly Uint8Array[], workers: number): number[] {
  using captures = new Workers(workers);
  const sender = new FrameSender('fan1');
  const taken = new Map<number, number>();
  for (const [index, frame] of frames.entries()) {
    sender.send(frame);
    if (index % 500 === 499) captures.take(taken);
  }
  captures.take(taken);
  sender.close();
  return frames.map((_, index) => taken.get(index) ?? -1);
}

const udpFrame = (id: number, text: string): Uint8Array =>
  id % 2 === 0
    ? ethernet(id, EtherType.ipv4, ipv4(Protocol.udp, udp(5060, 5060, ascii(text))))
    : ethernet(id, EtherType.ipv6, ipv6(Protocol.udp, udp(5060, 5060, ascii(text))));

const lines = (...texts: string[]): string => `${texts.join('\r\n')}\r\n\r\n`;
const common = ['Via: SIP/2.0/UDP a;branch=z9hG4bK1', 'From: <sip:a@b>;tag=1', 'To: <sip:c@d>'];
const letters = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.!%*_+`\'~()<>:\\"/[]?{}@';

const randomCallId = (): string => Array.from({ length: 1 + random(160) }, () => pick([...letters])).join('');

/** A message with its Call-ID anywhere, as any legal peer may write it. */
function randomMessage(): string {
  const name = pick(['Call-ID', 'call-id', 'CALL-ID', 'cALL-Id', 'i', 'I']);
  const before = pick(['', ' ', '\t', '   ']);
  const behind = pick(['', ' ', '  \t', '\r\n ', ' \r\n\t ']);
  const after = pick(['', ' ', '\t ', '\r\n ']);
  const line = pick([
    'INVITE sip:a@b SIP/2.0',
    'SIP/2.0 200 OK',
    'ACK sip:a@b SIP/2.0',
    'FOOBARBAZ sip:a@b SIP/2.0',
  ]);
  const method = line.startsWith('SIP') ? 'INVITE' : line.split(' ')[0]!;
  const fields = [...common, `CSeq: 1 ${method}`, 'Identity: i', 'In-Reply-To: x'];
  for (let more = random(6); more > 0; more--)
    fields.push(`X-${'x'.repeat(random(120))}: ${'i: y '.repeat(random(10))}`);
  fields.splice(random(fields.length), 0, `${name}${before}:${behind}${randomCallId()}${after}`);
  const text = lines(line, ...fields);
  return random(5) === 0 ? text.replaceAll('\r\n', '\n') : text;
}

/** Which worker the parser's Call-ID belongs to. */
function ownerOf(text: string, spread: Spread): number {
  const message = new SipMessage();
  const bytes = new TextEncoder().encode(text);
  const view = new DataView(bytes.buffer);
  const parsed = parseMessage(bytes, view, 0, bytes.length, defaultParserLimits, message);
  assert.equal(parsed, ParseResult.message, text);
  return spread.workerOf(bytes, message.callIdOffset, message.callIdLength);
}

for (const workers of [2, 3, 4]) {
  test(`a message goes to the worker of its Call-ID: ${workers} workers`, () => {
    const spread = new Spread(workers, key);
    const texts = Array.from({ length: 3000 }, randomMessage);
    const got = workersOf(
      texts.map((text, id) => udpFrame(id, text)),
      workers,
    );
    const shares = new Array<number>(workers).fill(0);
    for (const [index, text] of texts.entries()) {
      assert.equal(got[index], ownerOf(text, spread), JSON.stringify(text));
      shares[got[index]!]!++;
    }
    for (const share of shares) assert.ok(share > 3000 / workers / 1.2, `shares: ${shares}`);
  });
}
