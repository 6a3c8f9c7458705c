// SPDX-License-Identifier: Apache-2.0
import { labelOptions } from './label-option-definitions.ts';
import type { OptionDefinition } from './option-definition.ts';
import { webOptions } from './web-options.ts';

/** Options of `ringtap run`; `ringtap demo` takes those of state, metrics, web and log. */
export const runOptions: readonly OptionDefinition[] = [
  {
    name: 'config.file',
    value: 'FILE',
    help: 'Read options from this YAML file. Environment variables override it, options given here override both.',
  },
  {
    name: 'interface',
    short: 'i',
    value: 'NAME',
    repeatable: true,
    help: 'Interface to capture from. One that is missing is waited for. Without it, or with "any": every interface that is up. "none": nothing is captured, only HEP is received, which needs no privilege.',
  },
  {
    name: 'sip.ports',
    value: 'LIST',
    default: '5060',
    live: true,
    help: 'UDP, TCP and SCTP ports and ranges that carry SIP, such as 5060,5061,5080-5090; also those of HTTP where SIP goes over WebSocket.',
  },
  {
    name: 'sip.detect',
    live: true,
    help: 'Also take UDP packets on any port whose payload begins like SIP.',
  },
  {
    name: 'sip.retry-timeout',
    value: 'DURATION',
    default: '32s',
    help: 'How long an attempt waits for the new INVITE after a 401, 407, 422 or 3xx, and a registration for its next REGISTER.',
  },
  {
    name: 'sip.fork-timeout',
    value: 'DURATION',
    default: '5s',
    help: 'How long an attempt that failed waits for a branch of the fork that does better.',
  },
  {
    name: 'sip.peer',
    value: 'NAME=ADDRESS[:PORT]',
    repeatable: true,
    live: true,
    help: 'SIP server whose answers to OPTIONS make sip_peer_up{peer="NAME"}; IPv6 with a port is [ADDRESS]:PORT. At most 64.',
  },
  {
    name: 'sip.max-message-size',
    value: 'SIZE',
    default: '65535',
    help: 'Longer messages are a parse error.',
  },
  {
    name: 'sip.max-header-length',
    value: 'SIZE',
    default: '8KiB',
    live: true,
    help: 'A longer header field, folded lines included, is a parse error.',
  },
  {
    name: 'sip.max-headers',
    value: 'N',
    default: '256',
    live: true,
    help: 'More header fields are a parse error.',
  },
  { name: 'sip.max-vias', value: 'N', default: '70', live: true, help: 'More Via values are a parse error.' },
  {
    name: 'sdp.max-media',
    value: 'N',
    default: '16',
    help: 'Media lines kept of a session description, 1 to 1024.',
  },
  {
    name: 'sdp.max-size',
    value: 'SIZE',
    default: '32KiB',
    help: 'A longer session description is not read.',
  },
  {
    name: 'sdp.max-parts',
    value: 'N',
    default: '16',
    help: 'Parts of a message body among which a session description is looked for, 1 to 1024.',
  },
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
    help: 'RTP streams kept, 512 bytes each; then what is in probation goes first, and announced streams never do.',
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
  {
    name: 'tls.keylog',
    value: 'FILE',
    help: 'Read SIP over TLS and WSS with the secrets of this key log (SSLKEYLOGFILE, RFC 9850), which may grow. See docs/tls.md.',
  },
  {
    name: 'tls.ports',
    value: 'LIST',
    default: '5061',
    live: true,
    help: 'TCP ports that are taken besides --sip.ports where there is a key log.',
  },
  {
    name: 'tls.key-wait',
    value: 'DURATION',
    default: '1s',
    help: 'How long a TLS connection waits for its secrets to appear in the key log.',
  },
  {
    name: 'tls.max-keys',
    value: 'N',
    default: '65536',
    help: 'Connections whose secrets are kept; beyond, those of the oldest are forgotten.',
  },
  {
    name: 'tls.max-connections',
    value: 'N',
    default: '4096',
    help: 'TLS connections read at once; beyond, those without a message yet make room, then those that were silent longest.',
  },
  {
    name: 'tls.max-handshake',
    value: 'SIZE',
    default: '64KiB',
    help: 'A TLS connection that sends more one way before its first application data is given up.',
  },
  { name: 'capture.promiscuous', help: 'Receive what is addressed to other hosts, as on a mirror port.' },
  {
    name: 'capture.ring-size',
    value: 'SIZE',
    default: '64MiB',
    help: 'Memory of the packet ring of each interface; several workers have equal parts of it.',
  },
  {
    name: 'capture.workers',
    value: 'N',
    default: '1',
    help: 'Threads that share the packets of each interface by Call-ID, 1 to 16: where one is not enough. More than one needs CAP_PERFMON.',
  },
  {
    name: 'capture.handover-size',
    value: 'SIZE',
    default: '16MiB',
    help: 'Memory of messages that one worker hands over to another, in all.',
  },
  {
    name: 'capture.tunnels',
    value: 'LIST',
    default: 'all',
    help: 'Tunnels to look into: some of ipip, 6in4, gre, erspan, vxlan, geneve, gtpu, pppoe and mpls, or all, or none.',
  },
  {
    name: 'capture.max-tunnel-depth',
    value: 'N',
    default: '4',
    help: 'Tunnels in one another that are looked into, 1 to 16; a packet in more is skipped.',
  },
  {
    name: 'capture.duplicate-window',
    value: 'DURATION',
    default: '50ms',
    help: 'A copy of a packet within this time (mirror, bridge) is a capture duplicate and counts once. 0s: off.',
  },
  {
    name: 'fragments.max-memory',
    value: 'SIZE',
    default: '4MiB',
    help: 'Memory of IP fragments that wait for the rest of their datagram; then the oldest datagram is given up.',
  },
  {
    name: 'fragments.max-per-datagram',
    value: 'N',
    default: '64',
    help: 'A datagram in more fragments is given up, 2 to 1024.',
  },
  {
    name: 'fragments.timeout',
    value: 'DURATION',
    default: '30s',
    help: 'A datagram that is not whole so long after its first fragment is given up.',
  },
  {
    name: 'fragments.checksum',
    default: 'on',
    help: 'Give up a reassembled datagram whose UDP or TCP checksum is wrong. --no-fragments.checksum: for captures whose addresses were rewritten.',
  },
  {
    name: 'stream.max-connections',
    value: 'N',
    default: '65536',
    help: 'TCP connections known at a time.',
  },
  {
    name: 'stream.direction-buffer',
    value: 'SIZE',
    default: '64KiB',
    help: 'Bytes of one direction of a connection that may wait for missing ones or for the rest of their message.',
  },
  {
    name: 'stream.memory',
    value: 'SIZE',
    default: '64MiB',
    help: 'Memory for what waits of all connections; an eighth of it is added for the map of what is there.',
  },
  {
    name: 'stream.idle-timeout',
    value: 'DURATION',
    default: '60s',
    help: 'What waits of a connection is given up when there was no segment for this time.',
  },
  {
    name: 'stream.connection-timeout',
    value: 'DURATION',
    default: '24h',
    help: 'An idle connection is forgotten after this time. When it goes on, it is met in the middle, as at the start.',
  },
  {
    name: 'stream.gap-timeout',
    value: 'DURATION',
    default: '5s',
    help: 'Missing bytes of a connection that were not acknowledged are given up after this time.',
  },
  {
    name: 'websocket.max-head-size',
    value: 'SIZE',
    default: '8KiB',
    help: 'A WebSocket that opens with a longer HTTP request or response is not read.',
  },
  {
    name: 'sctp.max-associations',
    value: 'N',
    default: '4096',
    help: 'SCTP associations known at a time, each direction for itself, to tell chunks that are sent again.',
  },
  {
    name: 'sctp.memory',
    value: 'SIZE',
    default: '4MiB',
    help: 'Memory for pieces of SCTP messages that wait for others; the oldest make room.',
  },
  {
    name: 'sctp.max-fragments',
    value: 'N',
    default: '64',
    help: 'An SCTP message in more pieces is not read.',
  },
  {
    name: 'sctp.fragment-timeout',
    value: 'DURATION',
    default: '30s',
    help: 'How long a piece of an SCTP message waits for the others.',
  },
  {
    name: 'rtcp.max-sources',
    value: 'N',
    default: '65536',
    help: 'Sources kept by their RTCP, to tell round trips and what receivers miss.',
  },
  {
    name: 'rtp.g711-concealment',
    default: 'on',
    help: 'Devices conceal what is lost of G.711, as nearly all do. --no-rtp.g711-concealment: MOS for devices that play silence.',
  },
  {
    name: 'state.max-transactions',
    value: 'N',
    default: '131072',
    help: 'Transactions kept, to tell retransmissions and timeouts.',
  },
  {
    name: 'state.max-attempts',
    value: 'N',
    default: '131072',
    help: 'Session attempts kept, finished ones included.',
  },
  { name: 'state.max-dialogs', value: 'N', default: '131072', help: 'Dialogs kept.' },
  {
    name: 'state.max-early-dialogs',
    value: 'N',
    default: '32',
    help: 'Early dialogs of one attempt: branches of a fork that ring.',
  },
  {
    name: 'state.max-registration-attempts',
    value: 'N',
    default: '32768',
    help: 'Registration attempts kept while under way.',
  },
  {
    name: 'state.max-registrations',
    value: 'N',
    default: '131072',
    help: 'Addresses-of-record with bindings kept.',
  },
  {
    name: 'state.max-bindings',
    value: 'N',
    default: '10',
    help: 'Contact bindings kept of one address-of-record, 1 to 100.',
  },
  {
    name: 'state.session-limit',
    value: 'DURATION',
    default: '24h',
    help: 'A dialog without any sign of life is forgotten after this time.',
  },
  {
    name: 'state.registration-limit',
    value: 'DURATION',
    default: '2h',
    help: 'A binding is kept no longer than this, whatever its expiry says.',
  },
  ...labelOptions,
  {
    name: 'metrics.window',
    value: 'DURATION',
    default: '5m',
    help: 'Sliding window of the ready ratios; their label "window".',
  },
  {
    name: 'metrics.max-series',
    value: 'N',
    default: '60000',
    help: 'Series of all metrics together; beyond, labels become "other".',
  },
  {
    name: 'metrics.native-histograms',
    help: 'Count distributions in native histograms too, for a Prometheus that asks for protobuf: every bucket is 19 % above the one before.',
  },
  {
    name: 'metrics.exemplars',
    help: 'Show the Call-ID of a call of each bucket of delays and durations, in OpenMetrics and protobuf. A Call-ID tells who called: off unless asked for.',
  },
  { name: 'metrics.max-series-per-family', value: 'N', default: '30000', help: 'Series of one metric.' },
  {
    name: 'hep.listen-address',
    value: 'TRANSPORT:[HOST:]PORT',
    repeatable: true,
    help: 'Receive SIP in HEP (versions 1 to 3) from Kamailio, OpenSIPS, FreeSWITCH, Asterisk, heplify or captagent, such as udp:9060 or tcp:192.0.2.1:9060. Without a host: 127.0.0.1. See docs/hep.md.',
  },
  {
    name: 'hep.allow',
    value: 'LIST',
    repeatable: true,
    help: 'Addresses and networks that may send HEP, such as 192.0.2.1,2001:db8::/32. Without it: whoever reaches the address.',
  },
  {
    name: 'hep.auth-key',
    value: 'KEY',
    secret: true,
    help: 'Take HEP only with this authentication key; @FILE reads it from the first line of a file.',
  },
  {
    name: 'hep.node',
    value: 'ID=NAME',
    repeatable: true,
    help: 'Name of a HEP agent by its node id: its traffic has interface="hep:NAME", that of all others interface="hep". At most 64.',
  },
  {
    name: 'hep.clock-tolerance',
    value: 'DURATION',
    default: '500ms',
    help: "How far an agent's clock may be from the receiver's; beyond it a message counts at the time it came.",
  },
  {
    name: 'hep.max-packet-size',
    value: 'SIZE',
    default: '65535',
    help: 'Longer HEP packets are an error; also what is buffered of one TCP connection.',
  },
  {
    name: 'hep.max-connections',
    value: 'N',
    default: '64',
    help: 'TCP connections of agents to one listen address; further ones are closed at once.',
  },
  {
    name: 'hep.packet-timeout',
    value: 'DURATION',
    default: '10s',
    help: 'A TCP connection that takes longer to send one HEP packet is closed.',
  },
  {
    name: 'hep.idle-timeout',
    value: 'DURATION',
    default: '1h',
    help: 'A TCP connection that sends nothing for so long is closed.',
  },
  {
    name: 'hep.send',
    value: 'TRANSPORT:HOST:PORT',
    help: 'Send captured SIP as HEP3 to a Homer or another ringtap, such as udp:192.0.2.1:9060. What was received as HEP is not sent on.',
  },
  {
    name: 'hep.send-node-id',
    value: 'N',
    default: '1',
    help: 'The node id that is sent.',
  },
  {
    name: 'hep.send-auth-key',
    value: 'KEY',
    secret: true,
    help: 'The authentication key that is sent; @FILE reads it from the first line of a file.',
  },
  {
    name: 'hep.send-queue',
    value: 'SIZE',
    default: '16MiB',
    help: 'Memory for messages that wait to be sent; when it is full, messages are dropped and counted.',
  },
  ...webOptions,
  { name: 'log.format', value: 'FORMAT', default: 'logfmt', live: true, help: 'logfmt or json.' },
];

