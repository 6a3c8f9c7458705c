// SPDX-License-Identifier: Apache-2.0

// linux/if_ether.h
export const etherTypeIpv4 = 0x0800;
export const etherTypeVlan = 0x8100;
export const etherTypeIpv6 = 0x86dd;
export const etherTypeMpls = 0x8847;
/** Upstream-assigned labels (RFC 5332 §3). */
export const etherTypeMplsUpstream = 0x8848;
export const etherTypePppoeSession = 0x8864;
export const etherTypeServiceVlan = 0x88a8;
export const etherTypeErspan = 0x88be;
export const etherTypeErspan3 = 0x22eb;
export const etherTypeOldQinq = 0x9100;
/** Transparent Ethernet bridging: a whole Ethernet frame follows. */
export const etherTypeEthernet = 0x6558;
