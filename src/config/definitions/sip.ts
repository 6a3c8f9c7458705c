// SPDX-License-Identifier: Apache-2.0
import type { OptionDefinition } from '../option-definition.ts';

/** What is taken for SIP, and limits of its parser. */
export const sipOptions: readonly OptionDefinition[] = [
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
];
