// SPDX-License-Identifier: Apache-2.0
import { registrationResultNames } from '../../state/registration-result.ts';
import { type FamilyDefinition, Space } from '../definition.ts';
import { registrationTuples } from '../registration-codes.ts';
import { finalCode } from './labels.ts';
import { delayFamily } from './sessions.ts';

/** Registrations and OPTIONS. */
export const registrationFamilies: readonly FamilyDefinition[] = [
  {
    name: 'sip_registration_attempts_total',
    type: 'counter',
    help: 'Registration attempts begun: the first REGISTER of a Call-ID and address-of-record that has none under way.',
    space: Space.traffic,
    isMain: true,
    labels: [],
    source: 'RFC 3261 §10, RFC 6076 §4.2',
    example: 'sum(rate(sip_registration_attempts_total[5m]))',
  },
  {
    name: 'sip_registration_results_total',
    type: 'counter',
    help: 'Registration attempts ended, exactly one result each, with the final code that made it; a challenge that is answered is folded.',
    space: Space.traffic,
    isMain: true,
    labels: [{ name: 'result', values: registrationResultNames }, finalCode],
    tuples: registrationTuples,
    source: 'RFC 6076 §4.2',
    example: 'sum by (result, code) (increase(sip_registration_results_total{result!="succeeded"}[1h])) > 0',
  },
  {
    name: 'sip_registrations',
    type: 'gauge',
    help: 'Contact bindings alive now, by what registrars confirmed and their expiry.',
    space: Space.traffic,
    labels: [],
    source: 'RFC 3261 §10.3',
    example: 'sum(sip_registrations)',
  },
  delayFamily(
    'sip_registration_request_delay_seconds',
    [],
    'RFC 6076 §4.1',
    'First REGISTER of an attempt to its 2xx, a challenge that is answered inside.',
  ),
  delayFamily(
    'sip_options_response_delay_seconds',
    [],
    'RFC 3261 §11',
    'OPTIONS request to its final response.',
  ),
];

/** Configured SIP servers, by their answers to OPTIONS. */
export const peerFamilies: readonly FamilyDefinition[] = [
  {
    name: 'sip_peer_up',
    type: 'latest',
    help: '1 after a peer answered an OPTIONS request with anything but 503, 0 after a 503 or none for 32 s; NaN while nobody asked.',
    space: Space.peer,
    labels: [],
    source: 'RFC 3261 §11',
    example: 'sip_peer_up == 0',
  },
  {
    name: 'sip_peer_round_trip_seconds',
    type: 'latest',
    help: 'The last OPTIONS request of a peer to its final response; NaN while there is none.',
    space: Space.peer,
    labels: [],
    source: 'RFC 3261 §11',
    example: 'sip_peer_round_trip_seconds > 0.5',
  },
  {
    name: 'sip_peer_flaps_total',
    type: 'counter',
    help: 'Changes of a peer from up to down or back, after the first verdict; those seen by an interface and in HEP count twice.',
    space: Space.peer,
    labels: [],
    source: '',
    example: 'increase(sip_peer_flaps_total[1h]) > 2',
  },
];
