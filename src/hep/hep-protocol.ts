// SPDX-License-Identifier: Apache-2.0

/** Values of the chunk `protocolType` that are read. RTCP is in JSON, by the specification; raw it is read too. */
export const ProtocolType = { sip: 1, rtcp: 5 } as const;

/** Protocols that are told apart, with their types. Not in the specification: 61 of rtpengine; 86 and 100 of OpenSIPS and Homer. */
const typesByName: Readonly<Record<string, readonly number[]>> = {
  rtcp: [ProtocolType.rtcp, 58],
  xmpp: [2],
  sdp: [3],
  rtp: [4],
  mgcp: [6],
  megaco: [7],
  iax: [10],
  h323: [11, 12],
  sigtran: [8, 9, 13, 54, 57],
  media_report: [34, 35],
  dns: [53],
  rtsp: [55],
  diameter: [56],
  cdr: [60],
  ng: [61],
  log: [86, 100],
};

/** Label `protocol` of `ringtap_hep_unread_total`. */
export const hepProtocolNames: readonly string[] = ['other', ...Object.keys(typesByName)];

/** Index of the name, by protocol type: 0 to 255. */
const nameByType: Uint8Array = new Uint8Array(256);
for (const [i, types] of Object.values(typesByName).entries()) {
  for (const type of types) nameByType[type] = i + 1;
}

/** Index in `hepProtocolNames` of a protocol type, 0 to 255. */
export function hepProtocolOf(protocolType: number): number {
  return nameByType[protocolType]!;
}
