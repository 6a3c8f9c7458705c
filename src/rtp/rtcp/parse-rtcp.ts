// SPDX-License-Identifier: Apache-2.0
import { readInt32, readUint16 } from '../../decode/big-endian.ts';
import { RtcpResult } from './rtcp-result.ts';
import { FIRST_RTCP, feedbackKindOf, LAST_RTCP, RtcpType, rtcpTypeOf, XrBlock } from './rtcp-type.ts';
import { ReportBlock, type RtcpVisitor, SenderReport, VoipMetrics } from './rtcp-visitor.ts';

/** Bytes of a packet's header, and of a packet before its report blocks. */
const HEADER = 4;
const BEFORE_BLOCKS = 8;
const SENDER_INFO = 20;
const REPORT_BLOCK = 24;
/** Header, SSRC and name of APP; header and both SSRCs of feedback. */
const APPLICATION = 12;
const FEEDBACK = 12;
/** The smallest chunk of SDES: an SSRC and the null item, padded. */
const SMALLEST_CHUNK = 8;
const VOIP_METRICS = 36;
/**
 * What SRTCP has behind the packets: E and index, and the authentication tag of the usual transforms; a master key
 * identifier, which few use, is not looked for (RFC 3711 §3.4, §5.2).
 */
const SRTCP_TRAILER = 14;

const senderReport = new SenderReport();
const reportBlock = new ReportBlock();
const voipMetrics = new VoipMetrics();

/**
 * Reads an RTCP datagram of `length` bytes at `offset`, all of them in `bytes`: a compound packet (RFC 3550 §6.1) or one
 * of reduced size (RFC 5506), which may begin with any type. Its form is checked whole before the visitor is told of
 * anything: nothing is taken from a datagram that is refused. Never throws or allocates; linear in `length`.
 *
 *      0                   1                   2                   3
 *     |V=2|P|  count  |     type      | length in words, less one     |   one packet; the next follows it
 *     | SSRC of who sends it                                          |
 *     | SR: NTP time, 8 bytes; RTP time; packets; bytes               |
 *     | SR, RR: SSRC | fraction, lost | highest | jitter | LSR | DLSR |   once for each of `count`
 *     | XR: block type | specific | length in words | content         |   blocks up to the end
 *
 * `isEncrypted` says that the flow is of an encrypted session: what cannot be read is SRTCP then, and no error. Its first
 * eight bytes are as above and the rest is not, so that the lengths do not add up; where E says that the packets are
 * authenticated only, they are read.
 */
export function parseRtcp(
  bytes: Uint8Array,
  offset: number,
  length: number,
  isEncrypted: boolean,
  visitor: RtcpVisitor,
): RtcpResult {
  let end = offset + length;
  let fault = faultIn(bytes, offset, end);
  if (fault !== RtcpResult.compound && isEncrypted) {
    end -= SRTCP_TRAILER;
    if (end - offset < BEFORE_BLOCKS) return fault;
    const isPlain = bytes[end]! >> 7 === 0;
    if (!isPlain || faultIn(bytes, offset, end) !== RtcpResult.compound) {
      return startsLikeRtcp(bytes, offset) ? RtcpResult.encrypted : fault;
    }
    fault = RtcpResult.compound;
  }
  if (fault !== RtcpResult.compound) return fault;
  visit(bytes, offset, end, visitor);
  return RtcpResult.compound;
}

/** Whether the first two bytes can be those of RTCP and not those of RTP (RFC 5761 §4). */
export function startsLikeRtcp(bytes: Uint8Array, offset: number): boolean {
  const payloadType = bytes[offset + 1]!;
  return bytes[offset]! >> 6 === 2 && payloadType >= FIRST_RTCP && payloadType <= LAST_RTCP;
}

