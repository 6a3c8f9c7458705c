// SPDX-License-Identifier: Apache-2.0

/** `table` label values, those of `Calls.tables` in their order, then those of TCP, SCTP, TLS, RTCP, RTP, media and abuse. */
export const tableNames: readonly string[] = [
  'transactions',
  'attempts',
  'dialogs',
  'registration_attempts',
  'registrations',
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
  'abuse_scans',
  'abuse_bursts',
  'abuse_accounts',
];
