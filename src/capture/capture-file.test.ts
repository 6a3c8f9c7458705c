// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import test from 'node:test';
import { gzipSync } from 'node:zlib';
import { captureVariants } from '../../test/support/capture-variants.ts';
import type { PcapRecord } from '../../test/support/pcap.ts';
import {
  joined,
  type PcapngInterfaceVariant,
  pcapBytes,
  pcapngBlock,
  pcapngBytes,
} from '../../test/support/pcap-formats.ts';
import { randomSource } from '../../test/support/random.ts';
import { CaptureFolder, type ReadCapture, readCapture } from '../../test/support/read-capture.ts';
import { LinkType, PacketType } from '../base/frame.ts';
import { CaptureFileError } from './capture-file-error.ts';

const ETHERNET = 1;
const START = 1_700_000_000_123_456;

/** Packets with bytes that differ, of lengths from 0 on, at whole microseconds. */
function records(count: number, longest = 90): PcapRecord[] {
  const random = randomSource(count);
  return Array.from({ length: count }, (_, i) => ({
    micros: START + i * 1_000_001,
    bytes: Uint8Array.from({ length: i === 0 ? 0 : random(longest + 1) }, () => random(256)),
  }));
}

const read = async (bytes: Uint8Array): Promise<ReadCapture> => {
  using folder = new CaptureFolder();
  return await readCapture(folder.write('file', bytes));
};

const refused = async (bytes: Uint8Array, pattern: RegExp): Promise<void> => {
  using folder = new CaptureFolder();
  const path = folder.write('file', bytes);
  await assert.rejects(readCapture(path), (error: unknown) => {
    assert.ok(error instanceof CaptureFileError, String(error));
    assert.ok(error.message.startsWith(`${path} `), error.message);
    assert.match(error.message.slice(path.length), pattern);
    return true;
  });
};

/** One at a time: a difference of thousands of packets takes minutes to print. */
function assertPackets({ packets }: ReadCapture, list: readonly PcapRecord[], name: string = ''): void {
  for (const [i, { micros, bytes, originalLength = bytes.length }] of list.entries()) {
    const packet = packets[i];
    const got = packet && [packet.micros, packet.originalLength, Buffer.from(packet.bytes).toString('hex')];
    assert.deepEqual(
      got,
      [micros, originalLength, Buffer.from(bytes).toString('hex')],
      `${name} packet ${i + 1}`,
    );
  }
  assert.equal(packets.length, list.length, name);
}

test('every kind of file gives the same packets', async () => {
  // More than a buffer, so that packets lie across its end.
  const list = records(3000, 1500);
  for (const [name, bytes] of captureVariants(ETHERNET, list)) {
    const capture = await read(bytes);
    assertPackets(capture, list, name);
    assert.deepEqual(capture.isCut, [false], name);
    for (const [i, packet] of capture.packets.entries()) {
      assert.equal(packet.number, i + 1, name);
      assert.equal(packet.linkType, LinkType.ethernet, name);
      assert.equal(packet.packetType, PacketType.unknown, name);
      assert.equal(packet.interfaceName, 'file', name);
    }
  }
});

test('a packet that the sensor cut keeps its length on the wire', async () => {
  const list = [{ micros: START, bytes: Uint8Array.of(1, 2, 3), originalLength: 1500 }];
  const simple = pcapngBytes({
    interfaces: [{ linktype: ETHERNET, snapLength: 3 }],
    packets: [{ ...list[0]!, block: 'simple' }],
  });
  assertPackets(await read(pcapBytes({ linktype: ETHERNET }, list)), list);
  assertPackets(await read(pcapngBytes({ interfaces: [{ linktype: ETHERNET }], packets: list })), list);
  assertPackets(await read(simple), [{ ...list[0]!, micros: 0 }]);
});