/** What is wrong with the form of the packets from `position` to `end`; `compound` for nothing. */
function faultIn(bytes: Uint8Array, position: number, end: number): RtcpResult {
  if (end - position < HEADER) return RtcpResult.tooShort;
  while (position < end) {
    if (end - position < HEADER) return RtcpResult.badLength;
    const first = bytes[position]!;
    const payloadType = bytes[position + 1]!;
    if (first >> 6 !== 2) return RtcpResult.badVersion;
    if (payloadType < FIRST_RTCP || payloadType > LAST_RTCP) return RtcpResult.notRtcp;
    const next = position + HEADER + readUint16(bytes, position + 2) * 4;
    if (next > end) return RtcpResult.badLength;
    let contentEnd = next;
    if ((first & 0x20) !== 0) {
      const paddingBytes = bytes[next - 1]!;
      const isSane = paddingBytes !== 0 && paddingBytes % 4 === 0 && paddingBytes <= next - position - HEADER;
      if (!isSane || next !== end) return RtcpResult.badPadding;
      contentEnd -= paddingBytes;
    }
    const type = rtcpTypeOf(payloadType);
    if (contentEnd - position < leastBytes(type, first & 0x1f)) return RtcpResult.badCount;
    if (type === RtcpType.extendedReport && !areBlocksSane(bytes, position + BEFORE_BLOCKS, contentEnd)) {
      return RtcpResult.badBlock;
    }
    position = next;
  }
  return RtcpResult.compound;
}

/** Bytes that a packet has at least by its type and count. */
function leastBytes(type: RtcpType, count: number): number {
  switch (type) {
    case RtcpType.senderReport:
      return BEFORE_BLOCKS + SENDER_INFO + count * REPORT_BLOCK;
    case RtcpType.receiverReport:
      return BEFORE_BLOCKS + count * REPORT_BLOCK;
    case RtcpType.sourceDescription:
      return HEADER + count * SMALLEST_CHUNK;
    case RtcpType.bye:
      return HEADER + count * 4;
    case RtcpType.application:
      return APPLICATION;
    case RtcpType.transportFeedback:
    case RtcpType.payloadFeedback:
      return FEEDBACK;
    case RtcpType.extendedReport:
      return BEFORE_BLOCKS;
    default:
      return HEADER;
  }
}

function areBlocksSane(bytes: Uint8Array, position: number, end: number): boolean {
  while (position < end) {
    const length = HEADER + readUint16(bytes, position + 2) * 4;
    if (position + length > end) return false;
    if (bytes[position] === XrBlock.voipMetrics && length !== VOIP_METRICS) return false;
    position += length;
  }
  return true;
}

/** Tells of packets whose form is right. */
function visit(bytes: Uint8Array, position: number, end: number, visitor: RtcpVisitor): void {
  while (position < end) {
    const first = bytes[position]!;
    const count = first & 0x1f;
    const type = rtcpTypeOf(bytes[position + 1]!);
    const next = position + HEADER + readUint16(bytes, position + 2) * 4;
    const content = position + BEFORE_BLOCKS;
    visitor.packet(type);
    switch (type) {
      case RtcpType.senderReport:
        senderReport.ssrc = readInt32(bytes, position + HEADER);
        senderReport.ntpMiddle = readInt32(bytes, content + 2);
        visitor.senderReport(senderReport);
        visitBlocks(bytes, position + HEADER, content + SENDER_INFO, count, visitor);
        break;
      case RtcpType.receiverReport:
        visitBlocks(bytes, position + HEADER, content, count, visitor);
        break;
      case RtcpType.bye:
        for (let index = 0; index < count; index++) {
          visitor.bye(readInt32(bytes, position + HEADER + index * 4));
        }
        break;
      case RtcpType.transportFeedback:
      case RtcpType.payloadFeedback:
        visitor.feedback(feedbackKindOf(type, count));
        break;
      case RtcpType.extendedReport: {
        const contentEnd = (first & 0x20) === 0 ? next : next - bytes[next - 1]!;
        visitExtended(bytes, position + HEADER, content, contentEnd, visitor);
        break;
      }
    }
    position = next;
  }
}

