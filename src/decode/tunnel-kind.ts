// SPDX-License-Identifier: Apache-2.0

/** Encapsulations that can be looked into, each a bit; `enum tunnel` of bpf/sip_capture.bpf.c. */
export const TunnelKind = {
  /** IPv4 in IPv4 or IPv6: protocol 4 (RFC 2003, RFC 2473). */
  ipip: 1,
  /** IPv6 in IPv4 or IPv6: protocol 41 (RFC 4213, RFC 2473). */
  sixInFour: 2,
  /** Protocol 47 (RFC 2784, RFC 2890). */
  gre: 4,
  /** Mirrored Ethernet frames in GRE (draft-foschiano-erspan-03). */
  erspan: 8,
  /** UDP port 4789, and 8472 as Linux had it before (RFC 7348). */
  vxlan: 16,
  /** UDP port 6081 (RFC 8926). */
  geneve: 32,
  /** UDP port 2152 (3GPP TS 29.281). */
  gtpu: 64,
  /** EtherType 0x8864 (RFC 2516). */
  pppoe: 128,
  /** EtherTypes 0x8847 and 0x8848 (RFC 3032). */
  mpls: 256,
} as const;
export type TunnelKind = (typeof TunnelKind)[keyof typeof TunnelKind];

/** What users call them, by the number of their bit: the names `--capture.tunnels` takes. */
export const tunnelNames: readonly string[] = [
  'ipip',
  '6in4',
  'gre',
  'erspan',
  'vxlan',
  'geneve',
  'gtpu',
  'pppoe',
  'mpls',
];

/** What the decoder is told of tunnels. */
export interface TunnelOptions {
  /** Bits of `TunnelKind` that are opened; any other encapsulation is a protocol that is not read. */
  readonly kinds: number;
  /** How many may be in one another; one more and the packet is skipped. */
  readonly maxDepth: number;
}

/** Every kind, and the default depth of `--capture.max-tunnel-depth`. */
export const allTunnels: TunnelOptions = { kinds: (1 << tunnelNames.length) - 1, maxDepth: 4 };
