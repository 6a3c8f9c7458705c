// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * Socket filter of ringtap: decides, before a packet is copied, whether the ring gets it. A packet passes
 * whole or not at all. It passes when it
 *   - is UDP or TCP with its source or destination port in `port_bitmap`, or
 *   - is a fragment (fragments after the first carry no ports, and large INVITEs are fragmented), or
 *   - with settings.detect, is UDP whose payload begins like SIP, on any port.
 *
 * It runs on AF_PACKET SOCK_RAW sockets. There skb->data is
 *
 *   device with an Ethernet header (lo, veth, tap, bridge):    device without (tun, wg, ipip):
 *   0       6       12     14                                  0
 *   +-------+-------+------+--[ 0..2 VLAN tags ]--+------      +------
 *   | to    | from  | type |                      | IP         | IP
 *   +-------+-------+------+----------------------+------      +------
 *
 * The outermost VLAN tag of a received frame is already in skb->vlan_tci and gone from the data. The copy of
 * a frame that leaves through a device without VLAN offload still carries it.
 */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/in.h>
#include <stdbool.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#define WHOLE_PACKET 0xffffffff
#define DROP 0
#define MAX_VLAN_TAGS 2
#define MAX_EXTENSION_HEADERS 8

/* linux/ip.h and linux/in6.h do not have these under one name each. */
#define IPV4_MORE_FRAGMENTS_OR_OFFSET 0x3fff
#define IPV6_HEADER_BYTES 40
#define NEXT_HEADER_HOP_BY_HOP 0
#define NEXT_HEADER_ROUTING 43
#define NEXT_HEADER_FRAGMENT 44
#define NEXT_HEADER_AUTHENTICATION 51
#define NEXT_HEADER_DESTINATION_OPTIONS 60
#define NEXT_HEADER_MOBILITY 135

struct settings {
	__u32 detect;          /* 1: pass SIP-like UDP payloads on any port */
	__u32 loopback_index;  /* drop what this interface sends: it receives the same packet next; 0: none */
};

/* Of `heard_interface`, which else is the index of one interface, or of none that there can be. */
#define EVERY_INTERFACE 0

struct port_bitmap {
	__u8 bits[65536 / 8];  /* port p is bit p % 8 of byte p / 8 */
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct port_bitmap);
} port_bitmap SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct settings);
} settings SEC(".maps");

/*
 * Sockets that share the packets of an interface (PACKET_FANOUT) cannot be bound anew when it was deleted and made
 * again. So they are bound to all, and this says which one they hear; it can be written without privilege.
 */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
} heard_interface SEC(".maps");

static __always_inline bool has_port(const struct port_bitmap *bitmap, __be16 port_on_wire)
{
	__u32 port = bpf_ntohs(port_on_wire);

	return bitmap->bits[(port >> 3) & 0x1fff] >> (port & 7) & 1;
}

/* `start` holds the first eight payload bytes, the first one most significant. */
static __always_inline bool begins(__u64 start, const char *text, int length)
{
	__u64 word = 0;

#pragma unroll
	for (int i = 0; i < length; i++)
		word = word << 8 | text[i];
	return start >> (64 - 8 * length) == word;
}

/* The 14 methods of the IANA registry (RFC 3261, 3262, 3265, 3311, 3428, 3515, 3903, 6086), or a status line. */
static __always_inline bool begins_like_sip(struct __sk_buff *skb, __u32 payload)
{
	__u64 start;
	__u16 rest;

	if (bpf_skb_load_bytes(skb, payload, &start, sizeof(start)))
		return false;
	start = bpf_be64_to_cpu(start);
	if (begins(start, "SIP/2.0 ", 8) || begins(start, "INVITE ", 7) || begins(start, "ACK ", 4) ||
	    begins(start, "BYE ", 4) || begins(start, "CANCEL ", 7) || begins(start, "OPTIONS ", 8) ||
	    begins(start, "NOTIFY ", 7) || begins(start, "PRACK ", 6) || begins(start, "UPDATE ", 7) ||
	    begins(start, "INFO ", 5) || begins(start, "REFER ", 6) || begins(start, "MESSAGE ", 8) ||
	    begins(start, "PUBLISH ", 8))
		return true;
	if (!begins(start, "REGISTER", 8) && !begins(start, "SUBSCRIB", 8))
		return false;
	if (bpf_skb_load_bytes(skb, payload + 8, &rest, sizeof(rest)))
		return false;
	rest = bpf_ntohs(rest);
	return begins(start, "REGISTER", 8) ? rest >> 8 == ' ' : rest == ('E' << 8 | ' ');
}

