// SPDX-License-Identifier: Apache-2.0
// The thread that receives HEP and a worker that captures, without threads: what is told of calls, and their media.
import assert from 'node:assert/strict';
import test from 'node:test';
import { Frame, LinkType, PacketType } from '../../src/base/frame.ts';
import { SeededHash } from '../../src/base/hash.ts';
import { PortCounts } from '../../src/base/port-counts.ts';
import { renderText } from '../../src/exposition/prometheus-text.ts';
import { SeriesLayout } from '../../src/exposition/series-layout.ts';
import { ShardMemory } from '../../src/metrics/shard-memory.ts';
import { ShardWriter } from '../../src/metrics/shard-writer.ts';
import { HepAnnouncements } from '../../src/pipeline/hep/hep-announcements.ts';
import { HepAnnouncer, makeHepAnnouncements } from '../../src/pipeline/hep/hep-announcer.ts';
import { PacketPipeline } from '../../src/pipeline/packet-pipeline.ts';
import type { PipelineParts } from '../../src/pipeline/pipeline-parts.ts';
import { isSip, payloadOf, Scenario } from '../golden/media/scenario.ts';
import { lendBytes } from '../support/lend-frame.ts';
import type { PcapRecord } from '../support/pcap.ts';
import { testAnalysis } from './monitor.ts';

const budget = { maxSeries: 50_000, maxSeriesPerFamily: 20_000 };
const analysis = { ...testAnalysis, rtp: { detect: false } };

class Sensors {
  readonly #shards = [ShardMemory.allocate(budget), ShardMemory.allocate(budget)] as const;
  readonly #hep: PacketPipeline;
  readonly #worker: PacketPipeline;
  readonly #announcements: HepAnnouncements;
  readonly #context: number;
  readonly #frame = new Frame();

  constructor(maxMessageBytes = 16_384) {
    const [hepShard, workerShard] = this.#shards;
    const hepWriter = new ShardWriter(hepShard, budget);
    const writer = new ShardWriter(workerShard, budget);
    const data = makeHepAnnouncements(hepShard, 0, maxMessageBytes);
    const parts = (seed: number): Omit<PipelineParts, 'writer'> => ({
      analysis,
      hash: new SeededHash(seed, 2),
      nameOfInterface: () => 'eth0',
      mediaPorts: new PortCounts(),
    });
    const announcer = new HepAnnouncer(data);
    this.#hep = new PacketPipeline({ ...parts(7), writer: hepWriter, worker: 'hep', announcer });
    this.#worker = new PacketPipeline({ ...parts(1), writer, batch: 8 });
    this.#announcements = new HepAnnouncements(data, writer);
    // Contexts that the worker does not have come first, so that their numbers differ.
    this.#hep.contexts.ofSource('hep');
    this.#context = this.#hep.contexts.ofSource('hep:proxy');
  }

