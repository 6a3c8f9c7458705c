// SPDX-License-Identifier: Apache-2.0
import type { OptionDefinition } from '../option-definition.ts';

/** HEP, received and sent. */
export const hepOptions: readonly OptionDefinition[] = [
  {
    name: 'hep.listen-address',
    value: 'TRANSPORT:[HOST:]PORT',
    repeatable: true,
    help: 'Receive SIP and RTCP in HEP (versions 1 to 3) from Kamailio, OpenSIPS, FreeSWITCH, Asterisk, rtpengine, heplify or captagent, such as udp:9060 or tcp:192.0.2.1:9060. Without a host: 127.0.0.1. See docs/hep.md.',
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
];
