// SPDX-License-Identifier: Apache-2.0

/** Kinds of RTCP packets: a closed set, for it becomes the label `type`. */
export const RtcpType = {
  senderReport: 0,
  receiverReport: 1,
  sourceDescription: 2,
  bye: 3,
  application: 4,
  /** Transport layer feedback (RFC 4585 §6.2). */
  transportFeedback: 5,
  /** Payload specific feedback (RFC 4585 §6.3). */
  payloadFeedback: 6,
  extendedReport: 7,
  /** Of a registered range, but none of these. */
  other: 8,
} as const;
export type RtcpType = (typeof RtcpType)[keyof typeof RtcpType];

/** `type` label values, by `RtcpType`. */
export const rtcpTypeNames: readonly string[] = [
  'sr',
  'rr',
  'sdes',
  'bye',
  'app',
  'rtpfb',
  'psfb',
  'xr',
  'other',
];

/** Payload types that can be RTCP beside RTP on one port (RFC 5761 §4). */
export const FIRST_RTCP = 192;
export const LAST_RTCP = 223;

/** Number of SR; the others follow it up to XR, in the order of `RtcpType`. */
const SENDER_REPORT = 200;

/** What a payload type from `FIRST_RTCP` to `LAST_RTCP` is. */
export function rtcpTypeOf(payloadType: number): RtcpType {
  const type = payloadType - SENDER_REPORT;
  return (type >= 0 && type < RtcpType.other ? type : RtcpType.other) as RtcpType;
}

/** Feedback messages: a closed set, for it becomes the label `kind`. */
export const FeedbackKind = {
  genericNack: 0,
  /** Temporary maximum media stream bit rate, request and notification (RFC 5104 §4.2). */
  tmmbr: 1,
  tmmbn: 2,
  /** Transport-wide congestion control, as WebRTC has it. */
  transportWide: 3,
  otherTransport: 4,
  pictureLoss: 5,
  sliceLoss: 6,
  referencePicture: 7,
  /** Full intra request (RFC 5104 §4.3.1). */
  fullIntra: 8,
  /** Application layer feedback, such as REMB. */
  applicationLayer: 9,
  otherPayload: 10,
} as const;
export type FeedbackKind = (typeof FeedbackKind)[keyof typeof FeedbackKind];

/** `kind` label values, by `FeedbackKind`. */
export const feedbackKindNames: readonly string[] = [
  'nack',
  'tmmbr',
  'tmmbn',
  'transport_cc',
  'rtpfb_other',
  'pli',
  'sli',
  'rpsi',
  'fir',
  'afb',
  'psfb_other',
];

/** By the five bits of FMT. */
const transportKinds = new Uint8Array(32).fill(FeedbackKind.otherTransport);
transportKinds[1] = FeedbackKind.genericNack;
transportKinds[3] = FeedbackKind.tmmbr;
transportKinds[4] = FeedbackKind.tmmbn;
transportKinds[15] = FeedbackKind.transportWide;
const payloadKinds = new Uint8Array(32).fill(FeedbackKind.otherPayload);
payloadKinds[1] = FeedbackKind.pictureLoss;
payloadKinds[2] = FeedbackKind.sliceLoss;
payloadKinds[3] = FeedbackKind.referencePicture;
payloadKinds[4] = FeedbackKind.fullIntra;
payloadKinds[15] = FeedbackKind.applicationLayer;

/** What a feedback packet of the type is by its format, 0..31. */
export function feedbackKindOf(type: RtcpType, format: number): FeedbackKind {
  return (type === RtcpType.transportFeedback ? transportKinds : payloadKinds)[format]! as FeedbackKind;
}

/** Blocks of extended reports by their number (RFC 3611 §4); 0 stands for all others. */
export const XrBlock = {
  other: 0,
  lossRle: 1,
  duplicateRle: 2,
  receiptTimes: 3,
  receiverReferenceTime: 4,
  dlrr: 5,
  statisticsSummary: 6,
  voipMetrics: 7,
} as const;
export type XrBlock = (typeof XrBlock)[keyof typeof XrBlock];

/** `block` label values, by `XrBlock`. */
export const xrBlockNames: readonly string[] = [
  'other',
  'loss_rle',
  'duplicate_rle',
  'receipt_times',
  'receiver_reference_time',
  'dlrr',
  'statistics_summary',
  'voip_metrics',
];
