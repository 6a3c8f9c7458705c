// SPDX-License-Identifier: Apache-2.0
// node bench/ebpf/run.ts      (needs root)
//
// What the eBPF programs cost for a packet: the kernel runs each a million times on one packet (BPF_PROG_TEST_RUN) and
// says how long it took. Prints the best and the median of some such runs.
import { readFileSync } from 'node:fs';
import { portBitmap } from '../../src/base/port-bitmap.ts';
import { loadFanout } from '../../src/capture/fanout-group.ts';
import { ENTRY_NAME, loadEntry } from '../../src/capture/filter-entry.ts';
import { loadBpfObject, updateMap } from '../../src/ebpf/bpf-loader.ts';
import { parseBpfObject } from '../../src/ebpf/bpf-object.ts';
import { BpfAttributes, type BpfCommand, bpf } from '../../src/sys/bpf.ts';
import { cBuffer } from '../../src/sys/libc.ts';
import { EtherType, ethernet, ipv4, ipv6, Protocol, tcp, udp } from '../../test/kernel/frames.ts';
import { median, table } from '../support/statistics.ts';
import { FrameSet } from '../traffic/frame-set.ts';

const BPF_PROG_TEST_RUN = 10;
const ATTRIBUTES_BYTES = 80;
const REPEAT = 1_000_000;
const RUNS = 7;

/** Nanoseconds of one run of a program on a frame. */
function measure(program: number, frame: Uint8Array): number {
  const data = cBuffer(frame.length);
  data.set(frame);
  const attributes = new BpfAttributes(ATTRIBUTES_BYTES);
  attributes.setUint32(0, program);
  attributes.setUint32(8, data.length);
  attributes.setPointer(16, data);
  attributes.setUint32(32, REPEAT);
  bpf(BPF_PROG_TEST_RUN as BpfCommand, attributes, 'run an eBPF program for a test');
  return new DataView(attributes.bytes.buffer).getUint32(36, true);
}

/** A frame of the traffic of the other benches, by its place in a call: INVITE, 100, 180, 200, ACK, BYE, 200. */
function callFrame(place: number): Uint8Array {
  const frames = new FrameSet(1);
  const at = frames.offsets[place]!;
  return frames.bytes.slice(at, at + frames.lengths[place]!);
}

const rtp = [0x80, 0, 0, 1, ...new Array<number>(168).fill(0x55)];
const longInvite = [
  ...Buffer.from(
    `INVITE sip:a@b SIP/2.0\r\n${'Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK776asdhds\r\n'.repeat(20)}`,
  ),
  ...Buffer.from('Call-ID: a84b4c76e66710@pc33.example.com\r\n\r\n'),
];
const frames: readonly (readonly [string, Uint8Array])[] = [
  ['INVITE', callFrame(0)],
  ['200 of an INVITE', callFrame(3)],
  ['BYE', callFrame(5)],
  [
    'INVITE, Call-ID behind 20 Vias',
    ethernet(0, EtherType.ipv4, ipv4(Protocol.udp, udp(5060, 5060, longInvite))),
  ],
  ['CRLF keep-alive', ethernet(0, EtherType.ipv4, ipv4(Protocol.udp, udp(5060, 5060, [13, 10, 13, 10])))],
  ['RTP', ethernet(0, EtherType.ipv4, ipv4(Protocol.udp, udp(20_000, 30_000, rtp)))],
  ['RTP over IPv6', ethernet(0, EtherType.ipv6, ipv6(Protocol.udp, udp(20_000, 30_000, rtp)))],
  ['TCP', ethernet(0, EtherType.ipv4, ipv4(Protocol.tcp, tcp(5060, 30_000)))],
];

const filter = loadBpfObject(
  parseBpfObject(readFileSync(new URL('../../bpf/build/sip_capture.bpf.o', import.meta.url))),
);
const port = 5060;
/** The map has a word for 64 ports. */
const word = port >> 6;
updateMap(
  filter.map('port_bitmap'),
  new Uint8Array(Uint32Array.of(word).buffer),
  portBitmap([port]).slice(word * 8, word * 8 + 8),
);
const entry = loadEntry(filter.program('sip_capture'));
const fanout = loadFanout({ seed: 1, multiplier: 0x9e3779b1 });
const programs = [entry.program(ENTRY_NAME), fanout.program('sip_fanout')];
const rows = frames.map(([name, frame]) => [
  name,
  `${frame.length}`,
  ...programs.flatMap((program) => {
    const found = Array.from({ length: RUNS }, () => measure(program, frame));
    return [`${Math.min(...found)}`, `${median(found)}`];
  }),
]);
console.log(table(['packet', 'bytes', 'filter best ns', 'median', 'fanout best ns', 'median'], rows));
entry.close();
filter.close();
fanout.close();
