// SPDX-License-Identifier: Apache-2.0
import { findingIndex, findingTuples, fromNames, mediaResultNames } from '../media/media-events.ts';
import { codecNames } from '../rtp/codec.ts';
import { joinedByNames } from '../rtp/media-directory.ts';
import type { StreamReport } from '../rtp/stream-events.ts';
import { type MediaDescription, MediaDirection, MediaKind } from '../sdp/session-description.ts';
import type { MediaListener } from './media-listeners.ts';
import type { Trace } from './trace.ts';
import { endpointText, recordText } from './trace-text.ts';

const kindNames: readonly string[] = Object.keys(MediaKind);
const directionNames: readonly string[] = Object.keys(MediaDirection);

/** A listener that writes a line into the trace for what it is told of media, and tells `listener` all of it. */
export function traceMedia(trace: Trace, listener: MediaListener): MediaListener {
  listener.quality = (report, { rFactor, mos }) => {
    trace.line('quality', `${streamText(report)} r=${rFactor.toFixed(1)} mos=${mos.toFixed(2)}`);
  };
  return {
    quality: undefined,
    streamBegan: (report) => {
      const joined = `joined_by=${joinedByNames[report.joinedBy]}`;
      trace.line('stream_began', `${streamText(report)} ${joined} ${trace.endpoints()}`);
      listener.streamBegan(report);
    },
    streamJoined: (report) => {
      trace.line('stream_joined', `${streamText(report)} joined_by=${joinedByNames[report.joinedBy]}`);
      listener.streamJoined?.(report);
    },
    streamLeft: (report) => listener.streamLeft?.(report),
    intervalEnded: (report) => {
      trace.line('interval_ended', `${streamText(report)} ${countsText(report)}`);
      listener.intervalEnded(report);
    },
    streamEnded: (report) => {
      const seconds = ((report.lastMicros - report.firstMicros) / 1e6).toFixed(3);
      trace.line('stream_ended', `${streamText(report)} seconds=${seconds} ${countsText(report)}`);
      listener.streamEnded(report);
    },
    mediaCallBegan: (call, context) => {
      trace.line('media_call_began', callText(call));
      listener.mediaCallBegan(call, context);
    },
    mediaDescribed: (call, isCaller, index, line) => {
      const side = fromNames[isCaller ? 0 : 1];
      trace.line('media_described', `${callText(call)} by=${side} line=${index} ${lineText(line)}`);
      listener.mediaDescribed(call, isCaller, index, line);
    },
    descriptionLeftOut: (context, reason) => listener.descriptionLeftOut(context, reason),
    mediaDelay: (call, context, from, delayMicros) => {
      const seconds = (delayMicros / 1e6).toFixed(6);
      trace.line('media_delay', `${callText(call)} from=${fromNames[from]} seconds=${seconds}`);
      listener.mediaDelay(call, context, from, delayMicros);
    },
    mediaFinding: (call, context, finding, from) => {
      const [name, side] = findingTuples[findingIndex(finding, from)]!;
      trace.line('media_finding', `${callText(call)} finding=${name} from=${side}`);
      listener.mediaFinding(call, context, finding, from);
    },
    mediaCodec: (call, context, from, codec) => listener.mediaCodec(call, context, from, codec),
    mediaJudged: (call, context, result) => {
      trace.line('media_judged', `${callText(call)} result=${mediaResultNames[result]}`);
      listener.mediaJudged(call, context, result);
    },
    mediaCallsChanged: (context, state, change) => listener.mediaCallsChanged(context, state, change),
  };
}

function callText(call: number): string {
  return `media_call=${recordText(call)}`;
}

function streamText({ stream, codec }: StreamReport): string {
  return `stream=${recordText(stream)} codec=${codecNames[codec]}`;
}

function countsText(report: StreamReport): string {
  const { received, lost, unknown, duplicate, outOfOrder, jitterMicros } = report;
  const jitter = `jitter_seconds=${(jitterMicros / 1e6).toFixed(6)}`;
  return `received=${received} lost=${lost} unknown=${unknown} duplicate=${duplicate} out_of_order=${outOfOrder} ${jitter}`;
}

function lineText(line: MediaDescription): string {
  const address = line.hasAddress ? endpointText(line.address, line.port) : `-:${line.port}`;
  return `kind=${kindNames[line.kind]} address=${address} direction=${directionNames[line.direction]}`;
}
