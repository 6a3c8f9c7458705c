// SPDX-License-Identifier: Apache-2.0
import type { OptionDefinition } from '../option-definition.ts';

/** RTP, RTCP and the media of calls. */
export const mediaOptions: readonly OptionDefinition[] = [
  {
    name: 'rtp.capture',
    default: 'on',
    help: 'Also take the headers of RTP, and RTCP, on ports that SIP announces (SDP). --no-rtp.capture: SIP only.',
  },
  {
    name: 'rtp.detect',
    help: 'Also take UDP packets on any port from 1024 on that look like RTP or RTCP: where the signalling is not seen.',
  },
  {
    name: 'rtp.max-streams',
    value: 'N',
    default: '65536',
    help: 'RTP streams kept, 600 bytes each; then what is in probation goes first, and announced streams never do.',
  },
  {
    name: 'rtp.max-streams-per-flow',
    value: 'N',
    default: '8',
    help: 'RTP streams kept of one pair of addresses and ports; packets with more SSRCs are refused.',
  },
  {
    name: 'rtp.probation',
    value: 'N',
    default: '5',
    help: 'Consecutive packets that make a stream of what nobody announced, 2 to 100; announced ones need 2.',
  },
  {
    name: 'rtp.interval',
    value: 'DURATION',
    default: '10s',
    help: 'Length of the intervals in which loss, jitter and quality are told, 1s to 60s.',
  },
  {
    name: 'rtp.idle-timeout',
    value: 'DURATION',
    default: '60s',
    help: 'An RTP stream without packets for so long is over.',
  },
  {
    name: 'rtp.g711-concealment',
    default: 'on',
    help: 'Devices conceal what is lost of G.711, as nearly all do. --no-rtp.g711-concealment: MOS for devices that play silence.',
  },
  {
    name: 'rtcp.max-sources',
    value: 'N',
    default: '65536',
    help: 'Sources kept by their RTCP, to tell round trips and what receivers miss.',
  },
  {
    name: 'media.max-calls',
    value: 'N',
    default: '65536',
    help: 'Calls whose media is known; beyond, those that are over make room, then those not answered yet, then the oldest.',
  },
  {
    name: 'media.max-endpoints',
    value: 'N',
    default: '262144',
    help: 'Addresses and ports that descriptions announced, RTCP and candidates included; a call has 4 to 40.',
  },
  {
    name: 'media.call-timeout',
    value: 'DURATION',
    default: '1h',
    help: 'An answered call without BYE is given up after so long without media, offer or answer.',
  },
  {
    name: 'media.late-after',
    value: 'DURATION',
    default: '2s',
    help: 'Media that begins so long after the answer is late, and only what was wanted for so long is missed.',
  },
  {
    name: 'media.false-answer-after',
    value: 'DURATION',
    default: '3s',
    help: 'An answer behind which the called side sends nothing for so long, while the caller does, is suspected to be false.',
  },
  {
    name: 'media.proof-window',
    value: 'DURATION',
    default: '10m',
    help: 'A call without any media is "missing" its media only where some of one of its addresses was seen within this time, else "not_seen".',
  },
];