test('a simple packet block has the time of the packet before', async () => {
  const packets = [
    { micros: START, bytes: Uint8Array.of(1) },
    { micros: 5, bytes: Uint8Array.of(2, 3, 4, 5, 6), block: 'simple' as const },
  ];
  const capture = await read(pcapngBytes({ interfaces: [{ linktype: ETHERNET, snapLength: 0 }], packets }));
  assert.deepEqual(
    capture.packets.map(({ micros, bytes }) => [micros, ...bytes]),
    [
      [START, 1],
      [START, 2, 3, 4, 5, 6],
    ],
  );
});

test('a file that ends anywhere gives the packets before that, and says so', async () => {
  const list = records(3, 20);
  for (const name of ['little.pcap', 'big-modified.pcap', 'big.pcapng', 'sections.pcapng']) {
    const bytes = captureVariants(ETHERNET, list).get(name)!;
    using folder = new CaptureFolder();
    const counts: number[] = [];
    let uncut = 0;
    for (let length = 28; length <= bytes.length; length++) {
      const capture = await readCapture(folder.write('file', bytes.subarray(0, length)));
      const count = capture.packets.length;
      assertPackets(capture, list.slice(0, count), `${name} at ${length}`);
      counts.push(count);
      if (!capture.isCut[0]) uncut++;
    }
    assert.deepEqual(
      counts,
      counts.toSorted((a, b) => a - b),
      name,
    );
    assert.equal(counts.at(-1), list.length, name);
    // Where a record ends, nobody can tell that the file is cut: behind each packet and each other block from 28 on.
    const otherBlocks = { 'little.pcap': 0, 'big-modified.pcap': 0, 'big.pcapng': 2, 'sections.pcapng': 5 };
    assert.equal(uncut, list.length + otherBlocks[name as keyof typeof otherBlocks], name);
  }
});

test('a gzip file that ends anywhere gives what could be unpacked, and says so', async () => {
  const list = records(200, 200);
  const whole = gzipSync(pcapBytes({ linktype: ETHERNET }, list));
  using folder = new CaptureFolder();
  let lastCount = -1;
  for (let length = 3000; length < whole.length; length += 997) {
    const path = folder.write('file', whole.subarray(0, length));
    const capture = await readCapture(path);
    assertPackets(capture, list.slice(0, capture.packets.length), `${length}`);
    assert.deepEqual(capture.isCut, [true], `${length}`);
    assert.ok(capture.packets.length >= lastCount);
    lastCount = capture.packets.length;
  }
  assert.ok(lastCount > 150, `${lastCount}`);
  // Its trailer (CRC and length, RFC 1952 §2.3.1) is missing, all packets are there.
  const capture = await readCapture(folder.write('file', whole.subarray(0, whole.length - 3)));
  assertPackets(capture, list);
  assert.deepEqual(capture.isCut, [true]);
});

test('gzip members may end at the edge of what is read at once', async () => {
  const list = records(600, 200);
  const bytes = pcapBytes({ linktype: ETHERNET }, list);
  const stored = (length: number): Uint8Array => gzipSync(bytes.subarray(0, length), { level: 0 });
  const overhead = stored(16_000).length - 16_000;
  for (const edge of [16_383, 16_384, 16_385]) {
    const first = stored(edge - overhead);
    assert.equal(first.length, edge);
    assertPackets(await read(joined(first, gzipSync(bytes.subarray(edge - overhead)))), list, `${edge}`);
  }
});

test('what is no capture file is refused with a sentence', async () => {
  const { magic, pcapng } = { magic: [0xd4, 0xc3, 0xb2, 0xa1], pcapng: [0x0a, 0x0d, 0x0d, 0x0a] };
  await refused(Uint8Array.of(), /^ is empty$/);
  await refused(gzipSync(Uint8Array.of()), /^ is empty$/);
  await refused(Uint8Array.of(1, 2), /is no capture file: .* begins with 01 02$/);
  await refused(new TextEncoder().encode('INVITE sip:a@b SIP/2.0'), /is no capture file: .* 49 4e 56 49$/);
  await refused(gzipSync(gzipSync(Uint8Array.from(magic))), /is no capture file: .* 1f 8b 08 00$/);
  await refused(Uint8Array.from(magic), /ends inside its file header$/);
  await refused(Uint8Array.of(...magic, 3, 0, 4, 0, ...new Uint8Array(16)), /has version 3 of pcap/);
  await refused(
    Uint8Array.of(...pcapng, 28, 0, 0, 0, ...new Uint8Array(20)),
    /at byte 0: .* byte-order magic$/,
  );
  await assert.rejects(
    readCapture('/nowhere/file.pcap'),
    /^CaptureFileError: \/nowhere\/file\.pcap cannot be read: there is no such file$/,
  );
  await assert.rejects(readCapture('/'), /\/ cannot be read: it is a folder$/);
});

