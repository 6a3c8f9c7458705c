// SPDX-License-Identifier: Apache-2.0
// Needs root: sockets of several workers share an interface; which one gets a packet is what src/base/spread.ts says.
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { test } from 'node:test';
import { Frame } from '../../src/base/frame.ts';
import { Spread, type SpreadKey } from '../../src/base/spread.ts';
import { LiveCapture } from '../../src/capture/live-capture.ts';
import { LiveFilter } from '../../src/capture/live-filter.ts';
import { type CaptureOptions, openCapture } from '../../src/capture/open-capture.ts';
import { SipMessage } from '../../src/sip/message.ts';
import { parseMessage } from '../../src/sip/parse-message.ts';
import { ParseResult } from '../../src/sip/parse-result.ts';
import { defaultParserLimits } from '../../src/sip/parser-limits.ts';
import { randomSource } from '../support/random.ts';
import { ascii, type Bytes, EtherType, ethernet, frameId, ipv4, ipv6, Protocol, tcp, udp } from './frames.ts';
import {
  captureOptions,
  consumerOf,
  createVethPair,
  enterTestNamespace,
  FrameSender,
  ip,
} from './network.ts';

enterTestNamespace();
createVethPair('fan0', 'fan1');
for (const name of ['fan0', 'fan1']) ip(`link set ${name} mtu 9000`);

const key: SpreadKey = { seed: 0x12345678, multiplier: 0x9e3779b1 };
const random = randomSource(20_261_126);
const pick = <Value>(values: readonly Value[]): Value => values[random(values.length)]!;

/** Bytes of frames that one ring has room for, if all go to one worker. */
const BATCH_BYTES = 300_000;
/** Each block of a ring is used up after 10 ms, however slow the sender: of the smallest ring here, 32 blocks. */
const BATCH_MILLIS = 100;

/** Captures of some workers, closed with the test. */
class Workers implements Disposable {
  readonly captures: readonly LiveCapture[];
  readonly #filters: readonly LiveFilter[];

  constructor(
    workers: number,
    interfaces: readonly string[] = ['fan0'],
    changed: Partial<CaptureOptions> = {},
  ) {
    const options = captureOptions(interfaces, { ...changed, sharing: { workers, key } });
    const { handles, filters } = openCapture(options);
    this.#filters = filters.map((filter) => new LiveFilter(filter));
    this.captures = handles.map((worker) => new LiveCapture(worker));
  }