static __always_inline bool transport_wanted(struct __sk_buff *skb, __u32 offset, __u8 protocol,
					     const struct settings *wanted)
{
	const struct port_bitmap *bitmap;
	__be16 ports[2];
	__u32 key = 0;

	if (protocol != IPPROTO_UDP && protocol != IPPROTO_TCP)
		return false;
	if (bpf_skb_load_bytes(skb, offset, ports, sizeof(ports)))
		return false;
	bitmap = bpf_map_lookup_elem(&port_bitmap, &key);
	if (!bitmap)
		return false;
	if (has_port(bitmap, ports[0]) || has_port(bitmap, ports[1]))
		return true;
	return wanted->detect && protocol == IPPROTO_UDP && begins_like_sip(skb, offset + 8);
}

static __always_inline bool ipv4_wanted(struct __sk_buff *skb, __u32 offset, const struct settings *wanted)
{
	__u8 header[12];
	__u32 header_words;

	if (bpf_skb_load_bytes(skb, offset, header, sizeof(header)))
		return false;
	header_words = header[0] & 0x0f;
	if (header[0] >> 4 != 4 || header_words < 5)
		return false;
	if ((header[6] << 8 | header[7]) & IPV4_MORE_FRAGMENTS_OR_OFFSET)
		return true;
	return transport_wanted(skb, offset + header_words * 4, header[9], wanted);
}

static __always_inline bool ipv6_wanted(struct __sk_buff *skb, __u32 offset, const struct settings *wanted)
{
	__u8 header[8];
	__u8 extension[2];
	__u8 next;

	if (bpf_skb_load_bytes(skb, offset, header, sizeof(header)) || header[0] >> 4 != 6)
		return false;
	next = header[6];
	offset += IPV6_HEADER_BYTES;
	for (int i = 0; i <= MAX_EXTENSION_HEADERS; i++) {
		if (next == NEXT_HEADER_FRAGMENT)
			return true;
		if (next != NEXT_HEADER_HOP_BY_HOP && next != NEXT_HEADER_ROUTING &&
		    next != NEXT_HEADER_DESTINATION_OPTIONS && next != NEXT_HEADER_MOBILITY &&
		    next != NEXT_HEADER_AUTHENTICATION)
			return transport_wanted(skb, offset, next, wanted);
		if (bpf_skb_load_bytes(skb, offset, extension, sizeof(extension)))
			return false;
		/* RFC 8200 §4.2 counts eight bytes beyond the first eight, RFC 4302 §2.2 four beyond eight. */
		offset += next == NEXT_HEADER_AUTHENTICATION ? (extension[1] + 2) * 4 : (extension[1] + 1) * 8;
		next = extension[0];
	}
	return false;
}

/*
 * Is there an Ethernet header at skb->data? Then its type is skb->protocol. Without one, bytes 12 and 13 are
 * the source address, and one in 8.0.0.0/16 looks like the EtherType of IPv4; but then the network header
 * is what skb->data begins with.
 */
static __always_inline bool has_ethernet_header(struct __sk_buff *skb)
{
	union {
		struct ethhdr ethernet;
		__u64 begin;
	} data;
	__u64 network;

	if (bpf_skb_load_bytes(skb, 0, &data.ethernet, sizeof(data.ethernet)))
		return false;
	if (data.ethernet.h_proto != (__be16)skb->protocol)
		return false;
	if (bpf_skb_load_bytes_relative(skb, 0, &network, sizeof(network), BPF_HDR_START_NET))
		return true;
	return network != data.begin;
}

SEC("socket")
int sip_capture(struct __sk_buff *skb)
{
	const struct settings *wanted;
	const __u32 *heard;
	__be16 protocol = skb->protocol;
	__u32 offset = 0;
	__be16 tag[2];
	__u32 key = 0;

	heard = bpf_map_lookup_elem(&heard_interface, &key);
	if (!heard || (*heard != EVERY_INTERFACE && *heard != skb->ifindex))
		return DROP;
	wanted = bpf_map_lookup_elem(&settings, &key);
	if (!wanted)
		return DROP;
	if (skb->pkt_type == PACKET_OUTGOING && skb->ifindex == wanted->loopback_index)
		return DROP;

	if (has_ethernet_header(skb))
		offset = ETH_HLEN;
#pragma unroll
	for (int i = 0; i < MAX_VLAN_TAGS; i++) {
		if (protocol != bpf_htons(ETH_P_8021Q) && protocol != bpf_htons(ETH_P_8021AD))
			break;
		if (bpf_skb_load_bytes(skb, offset, tag, sizeof(tag)))
			return DROP;
		protocol = tag[1];
		offset += sizeof(tag);
	}

	if (protocol == bpf_htons(ETH_P_IP))
		return ipv4_wanted(skb, offset, wanted) ? WHOLE_PACKET : DROP;
	if (protocol == bpf_htons(ETH_P_IPV6))
		return ipv6_wanted(skb, offset, wanted) ? WHOLE_PACKET : DROP;
	return DROP;
}

char license_text[] SEC("license") = "Dual BSD/GPL";
