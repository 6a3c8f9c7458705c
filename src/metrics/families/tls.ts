// SPDX-License-Identifier: Apache-2.0
import { keyLogLineNames } from '../../tls/key-log.ts';
import { tlsReasonNames } from '../../tls/tls-result.ts';
import { type FamilyDefinition, Space } from '../definition.ts';

/** What becomes of TLS; all of it stays 0 without `--tls.keylog`. */
export const tlsFamilies: readonly FamilyDefinition[] = [
  {
    name: 'ringtap_tls_connections_total',
    type: 'counter',
    help: 'TLS connections on the ports that are captured.',
    space: Space.global,
    labels: [],
    source: 'RFC 8446, RFC 5246',
    example: 'rate(ringtap_tls_connections_total[5m])',
  },
  {
    name: 'ringtap_tls_connections_given_up_total',
    type: 'counter',
    help: 'TLS connections of which nothing more is read, by the first reason; what was read before counts.',
    space: Space.global,
    labels: [{ name: 'reason', values: tlsReasonNames }],
    source: '',
    example: 'sum by (reason) (increase(ringtap_tls_connections_given_up_total[1h])) > 0',
  },
  {
    name: 'ringtap_tls_records_opened_total',
    type: 'counter',
    help: 'TLS records of application data that were decrypted.',
    space: Space.global,
    labels: [],
    source: 'RFC 8446 §5.2, RFC 5246 §6.2.3.3',
    example: 'rate(ringtap_tls_records_opened_total[1m])',
  },
  {
    name: 'ringtap_tls_resynchronizations_total',
    type: 'counter',
    help: 'Times one direction of a TLS connection was found again behind missing packets; the messages in them are lost.',
    space: Space.global,
    labels: [],
    source: '',
    example: 'rate(ringtap_tls_resynchronizations_total[5m])',
  },
  {
    name: 'ringtap_tls_keylog_lines_total',
    type: 'counter',
    help: 'Lines of the key log: secrets of use, lines of no use (handshake secrets, comments), and anything else.',
    space: Space.global,
    labels: [{ name: 'result', values: keyLogLineNames }],
    source: 'RFC 9850 §2',
    example: 'rate(ringtap_tls_keylog_lines_total{result="secret"}[5m])',
  },
  {
    name: 'ringtap_tls_keylog_errors_total',
    type: 'counter',
    help: 'Times the key log could not be looked at, as when it is gone; it is tried again.',
    space: Space.global,
    labels: [],
    source: '',
    example: 'increase(ringtap_tls_keylog_errors_total[5m]) > 0',
  },
];