  /** Time goes on in the worker, as it does without packets, too. */
  advance(micros: number): void {
    while (this.#worker.advance(micros));
  }

  /** An agent tells the SIP in a frame; with `isTaken` the worker takes it at once. */
  tell(record: PcapRecord, isTaken = true): void {
    const { micros } = record;
    const payload = payloadOf(record).slice();
    const { nextDatagram } = this.#hep;
    nextDatagram.bytes = payload;
    nextDatagram.view = new DataView(payload.buffer);
    nextDatagram.payloadOffset = 0;
    nextDatagram.payloadLength = payload.length;
    nextDatagram.sourcePort = 5060;
    nextDatagram.destinationPort = 5060;
    this.advance(micros);
    this.#hep.message(this.#context, micros);
    this.#hep.release();
    if (isTaken) this.takeAll();
  }

  takeAll(): void {
    while (this.#announcements.take(this.#worker));
  }

  /** The worker captures a frame; without `isReleased` a message in it waits for the state. */
  see({ bytes, micros }: PcapRecord, isReleased = true): void {
    lendBytes(this.#frame, bytes);
    this.#frame.originalLength = bytes.length;
    this.#frame.linkType = LinkType.ethernet;
    this.#frame.packetType = PacketType.host;
    this.#frame.arrivalMicros = micros;
    this.#worker.packet(this.#frame);
    if (isReleased) this.#worker.release();
  }

  /** All of it over, the values of series that are not 0 by name and what the labels say. */
  figures(...names: readonly string[]): Record<string, number> {
    for (const pipeline of [this.#hep, this.#worker]) pipeline.finish();
    const layout = new SeriesLayout([...this.#shards]);
    layout.refresh();
    const lines = renderText(layout).split('\n');
    const found = lines.flatMap((line) => {
      const [, name = '', labels = '', value] = /^(\w+)\{(.*)\} (\S+)$/.exec(line) ?? [];
      return names.includes(name) && Number(value) !== 0
        ? [[`${name} ${[...labels.matchAll(/"(.*?)"/g)].map(([, text]) => text).join(' ')}`, Number(value)]]
        : [];
    });
    return Object.fromEntries(found);
  }
}

const caller = '192.0.2.1:4000';
const callee = '192.0.2.2:6000';

/** A call with media of both sides. */
function call(scenario: Scenario, name: string, begin: number, isSilent = false): void {
  scenario.answered(begin, name, caller, callee);
  if (!isSilent) scenario.talk(caller, callee, begin + 0.1, begin + 5);
  scenario.bye(begin + 5.1, name);
}

test('media that is captured is of the call that is told', () => {
  const sensors = new Sensors();
  const scenario = new Scenario();
  call(scenario, 'a', 2);
  for (const record of scenario.records) isSip(record) ? sensors.tell(record) : sensors.see(record);
  assert.deepEqual(
    sensors.figures(
      ...['rtp_call_results_total', 'rtp_streams_begun_total', 'sip_session_descriptions_total'],
      ...['rtp_calls', 'sip_session_attempts_total', 'ringtap_worker_handovers_total'],
    ),
    {
      'rtp_call_results_total hep:proxy unknown both_ways': 1,
      'rtp_streams_begun_total eth0 inbound announced': 2,
      'sip_session_descriptions_total hep:proxy unknown read': 2,
      'sip_session_attempts_total hep:proxy unknown': 1,
      // INVITE, 200, BYE; neither ACK nor the answer to BYE says anything of media.
      'ringtap_worker_handovers_total hep': 3,
    },
  );
});

test('a call that is seen and told is one call', () => {
  const sensors = new Sensors();
  const scenario = new Scenario();
  call(scenario, 'a', 2);
  for (const record of scenario.records) {
    sensors.see(record);
    if (isSip(record)) sensors.tell(record);
  }
  assert.deepEqual(sensors.figures('rtp_call_results_total', 'rtp_streams_begun_total', 'rtp_calls'), {
    'rtp_call_results_total eth0 inbound both_ways': 1,
    'rtp_streams_begun_total eth0 inbound announced': 2,
  });
});

test('what is told is taken, and so are the messages that wait', () => {
  const sensors = new Sensors();
  const scenario = new Scenario();
  call(scenario, 'told', 2, true);
  call(scenario, 'seen', 10, true);
  const [told, seen] = [scenario.records[0]!, scenario.records.at(-5)!];
  sensors.tell(told, false);
  sensors.see(seen, false);
  sensors.takeAll();
  assert.deepEqual(sensors.figures('rtp_calls', 'sip_session_attempts_total'), {
    'rtp_calls hep:proxy unknown early': 1,
    'rtp_calls eth0 inbound early': 1,
    'sip_session_attempts_total hep:proxy unknown': 1,
    'sip_session_attempts_total eth0 inbound': 1,
  });
});

test('media that is not seen is not missing, unless that of its addresses was', () => {
  const sensors = new Sensors();
  const scenario = new Scenario();
  call(scenario, 'unseen', 2, true);
  call(scenario, 'seen', 20);
  call(scenario, 'missing', 40, true);
  for (const record of scenario.records) isSip(record) ? sensors.tell(record) : sensors.see(record);
  assert.deepEqual(sensors.figures('rtp_call_results_total'), {
    'rtp_call_results_total hep:proxy unknown not_seen': 1,
    'rtp_call_results_total hep:proxy unknown both_ways': 1,
    'rtp_call_results_total hep:proxy unknown missing': 1,
  });
});

test('what has no room is counted, and the rest is taken', () => {
  const sensors = new Sensors(300);
  const scenario = new Scenario();
  for (let i = 0; i < 10; i++) call(scenario, `call-${i}`, 2 + i, true);
  for (const record of scenario.records) sensors.tell(record, false);
  sensors.takeAll();
  const figures = sensors.figures(
    ...['ringtap_worker_handovers_total', 'ringtap_worker_handover_drops_total'],
    ...['sip_session_descriptions_total', 'sip_session_attempts_total'],
  );
  const taken = figures['ringtap_worker_handovers_total hep']!;
  assert.ok(taken >= 1);
  assert.deepEqual(figures, {
    'ringtap_worker_handovers_total hep': taken,
    'ringtap_worker_handover_drops_total hep': 30 - taken,
    'sip_session_descriptions_total hep:proxy unknown read': taken,
    'sip_session_attempts_total hep:proxy unknown': 10,
  });
});
