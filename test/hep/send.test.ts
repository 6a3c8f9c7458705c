// SPDX-License-Identifier: Apache-2.0
// Real sockets on loopback; no privilege. What captures is the pipeline without a kernel.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import test from 'node:test';
import { SeededHash } from '../../src/base/hash.ts';
import { SeriesLayout } from '../../src/exposition/series-layout.ts';
import { SeriesGrants } from '../../src/metrics/series-grants.ts';
import { type SeriesBudget, ShardMemory } from '../../src/metrics/shard-memory.ts';
import { ShardWriter } from '../../src/metrics/shard-writer.ts';
import type { HepAddress } from '../../src/pipeline/hep/hep-options.ts';
import { HepOutput } from '../../src/pipeline/hep/hep-output.ts';
import { startHepSender } from '../../src/pipeline/hep/hep-sender.ts';
import { PacketPipeline } from '../../src/pipeline/packet-pipeline.ts';
import { testAnalysis } from '../pipeline/monitor.ts';
import { message } from '../replay/traffic.ts';
import { waitUntil } from '../support/deadline.ts';
import { ascii } from '../support/udp-frame.ts';
import { startReceiver } from './receiver.ts';

const QUEUE_BYTES = 2 ** 20;
/** Room for what `hep-sender-worker.ts` takes out of the queue at once, 128 packets. */
const TURN_BYTES = 2 ** 19;
/** Of a long message. */
const FIELD_BYTES = 3000;

const budget: SeriesBudget = { maxSeries: 50_000, maxSeriesPerFamily: 20_000 };

/** A pipeline whose messages are sent on. */
type Source = AsyncDisposable & {
  readonly changes: readonly string[];
  /** Takes a message, seen now. */
  take(bytes: Uint8Array): void;
  total(name: string, part?: string): number;
  /** Messages that were sent or dropped. */
  done(): number;
  /** Waits until so many messages are sent or dropped. */
  settled(count: number): Promise<void>;
  /** Stops the sending and waits for its end. */
  stop(): Promise<void>;
};