test('what is wrong inside a file is said with its place', async () => {
  const list = records(2, 20);
  const pcap = pcapBytes({ linktype: ETHERNET }, list);
  new DataView(pcap.buffer).setUint32(24 + 16 + 8, 262145, true);
  await refused(pcap, /^ is corrupt at byte 40: a packet of 262145 bytes, where 262144 are the most$/);

  const interfaces = [{ linktype: ETHERNET }];
  const empty = pcapngBytes({ interfaces, packets: [] });
  const at = empty.length;
  const behind = (type: number, body: readonly number[], pattern: RegExp): Promise<void> =>
    refused(joined(empty, pcapngBlock(type, Uint8Array.from(body))), pattern);
  const zeros = (count: number): number[] => new Array<number>(count).fill(0);
  await behind(
    6,
    [9, ...zeros(19)],
    new RegExp(`at byte ${at}: a packet of interface 9, which is not described`),
  );
  await behind(6, zeros(8), /a packet block of 20 bytes$/);
  await behind(3, [], /a packet block of 12 bytes$/);
  await behind(1, zeros(4), /an interface description of 16 bytes$/);
  await behind(
    6,
    [...zeros(12), 5, 0, 0, 0, ...zeros(4), 1, 2, 3, 4],
    /a packet of 5 bytes in a block of 36$/,
  );
  await behind(
    1,
    [1, 0, 0, 0, ...zeros(4), 2, 0, 9, 0, 65, 66, 67, 68],
    /an option of an interface reaches beyond/,
  );
  await refused(joined(empty, Uint8Array.of(6, 0, 0, 0, 13, 0, 0, 0, 0, 0, 0, 0)), /a block of 13 bytes$/);
  await refused(joined(empty, Uint8Array.of(5, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0)), /a block of 8 bytes$/);
  await refused(
    joined(empty, Uint8Array.of(6, 0, 0, 0, 4, 0, 8, 0, 0, 0, 0, 0)),
    /524292 bytes, where 524288 are/,
  );
  const unequal = joined(empty, pcapngBlock(1, Uint8Array.from(zeros(8))));
  unequal[unequal.length - 4] = 24;
  await refused(unequal, /different lengths at its begin and its end$/);
  const many = Array.from({ length: 4097 }, () => ({ linktype: ETHERNET }));
  await refused(pcapngBytes({ interfaces: many, packets: [] }), /more than 4096 interfaces in one section$/);
  await refused(pcapngBlock(1, Uint8Array.from(zeros(8))), /is no capture file/);

  const damaged = gzipSync(pcapBytes({ linktype: ETHERNET }, records(50)));
  damaged[damaged.length - 8]! ^= 1;
  await refused(damaged, /^ is corrupt at byte \d+: its gzip data do not fit \(incorrect data check\)$/);
});

