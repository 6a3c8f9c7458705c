// SPDX-License-Identifier: Apache-2.0
import type { OptionDefinition } from '../option-definition.ts';

/** How packets are taken from interfaces. */
export const captureOptions: readonly OptionDefinition[] = [
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
    help: 'Memory of what workers, and what receives HEP, hand over to one another, in all: half for messages, and where media is read half for what is told of it.',
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
];
