// SPDX-License-Identifier: Apache-2.0
// Needs root: makes and removes interfaces in a network namespace of its own.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { InterfaceState } from '../../src/capture/interface-binding.ts';
import type { LiveCapture } from '../../src/capture/live-capture.ts';
import { interfacesThatAreUp } from '../../src/sys/network-interface.ts';
import { EtherType, ethernet, frameId, ipv4, Protocol, udp } from './frames.ts';
import {
  captureOptions,
  collectUntil,
  createVethPair,
  enterTestNamespace,
  FrameSender,
  ip,
  withCaptureAsync,
} from './network.ts';

enterTestNamespace();

/** Asks once in a while until an interface has the state: the kernel reports a carrier with a delay. */
async function untilState(capture: LiveCapture, state: InterfaceState): Promise<void> {
  for (let attempt = 0; attempt < 500; attempt++) {
    capture.maintain();
    if (capture.status[0]!.state === state) return;
    await sleep(20);
  }
  assert.fail(`the interface is ${capture.status[0]!.state}, not ${state}`);
}

let nextId = 0;

/** Sends two frames out of an interface; both must come, and nothing before them. */
function assertCaptures(capture: LiveCapture, sendFrom: string): void {
  const sender = new FrameSender(sendFrom);
  const [first, last] = [nextId++, nextId++];
  for (const id of [first, last]) {
    sender.send(ethernet(id, EtherType.ipv4, ipv4(Protocol.udp, udp(4000, 5060))));
  }
  sender.close();
  const frames = collectUntil(capture, (frame) => frameId(frame.bytes) === last);
  assert.deepEqual(
    frames.map((frame) => frameId(frame.bytes)),
    [first],
  );
}

/** How many sockets want this interface to be promiscuous. */
function promiscuity(name: string): number {
  const links = JSON.parse(execFileSync('ip', ['-d', '-j', 'link', 'show', name], { encoding: 'utf8' }));
  return links[0].promiscuity;
}

test('an interface that goes down and comes back is captured from again', async () => {
  createVethPair('rdown0', 'rdown1');
  await withCaptureAsync(captureOptions(['rdown0']), async (capture) => {
    await untilState(capture, 'up');
    assert.deepEqual(capture.maintain(), []);
    assertCaptures(capture, 'rdown1');

    ip('link set rdown0 down');
    assert.deepEqual(capture.maintain(), [{ interfaceName: 'rdown0', state: 'down' }]);
    assert.deepEqual(capture.maintain(), []);
    // The first wait may end at once with the error the kernel left; later ones must not.
    capture.wait(50);
    const start = performance.now();
    capture.wait(50);
    assert.ok(performance.now() - start > 45, 'no busy loop while the interface is down');

    ip('link set rdown0 up');
    await untilState(capture, 'up');
    assertCaptures(capture, 'rdown1');
  });
  ip('link del rdown0');
});

test('an interface that is down at the start is waited for', async () => {
  ip('link add rlow0 type veth peer name rlow1');
  await withCaptureAsync(captureOptions(['rlow0']), async (capture) => {
    assert.equal(capture.status[0]!.state, 'down');
    for (const name of ['rlow0', 'rlow1']) ip(`link set ${name} up`);
    await untilState(capture, 'up');
    assertCaptures(capture, 'rlow1');
  });
  ip('link del rlow0');
});

test('an interface without carrier is down', async () => {
  createVethPair('rpeer0', 'rpeer1');
  await withCaptureAsync(captureOptions(['rpeer0']), async (capture) => {
    await untilState(capture, 'up');
    ip('link set rpeer1 down');
    await untilState(capture, 'down');
  });
  ip('link del rpeer0');
});

test('a missing interface is waited for', async () => {
  await withCaptureAsync(captureOptions(['rlate0']), async (capture) => {
    assert.equal(capture.status[0]!.state, 'missing');
    assert.deepEqual(capture.maintain(), []);
    createVethPair('rlate0', 'rlate1');
    await untilState(capture, 'up');
    assertCaptures(capture, 'rlate1');
  });
  ip('link del rlate0');
});

test('a name no interface can have is a missing interface', async () => {
  await withCaptureAsync(captureOptions(['a-name-that-is-too-long']), async (capture) => {
    assert.equal(capture.status[0]!.state, 'missing');
  });
});

for (const [how, options] of [
  ['a new index', ''],
  ['the same index', ' index 7001'],
] as const) {
  test(`an interface deleted and made again with ${how} is bound to again`, async () => {
    const create = () => {
      ip(`link add rnew0${options} type veth peer name rnew1`);
      for (const name of ['rnew0', 'rnew1']) ip(`link set ${name} up`);
    };
    create();
    await withCaptureAsync(captureOptions(['rnew0'], { promiscuous: true }), async (capture) => {
      await untilState(capture, 'up');
      assertCaptures(capture, 'rnew1');
      assert.equal(promiscuity('rnew0'), 1);

      ip('link del rnew0');
      assert.deepEqual(capture.maintain(), [{ interfaceName: 'rnew0', state: 'missing' }]);

      create();
      await untilState(capture, 'up');
      assertCaptures(capture, 'rnew1');
      assert.equal(promiscuity('rnew0'), 1);

      // Gone and back between two looks at it.
      ip('link del rnew0');
      create();
      await untilState(capture, 'up');
      assertCaptures(capture, 'rnew1');
      assert.equal(promiscuity('rnew0'), 1);
    });
    assert.equal(promiscuity('rnew0'), 0);
    ip('link del rnew0');
  });
}

test('without the option an interface is not made promiscuous', async () => {
  createVethPair('rprom0', 'rprom1');
  await withCaptureAsync(captureOptions(['rprom0']), async () => assert.equal(promiscuity('rprom0'), 0));
  ip('link del rprom0');
});

test('the interfaces that are up are listed', () => {
  createVethPair('rlist0', 'rlist1');
  ip('link set rlist1 down');
  assert.deepEqual(interfacesThatAreUp().sort(), ['lo', 'rlist0']);
  ip('link del rlist0');
});
