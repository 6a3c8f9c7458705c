// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * Socket filter of ringtap: decides, before a packet is copied, whether the ring gets it. A packet passes
 * whole when it
 *   - is UDP, TCP or SCTP with its source or destination port in `port_bitmap`, or
 *   - is a fragment (fragments after the first carry no ports, and large INVITEs are fragmented), or
 *   - with settings.detect, is UDP whose payload begins like SIP, on any port, or
 *   - is RTCP, as told below, or
 *   - has more headers than are looked through.
 * Of an RTP packet the beginning passes. RTP and RTCP are UDP, begin as such, and
 *   - have a source or destination port in `media_ports`, with settings.rtp, or
 *   - with RTP_DETECTED are more strictly like it, on any ports.
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

/*
 * What passes of the payload of an RTP packet: its fixed header, the longest list of contributing sources and the first
 * word of an extension (RFC 3550 §5.1, §5.3.1). With it, how long the headers are is never unknown. Behind the usual
 * header of 12 bytes it is also an extension of 56 bytes and the four of a DTMF event. RTP_SNAPSHOT_BYTES of
 * src/decode/rtp-ports.ts.
 */
#define RTP_HEADER_BYTES 12
#define RTP_SNAPSHOT_BYTES (RTP_HEADER_BYTES + 15 * 4 + 4)
/* Reports have at least the word of their header and the SSRC of their sender. */
#define RTCP_MIN_BYTES 8

/* Where detection is strict (RFC 3551 §6, RFC 6335 §6). */
#define RTP_LAST_STATIC_TYPE 34
#define RTP_FIRST_DYNAMIC_TYPE 96
#define FIRST_USER_PORT 1024

/* Of settings.rtp. */
#define RTP_OFF 0
#define RTP_LEARNED 1  /* on the ports of `media_ports` */
#define RTP_DETECTED 2 /* there, and wherever it looks like it */

struct settings {
	__u32 detect;          /* 1: pass SIP-like UDP payloads on any port */
	__u32 loopback_index;  /* drop what this interface sends: it receives the same packet next; 0: none */
	__u32 rtp;             /* one of the above */
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

/*
 * How often signalling announced a port for media, a count of 32 bits each, an even and an odd one in a word. Whoever reads
 * SIP counts in it, with atomic additions and without privilege; there may be several. The address is judged by them:
 * behind NAT it is not the one that was announced.
 */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 65536 / 2);
	__type(key, __u32);
	__type(value, __u64);
} media_ports SEC(".maps");

/* `key` is memory for a key. Without CAP_PERFMON the first store to each place on the stack costs a barrier. */
static __always_inline bool has_port(__be16 port_on_wire, __u32 *key)
{
	__u32 port = bpf_ntohs(port_on_wire);
	const __u64 *word;

	*key = port / 64;
	word = bpf_map_lookup_elem(&port_bitmap, key);
	return word && *word >> (port % 64) & 1;
}

static __always_inline bool is_media_port(__be16 port_on_wire, __u32 *key)
{
	__u32 port = bpf_ntohs(port_on_wire);
	const __u64 *counts;

	*key = port / 2;
	counts = bpf_map_lookup_elem(&media_ports, key);
	return counts && (__u32)(*counts >> (port % 2 * 32)) != 0;
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

/* Whether a port is one of those that servers have by assignment (RFC 6335 §6): media has none, DNS and NTP do. */
static __always_inline bool has_system_port(const __be16 *ports)
{
	return bpf_ntohs(ports[0]) < FIRST_USER_PORT || bpf_ntohs(ports[1]) < FIRST_USER_PORT;
}

/*
 * How much of a UDP packet passes as RTP or RTCP. Both begin with version 2, which neither STUN, DTLS, TURN nor ZRTP does
 * (RFC 9443 §3), nor any SIP message; the second byte tells one from the other (RFC 5761 §4).
 *
 *   0                2                4           6          8       9       10       12
 *   +----------------+----------------+-----------+----------+-------+-------+--------+------
 *   | source port    | dest. port     | length    | checksum | V P X | M, PT | number | ...      RTP
 *   |                |                |           |          |   CC  | type  | length | ...      RTCP
 *   +----------------+----------------+-----------+----------+-------+-------+--------+------
 */
static __always_inline __u32 media_bytes(struct __sk_buff *skb, __u32 offset, const __be16 *ports, __u32 rtp,
					 __u32 *key)
{
	struct {
		__be16 length, checksum;
		__u8 first, second;
		__be16 third;
	} start;
	bool is_learned = is_media_port(ports[1], key) || is_media_port(ports[0], key);
	__u32 payload = offset + UDP_HEADER_BYTES;
	__u32 length;

	if (!is_learned && rtp != RTP_DETECTED)
		return DROP;
	if (bpf_skb_load_bytes(skb, offset + 4, &start, sizeof(start)) || start.first >> 6 != 2)
		return DROP;
	length = bpf_ntohs(start.length);
	if (start.second >= 192 && start.second <= 223) {
		if (length < UDP_HEADER_BYTES + RTCP_MIN_BYTES)
			return DROP;
		if (is_learned)
			return WHOLE_PACKET;
		/* A report of those that are in use, within the datagram. */
		if (start.second < 200 || start.second > 207 ||
		    length < UDP_HEADER_BYTES + 4 + bpf_ntohs(start.third) * 4)
			return DROP;
		return has_system_port(ports) ? DROP : WHOLE_PACKET;
	}
	if (length < UDP_HEADER_BYTES + RTP_HEADER_BYTES)
		return DROP;
	if (!is_learned) {
		__u8 type = start.second & 0x7f;

		/* Payload types nobody assigned, or a list of sources that is longer than the datagram. */
		if ((type > RTP_LAST_STATIC_TYPE && type < RTP_FIRST_DYNAMIC_TYPE) ||
		    length < UDP_HEADER_BYTES + RTP_HEADER_BYTES + (start.first & 0x0f) * 4 || has_system_port(ports))
			return DROP;
	}
	return payload + RTP_SNAPSHOT_BYTES;
}

/* How much of a datagram or segment passes, by its ports; UDP by its beginning too. */
static __always_inline __u32 transport_bytes(struct __sk_buff *skb, const struct walk *walk, const __be16 *ports,
					     const struct settings *wanted, __u32 *key)
{
	/* A port of SIP goes first: what is there is looked at whole. */
	if (has_port(ports[0], key) || has_port(ports[1], key))
		return WHOLE_PACKET;
	if (walk->next != PROTOCOL(IPPROTO_UDP))
		return DROP;
	if (wanted->detect && begins_like_sip(skb, walk->offset + UDP_HEADER_BYTES))
		return WHOLE_PACKET;
	return wanted->rtp == RTP_OFF ? DROP : media_bytes(skb, walk->offset, ports, wanted->rtp, key);
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
	__be16 ports[2] = { 0, 0 };
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
		return transport_bytes(skb, &walk, ports, wanted, &key);
	case WALK_FRAGMENT:
	case WALK_UNFINISHED:
		return WHOLE_PACKET;
	default:
		return DROP;
	}
}

char license_text[] SEC("license") = "Dual BSD/GPL";