test('times of any resolution become microseconds, within what a double holds exactly', async () => {
  const at = async (one: PcapngInterfaceVariant, high: number, low: number): Promise<number> => {
    const bytes = pcapngBytes({ interfaces: [one], packets: [{ micros: 0, bytes: Uint8Array.of(1) }] });
    const view = new DataView(bytes.buffer);
    const packet = bytes.length - 36;
    view.setUint32(packet + 12, high, true);
    view.setUint32(packet + 16, low, true);
    return (await read(bytes)).packets[0]!.micros;
  };
  const exact = (ticks: bigint): [number, number] => [Number(ticks >> 32n), Number(ticks & 0xffffffffn)];
  const seconds = 1_700_000_000n;
  const whole = Number(seconds) * 1e6;
  assert.equal(await at({ linktype: 1, resolution: 0 }, ...exact(seconds)), whole);
  assert.equal(await at({ linktype: 1, resolution: 3 }, ...exact(seconds * 1000n + 7n)), whole + 7000);
  assert.equal(await at({ linktype: 1, resolution: 6 }, ...exact(seconds * 10n ** 6n + 123n)), whole + 123);
  assert.equal(await at({ linktype: 1, resolution: 9 }, ...exact(seconds * 10n ** 9n + 250n)), whole + 0.25);
  assert.equal(
    await at({ linktype: 1, resolution: 9 }, ...exact(seconds * 10n ** 9n + 999_999_750n)),
    whole + 999_999.75,
  );
  assert.equal(await at({ linktype: 1, resolution: 0x80 }, ...exact(seconds)), whole);
  assert.equal(
    await at({ linktype: 1, resolution: 0x80 | 10 }, ...exact((seconds << 10n) + 512n)),
    whole + 5e5,
  );
  assert.equal(
    await at({ linktype: 1, resolution: 6, offsetSeconds: 100 }, ...exact(seconds * 10n ** 6n)),
    whole + 1e8,
  );
  assert.equal(
    await at({ linktype: 1, resolution: 6, offsetSeconds: -100 }, 0, 0),
    0,
    'not before the epoch',
  );
  // Nonsense stays a number in bounds.
  for (const resolution of [0, 6, 9, 19, 127, 0x80, 0x80 | 36, 0x80 | 38, 0xff]) {
    for (const offsetSeconds of [0, -(2 ** 53), 2 ** 53]) {
      const micros = await at({ linktype: 1, resolution, offsetSeconds }, 0xffffffff, 0xffffffff);
      assert.ok(
        micros >= 0 && micros <= Number.MAX_SAFE_INTEGER,
        `${resolution} ${offsetSeconds}: ${micros}`,
      );
    }
  }
});

test('interfaces have the names of the file, cleaned and cut, the same in every section', async () => {
  const named = (name: string) => ({ linktype: ETHERNET, name });
  const packet = (interfaceId: number) => ({ micros: START, bytes: Uint8Array.of(1), interfaceId });
  const long = 'é'.repeat(40);
  const names = ['eth0', 'a b"{}\n\u0007', '\u0000', long, '', '\u202eeth', ' any ', 'eth0'];
  const section = { interfaces: names.map(named), packets: names.map((_, i) => packet(i)) };
  const { packets } = await read(pcapngBytes(section, { interfaces: [named('eth0')], packets: [packet(0)] }));
  assert.deepEqual(
    packets.map(({ interfaceName }) => interfaceName),
    ['eth0', 'a b"{}__', 'file', 'é'.repeat(31), 'file', '_eth', 'any', 'eth0', 'eth0'],
  );
});

test('the way of a packet comes from cooked headers, flags of pcapng and the modified format', async () => {
  const flags = (value: number) => [[2, Uint8Array.of(value, 0, 0, 0)] as const];
  const bytes = Uint8Array.of(0, 4, ...new Uint8Array(18));
  const way = async (file: Uint8Array): Promise<number> => (await read(file)).packets[0]!.packetType;
  const ofFlags = (value: number): Promise<number> =>
    way(
      pcapngBytes({
        interfaces: [{ linktype: ETHERNET }],
        packets: [{ micros: 0, bytes, options: [[1, Uint8Array.of(65)], ...flags(value)] }],
      }),
    );
  assert.equal(await ofFlags(0), PacketType.unknown);
  assert.equal(await ofFlags(1), PacketType.host);
  assert.equal(await ofFlags(2), PacketType.outgoing);
  assert.equal(await ofFlags(0b10001), PacketType.otherHost);
  assert.equal(await ofFlags(0b01101), PacketType.host);

  assert.equal(await way(pcapBytes({ linktype: 113 }, [{ micros: 0, bytes }])), PacketType.outgoing);
  const cooked2 = Uint8Array.from({ length: 20 }, (_, i) => (i === 10 ? 3 : 0));
  assert.equal(
    await way(pcapBytes({ linktype: 276 }, [{ micros: 0, bytes: cooked2 }])),
    PacketType.otherHost,
  );
  const cut = [{ micros: 0, bytes: cooked2.subarray(0, 10) }];
  assert.equal(await way(pcapBytes({ linktype: 276 }, cut)), PacketType.unknown);
  const odd = [{ micros: 0, bytes: Uint8Array.of(1, 4, ...new Uint8Array(18)) }];
  assert.equal(await way(pcapBytes({ linktype: 113 }, odd)), PacketType.unknown);
  for (const [given, expected] of [
    [0, PacketType.host],
    [4, PacketType.outgoing],
    [5, PacketType.unknown],
  ] as const) {
    const file = pcapBytes({ linktype: ETHERNET, modifiedPacketType: given }, [{ micros: 0, bytes }]);
    assert.equal(await way(file), expected);
  }
});

