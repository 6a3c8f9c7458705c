// SPDX-License-Identifier: Apache-2.0
import { hepProtocolNames } from '../../hep/hep-protocol.ts';
import { hepErrorNames, hepSkipNames } from '../../hep/hep-result.ts';
import { type FamilyDefinition, type LabelDefinition, Space } from '../definition.ts';

/** Values of `transport`, by `HepTransport`. */
export const hepTransportNames: readonly string[] = ['udp', 'tcp'];
/** Why HEP was not let in, by `HepRefusal`. */
export const hepRefusalNames: readonly string[] = ['source', 'key', 'connections'];
/** Why a connection ended, by `HepClose`. */
export const hepCloseNames: readonly string[] = ['peer', 'error', 'not_hep', 'incomplete', 'idle'];
/** Why a message was not sent on, by `HepDrop`. */
export const hepDropNames: readonly string[] = ['queue_full', 'too_long', 'socket', 'connection_lost'];

/** Makes the counters of one side. */
const counterIn =
  (space: Space) =>
  (
    name: string,
    help: string,
    example: string,
    labels: readonly LabelDefinition[] = [],
  ): FamilyDefinition => ({ name, type: 'counter', help, space, labels, source: 'HEP3', example });
const inputFamily = counterIn(Space.hepInput);
const outputFamily = counterIn(Space.hepOutput);

/** The Homer Encapsulation Protocol: what came in, where it is received, and what goes out, where it is sent. */
export const hepFamilies: readonly FamilyDefinition[] = [
  inputFamily(
    'ringtap_hep_packets_total',
    'HEP packets received from sources that are allowed, good or bad.',
    'sum by (transport) (rate(ringtap_hep_packets_total[1m]))',
    [{ name: 'transport', values: hepTransportNames }],
  ),
  inputFamily(
    'ringtap_hep_skipped_total',
    'HEP packets with nothing wrong that cannot be read: the payload is there only compressed; in captures also TCP segments that carry HEP.',
    'sum by (reason) (rate(ringtap_hep_skipped_total[5m]))',
    [{ name: 'reason', values: hepSkipNames }],
  ),
  inputFamily(
    'ringtap_hep_unread_total',
    'HEP packets of protocols that are not read, by what the agent says they are; of RTCP with --no-rtp.capture.',
    'sum by (protocol) (rate(ringtap_hep_unread_total[5m]))',
    [{ name: 'protocol', values: hepProtocolNames }],
  ),
  inputFamily(
    'ringtap_hep_errors_total',
    'HEP packets that are malformed, by the first reason found.',
    'sum by (reason) (increase(ringtap_hep_errors_total[1h])) > 0',
    [{ name: 'reason', values: hepErrorNames }],
  ),
  inputFamily(
    'ringtap_hep_refused_total',
    'What was not let in: packets and connections whose source is not in --hep.allow, packets without the key of --hep.auth-key, and connections beyond --hep.max-connections.',
    'sum by (reason) (increase(ringtap_hep_refused_total[1h])) > 0',
    [{ name: 'reason', values: hepRefusalNames }],
  ),
  inputFamily(
    'ringtap_hep_clock_corrections_total',
    "Messages counted at the time they came, because the agent's clock was off by more than --hep.clock-tolerance or not told.",
    'rate(ringtap_hep_clock_corrections_total[5m]) > 0',
  ),
  inputFamily(
    'ringtap_hep_socket_drops_total',
    'HEP packets the kernel dropped because the buffer of a UDP socket was full.',
    'rate(ringtap_hep_socket_drops_total[5m]) > 0',
  ),
  {
    ...inputFamily('ringtap_hep_connections', 'Open TCP connections of agents.', 'ringtap_hep_connections'),
    type: 'gauge',
  },
  inputFamily(
    'ringtap_hep_connections_closed_total',
    'TCP connections of agents that ended: by the peer, by an error of the network, because they sent something else than HEP, left a packet incomplete or were silent for too long.',
    'sum by (reason) (rate(ringtap_hep_connections_closed_total[5m]))',
    [{ name: 'reason', values: hepCloseNames }],
  ),
  outputFamily(
    'ringtap_hep_sent_packets_total',
    'HEP packets handed to the network.',
    'rate(ringtap_hep_sent_packets_total[1m])',
  ),
  outputFamily('ringtap_hep_sent_bytes_total', 'Bytes of these.', 'rate(ringtap_hep_sent_bytes_total[1m])'),
  outputFamily(
    'ringtap_hep_send_drops_total',
    'Messages that were not sent on: no room in --hep.send-queue, too long for HEP, refused by the socket, or on their way when the connection was lost.',
    'sum by (reason) (rate(ringtap_hep_send_drops_total[5m])) > 0',
    [{ name: 'reason', values: hepDropNames }],
  ),
  outputFamily(
    'ringtap_hep_send_errors_total',
    'Connections that failed or were lost, and packets that the network reported as not delivered, as when nobody listens on the UDP port.',
    'increase(ringtap_hep_send_errors_total[5m]) > 0',
  ),
  {
    ...outputFamily(
      'ringtap_hep_send_up',
      '1 while there is a connection to --hep.send or, with UDP, its address is known; else 0.',
      'ringtap_hep_send_up == 0',
    ),
    type: 'gauge',
  },
];
