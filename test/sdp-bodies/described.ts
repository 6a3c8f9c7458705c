// SPDX-License-Identifier: Apache-2.0
import { codecNames } from '../../src/rtp/codec.ts';
import { REDUNDANT, Variant } from '../../src/rtp/rated-codec.ts';
import { SdpResult } from '../../src/sdp/sdp-result.ts';
import {
  type MediaDescription,
  MediaDirection,
  MediaKind,
  MediaSecurity,
  type SessionDescription,
} from '../../src/sdp/session-description.ts';

const nameIn = (names: Record<string, number>, value: number): string => {
  const name = Object.keys(names).find((key) => names[key] === value);
  if (name === undefined) throw new Error(`${value} is none of ${Object.keys(names)}`);
  return name;
};

/** The name of a result. */
export const resultName = (result: SdpResult): string => nameIn(SdpResult, result);

/** Four words as an address: dotted, or eight groups with nothing left out. */
export function addressText(words: Int32Array, at = 0): string {
  const groups = [...words.subarray(at, at + 4)].flatMap((word) => [(word >>> 16) & 0xffff, word & 0xffff]);
  const isMapped = groups.slice(0, 6).join() === '0,0,0,0,0,65535';
  if (!isMapped) return groups.map((group) => group.toString(16)).join(':');
  return groups
    .slice(6)
    .flatMap((group) => [group >> 8, group & 0xff])
    .join('.');
}

/**
 * A media line in one line of text, what is as usual left out: `audio 192.0.2.1 49170 sendrecv 0:pcmu/8000`. Then `rtcp`
 * where it is not the port above at the same address, `mux`, `hold`, `ptime`, `sdes` or `dtls`, and candidates.
 */
function mediaText(media: MediaDescription): string {
  const { hasAddress, port, rtcpPort, payloadTypes, codecs, clockRates, candidateCount } = media;
  const address = hasAddress ? addressText(media.address) : 'nowhere';
  const words = [nameIn(MediaKind, media.kind), address, `${port}`, nameIn(MediaDirection, media.direction)];
  if (!media.isRtp) words.push('no-rtp');
  for (let i = 0; i < media.formatCount; i++) {
    words.push(`${payloadTypes[i]}:${codecNames[codecs[i]!]}/${clockRates[i]}`);
  }
  const rtcpAddress = addressText(media.rtcpAddress);
  if (hasAddress && rtcpAddress !== address) words.push(`rtcp ${rtcpAddress} ${rtcpPort}`);
  else if (rtcpPort !== (port === 0 ? 0 : port + 1)) words.push(`rtcp ${rtcpPort}`);
  if (media.isRtcpMux) words.push('mux');
  if (media.isNullAddress) words.push('hold');
  if (media.packetTimeMillis > 0) words.push(`ptime ${media.packetTimeMillis}`);
  if (media.security !== MediaSecurity.none) words.push(nameIn(MediaSecurity, media.security));
  for (let i = 0; i < candidateCount; i++) {
    const at = addressText(media.candidateAddresses, i * 4);
    words.push(`candidate ${media.candidateComponents[i]} ${at} ${media.candidatePorts[i]}`);
  }
  return words.join(' ');
}

/** All of a description: what was left out if anything was, and the media lines. */
export function describe(description: SessionDescription): string[] {
  const { leftOut, mediaCount, media } = description;
  const lines: string[] = [];
  if (leftOut > 0) lines.push(`left out ${leftOut}`);
  return [...lines, ...media.slice(0, mediaCount).map(mediaText)];
}

/** How a format is rated: a codec or a variant, modes of AMR by their number, `red` behind it where it is redundant. */
export function ratedText(ratedCodec: number): string {
  const rated = ratedCodec & ~REDUNDANT;
  const suffix = rated === ratedCodec ? '' : ' red';
  if (rated < codecNames.length) return codecNames[rated]! + suffix;
  if (rated >= Variant.amrWbMode) return `amr_wb mode ${rated - Variant.amrWbMode}${suffix}`;
  if (rated >= Variant.amrMode) return `amr mode ${rated - Variant.amrMode}${suffix}`;
  return nameIn(Variant, rated) + suffix;
}

/** Each media line's formats as they are rated: `18:g729 97:amr mode 7`. */
export function describeRated({ mediaCount, media }: SessionDescription): string[] {
  return media
    .slice(0, mediaCount)
    .map(({ formatCount, payloadTypes, ratedCodecs }) =>
      Array.from({ length: formatCount }, (_, i) => `${payloadTypes[i]}:${ratedText(ratedCodecs[i]!)}`).join(
        ' ',
      ),
    );
}