test('link types', async () => {
  const expected: readonly (readonly [number, LinkType])[] = [
    [0, LinkType.loopback],
    [1, LinkType.ethernet],
    [12, LinkType.rawIp],
    [14, LinkType.rawIp],
    [101, LinkType.rawIp],
    [108, LinkType.loopback],
    [113, LinkType.linuxCooked],
    [228, LinkType.rawIp],
    [229, LinkType.rawIp],
    [276, LinkType.linuxCooked2],
  ];
  for (const [linktype, linkType] of expected) {
    const { packets } = await read(pcapBytes({ linktype }, records(1)));
    assert.equal(packets[0]!.linkType, linkType, `${linktype}`);
  }
  // A frame check sequence of 4 bytes is announced in the same field.
  const { packets } = await read(pcapBytes({ linktype: 0x24000001 }, records(1)));
  assert.equal(packets[0]!.linkType, LinkType.ethernet);
});

test('packets with an unknown link header are counted and keep their number', async () => {
  const interfaces = [{ linktype: 195 }, { linktype: ETHERNET }];
  const packets = records(6).map((record, i) => ({ ...record, interfaceId: i % 2 }));
  const capture = await read(pcapngBytes({ interfaces, packets }));
  assert.deepEqual(
    capture.packets.map(({ number }) => number),
    [2, 4, 6],
  );
  assert.deepEqual(capture.unknownLinks, [new Map([[195, 3]])]);
  assert.deepEqual(capture.packetCounts, [6]);
});

test('several files are one traffic by time, each file as it is', async () => {
  using folder = new CaptureFolder();
  const file = (name: string, ...micros: number[]): string =>
    folder.write(
      name,
      pcapBytes(
        { linktype: ETHERNET },
        micros.map((one) => ({ micros: one, bytes: Uint8Array.of(1) })),
      ),
    );
  const paths = [file('a', 10, 30, 30, 20, 90), file('b', 10, 25, 40), file('c'), file('d', 5, 100)];
  const { packets } = await readCapture(...paths);
  assert.deepEqual(
    packets.map(({ file: name, micros }) => `${name.at(-1)}${micros}`),
    ['d5', 'a10', 'b10', 'b25', 'a30', 'a30', 'a20', 'b40', 'a90', 'd100'],
  );
});

test('many files are read with small buffers', async () => {
  using folder = new CaptureFolder();
  const list = records(400, 1500);
  const paths = Array.from({ length: 40 }, (_, i) =>
    folder.write(
      `${i}`,
      pcapBytes(
        { linktype: ETHERNET },
        list.filter((_one, at) => at % 40 === i),
      ),
    ),
  );
  const long = folder.write(
    'long',
    pcapBytes({ linktype: ETHERNET }, [{ micros: START - 1, bytes: new Uint8Array(262144).fill(7) }]),
  );
  const capture = await readCapture(...paths, long);
  assert.equal(capture.packets[0]!.bytes.length, 262144);
  assertPackets({ ...capture, packets: capture.packets.slice(1) }, list);
});
