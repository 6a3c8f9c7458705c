// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * Fanout of ringtap: chooses the worker that gets a packet when several read one interface (PACKET_FANOUT_EBPF;
 * the kernel takes the result modulo the number of sockets). All messages of a call are to meet in one worker:
 *   - UDP whose payload begins like SIP goes by its Call-ID,
 *   - UDP whose payload begins like RTP or RTCP goes by its addresses and ports, the same both ways and for both,
 *   - everything else (TCP, fragments, tunnels, a Call-ID that is not found) by its addresses, the same both ways.
 * A wrong choice of a message costs a copy, never the message: a worker hands over what is another's
 * (src/pipeline/exchange.ts). RTP, RTCP and bytes of TCP are handed to nobody: what belongs together has to meet here. The
 * hash of a Call-ID is that of src/base/spread.ts, and src/sip says what a Call-ID is.
 *
 * It runs before the filter, so on every packet of every interface: what is not SIP has to leave early. skb->data is
 *
 *   a packet that comes in:                 one that goes out of a device with an Ethernet header:
 *   0                                       0       6       12     14
 *   --[ 0..2 VLAN tags ]--+------           +-------+-------+------+--[ 0..2 VLAN tags ]--+------
 *                         | IP              | to    | from  | type |                      | IP
 *   ----------------------+------           +-------+-------+------+----------------------+------
 */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/in.h>
#include <stdbool.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#define MAX_VLAN_TAGS 2
#define IPV4_MORE_FRAGMENTS_OR_OFFSET 0x3fff
#define IPV6_HEADER_BYTES 40
#define UDP_HEADER_BYTES 8
#define RTP_VERSION 2

/*
 * Payload that is looked through: more than a packet of Ethernet that is no fragment has. A power of two. Words are read
 * up to its last byte, so there are some bytes more.
 */
#define WINDOW_BYTES 2048
/* Steps of the search: a word of the window, or a line of the message. */
#define MAX_STEPS (WINDOW_BYTES / 8 + 64)
/* White space before and behind the colon, and the bytes of the value that are hashed. */
#define MAX_BEFORE_COLON 8
#define MAX_BEHIND_COLON 16
#define MAX_HASHED_BYTES 128

/* Odd: what a port is to the hash of an end. */
#define PORT_FACTOR 0x9e3779b1U

#define EACH_BYTE 0x0101010101010101ULL
#define CASE_BIT 0x20

struct spread_key {
	__u32 seed;
	__u32 multiplier;      /* odd */
};

struct window {
	__u8 bytes[WINDOW_BYTES + 16];
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct spread_key);
} spread_key SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct window);
} window SEC(".maps");

static __always_inline __u32 mixed(__u32 hash)
{
	hash ^= hash >> 16;
	hash *= 0x85ebca6b;
	return hash ^ hash >> 13;
}

static __always_inline const struct spread_key *find_key(void)
{
	__u32 first = 0;

	return bpf_map_lookup_elem(&spread_key, &first);
}

/* Above 0 if `value` is 0, without a branch: the verifier follows each one of each step. */
static __always_inline __u64 is_zero(__u64 value)
{
	return ~(value | -value) >> 63;
}

/* Above 0 for what may follow the name of a field: the colon or white space. */
static __always_inline __u64 ends_name(__u8 byte)
{
	return is_zero((byte ^ ':') * (__u64)(byte ^ ' ') * (byte ^ '\t'));
}

/* Above 0 for the eight bytes with which `Call-ID` begins, as read from memory: in any case, the hyphen has none. */
static __always_inline __u64 is_call_id(__u64 name)
{
	return is_zero(((name | 0x0020200020202020ULL) ^ 0x0064692d6c6c6163ULL) << 8) & ends_name(name >> 56);
}

/* The same for the compact form, `i`. */
static __always_inline __u64 is_compact(__u64 name)
{
	return is_zero((__u8)(name | CASE_BIT) ^ 'i') & ends_name(name >> 8);
}

/*
 * A position in the window, which it is already. To the verifier it is then the same at each step of a loop, which it
 * would else follow from every single position; and the compiler must not see that it changes nothing.
 */
static __always_inline __u64 within(__u64 position)
{
	asm volatile("%0 &= %1" : "+r"(position) : "i"(WINDOW_BYTES - 1));
	return position;
}

static __always_inline bool is_blank(__u8 byte)
{
	return byte == ' ' || byte == '\t';
}

