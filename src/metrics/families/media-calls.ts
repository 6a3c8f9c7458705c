// SPDX-License-Identifier: Apache-2.0
import {
  findingTuples,
  fromNames,
  leftOutNames,
  mediaCallStateNames,
  mediaResultNames,
  mediaUnreadNames,
} from '../../media/media-events.ts';
import { fixedLimitNames } from '../../media/media-limits.ts';
import { codecNames } from '../../rtp/codec.ts';
import { type FamilyDefinition, type LabelDefinition, Space } from '../definition.ts';

/** Bounds of what is missing of the first words, in seconds: a syllable has a fifth of one. */
const answerToMediaBuckets: readonly number[] = [0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 1, 2, 3, 5, 10, 30];

const from: LabelDefinition = { name: 'from', values: fromNames };
const unique = (values: readonly string[]): readonly string[] => [...new Set(values)];

/** What is said of the media of a call as a whole. */
export const mediaCallFamilies: readonly FamilyDefinition[] = [
  {
    name: 'rtp_call_results_total',
    type: 'counter',
    help: 'Answered calls by what came of their media, one result each, told some seconds behind the BYE. caller_only and callee_only are one-way: the media of the other side was wanted by both descriptions for 2 s and never came. missing: none came, though the sensor saw media of one of the addresses in other calls within 10 minutes; not_seen: none came, and nothing says that the sensor sees the media at all. held: not wanted both ways for long enough; short: over before; shared: another call announced the same address; undescribed: no voice was offered and answered.',
    space: Space.traffic,
    isMain: true,
    labels: [{ name: 'result', values: mediaResultNames }],
    source: 'RFC 3264 §8',
    example:
      'sum by (result) (rate(rtp_call_results_total{result=~"caller_only|callee_only|missing"}[5m])) / ' +
      'ignoring (result) group_left sum(rate(rtp_call_results_total[5m]))',
  },
  {
    name: 'rtp_call_findings_total',
    type: 'counter',
    help: 'What was remarkable of the media of answered calls, beside their result. early: before the answer; late: more than 2 s behind it; after_bye: more than 1 s behind the BYE; transcoded: sent on in another codec at the same time by a relay, of which the sensor sees both sides (of two Call-IDs it cannot be told); asymmetric_codecs: the directions in different ones; stopped: both silent for the last 30 s before the BYE; false_answer_suspected: the called side sent nothing for 3 s behind its 2xx while the caller did.',
    space: Space.traffic,
    isMain: true,
    labels: [
      { name: 'finding', values: unique(findingTuples.map(([finding]) => finding)) },
      { name: 'from', values: unique(findingTuples.map(([, side]) => side)) },
    ],
    tuples: findingTuples,
    source: '',
    example: 'sum by (finding, from) (increase(rtp_call_findings_total[1h]))',
  },
  {
    name: 'rtp_answer_to_media_delay_seconds',
    type: 'histogram',
    help: 'From the 2xx to the first packet of a side, where both descriptions wanted it and it did not flow before.',
    space: Space.traffic,
    labels: [from],
    buckets: answerToMediaBuckets,
    unitsPerBase: 1e6,
    source: '',
    example:
      'histogram_quantile(0.95, sum by (le) (rate(rtp_answer_to_media_delay_seconds_bucket{from="callee"}[5m])))',
  },
  {
    name: 'rtp_call_codecs_total',
    type: 'counter',
    help: 'Codec each side of an answered call sent last, as its leg shows it.',
    space: Space.traffic,
    labels: [from, { name: 'codec', values: codecNames }],
    source: 'RFC 3551 §6',
    example: 'topk(5, sum by (codec) (increase(rtp_call_codecs_total[1h])))',
  },
  {
    name: 'rtp_calls',
    type: 'gauge',
    help: 'Calls whose media is known: not answered yet, answered, and over but waiting for late media.',
    space: Space.traffic,
    labels: [{ name: 'state', values: mediaCallStateNames }],
    source: '',
    example: 'sum by (state) (rtp_calls)',
  },
  {
    name: 'rtp_descriptions_left_out_total',
    type: 'counter',
    help: 'Session descriptions of which something was not kept: more media lines or endpoints than one call may have, or a full table.',
    space: Space.traffic,
    labels: [{ name: 'reason', values: leftOutNames }],
    source: '',
    example: 'sum by (reason) (increase(rtp_descriptions_left_out_total[1h])) > 0',
  },
  {
    name: 'ringtap_media_limit_hits_total',
    type: 'counter',
    help: 'Times that there was more than a fixed limit allows. line_streams: a media line had four streams when another one told of itself, which each does at its beginning and every 10 s: it does not end with its call. nat_endpoints: 32 endpoints behind NAT, among which that of a packet would have been, were others, and there were more: the packet may be joined to no call. seen_addresses: an address whose media was seen had its place, of 65,536, taken by another one within --media.proof-window: a call without media there may be not_seen where it would be missing.',
    space: Space.global,
    labels: [{ name: 'limit', values: fixedLimitNames }],
    source: '',
    example: 'sum by (limit) (increase(ringtap_media_limit_hits_total[1h])) > 0',
  },
  {
    name: 'ringtap_media_unread_packets_total',
    type: 'counter',
    help: 'Packets on ports of media that were not read: RTP whose header is cut or contradicts its length, and RTCP from and to addresses that nobody announced, without --rtp.detect.',
    space: Space.traffic,
    isOfPackets: true,
    labels: [{ name: 'reason', values: mediaUnreadNames }],
    source: '',
    example: 'sum by (reason) (rate(ringtap_media_unread_packets_total[5m]))',
  },
];
