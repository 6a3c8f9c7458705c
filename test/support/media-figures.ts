// SPDX-License-Identifier: Apache-2.0
import type { Exposition } from './prometheus-text.ts';

type Counts = Record<string, number>;

/**
 * What ringtap says about media, as one value to compare as a whole; counts of 0 are left out. Left out is all that the
 * clock has a part in: jitter, discards, and R and MOS but for how often there was one.
 */
export type MediaFigures = {
  /** By direction and codec. */
  readonly packets: Counts;
  readonly bytes: Counts;
  readonly lost: number;
  /** Missing while ringtap itself lost packets. */
  readonly unknown: number;
  readonly duplicate: number;
  readonly outOfOrder: number;
  /** Streams that began, by direction and signalling. */
  readonly streams: Counts;
  readonly restarts: number;
  readonly ssrcChanges: number;
  readonly codecChanges: number;
  /** By state. */
  readonly intervals: Counts;
  /** Intervals with R and MOS, by band. */
  readonly rated: Counts;
  /** Intervals without, by reason. */
  readonly unrated: Counts;
  /** Answered calls by result. */
  readonly results: Counts;
  /** By finding and side. */
  readonly findings: Counts;
  /** By side and codec. */
  readonly codecs: Counts;
  /** Delays from the answer to the first packet, by side. */
  readonly answerDelays: Counts;
  readonly unread: Counts;
  readonly refused: Counts;
};

/** Reads the figures from a scrape. */
export function mediaFiguresOf(exposition: Exposition): MediaFigures {
  const by = (name: string, ...labels: string[]): Counts => exposition.byLabels(name, labels);
  return {
    packets: by('rtp_packets_total', 'direction', 'codec'),
    bytes: by('rtp_bytes_total', 'direction', 'codec'),
    lost: exposition.sum('rtp_packets_lost_total'),
    unknown: exposition.sum('rtp_packets_unknown_total'),
    duplicate: exposition.sum('rtp_packets_duplicate_total'),
    outOfOrder: exposition.sum('rtp_packets_out_of_order_total'),
    streams: by('rtp_streams_begun_total', 'direction', 'signalling'),
    restarts: exposition.sum('rtp_stream_restarts_total'),
    ssrcChanges: exposition.sum('rtp_ssrc_changes_total'),
    codecChanges: exposition.sum('rtp_codec_changes_total'),
    intervals: by('rtp_intervals_total', 'state'),
    rated: by('rtp_interval_mos_count', 'band'),
    unrated: by('rtp_intervals_without_quality_total', 'reason'),
    results: by('rtp_call_results_total', 'result'),
    findings: by('rtp_call_findings_total', 'finding', 'from'),
    codecs: by('rtp_call_codecs_total', 'from', 'codec'),
    answerDelays: by('rtp_answer_to_media_delay_seconds_count', 'from'),
    unread: by('ringtap_media_unread_packets_total', 'reason'),
    refused: by('ringtap_rtp_packets_refused_total', 'reason'),
  };
}

/** Nothing was seen. */
export const noMedia: MediaFigures = {
  packets: {},
  bytes: {},
  lost: 0,
  unknown: 0,
  duplicate: 0,
  outOfOrder: 0,
  streams: {},
  restarts: 0,
  ssrcChanges: 0,
  codecChanges: 0,
  intervals: {},
  rated: {},
  unrated: {},
  results: {},
  findings: {},
  codecs: {},
  answerDelays: {},
  unread: {},
  refused: {},
};
