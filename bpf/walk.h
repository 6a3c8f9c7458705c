/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * The way through the headers of a packet to the innermost UDP, TCP or other transport header, through the tunnels that
 * are enabled. It is lenient: lengths and versions are the decoder's to judge, in src/decode. src/decode/header-walk.ts
 * goes the same way, and test/kernel/filter-cases.ts holds both to the same cases.
 *
 * One header a round, whatever order headers come in. The rounds are unrolled, because a verifier without CAP_PERFMON
 * also follows the processor where it guesses wrong, and there a loop has no end. Each round begins with a `next` that
 * the verifier does not know, so that all ways to a round are one to it. A packet with more headers than rounds is not
 * judged here.
 */
#ifndef RINGTAP_WALK_H
#define RINGTAP_WALK_H

#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/in6.h>
#include <stdbool.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#define MAX_HEADERS 12

/* linux/ip.h, linux/in6.h and linux/if_tunnel.h do not have these under one name each. */
#define IPV4_MORE_FRAGMENTS_OR_OFFSET 0x3fff
#define IPV6_HEADER_BYTES 40
#define NEXT_HEADER_HOST_IDENTITY 139
#define NEXT_HEADER_SHIM6 140
#define GRE_VERSION_OR_ROUTING 0x4007
#define GRE_HAS_CHECKSUM 0x8000
#define GRE_HAS_KEY 0x2000
#define GRE_HAS_SEQUENCE 0x1000
#define ETH_P_OLD_QINQ 0x9100

#define PORT_GTPU 2152
#define PORT_VXLAN 4789
#define PORT_GENEVE 6081
#define PORT_OLD_VXLAN 8472
#define UDP_HEADER_BYTES 8

/* Bits of settings.tunnels; TunnelKind of src/decode/tunnel-kind.ts. */
enum tunnel {
	TUNNEL_IPIP = 1 << 0,
	TUNNEL_6IN4 = 1 << 1,
	TUNNEL_GRE = 1 << 2,
	TUNNEL_ERSPAN = 1 << 3,
	TUNNEL_VXLAN = 1 << 4,
	TUNNEL_GENEVE = 1 << 5,
	TUNNEL_GTPU = 1 << 6,
	TUNNEL_PPPOE = 1 << 7,
	TUNNEL_MPLS = 1 << 8,
};

/* What a header is: an EtherType, an IP protocol number in PROTOCOL(), or one of these. */
#define PROTOCOL(number) (0x10000 | (number))
#define IP_OF_ITS_VERSION 0x20000 /* the first four bits tell */
#define BEHIND_LABELS 0x20001     /* the same, or a control word and Ethernet */
#define GTPU_EXTENSION 0x20002

struct walk_settings {
	__u32 tunnels; /* bits of enum tunnel: what is looked into */
	__u32 zero;    /* 0, which the verifier does not know */
};

enum walk_end {
	WALK_NOTHING,    /* no transport protocol, or the packet is cut before it */
	WALK_FRAGMENT,   /* a fragment: where its ports are nobody knows */
	WALK_TRANSPORT,  /* the header was found */
	WALK_UNFINISHED, /* more than MAX_HEADERS headers */
};

struct walk {
	__u64 offset; /* of the header that comes next, at last of the transport header */
	__u64 next;   /* what that header is, at last PROTOCOL() */
};

static __always_inline enum walk_end walk_udp(struct __sk_buff *skb, struct walk *walk, const __be16 *ports,
					    const struct walk_settings *settings)
{
	__u64 payload = walk->offset + UDP_HEADER_BYTES;
	__u16 port = bpf_ntohs(ports[1]);
	__u8 header[8];

	if (port != PORT_GTPU && port != PORT_VXLAN && port != PORT_GENEVE && port != PORT_OLD_VXLAN)
		return WALK_TRANSPORT;
	if (bpf_skb_load_bytes(skb, payload, header, sizeof(header)))
		return WALK_TRANSPORT;
	if (port == PORT_GTPU) {
		if (!(settings->tunnels & TUNNEL_GTPU) || header[0] >> 4 != 3)
			return WALK_TRANSPORT;
		if (header[1] != 255)
			return WALK_NOTHING;
		walk->offset = payload + 8;
		walk->next = IP_OF_ITS_VERSION;
		if (header[0] & 0x07)
			walk->offset += 4;
		if (header[0] & 0x04)
			walk->next = GTPU_EXTENSION;
	} else if (port == PORT_GENEVE) {
		if (!(settings->tunnels & TUNNEL_GENEVE) || header[0] >> 6 != 0)
			return WALK_TRANSPORT;
		walk->offset = payload + 8 + (header[0] & 0x3f) * 4;
		walk->next = header[2] << 8 | header[3];
	} else {
		if (!(settings->tunnels & TUNNEL_VXLAN) || (header[0] & 0x48) != 0x08)
			return WALK_TRANSPORT;
		walk->offset = payload + 8;
		walk->next = ETH_P_TEB;
	}
	return WALK_UNFINISHED;
}

