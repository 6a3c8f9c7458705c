// SPDX-License-Identifier: Apache-2.0

/** `table` label values, those of `Calls.tables` in their order, then those of abuse, TCP, SCTP, TLS, RTCP, RTP and media. */
export const tableNames: readonly string[] = [
  'transactions',
  'attempts',
  'dialogs',
  'registration_attempts',
  'registrations',
  'abuse_scans',
  'abuse_bursts',
  'abuse_accounts',
  'connections',
  'sctp_associations',
  'sctp_fragments',
  'tls_connections',
  'tls_secrets',
  'rtcp_sources',
  'rtp_flows',
  'rtp_streams',
  'media_calls',
  'media_lines',
  'media_endpoints',
];
