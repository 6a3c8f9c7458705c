// SPDX-License-Identifier: Apache-2.0
// Needs root: opens packet sockets with rings in a network namespace of its own.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { Frame } from '../../src/base/frame.ts';
import type { LiveCapture } from '../../src/capture/live-capture.ts';
import { openCapture } from '../../src/capture/open-capture.ts';
import { SETTLE_MICROS } from '../../src/capture/packet-ring.ts';
import { BpfAttributes, type BpfCommand, bpf } from '../../src/sys/bpf.ts';
import { SystemError } from '../../src/sys/system-error.ts';
import { EtherType, ethernet, frameId, ipv4, Protocol, udp } from './frames.ts';
import {
  captureOptions,
  collectUntil,
  consumerOf,
  createVethPair,
  enterTestNamespace,
  FrameSender,
  withCapture,
} from './network.ts';

enterTestNamespace();
createVethPair('ring0', 'ring1');
createVethPair('ring2', 'ring3');

const LAST = 0xffff;
/** A ring of 1 MiB takes them also where each ends its block, because sending takes so long (an emulated processor). */
const FEW = 4;
const sipFrame = (id: number, payloadBytes = 100): Uint8Array =>
  ethernet(id, EtherType.ipv4, ipv4(Protocol.udp, udp(4000, 5060, new Array(payloadBytes).fill(0x61))));

/** Reads until `count` packets were delivered in all, or none came for a while. */
function deliver(capture: LiveCapture, take: (frame: Frame) => void, count: number): number {
  const lent = new Frame();
  const consumer = consumerOf(take);
  let delivered = 0;
  for (let idle = 0; idle < 10 && delivered < count; idle++) {
    capture.wait(200);
    const more = capture.read(lent, consumer, 1);
    delivered += more;
    if (more > 0) idle = 0;
  }
  assert.equal(lent.bytes.length, 0, 'the frame does not keep the ring');
  return delivered;
}

test('statistics: what the ring had no room for is counted, reads of the counters lose nothing', () => {
  const sender = new FrameSender('ring1');
  withCapture(captureOptions(['ring0'], { ringBytes: 1 << 20 }), (capture) => {
    const status = capture.status[0]!;
    let sent = 0;
    while (status.drops < 500 && sent < 20_000) {
      for (let id = 0; id < 100; id++) sender.send(sipFrame(id, 1200));
      sent += 100;
      capture.readStatistics();
    }
    assert.ok(status.drops >= 500 && status.freezes > 0, `${status.drops} drops, ${status.freezes} freezes`);
    assert.equal(status.packets, sent);
    assert.equal(
      deliver(capture, () => {}, sent - status.drops),
      sent - status.drops,
    );

    sender.send(sipFrame(LAST));
    assert.equal(
      deliver(capture, () => {}, 1),
      1,
      'a ring that was full takes packets again',
    );
    capture.readStatistics();
    assert.equal(status.packets, sent + 1);
  });
  sender.close();
});

test('the first packet behind a loss says so, at once and without the statistics', () => {
  const sender = new FrameSender('ring1');
  withCapture(captureOptions(['ring0'], { ringBytes: 1 << 20 }), (capture) => {
    const status = capture.status[0]!;
    const seen: boolean[] = [];
    const take = ({ isAfterLoss }: Frame): void => void seen.push(isAfterLoss);
    const send = (count: number): void => {
      for (let id = 0; id < count; id++) sender.send(sipFrame(id, 1200));
    };
    // More than a ring of 1 MiB takes.
    send(1500);
    const kept = deliver(capture, take, 1500);
    assert.ok(kept < 1500, `${kept} were kept`);
    assert.equal(seen.indexOf(true), -1, 'what the ring kept came before the loss');
    send(FEW);
    assert.equal(deliver(capture, take, FEW), FEW);
    assert.equal(seen.indexOf(true), kept, 'the first packet behind it');
    // Every block says so until the statistics are read, and how many there are time decides.
    capture.readStatistics();
    assert.equal(status.drops, 1500 - kept);
    seen.length = 0;
    send(FEW);
    assert.equal(deliver(capture, take, FEW), FEW);
    assert.equal(seen.indexOf(true), -1, 'no loss since');
  });
  sender.close();
});

