// SPDX-License-Identifier: Apache-2.0
import type { Frame } from '../base/frame.ts';
import type { Datagram } from './datagram.ts';
import type { DecodeResult } from './decode-result.ts';
import { decodeGeneve } from './geneve.ts';
import { decodeGtpu } from './gtpu.ts';
import { TunnelKind } from './tunnel-kind.ts';
import { decodeVxlan } from './vxlan.ts';

// IANA "Service Name and Transport Protocol Port Number Registry"; 8472 is what Linux took before 4789 was assigned.
const portGtpu = 2152;
const portVxlan = 4789;
const portGeneve = 6081;
const portOldVxlan = 8472;

/** The kind of tunnel that a UDP destination port announces, 0 for none; the source port is any (RFC 7348 §5). */
export function tunnelOfPort(port: number): TunnelKind | 0 {
  switch (port) {
    case portGtpu:
      return TunnelKind.gtpu;
    case portVxlan:
    case portOldVxlan:
      return TunnelKind.vxlan;
    case portGeneve:
      return TunnelKind.geneve;
  }
  return 0;
}

/**
 * Looks into the payload of a datagram that went to a tunnel's port. A port is a guess only, and the host at it may be a
 * telephone: a payload that does not begin as the tunnel does stays a datagram, whole or cut. (No SIP message does: its first byte is a
 * letter, a version 1 to Geneve, 2 to GTP-U and a reserved flag to VXLAN.)
 */
export function decodeUdpTunnel(
  frame: Frame,
  datagram: Datagram,
  kind: TunnelKind,
  start: number,
  end: number,
): DecodeResult {
  if (kind === TunnelKind.vxlan) return decodeVxlan(frame, datagram, start, end);
  if (kind === TunnelKind.geneve) return decodeGeneve(frame, datagram, start, end);
  return decodeGtpu(frame, datagram, start, end);
}