static __always_inline enum walk_end walk_gre(struct __sk_buff *skb, struct walk *walk,
					    const struct walk_settings *settings)
{
	__be16 header[2];
	__u8 erspan[12];
	__u16 flags, type;

	if (!(settings->tunnels & (TUNNEL_GRE | TUNNEL_ERSPAN)))
		return WALK_NOTHING;
	if (bpf_skb_load_bytes(skb, walk->offset, header, sizeof(header)))
		return WALK_NOTHING;
	flags = bpf_ntohs(header[0]);
	type = bpf_ntohs(header[1]);
	if (flags & GRE_VERSION_OR_ROUTING)
		return WALK_NOTHING;
	walk->offset += 4;
	if (flags & GRE_HAS_CHECKSUM)
		walk->offset += 4;
	if (flags & GRE_HAS_KEY)
		walk->offset += 4;
	if (flags & GRE_HAS_SEQUENCE)
		walk->offset += 4;
	if (type != ETH_P_ERSPAN && type != ETH_P_ERSPAN2) {
		walk->next = type;
		return settings->tunnels & TUNNEL_GRE ? WALK_UNFINISHED : WALK_NOTHING;
	}
	if (!(settings->tunnels & TUNNEL_ERSPAN))
		return WALK_NOTHING;
	walk->next = ETH_P_TEB;
	if (type == ETH_P_ERSPAN) {
		/* With a sequence number it is type II, without one type I, which has no header. */
		if (flags & GRE_HAS_SEQUENCE)
			walk->offset += 8;
		return WALK_UNFINISHED;
	}
	if (bpf_skb_load_bytes(skb, walk->offset, erspan, sizeof(erspan)))
		return WALK_NOTHING;
	walk->offset += erspan[11] & 0x01 ? 20 : 12;
	if ((erspan[10] >> 2 & 0x1f) == 2)
		walk->next = IP_OF_ITS_VERSION;
	return WALK_UNFINISHED;
}