  /** Takes frames until none came to anybody for a while; returns by `frameId` the worker that got it. */
  take(frames: Map<number, number> = new Map(), showsTwice = false): Map<number, number> {
    const lent = new Frame();
    for (let idle = 0; idle < 5; idle++) {
      for (const [worker, capture] of this.captures.entries()) {
        const consumer = consumerOf((frame) => {
          const id = frameId(frame.bytes.subarray(frame.offset));
          assert.ok(
            showsTwice ? (frames.get(id) ?? worker) === worker : !frames.has(id),
            `frame ${id} came twice`,
          );
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
    for (const filter of this.#filters) filter.close();
  }
}

/** Sends payloads in frames whose ids are their places, and says which worker got each. */
function workersOf(
  frames: readonly Uint8Array[],
  workers: number,
  changed: Partial<CaptureOptions> = {},
): number[] {
  using captures = new Workers(workers, ['fan0'], changed);
  const sender = new FrameSender('fan1');
  const taken = new Map<number, number>();
  let sentBytes = 0;
  let takenAt = performance.now();
  for (const frame of frames) {
    sender.send(frame);
    sentBytes += frame.length;
    if (sentBytes < BATCH_BYTES && performance.now() - takenAt < BATCH_MILLIS) continue;
    captures.take(taken);
    sentBytes = 0;
    takenAt = performance.now();
  }
  captures.take(taken);
  sender.close();
  assert.equal(taken.size, frames.length, 'every frame comes to somebody');
  return frames.map((_, index) => taken.get(index)!);
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

/** A packet with its addresses exchanged. */
function turnedRound(packet: Bytes): Bytes {
  const [at, length] = packet[0]! >> 4 === 4 ? [12, 4] : [8, 16];
  const middle = at + length;
  const end = middle + length;
  return [
    ...packet.slice(0, at),
    ...packet.slice(middle, end),
    ...packet.slice(at, middle),
    ...packet.slice(end),
  ];
}

test('what is found by no Call-ID goes by its addresses, the same both ways', () => {
  const invite = ascii(lines('INVITE sip:a@b SIP/2.0', ...common, 'CSeq: 1 INVITE', 'Call-ID: x'));
  const payloads: Bytes[] = [
    [],
    ascii('\r\n\r\n'),
    ascii(lines('OPTIONS sip:a@b SIP/2.0', ...common)),
    ascii(lines('INVITE sip:a@b SIP/2.0', ...common, 'Call-ID:', 'Call-ID-X: y')),
    // A Call-ID that begins behind what is looked through.
    ascii(lines('INVITE sip:a@b SIP/2.0', `X: ${'x'.repeat(4000)}`, 'Call-ID: y')),
    [0x40, 0, 0, 1, ...new Array<number>(160).fill(0x0a)],
    ascii('\n'.repeat(1400)),
    ascii('INVITE\n'.repeat(200)),
  ];
  const packets = payloads.flatMap((payload) => [
    ipv4(Protocol.udp, udp(5060, 5060, payload)),
    ipv4(Protocol.udp, udp(5060, 4000, payload), { options: [1, 1, 1, 1] }),
  ]);
  packets.push(
    ipv4(Protocol.tcp, tcp(5060, 4000, invite)),
    ipv4(Protocol.udp, udp(5060, 5060, invite), { fragment: 0x2000 }),
    ipv4(Protocol.udp, invite, { fragment: 0x0010 }),
  );
  const frames = packets.map((packet, id) => ethernet(id, EtherType.ipv4, packet));
  const back = packets.map((packet, index) =>
    ethernet(packets.length + index, EtherType.ipv4, turnedRound(packet)),
  );
  assert.deepEqual(new Set(workersOf([...frames, ...back], 4)).size, 1);
  // Other addresses, other workers.
  const many = Array.from({ length: 200 }, (_, id) =>
    ethernet(
      id,
      EtherType.ipv4,
      ipv4(Protocol.tcp, tcp(5060, 4000), { source: [192, 0, random(256), random(256)] }),
    ),
  );
  assert.deepEqual(new Set(workersOf(many, 4)), new Set([0, 1, 2, 3]));
  const packet6 = ipv6(Protocol.tcp, tcp(5060, 4000));
  const both6 = [packet6, turnedRound(packet6)].map((packet, id) => ethernet(id, EtherType.ipv6, packet));
  assert.equal(new Set(workersOf(both6, 4)).size, 1);
});

/** Ports of the two ends of a call, by the number of the call. All are even, as those of RTP. */
const portsOfCalls: readonly (readonly [string, (call: number) => readonly [number, number]])[] = [
  ['any', () => [2 * (4000 + random(28_000)), 2 * (4000 + random(28_000))]],
  ['equal', (call) => [10_000 + 2 * call, 10_000 + 2 * call]],
  ['counted up together', (call) => [10_000 + 2 * call, 30_000 + 2 * call]],
  ['counted up and down', (call) => [10_000 + 2 * call, 30_000 - 2 * call]],
  ['counted up against one port', (call) => [10_000 + 2 * call, 4000]],
];

/** RTP, its reports on the next port and on the same one, and all of them the other way. */
function mediaOfCall(here: number, there: number, isIpv4: boolean): Bytes[] {
  const rtp = [0x80, 0, 0, 1, ...new Array<number>(20).fill(0x55)];
  const report = [0x80, 201, 0, 1, 1, 2, 3, 4];
  const bothWays = (above: number, payload: Bytes): Bytes[] => {
    const ports = [here + above, there + above] as const;
    const [out, back] = [udp(...ports, payload), udp(ports[1], ports[0], payload)];
    return isIpv4
      ? [ipv4(Protocol.udp, out), turnedRound(ipv4(Protocol.udp, back))]
      : [ipv6(Protocol.udp, out), turnedRound(ipv6(Protocol.udp, back))];
  };
  return [...bothWays(0, rtp), ...bothWays(1, report), ...bothWays(0, report)];
}

for (const workers of [2, 4]) {
  test(`RTP and RTCP of a call meet, and calls of two hosts are shared evenly: ${workers} workers`, () => {
    const calls = 1000;
    for (const etherType of [EtherType.ipv4, EtherType.ipv6]) {
      for (const [name, portsOf] of portsOfCalls) {
        const frames = Array.from({ length: calls }, (_, call) =>
          mediaOfCall(...portsOf(call), etherType === EtherType.ipv4),
        );
        const got = workersOf(
          frames.flat().map((packet, id) => ethernet(id, etherType, packet)),
          workers,
          { rtp: 'detected' },
        );
        const shares = new Array<number>(workers).fill(0);
        for (let call = 0; call < calls; call++) {
          const met = new Set(got.slice(6 * call, 6 * call + 6));
          assert.equal(met.size, 1, `ports ${name}: call ${call}`);
          shares[got[6 * call]!]!++;
        }
        for (const share of shares) {
          assert.ok(Math.abs(share * workers - calls) < calls / 4, `ports ${name}: shares ${shares}`);
        }
      }
    }
  });
}

test('tags of VLANs are looked through', () => {
  const spread = new Spread(4, key);
  const texts = Array.from({ length: 60 }, randomMessage);
  for (const tags of [
    [{ type: 0x8100, tci: 100 }],
    [
      { type: 0x88a8, tci: 200 },
      { type: 0x8100, tci: 100 },
    ],
  ]) {
    const frames = texts.map((text, id) =>
      ethernet(id, EtherType.ipv4, ipv4(Protocol.udp, udp(5060, 5060, ascii(text))), tags),
    );
    assert.deepEqual(
      workersOf(frames, 4),
      texts.map((text) => ownerOf(text, spread)),
    );
  }
});

test('what goes out is spread like what comes in', () => {
  const spread = new Spread(3, key);
  const texts = Array.from({ length: 200 }, randomMessage);
  const sender = new FrameSender('fan1');
  for (const interfaces of [['fan1'], ['any']]) {
    using workers = new Workers(3, interfaces);
    const taken = new Map<number, number>();
    for (const [index, text] of texts.entries()) sender.send(udpFrame(index, text));
    // With all interfaces each frame shows twice, at either end of the wire.
    workers.take(taken, interfaces[0] === 'any');
    assert.deepEqual(
      texts.map((_, index) => taken.get(index)),
      texts.map((text) => ownerOf(text, spread)),
    );
  }
  sender.close();
});

test('only the interface that is named is heard, also when it was deleted and made again', () => {
  createVethPair('gone0', 'gone1');
  using workers = new Workers(2, ['gone0'], { promiscuous: true });
  const [first, second] = workers.captures;
  const send = (name: string): number => {
    const sender = new FrameSender(name);
    for (let id = 0; id < 40; id++) sender.send(udpFrame(id, randomMessage()));
    sender.close();
    return workers.take().size;
  };
  assert.equal(first!.status[0]!.state, 'up');
  assert.equal(send('gone1'), 40);
  assert.equal(send('fan1'), 0, 'another interface');
  ip('link delete gone0');
  assert.deepEqual(first!.maintain(), [{ interfaceName: 'gone0', state: 'missing' }]);
  assert.deepEqual(second!.maintain(), [], 'the first worker looks after interfaces');
  assert.equal(send('fan1'), 0);
  createVethPair('gone0', 'gone1');
  assert.deepEqual(first!.maintain(), [{ interfaceName: 'gone0', state: 'up' }]);
  assert.equal(send('gone1'), 40);
  for (const capture of workers.captures) capture.readStatistics();
  assert.equal(first!.status[0]!.packets + second!.status[0]!.packets, 80);
  assert.ok(first!.status[0]!.packets > 10 && second!.status[0]!.packets > 10);
  ip('link delete gone0');
});

test('close leaves no descriptor behind, of sockets as of maps', () => {
  const descriptors = (): string[] => readdirSync('/proc/self/fd');
  const before = descriptors();
  const options = captureOptions(['fan0', 'missing0'], { sharing: { workers: 3, key } });
  const opened = openCapture(options);
  assert.equal(
    descriptors().length,
    before.length + 2 * (2 * 3 + 3),
    'a socket for each worker with what it keeps, and three maps',
  );
  opened.close();
  assert.deepEqual(descriptors(), before);
  {
    using _workers = new Workers(3, ['fan0', 'missing0']);
  }
  assert.deepEqual(descriptors(), before);
});
