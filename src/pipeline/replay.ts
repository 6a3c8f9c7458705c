// SPDX-License-Identifier: Apache-2.0
import type { Finding } from '../abuse/abuse-events.ts';
import { SeededHash } from '../base/hash.ts';
import { portBitmap } from '../base/port-bitmap.ts';
import { PortCounts } from '../base/port-counts.ts';
import type { CaptureFile } from '../capture/capture-file.ts';
import { openCaptureFiles, readCaptureFiles } from '../capture/capture-files.ts';
import { InterfaceNames } from '../capture/interface-names.ts';
import { RtpPorts } from '../decode/rtp-ports.ts';
import { SipFilter } from '../decode/sip-filter.ts';
import { SipPorts } from '../decode/sip-ports.ts';
import { SeriesLayout } from '../exposition/series-layout.ts';
import { tellSessionLimits } from '../metrics/session-limit-metrics.ts';
import { type SeriesBudget, ShardMemory } from '../metrics/shard-memory.ts';
import { ShardWriter } from '../metrics/shard-writer.ts';
import type { AnalysisOptions } from './analysis-options.ts';
import { HepFrames } from './hep/hep-frames.ts';
import { traceMedia } from './media-trace.ts';
import { PacketPipeline } from './packet-pipeline.ts';
import { Trace } from './trace.ts';

/** What a replay needs to know. */
export interface ReplayOptions {
  /** Paths of capture files; `-` is standard input. */
  readonly files: readonly string[];
  /** UDP ports that HEP was sent to; empty: HEP is not read. */
  readonly hepPorts: readonly number[];
  readonly hepClockToleranceMicros: number;
  readonly analysis: AnalysisOptions;
  readonly budget: SeriesBudget;
  /** Takes the lines of a trace; without it none is made. */
  readonly writeTrace?: (line: string) => void;
  /** Takes what looks like abuse, where the options say so. */
  readonly onFinding?: (finding: Finding) => void;
}

/** What came of a replay. */
export interface ReplayResult {
  /** Every series and its value. */
  readonly layout: SeriesLayout;
  /** Packets in all files. */
  readonly packetCount: number;
  /** Packets of these that a live capture would have taken, for what they may have of SIP. */
  readonly takenCount: number;
  /** Sentences about what could not be read. */
  readonly warnings: readonly string[];
}

/** Any key will do; the same one gives the same figures, evictions of full tables included. */
const HASH_KEY = [0x72696e67, 0x74617020] as const;

/** After a silence of this length all that is due ends at once: no live traffic is kept waiting. */
const SILENCE_MICROS = 1_000_000;

/**
 * Analyses the packets of capture files as one traffic, in packet time: the same files give the same figures. Throws
 * CaptureFileError.
 */
export async function replayFiles(options: ReplayOptions): Promise<ReplayResult> {
  const { analysis, budget, hepPorts, writeTrace, onFinding } = options;
  const names = new InterfaceNames();
  const files = await openCaptureFiles(options.files, names);
  try {
    const shard = ShardMemory.allocate(budget);
    const trace = writeTrace && new Trace(files.length > 1, analysis.peers, writeTrace);
    const writer = new ShardWriter(shard, budget);
    tellSessionLimits(writer, analysis.abuse.sessionLimits);
    const ports = new PortCounts();
    const hash = new SeededHash(...HASH_KEY);
    const pipeline = new PacketPipeline({
      writer,
      analysis,
      hash,
      nameOfInterface: (index) => names.nameOf(index),
      ...(hepPorts.length > 0 && {
        hepFrames: new HepFrames(
          writer,
          hash,
          portBitmap(hepPorts),
          options.hepClockToleranceMicros,
          analysis.rtp !== undefined,
        ),
      }),
      mediaPorts: ports,
      ...(onFinding && { onFinding }),
      ...(trace && {
        wrapEvents: (events, clock) => trace.wrap(events, clock),
        wrapMedia: (listener) => traceMedia(trace, listener),
      }),
    });
    const wanted = new SipPorts([...analysis.ports, ...hepPorts], analysis.detect);
    const media = analysis.rtp && new RtpPorts(ports, analysis.rtp.detect);
    const filter = new SipFilter(wanted, analysis.tunnels.kinds, media);
    let takenCount = 0;
    await readCaptureFiles(files, (file) => {
      const { frame } = file;
      trace?.packet(file, pipeline.datagram);
      if (frame.arrivalMicros > pipeline.nowMicros + SILENCE_MICROS)
        while (pipeline.advance(frame.arrivalMicros));
      if (filter.wants(frame)) {
        if (!filter.isMedia) takenCount++;
        pipeline.packet(frame);
      } else pipeline.advance(frame.arrivalMicros);
    });
    pipeline.finish();
    pipeline.refreshGauges();
    const layout = new SeriesLayout([shard], isOfTraffic);
    layout.refresh();
    const packetCount = files.reduce((sum, file) => sum + file.packetNumber, 0);
    return { layout, packetCount, takenCount, warnings: files.flatMap(warningsOf) };
  } finally {
    for (const file of files) await file.close();
  }
}

/** Figures of a process that goes on, of its sockets and of its exposition say nothing about files. */
function isOfTraffic(name: string): boolean {
  const isOfProcess =
    /^(process|nodejs)_|^ringtap_(build|config|interface|worker|metric_series$|capture_drops|capture_ring)/;
  return !isOfProcess.test(name) && !/^ringtap_hep_(refused|socket|connections|sen[dt])/.test(name);
}

function warningsOf({ name, isCut, packetNumber, unknownLinks }: CaptureFile): string[] {
  const warnings: string[] = [];
  if (isCut) warnings.push(`${name} is cut: it ends inside the record behind packet ${packetNumber}`);
  for (const [linkType, count] of unknownLinks) {
    warnings.push(
      `${name}: ${count} packets have link type ${linkType}, which ringtap cannot read ` +
        '(it reads Ethernet, Linux cooked, raw IP and BSD loopback)',
    );
  }
  return warnings;
}
