// SPDX-License-Identifier: Apache-2.0

/** Values of the chunk `protocolType` that are read. RTCP is in JSON, by the specification; raw it is read too. */
export const ProtocolType = { sip: 1, rtcp: 5 } as const;

/** Label `protocol` of `ringtap_hep_unread_total`. */
export const hepProtocolNames: readonly string[] = [
  'other',
  'rtcp',
  'xmpp',
  'sdp',
  'rtp',
  'mgcp',
  'megaco',
  'iax',
  'h323',
  'sigtran',
  'media_report',
  'dns',
  'rtsp',
  'diameter',
  'cdr',
  'ng',
  'log',
];

/** Index of the name, by protocol type: 0 to 255. Not in the specification: 61 of rtpengine; 86 and 100 of OpenSIPS and Homer. */
const nameByType: Uint8Array = new Uint8Array(256);
for (const [types, name] of [
  [[ProtocolType.rtcp, 58], 'rtcp'],
  [[2], 'xmpp'],
  [[3], 'sdp'],
  [[4], 'rtp'],
  [[6], 'mgcp'],
  [[7], 'megaco'],
  [[10], 'iax'],
  [[11, 12], 'h323'],
  [[8, 9, 13, 54, 57], 'sigtran'],
  [[34, 35], 'media_report'],
  [[53], 'dns'],
  [[55], 'rtsp'],
  [[56], 'diameter'],
  [[60], 'cdr'],
  [[61], 'ng'],
  [[86, 100], 'log'],
] as const) {
  for (const type of types) nameByType[type] = hepProtocolNames.indexOf(name);
}

/** Index in `hepProtocolNames` of a protocol type, 0 to 255. */
export function hepProtocolOf(protocolType: number): number {
  return nameByType[protocolType]!;
}