/* Where the value of Call-ID begins, behind the colon, or 0 when it is not found in the first `length` bytes. */
static __always_inline __u64 find_call_id(const struct window *seen, __u64 length)
{
	__u64 position = 0;

	for (int step = 0; step < MAX_STEPS; step++) {
		__u64 word, line_feeds, before, is_line, name;

		word = *(const __u64 *)(seen->bytes + position) ^ EACH_BYTE * '\n';
		/* The lowest bit of each byte that is a line feed; only the first is sure. */
		line_feeds = ((word - EACH_BYTE) & ~word & EACH_BYTE * 0x80) >> 7;
		/* One for each byte before it, added up in the top byte: 8 without one. */
		before = (((line_feeds & -line_feeds) - 1) & EACH_BYTE) * EACH_BYTE >> 56;
		is_line = before >> 3 ^ 1;
		position += before + is_line;
		if (position >= length)
			return 0;
		position = within(position);
		if (!is_line)
			continue;
		name = *(const __u64 *)(seen->bytes + position);
		if (is_call_id(name) | is_compact(name))
			break;
	}
	/* The rest of a name that was found, or of one that was not when the steps were used up. */
	position = within(position + (is_compact(*(const __u64 *)(seen->bytes + position)) ? 1 : 7));
	for (int blanks = 0; blanks < MAX_BEFORE_COLON && is_blank(seen->bytes[position]); blanks++)
		position = within(position + 1);
	return seen->bytes[position] == ':' ? within(position + 1) : 0;
}

/*
 * Hashes the value at `at`, up to its end or the first white space: a Call-ID has none inside (RFC 3261 §25.1). Before it
 * the line may be folded.
 */
static __always_inline bool hash_value(const struct window *seen, __u64 at, __u64 length, __u32 *hash)
{
	const struct spread_key *key;
	__u32 value;

	for (int blanks = 0; blanks < MAX_BEHIND_COLON && seen->bytes[at] <= ' '; blanks++) {
		bool is_line_feed = seen->bytes[at] == '\n';

		at = within(at + 1);
		if (is_line_feed && !is_blank(seen->bytes[at]))
			return false;
	}
	key = find_key();
	if (!key)
		return false;
	value = key->seed;
	for (int count = 0; count < MAX_HASHED_BYTES && seen->bytes[at] > ' '; count++) {
		value = (value ^ seen->bytes[at]) * key->multiplier;
		at = within(at + 1);
	}
	*hash = mixed(value);
	return at < length;
}

static __always_inline bool is_capital(__u8 byte)
{
	return byte >= 'A' && byte <= 'Z';
}

/* The hash of the Call-ID in a UDP payload; false when there is none to be found. */
static __always_inline bool hash_call_id(struct __sk_buff *skb, __u32 payload, __u32 *hash)
{
	struct window *seen;
	__u32 first = 0;
	__u8 start[4];
	__u32 length;
	__u64 at;

	/* A method or `SIP`; RTP, STUN and most of what is encrypted end here. */
	if (bpf_skb_load_bytes(skb, payload, start, sizeof(start)))
		return false;
	if (!is_capital(start[0]) || !is_capital(start[1]) || !is_capital(start[2]))
		return false;
	seen = bpf_map_lookup_elem(&window, &first);
	if (!seen)
		return false;
	length = skb->len - payload;
	if (length > WINDOW_BYTES)
		length = WINDOW_BYTES;
	/*
	 * It is from 1 to WINDOW_BYTES, as the start could be read, and stays what it is. The verifier has to be told, and before
	 * Linux 6.8 it does not learn from a comparison that a number is not 0.
	 */
	asm volatile("" : "+r"(length));
	length = ((length - 1) & (WINDOW_BYTES - 1)) + 1;
	if (bpf_skb_load_bytes(skb, payload, seen->bytes, length))
		return false;
	at = find_call_id(seen, length);
	return at && hash_value(seen, at, length, hash);
}

/* Source and destination, as in the packet. */
struct ports {
	__be16 source, destination;
};

/*
 * What the hash of a UDP datagram has besides its addresses: the ports of what begins like RTP or RTCP, and 0 of all else.
 * Both have ports that are neighbours, an even one and the next (RFC 3550 §11), or the same (RFC 5761): the lowest bit
 * does not count.
 */