test('every block is handed back again and again, packets come whole and in order', () => {
  const sender = new FrameSender('ring1');
  withCapture(captureOptions(['ring0']), (capture) => {
    let expected = 0;
    let wrong = 0;
    const check = (frame: Frame) => {
      const at = frame.offset;
      if (((frame.bytes[at + 10]! << 8) | frame.bytes[at + 11]!) !== expected) wrong++;
      if (frame.capturedLength !== 1242 || frame.originalLength !== 1242) wrong++;
      expected++;
    };
    // Each round ends its block: 300 blocks pass through a ring of 128.
    for (let round = 0; round < 300; round++) {
      for (let id = 0; id < 100; id++) sender.send(sipFrame(round * 100 + id, 1200));
      deliver(capture, check, 100);
    }
    capture.readStatistics();
    assert.deepEqual([expected, wrong, capture.status[0]!.drops], [30_000, 0, 0]);
  });
  sender.close();
});

test('a packet longer than the MTU of Ethernet comes whole', () => {
  const sender = new FrameSender('lo');
  const frames = withCapture(captureOptions(['lo']), (capture) => {
    sender.send(sipFrame(1, 60_000));
    sender.send(sipFrame(LAST));
    return collectUntil(capture, (frame) => frameId(frame.bytes) === LAST);
  });
  sender.close();
  assert.deepEqual(
    frames.map((frame) => [frame.bytes.length, frame.originalLength]),
    [[60_042, 60_042]],
  );
});

test('two rings: packets come in the order of their arrival', async () => {
  const senders = [new FrameSender('ring1'), new FrameSender('ring3')];
  const count = 400;
  const frames = withCapture(captureOptions(['ring0', 'ring2']), (capture) => {
    // In runs of 1 to 3 on alternating interfaces.
    for (let id = 0; id < count; id++) senders[Math.floor(id / ((id % 3) + 1)) % 2]!.send(sipFrame(id));
    senders[0]!.send(sipFrame(LAST));
    return collectUntil(capture, (frame) => frameId(frame.bytes) === LAST);
  });
  for (const sender of senders) sender.close();
  const arrivals = frames.map((frame) => frame.arrivalMicros);
  assert.equal(frames.length, count);
  assert.deepEqual(
    arrivals,
    arrivals.toSorted((one, other) => one - other),
  );
  let switches = 0;
  for (const [index, frame] of frames.entries()) {
    if (index > 0 && frame.interfaceIndex !== frames[index - 1]!.interfaceIndex) switches++;
  }
  assert.ok(switches > 50, `the interfaces took turns ${switches} times`);
});

test('two rings: a packet is held while the other ring could still bring an earlier one', () => {
  const sender = new FrameSender('ring1');
  withCapture(captureOptions(['ring0', 'ring2']), (capture) => {
    const lent = new Frame();
    const ages: number[] = [];
    const consumer = consumerOf((frame) => ages.push(Date.now() * 1000 - frame.arrivalMicros));
    for (let id = 0; id < 20; id++) {
      sender.send(sipFrame(id));
      while (ages.length <= id) {
        capture.wait(200);
        capture.read(lent, consumer, 4);
      }
    }
    assert.ok(Math.min(...ages) >= SETTLE_MICROS, `ages in microseconds: ${ages.map(Math.round)}`);
  });
  sender.close();
});