function startSource(target: HepAddress, queueBytes = QUEUE_BYTES): Source {
  const shard = ShardMemory.allocate(budget);
  const senderShard = ShardMemory.allocate(budget);
  const changes: string[] = [];
  const sender = startHepSender({
    options: { target, nodeId: 7, authKey: ascii('key'), queueBytes },
    budget,
    grants: new SeriesGrants(budget),
    shard: senderShard,
    workers: 1,
    onChange: (isUp, reason) => changes.push(isUp ? 'up' : reason),
  });
  const writer = new ShardWriter(shard, budget);
  const pipeline = new PacketPipeline({
    writer,
    analysis: testAnalysis,
    hash: new SeededHash(1, 2),
    nameOfInterface: () => 'eth0',
    hepOutput: new HepOutput(writer, sender.outputs[0]!),
  });
  const context = pipeline.contexts.ofSource('test');
  const layout = new SeriesLayout([shard, senderShard]);
  const total = (name: string, part = ''): number => {
    layout.refresh();
    return layout.total(name, part);
  };
  const done = (): number => total('ringtap_hep_sent_packets_total') + total('ringtap_hep_send_drops_total');
  let identification = 0;
  const stop = async (): Promise<void> => {
    sender.stop();
    await sender.ended;
  };
  return {
    changes,
    take: (bytes) => {
      const datagram = pipeline.nextDatagram;
      datagram.bytes = bytes;
      datagram.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
      datagram.payloadLength = bytes.length;
      datagram.sourceAddress.set([0, 0, 0xffff, 0x0a000001]);
      datagram.destinationAddress.set([0, 0, 0xffff, 0x0a000002]);
      datagram.ipIdentification = ++identification & 0xffff;
      pipeline.message(context, Date.now() * 1000);
    },
    total,
    done,
    settled: async (count) => {
      await waitUntil(
        `${count} are sent or dropped`,
        () => done() === count || undefined,
        15_000,
        () => String(done()),
      );
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

const options = (name: string, fields: readonly string[] = []): Uint8Array =>
  message({ call: name, method: 'OPTIONS', fields });

/** Receives bytes by TCP on loopback. */
type Server = AsyncDisposable & {
  readonly port: number;
  readonly sockets: readonly Socket[];
  /** How many bytes came. */
  bytes(): number;
};

async function startServer(): Promise<Server> {
  const sockets: Socket[] = [];
  let bytes = 0;
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on('data', (data) => {
      bytes += data.length;
    });
    // However the test ends.
    socket.on('error', () => undefined);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  return {
    port,
    sockets,
    bytes: () => bytes,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

/** A port of loopback that was free a moment ago. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}

for (const transport of ['udp', 'tcp'] as const) {
  test(`${transport}: what is sent is what is received, with key and node`, async () => {
    await using receiver = await startReceiver(
      [`${transport}:0`],
      ...['--hep.auth-key', 'key', '--hep.node', '7=here'],
    );
    await using source = startSource({ transport, host: 'localhost', port: receiver.ports[0]! });
    const count = 500;
    const isHere = 'interface="hep:here",direction="unknown",method="OPTIONS"';
    for (let i = 0; i < count; i++) {
      source.take(options(`a${i}`, [`X: ${'x'.repeat(i * 5)}`]));
      // Never more than what any receive buffer holds.
      if (i % 20 === 19) await receiver.reaches(i + 1, 'sip_requests_total', isHere);
    }
    // Not SIP, and the same datagram again: neither is a message to be sent on.
    source.take(ascii('no SIP'));
    await source.settled(count);
    assert.equal(source.total('ringtap_hep_sent_packets_total'), count);
    assert.equal(source.total('ringtap_hep_send_up'), 1);
    for (const part of ['_sum{', '_count{']) {
      const name = 'sip_message_size_bytes';
      assert.equal(receiver.total(name, part), source.total(name, part));
    }
    assert.equal(receiver.total('ringtap_hep_clock_corrections_total'), 0);
    assert.equal(receiver.total('ringtap_hep_errors_total'), 0);
    assert.deepEqual(source.changes, ['up']);
  });
}

test('tcp: while nobody listens messages wait, as many as fit; the others are counted', async () => {
  const port = await freePort();
  await using source = startSource({ transport: 'tcp', host: '127.0.0.1', port }, 2 ** 18);
  const count = 2000;
  for (let i = 0; i < count; i++) source.take(options(`a${i}`));
  const dropped = source.total('ringtap_hep_send_drops_total', 'queue_full');
  assert.ok(dropped > 1000 && dropped < count, `${dropped}`);
  assert.equal(source.total('ringtap_hep_sent_packets_total'), 0);
  await waitUntil('it says so', () => source.changes.includes('ECONNREFUSED') || undefined);
  assert.equal(source.total('ringtap_hep_send_up'), 0);
  await using receiver = await startReceiver([`tcp:${port}`]);
  await receiver.reaches(count - dropped, 'sip_requests_total');
  await source.settled(count);
});

test('tcp: a receiver that ends amid the sending: everything is sent, lost or dropped, and it goes on', async () => {
  await using server = await startServer();
  const { sockets } = server;
  await using source = startSource({ transport: 'tcp', host: '127.0.0.1', port: server.port });
  let taken = 0;
  const takeSome = (): void => {
    for (let i = 0; i < 100; i++) source.take(options(`a${taken++}`, [`X: ${'x'.repeat(FIELD_BYTES)}`]));
  };
  const first = await waitUntil('it is connected', () => sockets[0]);
  takeSome();
  await source.settled(taken);
  first.pause();
  // More than what the queue and what is on its way from there have room for: some wait in the socket when the connection
  // is lost.
  await waitUntil(
    'the buffers of the kernel are full',
    () => {
      for (let i = 0; i < 5; i++) takeSome();
      const isFull = source.total('ringtap_hep_send_drops_total', 'queue_full') > 0;
      return (isFull && taken - source.done() > (QUEUE_BYTES + TURN_BYTES) / FIELD_BYTES) || undefined;
    },
    15_000,
    () => `${taken - source.done()} messages wait`,
  );
  first.resetAndDestroy();
  await source.settled(taken);
  assert.ok(source.total('ringtap_hep_send_drops_total', 'connection_lost') > 0);
  await waitUntil('it is connected again', () => sockets.length === 2 || undefined);
  const before = server.bytes();
  takeSome();
  await source.settled(taken);
  await waitUntil('it goes on', () => server.bytes() > before || undefined);
});

test('udp: nobody listens: what the kernel reports is counted, and it goes on', async () => {
  const port = await freePort();
  await using source = startSource({ transport: 'udp', host: '127.0.0.1', port });
  await waitUntil('it has a socket', () => source.changes.includes('up') || undefined);
  let taken = 0;
  await waitUntil('an error is reported', async () => {
    source.take(options(`a${taken++}`));
    await source.settled(taken);
    return source.total('ringtap_hep_send_errors_total') > 0 || undefined;
  });
  await waitUntil('it is told, once', () => source.changes.length > 1 || undefined);
  assert.deepEqual(source.changes, ['up', 'ECONNREFUSED']);
  await using receiver = await startReceiver([`udp:${port}`]);
  const missed = taken;
  // The first may be told of the errors before.
  await waitUntil('it goes on', async () => {
    source.take(options(`a${taken++}`));
    await source.settled(taken);
    return receiver.total('sip_requests_total') > 0 || undefined;
  });
  assert.ok(receiver.total('sip_requests_total') <= taken - missed);
});

test('a message that no packet can hold, and one that no datagram can', async () => {
  await using receiver = await startReceiver(['udp:0']);
  await using source = startSource({ transport: 'udp', host: '127.0.0.1', port: receiver.ports[0]! });
  // 13 fields of 5,000 bytes are 65,000; the fixed part of the message and of the packet is some 300.
  const fields = Array.from({ length: 13 }, () => `X: ${'x'.repeat(4995)}`);
  source.take(options('a', [...fields, `X: ${'x'.repeat(250)}`]));
  assert.equal(source.total('ringtap_hep_send_drops_total', 'too_long'), 1);
  // A HEP packet has 65,535 bytes at most, a datagram 65,507.
  source.take(options('b', [...fields, `X: ${'x'.repeat(190)}`]));
  source.take(options('c'));
  await source.settled(3);
  assert.equal(source.total('ringtap_hep_send_drops_total', 'reason="socket"'), 1);
  await receiver.reaches(1, 'sip_requests_total');
});

test('stopping sends what waits', async () => {
  await using receiver = await startReceiver(['tcp:0']);
  const source = startSource({ transport: 'tcp', host: '127.0.0.1', port: receiver.ports[0]! });
  await waitUntil('it is connected', () => source.changes.includes('up') || undefined);
  for (let i = 0; i < 1000; i++) source.take(options(`a${i}`));
  await source.stop();
  await receiver.reaches(1000, 'sip_requests_total');
});
