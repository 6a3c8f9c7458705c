// SPDX-License-Identifier: Apache-2.0
import type { AbuseOptions } from '../abuse/abuse-options.ts';
import type { FragmentLimits } from '../decode/fragment-limits.ts';
import type { SctpLimits } from '../decode/sctp-limits.ts';
import type { StreamLimits } from '../decode/stream-limits.ts';
import type { TunnelOptions } from '../decode/tunnel-kind.ts';
import type { MediaLimits } from '../media/media-limits.ts';
import type { RtcpLimits } from '../rtp/rtcp/rtcp-limits.ts';
import type { RtpLimits } from '../rtp/rtp-limits.ts';
import type { SdpLimits } from '../sdp/sdp-limits.ts';
import type { ParserLimits } from '../sip/parser-limits.ts';
import type { WebSocketLimits } from '../sip/websocket-limits.ts';
import type { PeerAddress, StateLimits } from '../state/state-limits.ts';
import type { LabelOptions } from './labels/label-options.ts';
import type { TlsOptions } from './sip-over-tls.ts';

/** What the way from a frame to the counters can be told; the same live and in a replay. */
export interface AnalysisOptions {
  readonly fragments: FragmentLimits;
  /** UDP and TCP ports that carry SIP. */
  readonly ports: readonly number[];
  /** Also takes UDP on any port whose payload begins like SIP. */
  readonly detect: boolean;
  /** RTP and RTCP are taken on ports that signalling announced; with `detect` wherever it looks like them. */
  readonly rtp?: { readonly detect: boolean };
  readonly tunnels: TunnelOptions;
  readonly parser: ParserLimits;
  readonly sdp: SdpLimits;
  readonly streams: StreamLimits;
  readonly webSocket: WebSocketLimits;
  readonly sctp: SctpLimits;
  readonly rtcp: RtcpLimits;
  /** Devices conceal what is lost of G.711. */
  readonly concealsG711: boolean;
  /** TLS is read where it is given. */
  readonly tls?: TlsOptions;
  readonly state: StateLimits;
  readonly rtpStreams: RtpLimits;
  readonly media: MediaLimits;
  readonly peers: readonly PeerAddress[];
  /** Labels besides interface and direction, where any are configured. */
  readonly labels?: LabelOptions;
  /** What is taken for fraud and abuse. */
  readonly abuse: AbuseOptions;
  /** Window of the ready ratios. */
  readonly windowMicros: number;
}

/**
 * What of it can change while packets come: it makes no table and no buffer. Of the limits of the parser the longest
 * message is that of the start, and of abuse all that has to do with numbers.
 */
export type LiveAnalysis = Pick<
  AnalysisOptions,
  'ports' | 'detect' | 'parser' | 'peers' | 'labels' | 'abuse'
>;
