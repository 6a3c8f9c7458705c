// SPDX-License-Identifier: Apache-2.0

import { Frame, PacketType } from '../../src/base/frame.ts';
import { SeededHash } from '../../src/base/hash.ts';
import { familyId } from '../../src/metrics/families.ts';
import { ShardMemory } from '../../src/metrics/shard-memory.ts';
import { ShardWriter } from '../../src/metrics/shard-writer.ts';
import { PacketPipeline } from '../../src/pipeline/packet-pipeline.ts';
import type { BenchCase } from '../measure-case.ts';
import { DialogMix } from '../traffic/dialog-mix.ts';
import { benchAnalysis } from './bench-limits.ts';
import { dialogLimits, exchangesAtOnce, messagesPerSecondAndDialog } from './dialog-limits.ts';

const budget = { maxSeriesPerFamily: 10_000, maxSeries: 100_000 };
const startMicros = 1_767_225_600e6;

/** A whole pipeline whose dialogs a `DialogMix` makes, and packet time. */
export class PipelineOfDialogs {
  readonly pipeline: PacketPipeline;
  readonly mix: DialogMix;
  readonly #frame = new Frame();
  readonly #writer: ShardWriter;

  /** Messages come `messageMicros` apart; the 200 of an INVITE has `answerLines` too. */
  constructor(dialogs: number, messageMicros: number, answerLines: readonly string[] = []) {
    const writer = new ShardWriter(ShardMemory.allocate(budget), budget);
    const pipeline = new PacketPipeline({
      writer,
      analysis: { ...benchAnalysis, state: dialogLimits },
      hash: new SeededHash(1, 2),
      nameOfInterface: () => 'eth0',
    });
    const frame = this.#frame;
    const mix = new DialogMix(dialogs, exchangesAtOnce(dialogs), answerLines, (index) => {
      const { offset, length } = mix.frames[index]!;
      frame.offset = offset;
      frame.capturedLength = length;
      frame.originalLength = length;
      frame.arrivalMicros += messageMicros;
      this.take(frame);
    });
    frame.bytes = mix.bytes;
    frame.view = mix.view;
    frame.packetType = PacketType.otherHost;
    frame.interfaceIndex = 1;
    frame.arrivalMicros = startMicros;
    this.#writer = writer;
    this.pipeline = pipeline;
    this.mix = mix;
  }

  /** Takes a frame of the mix. */
  take(frame: Frame): void {
    this.pipeline.packet(frame);
  }

  /** Packet time, microseconds since the epoch. */
  get micros(): number {
    return this.#frame.arrivalMicros;
  }

  set micros(value: number) {
    this.#frame.arrivalMicros = value;
  }

  /** A series of a family with traffic labels. */
  count(name: string, index: number): number {
    const context = this.pipeline.contexts.find(1, PacketType.otherHost);
    return this.#writer.memory.cells[this.#writer.base(familyId(name), context) + index]!;
  }
}

/** New calls, re-INVITEs and BYEs amid `dialogs` confirmed dialogs, from frame to counter. */
export function preparePipelineOfDialogs(dialogs: number): BenchCase {
  const dialogsOf = new PipelineOfDialogs(dialogs, 1e6 / (messagesPerSecondAndDialog * dialogs));
  dialogsOf.mix.begin();
  let passes = 0;
  return {
    units: dialogsOf.mix.messagesPerChurn,
    pass() {
      dialogsOf.mix.churn();
      passes++;
      const ended = dialogsOf.count('sip_sessions_ended_total', 0);
      const confirmed = dialogsOf.count('sip_dialogs', 1);
      if (ended !== passes * exchangesAtOnce(dialogs) || confirmed !== dialogs) {
        throw new Error(`${ended} ended in ${passes} passes, ${confirmed} dialogs`);
      }
    },
  };
}
