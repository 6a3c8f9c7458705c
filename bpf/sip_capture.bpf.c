// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * Socket filter of ringtap: decides, before a packet is copied, whether the ring gets it. A packet passes
 * whole or not at all. It passes when it
 *   - is UDP, TCP or SCTP with its source or destination port in `port_bitmap`, or
 *   - is a fragment (fragments after the first carry no ports, and large INVITEs are fragmented), or
 *   - with settings.detect, is UDP whose payload begins like SIP, on any port, or
 *   - has more headers than are looked through.
 * In a tunnel of settings.tunnels, all of that is said of the innermost packet (walk.h).
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

#include "walk.h"

#define WHOLE_PACKET 0xffffffff
#define DROP 0
struct settings {
	__u32 detect;          /* 1: pass SIP-like UDP payloads on any port */
	__u32 loopback_index;  /* drop what this interface sends: it receives the same packet next; 0: none */
	struct walk_settings walk;
};

/* Of `heard_interface`, which else is the index of one interface, or of none that there can be. */
#define EVERY_INTERFACE 0

/*
 * Port p is bit p % 64 of word p / 64. Words in a map rather than a map of one long value: once a program adds a number it
 * does not know to a pointer, a verifier without CAP_PERFMON tells states apart by every number in them, and 1,000,000
 * instructions are not enough for walk.h. Mapped by the program, as `settings` is, which so changes them without privilege.
 */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 65536 / 64);
	__type(key, __u32);
	__type(value, __u64);
} port_bitmap SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
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

/* `key` is memory for a key. Without CAP_PERFMON the first store to each place on the stack costs a barrier. */
static __always_inline bool has_port(__be16 port_on_wire, __u32 *key)
{
	__u32 port = bpf_ntohs(port_on_wire);
	const __u64 *word;

	*key = port / 64;
	word = bpf_map_lookup_elem(&port_bitmap, key);
	return word && *word >> (port % 64) & 1;
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

/* A datagram or segment by its ports; UDP by its beginning too. */
static __always_inline bool transport_wanted(struct __sk_buff *skb, const struct walk *walk, const __be16 *ports,
					     const struct settings *wanted, __u32 *key)
{
	if (has_port(ports[0], key) || has_port(ports[1], key))
		return true;
	return wanted->detect && walk->next == PROTOCOL(IPPROTO_UDP) &&
	       begins_like_sip(skb, walk->offset + UDP_HEADER_BYTES);
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
	struct walk walk;
	__be16 ports[2];
	__u32 key = 0;

	heard = bpf_map_lookup_elem(&heard_interface, &key);
	if (!heard || (*heard != EVERY_INTERFACE && *heard != skb->ifindex))
		return DROP;
	wanted = bpf_map_lookup_elem(&settings, &key);
	if (!wanted)
		return DROP;
	if (skb->pkt_type == PACKET_OUTGOING && skb->ifindex == wanted->loopback_index)
		return DROP;

	walk.offset = has_ethernet_header(skb) ? ETH_HLEN : 0;
	walk.next = bpf_ntohs(skb->protocol);
	switch (walk_headers(skb, &walk, ports, &wanted->walk)) {
	case WALK_TRANSPORT:
		return transport_wanted(skb, &walk, ports, wanted, &key) ? WHOLE_PACKET : DROP;
	case WALK_FRAGMENT:
	case WALK_UNFINISHED:
		return WHOLE_PACKET;
	default:
		return DROP;
	}
}

char license_text[] SEC("license") = "Dual BSD/GPL";
