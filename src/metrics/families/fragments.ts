// SPDX-License-Identifier: Apache-2.0
import { fragmentResultNames } from '../../decode/fragment-limits.ts';
import { type FamilyDefinition, Space } from '../definition.ts';

/** Reassembly of IP fragments. */
export const fragmentFamilies: readonly FamilyDefinition[] = [
  {
    name: 'ringtap_fragments_total',
    type: 'counter',
    help: 'IP fragments taken, copies and those of a datagram that was given up included.',
    space: Space.interface,
    labels: [],
    source: 'RFC 791 §3.2, RFC 8200 §4.5',
    example: 'rate(ringtap_fragments_total[5m])',
  },
  {
    name: 'ringtap_fragments_duplicates_total',
    type: 'counter',
    help: 'Fragments left out as copies of others, as a mirror shows them. A copy of all fragments is a datagram of its own, whose message is a capture duplicate.',
    space: Space.interface,
    labels: [],
    source: 'RFC 8200 §4.5',
    example: 'rate(ringtap_fragments_duplicates_total[5m])',
  },
  {
    name: 'ringtap_fragments_datagrams_total',
    type: 'counter',
    help: 'Datagrams that came in fragments, one result each; the interface is that of the fragment seen first. timeout: a fragment never came.',
    space: Space.interface,
    labels: [{ name: 'result', values: fragmentResultNames }],
    source: 'RFC 791 §3.2, RFC 5722 §4, RFC 8200 §4.5',
    example: 'sum by (result) (increase(ringtap_fragments_datagrams_total{result!="reassembled"}[1h])) > 0',
  },
  {
    name: 'ringtap_fragments_memory_bytes',
    type: 'gauge',
    help: 'Memory in use by fragments that wait for the rest of their datagram.',
    space: Space.global,
    labels: [],
    source: '',
    example: 'ringtap_fragments_memory_bytes / ringtap_fragments_memory_limit_bytes',
  },
  {
    name: 'ringtap_fragments_memory_limit_bytes',
    type: 'gauge',
    help: 'Memory that fragments may use.',
    space: Space.global,
    labels: [],
    source: '',
    example: 'ringtap_fragments_memory_bytes / ringtap_fragments_memory_limit_bytes',
  },
];