/* Goes past the header at walk->offset; WALK_UNFINISHED is "go on". */
static __always_inline enum walk_end walk_header(struct __sk_buff *skb, struct walk *walk, __be16 *ports,
					    const struct walk_settings *settings)
{
	__u8 header[12];

	switch (walk->next) {
	case ETH_P_IP:
		if (bpf_skb_load_bytes(skb, walk->offset, header, 12))
			return WALK_NOTHING;
		if (header[0] >> 4 != 4 || (header[0] & 0x0f) < 5)
			return WALK_NOTHING;
		if ((header[6] << 8 | header[7]) & IPV4_MORE_FRAGMENTS_OR_OFFSET)
			return WALK_FRAGMENT;
		walk->offset += (header[0] & 0x0f) * 4;
		walk->next = PROTOCOL(header[9]);
		return WALK_UNFINISHED;
	case ETH_P_IPV6:
		if (bpf_skb_load_bytes(skb, walk->offset, header, 8) || header[0] >> 4 != 6)
			return WALK_NOTHING;
		walk->offset += IPV6_HEADER_BYTES;
		walk->next = PROTOCOL(header[6]);
		return WALK_UNFINISHED;
	case PROTOCOL(IPPROTO_UDP):
	case PROTOCOL(IPPROTO_TCP):
	case PROTOCOL(IPPROTO_SCTP):
		if (bpf_skb_load_bytes(skb, walk->offset, ports, 2 * sizeof(*ports)))
			return WALK_NOTHING;
		return walk->next == PROTOCOL(IPPROTO_UDP) ? walk_udp(skb, walk, ports, settings) : WALK_TRANSPORT;
	case PROTOCOL(IPPROTO_HOPOPTS):
	case PROTOCOL(IPPROTO_ROUTING):
	case PROTOCOL(IPPROTO_AH):
	case PROTOCOL(IPPROTO_DSTOPTS):
	case PROTOCOL(IPPROTO_MH):
	case PROTOCOL(NEXT_HEADER_HOST_IDENTITY):
	case PROTOCOL(NEXT_HEADER_SHIM6):
		if (bpf_skb_load_bytes(skb, walk->offset, header, 2))
			return WALK_NOTHING;
		/* RFC 8200 §4.2 counts eight bytes beyond the first eight, RFC 4302 §2.2 four beyond eight. */
		walk->offset += walk->next == PROTOCOL(IPPROTO_AH) ? (header[1] + 2) * 4 : (header[1] + 1) * 8;
		walk->next = PROTOCOL(header[0]);
		return WALK_UNFINISHED;
	case PROTOCOL(IPPROTO_FRAGMENT):
		return WALK_FRAGMENT;
	case PROTOCOL(IPPROTO_IPIP):
		walk->next = ETH_P_IP;
		return settings->tunnels & TUNNEL_IPIP ? WALK_UNFINISHED : WALK_NOTHING;
	case PROTOCOL(IPPROTO_IPV6):
		walk->next = ETH_P_IPV6;
		return settings->tunnels & TUNNEL_6IN4 ? WALK_UNFINISHED : WALK_NOTHING;
	case PROTOCOL(IPPROTO_GRE):
		return walk_gre(skb, walk, settings);
	case ETH_P_8021Q:
	case ETH_P_8021AD:
	case ETH_P_OLD_QINQ:
		if (bpf_skb_load_bytes(skb, walk->offset, header, 4))
			return WALK_NOTHING;
		walk->offset += 4;
		walk->next = header[2] << 8 | header[3];
		return WALK_UNFINISHED;
	case ETH_P_TEB:
		if (bpf_skb_load_bytes(skb, walk->offset + 12, header, 2))
			return WALK_NOTHING;
		walk->offset += ETH_HLEN;
		walk->next = header[0] << 8 | header[1];
		return WALK_UNFINISHED;
	case ETH_P_PPP_SES:
		if (!(settings->tunnels & TUNNEL_PPPOE) || bpf_skb_load_bytes(skb, walk->offset, header, 8))
			return WALK_NOTHING;
		walk->offset += 8;
		if (header[6] != 0 || (header[7] != 0x21 && header[7] != 0x57))
			return WALK_NOTHING;
		walk->next = header[7] == 0x21 ? ETH_P_IP : ETH_P_IPV6;
		return WALK_UNFINISHED;
	case ETH_P_MPLS_UC:
	case ETH_P_MPLS_MC:
		if (!(settings->tunnels & TUNNEL_MPLS) || bpf_skb_load_bytes(skb, walk->offset, header, 4))
			return WALK_NOTHING;
		walk->offset += 4;
		if (header[2] & 0x01)
			walk->next = BEHIND_LABELS;
		return WALK_UNFINISHED;
	case BEHIND_LABELS:
	case IP_OF_ITS_VERSION:
		if (bpf_skb_load_bytes(skb, walk->offset, header, 1))
			return WALK_NOTHING;
		if (header[0] >> 4 == 4) {
			walk->next = ETH_P_IP;
			return WALK_UNFINISHED;
		}
		if (header[0] >> 4 == 6) {
			walk->next = ETH_P_IPV6;
			return WALK_UNFINISHED;
		}
		if (header[0] >> 4 != 0 || walk->next != BEHIND_LABELS)
			return WALK_NOTHING;
		walk->offset += 4;
		walk->next = ETH_P_TEB;
		return WALK_UNFINISHED;
	case GTPU_EXTENSION:
		/* The byte before is the type of this extension header, 0 for none. */
		if (bpf_skb_load_bytes(skb, walk->offset - 1, header, 2))
			return WALK_NOTHING;
		if (header[0] == 0) {
			walk->next = IP_OF_ITS_VERSION;
			return WALK_UNFINISHED;
		}
		walk->offset += header[1] * 4;
		return header[1] == 0 ? WALK_NOTHING : WALK_UNFINISHED;
	}
	return WALK_NOTHING;
}

/*
 * Walks on from the header that `walk` says comes next. `ports` are those of the transport header found, source and
 * destination; apart, so that `walk` itself stays in registers.
 */
static __always_inline enum walk_end walk_headers(struct __sk_buff *skb, struct walk *walk, __be16 *ports,
						   const struct walk_settings *settings)
{
	enum walk_end end = WALK_UNFINISHED;

#pragma unroll
	for (int i = 0; i < MAX_HEADERS; i++) {
		walk->next ^= settings->zero;
		end = walk_header(skb, walk, ports, settings);
		if (end != WALK_UNFINISHED)
			break;
	}
	return end;
}

#endif