const isForReplay = ({ name }: OptionDefinition): boolean =>
  name === 'config.file' ||
  (name !== 'sip.detect' &&
    name !== 'rtp.detect' &&
    (/^(sip|sdp|rtp|rtcp|media|stream|websocket|sctp|tls|fragments|state|labels|networks|metrics)\./.test(
      name,
    ) ||
      /^capture\.(duplicate-window|tunnels|max-tunnel-depth)$/.test(name) ||
      name === 'hep.clock-tolerance'));

/** Options of `ringtap replay` that are not those of `ringtap run`, or have another default. */
export const replayOnlyOptions: readonly OptionDefinition[] = [
  {
    name: 'format',
    value: 'FORMAT',
    default: 'text',
    help: 'What to print at the end: text (Prometheus), openmetrics, json or none.',
  },
  {
    name: 'trace',
    help: 'Print a line for each message and for what is made of it; then the figures only with --format.',
  },
  {
    name: 'sip.detect',
    default: 'on',
    help: 'Take UDP packets on any port whose payload begins like SIP. --no-sip.detect: --sip.ports only.',
  },
  {
    name: 'rtp.detect',
    default: 'on',
    help: 'Take UDP packets on any port from 1024 on that look like RTP or RTCP. --no-rtp.detect: on ports that SIP announces only.',
  },
  {
    name: 'hep.ports',
    value: 'LIST',
    help: 'UDP ports that HEP was sent to, such as 9060: what counts is the SIP inside.',
  },
];

/** All options of `ringtap replay`. */
export const replayOptions: readonly OptionDefinition[] = [
  ...replayOnlyOptions,
  ...runOptions.filter(isForReplay),
];
