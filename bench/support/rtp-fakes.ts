// SPDX-License-Identifier: Apache-2.0
import { Codec } from '../../src/rtp/codec.ts';
import { JoinedBy, type MediaDirectory } from '../../src/rtp/media-directory.ts';
import type { RtpLimits } from '../../src/rtp/rtp-limits.ts';
import type { StreamEvents, StreamReport } from '../../src/rtp/stream-events.ts';
import { benchAnalysis } from './bench-limits.ts';

/** What the command line has by default. */
export const rtpLimits: RtpLimits = benchAnalysis.rtpStreams;

/** Everything was announced, as G.711. */
export const directoryOfAll: MediaDirectory = {
  endpoint: 0,
  endpointKey: 0,
  find: () => JoinedBy.destination,
  isStill: () => true,
  codecOf: () => Codec.pcmu,
  ratedCodecOf: () => Codec.pcmu,
  clockRateOf: () => 8000,
  isEncrypted: () => false,
};

/** Counts what it is told. */
export class CountedStreams implements StreamEvents {
  began = 0;
  intervals = 0;
  ended = 0;
  received = 0;
  lost = 0;

  streamBegan(): void {
    this.began++;
  }

  intervalEnded(report: StreamReport): void {
    this.intervals++;
    this.received += report.received;
    this.lost += report.lost;
  }

  streamEnded(): void {
    this.ended++;
  }
}