/** Report blocks from `position` on, by the reporter whose SSRC is at `reporter` (RFC 3550 §6.4.1). */
function visitBlocks(
  bytes: Uint8Array,
  reporter: number,
  position: number,
  count: number,
  visitor: RtcpVisitor,
): void {
  reportBlock.reporter = readInt32(bytes, reporter);
  for (let index = 0; index < count; index++, position += REPORT_BLOCK) {
    reportBlock.ssrc = readInt32(bytes, position);
    reportBlock.fractionLost = bytes[position + 4]!;
    // Signed, 24 bits.
    reportBlock.cumulativeLost = (readInt32(bytes, position + 4) << 8) >> 8;
    reportBlock.extendedHighestSequence = readInt32(bytes, position + 8);
    reportBlock.interarrivalJitter = readInt32(bytes, position + 12) >>> 0;
    reportBlock.lastSenderReport = readInt32(bytes, position + 16);
    reportBlock.delaySinceLastSenderReport = readInt32(bytes, position + 20) >>> 0;
    visitor.reportBlock(reportBlock);
  }
}

/** Blocks of an extended report (RFC 3611 §3). */
function visitExtended(
  bytes: Uint8Array,
  reporter: number,
  position: number,
  end: number,
  visitor: RtcpVisitor,
): void {
  voipMetrics.reporter = readInt32(bytes, reporter);
  while (position < end) {
    const number = bytes[position]!;
    const block = (number <= XrBlock.voipMetrics ? number : XrBlock.other) as XrBlock;
    visitor.extendedBlock(block);
    if (block === XrBlock.voipMetrics) {
      readVoipMetrics(bytes, position + HEADER);
      visitor.voipMetrics(voipMetrics);
    }
    position += HEADER + readUint16(bytes, position + 2) * 4;
  }
}

/**
 * RFC 3611 §4.7, behind the block's header:
 *
 *     | SSRC of source                                                |
 *     | loss rate     | discard rate  | burst density | gap density   |
 *     | burst duration                | gap duration                  |
 *     | round trip delay              | end system delay              |
 *     | signal level  | noise level   | RERL          | Gmin          |
 *     | R factor      | ext. R factor | MOS-LQ        | MOS-CQ        |
 *     | RX config     | reserved      | JB nominal                    |
 *     | JB maximum                    | JB abs max                    |
 */
function readVoipMetrics(bytes: Uint8Array, p: number): void {
  voipMetrics.ssrc = readInt32(bytes, p);
  voipMetrics.lossRate = bytes[p + 4]!;
  voipMetrics.discardRate = bytes[p + 5]!;
  voipMetrics.burstDensity = bytes[p + 6]!;
  voipMetrics.gapDensity = bytes[p + 7]!;
  voipMetrics.burstMillis = readUint16(bytes, p + 8);
  voipMetrics.gapMillis = readUint16(bytes, p + 10);
  voipMetrics.roundTripMillis = readUint16(bytes, p + 12);
  voipMetrics.endSystemMillis = readUint16(bytes, p + 14);
  voipMetrics.signalLevel = (bytes[p + 16]! << 24) >> 24;
  voipMetrics.noiseLevel = (bytes[p + 17]! << 24) >> 24;
  voipMetrics.residualEchoReturnLoss = bytes[p + 18]!;
  voipMetrics.gmin = bytes[p + 19]!;
  voipMetrics.rFactor = bytes[p + 20]!;
  voipMetrics.externalRFactor = bytes[p + 21]!;
  voipMetrics.mosListening = bytes[p + 22]!;
  voipMetrics.mosConversational = bytes[p + 23]!;
  voipMetrics.jitterBufferNominalMillis = readUint16(bytes, p + 26);
  voipMetrics.jitterBufferMaximumMillis = readUint16(bytes, p + 28);
}