static __always_inline struct ports media_ports(struct __sk_buff *skb, __u32 offset)
{
	struct {
		__be16 source, destination, length, checksum;
		__u8 first, second;
	} udp;

	if (bpf_skb_load_bytes(skb, offset, &udp, sizeof(udp)) || udp.first >> 6 != RTP_VERSION)
		return (struct ports){ 0, 0 };
	return (struct ports){ udp.source & bpf_htons(0xfffe), udp.destination & bpf_htons(0xfffe) };
}

static __always_inline __u32 end_hash(const struct spread_key *key, const __be32 *address, int words, __be16 port)
{
	__u32 hash = key->seed + port * PORT_FACTOR;

#pragma unroll
	for (int i = 0; i < words; i++)
		hash = mixed((hash ^ address[i]) * key->multiplier);
	return hash;
}

/*
 * The same both ways. Each end is hashed before both are added up: xor of the ports themselves would be 0 for all calls
 * with equal ports at both ends, and much the same for ports that both ends count up together.
 */
static __always_inline __u32 ends_hash(const __be32 *source, const __be32 *destination, int words, struct ports ports)
{
	const struct spread_key *key = find_key();
	__u32 sum;

	if (!key)
		return 0;
	sum = end_hash(key, source, words, ports.source) + end_hash(key, destination, words, ports.destination);
	return mixed(sum * key->multiplier);
}

static __always_inline __u32 ipv4_hash(struct __sk_buff *skb, __u32 offset)
{
	struct {
		__u8 version_and_words;
		__u8 service;
		__be16 length, identification, fragment;
		__u8 time_to_live, protocol;
		__be16 checksum;
		__be32 source, destination;
	} ip;
	struct ports ports = { 0, 0 };

	if (bpf_skb_load_bytes(skb, offset, &ip, sizeof(ip)))
		return 0;
	if (ip.protocol == IPPROTO_UDP && !(ip.fragment & bpf_htons(IPV4_MORE_FRAGMENTS_OR_OFFSET))) {
		__u32 udp = offset + (ip.version_and_words & 0x0f) * 4;
		__u32 hash;

		if (hash_call_id(skb, udp + UDP_HEADER_BYTES, &hash))
			return hash;
		ports = media_ports(skb, udp);
	}
	return ends_hash(&ip.source, &ip.destination, 1, ports);
}

static __always_inline __u32 ipv6_hash(struct __sk_buff *skb, __u32 offset)
{
	struct {
		__be32 version_and_flow;
		__be16 length;
		__u8 next_header, hop_limit;
		__be32 source[4], destination[4];
	} ip;
	struct ports ports = { 0, 0 };

	if (bpf_skb_load_bytes(skb, offset, &ip, sizeof(ip)))
		return 0;
	if (ip.next_header == IPPROTO_UDP) {
		__u32 udp = offset + IPV6_HEADER_BYTES;
		__u32 hash;

		if (hash_call_id(skb, udp + UDP_HEADER_BYTES, &hash))
			return hash;
		ports = media_ports(skb, udp);
	}
	return ends_hash(ip.source, ip.destination, 4, ports);
}

/* Bytes before the network layer: of what goes out, the Ethernet header that has the type of skb->protocol. */
static __always_inline __u32 link_header_bytes(struct __sk_buff *skb)
{
	struct ethhdr ethernet;

	if (skb->pkt_type != PACKET_OUTGOING || bpf_skb_load_bytes(skb, 0, &ethernet, sizeof(ethernet)))
		return 0;
	return ethernet.h_proto == (__be16)skb->protocol ? ETH_HLEN : 0;
}

SEC("socket")
int sip_fanout(struct __sk_buff *skb)
{
	__u32 offset = link_header_bytes(skb);
	__be16 protocol = skb->protocol;
	__be16 tag[2];

#pragma unroll
	for (int i = 0; i < MAX_VLAN_TAGS; i++) {
		if (protocol != bpf_htons(ETH_P_8021Q) && protocol != bpf_htons(ETH_P_8021AD))
			break;
		if (bpf_skb_load_bytes(skb, offset, tag, sizeof(tag)))
			return 0;
		protocol = tag[1];
		offset += sizeof(tag);
	}
	if (protocol == bpf_htons(ETH_P_IP))
		return ipv4_hash(skb, offset);
	if (protocol == bpf_htons(ETH_P_IPV6))
		return ipv6_hash(skb, offset);
	return 0;
}

char license_text[] SEC("license") = "Dual BSD/GPL";
