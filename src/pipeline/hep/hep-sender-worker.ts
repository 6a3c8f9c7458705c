// SPDX-License-Identifier: Apache-2.0
import { parentPort, workerData } from 'node:worker_threads';
import { ByteRing } from '../../base/byte-ring.ts';
import { HepDrop, HepOutputMetrics } from '../../metrics/hep-metrics.ts';
import { SeriesGrants } from '../../metrics/series-grants.ts';
import { ShardMemory } from '../../metrics/shard-memory.ts';
import { ShardWriter } from '../../metrics/shard-writer.ts';
import type { HepSenderData, HepSenderMessage } from './hep-sender.ts';
import type { Link, LinkEvents } from './link.ts';
import { TcpLink } from './tcp-link.ts';
import { UdpLink } from './udp-link.ts';

/** How often an empty queue is looked at. */
const IDLE_MILLIS = 10;
/** Packets taken from a queue before the event loop has its turn. */
const TURN_PACKETS = 128;
/** After a stop, how long what is in the queues may still be sent. */
const STOP_MILLIS = 500;

function run({ rings, target, shard, budget, grants }: HepSenderData): void {
  const writer = new ShardWriter(new ShardMemory(shard), budget, new SeriesGrants(budget, grants));
  const metrics = new HepOutputMetrics(writer);
  const queues = rings.map((ring) => new ByteRing(ring));
  let lastReason: string | undefined;
  const tell = (message: HepSenderMessage): void => {
    // Failures for the same reason are told once.
    if (message.reason !== lastReason) parentPort!.postMessage(message);
    lastReason = message.reason;
  };
  const events: LinkEvents = {
    up: () => {
      metrics.up(true);
      tell({ isUp: true, reason: '' });
    },
    down: (reason) => {
      metrics.up(false);
      metrics.error();
      tell({ isUp: false, reason });
    },
    undelivered: (reason) => {
      metrics.error();
      tell({ isUp: false, reason });
    },
    sent: (lengthBytes) => metrics.sent(1, lengthBytes),
    lost: (isConnectionLost) =>
      metrics.dropped(isConnectionLost ? HepDrop.connectionLost : HepDrop.socket, 1),
  };
  const link = target.transport === 'udp' ? new UdpLink(target, events) : new TcpLink(target, events);

  let stopMillis = Infinity;
  parentPort!.once('message', () => {
    stopMillis = performance.now() + STOP_MILLIS;
  });
  const turn = (): void => {
    const count = queues.reduce((sum, queue) => sum + sendSome(queue, link), 0);
    const isOver = stopMillis < Infinity && (count === 0 || performance.now() > stopMillis);
    if (isOver) {
      link.close();
      return;
    }
    if (count > 0) setImmediate(turn);
    else setTimeout(turn, IDLE_MILLIS);
  };
  turn();
}

/** Sends what is in a queue, as long as there is room. Returns how many packets. */
function sendSome(queue: ByteRing, link: Link): number {
  let count = 0;
  while (count < TURN_PACKETS && link.hasRoom) {
    const at = queue.next();
    if (at < 0) break;
    const packet = Buffer.from(queue.bytes.subarray(at, at + queue.recordLength));
    queue.release();
    link.send(packet);
    count++;
  }
  return count;
}

// Imported by anyone but a thread of `startHepSender` it does nothing.
if (parentPort !== null) run(workerData as HepSenderData);