test('handles cross to a worker, which captures and closes', async () => {
  const { handles } = openCapture(captureOptions(['ring0']));
  const sender = new FrameSender('ring1');
  const worker = new Worker(new URL('./capture-worker.ts', import.meta.url), { workerData: handles[0]! });
  for (let id = 0; id < 5; id++) sender.send(sipFrame(id));
  sender.send(sipFrame(LAST));
  const ids = await new Promise((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
  });
  // Its thread has descriptors of its own, which later tests would count.
  if (worker.threadId !== -1) await once(worker, 'exit');
  sender.close();
  assert.deepEqual(ids, [0, 1, 2, 3, 4]);
});

test('close leaves no descriptor, mapping, program or map behind', async () => {
  const before = footprint();
  const open = openCapture(captureOptions(['ring0', 'ring2', 'missing0'], { promiscuous: true }));
  const opened = footprint();
  assert.equal(
    opened.descriptors.length,
    before.descriptors.length + 2 * 3 + 2,
    'the sockets with what they keep, and two maps',
  );
  assert.ok(opened.programs.some((id) => !before.programs.includes(id)));
  assert.ok(opened.maps.some((id) => !before.maps.includes(id)));
  open.close();
  withCapture(captureOptions(['ring0', 'ring2', 'missing0'], { promiscuous: true }), (capture) => {
    assert.equal(footprint().mappings, before.mappings + 3);
    capture.read(
      new Frame(),
      consumerOf(() => {}),
      1,
    );
  });
  assert.deepEqual(footprint().descriptors, before.descriptors);
  assert.equal(footprint().mappings, before.mappings);
  // The kernel frees programs and maps a moment after the last socket.
  for (let attempt = 0; attempt < 500; attempt++) {
    const after = footprint();
    const left = [
      ...after.programs.filter((id) => opened.programs.includes(id) && !before.programs.includes(id)),
      ...after.maps.filter((id) => opened.maps.includes(id) && !before.maps.includes(id)),
    ];
    if (left.length === 0) return;
    await sleep(20);
  }
  assert.fail('an eBPF program or map is left');
});

function footprint(): { descriptors: string[]; mappings: number; programs: number[]; maps: number[] } {
  const BPF_PROG_GET_NEXT_ID = 11;
  const BPF_MAP_GET_NEXT_ID = 12;
  return {
    descriptors: readdirSync('/proc/self/fd'),
    mappings: readFileSync('/proc/self/maps', 'utf8').split('socket:[').length - 1,
    programs: objectIds(BPF_PROG_GET_NEXT_ID),
    maps: objectIds(BPF_MAP_GET_NEXT_ID),
  };
}

/** Ids of all eBPF programs or maps of the machine. */
function objectIds(command: number): number[] {
  const ids: number[] = [];
  for (;;) {
    const attributes = new BpfAttributes(12);
    attributes.setUint32(0, ids.at(-1) ?? 0);
    try {
      bpf(command as BpfCommand, attributes, 'list eBPF objects');
    } catch (error) {
      if (error instanceof SystemError && error.code === 'ENOENT') return ids;
      throw error;
    }
    ids.push(new DataView(attributes.bytes.buffer).getUint32(4, true));
  }
}

test('the floor: never behind a packet the kernel holds back, and it moves on where there is none', () => {
  const sender = new FrameSender('ring1');
  withCapture(captureOptions(['ring0']), (capture) => {
    for (let round = 0; round < 50; round++) {
      const idleMicros = Date.now() * 1000;
      const deadline = Date.now() + 10_000;
      while (capture.floorMicros() < idleMicros) assert.ok(Date.now() < deadline, 'an empty ring settles');
      sender.send(sipFrame(round));
      let floor = 0;
      // Far longer than an empty ring takes to settle: only the count in the block holds the floor.
      do floor = Math.max(floor, capture.floorMicros());
      while (!capture.isHolding);
      let arrivalMicros = 0;
      const take = (frame: Frame): void => {
        arrivalMicros = frame.arrivalMicros;
      };
      assert.equal(deliver(capture, take, 1), 1);
      assert.ok(floor <= arrivalMicros, `round ${round}: ${floor - arrivalMicros} us too late`);
    }
  });
  sender.close();
});
