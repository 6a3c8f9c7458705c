// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * Makes the next packet of RTP out of the frame it is run on: an XDP program that the kernel runs again and again by itself
 * (BPF_F_TEST_XDP_LIVE_FRAMES). What it passes comes in on lo as from a driver, without a system call and a soft interrupt
 * for each packet, which are most of what sendmmsg(2) costs. Streams take turns, as in bench/traffic/media-set.ts.
 */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/udp.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#define FIRST_PORT 16384
#define SAMPLES_PER_PACKET 160

struct source {
	__u32 streams;
	__u32 stream; /* whose turn it is */
	__u32 pass;   /* which packet of each */
	__u32 zero;
};

struct frame {
	struct ethhdr ethernet;
	struct iphdr ip;
	struct udphdr udp;
	__u8 first, second;
	__be16 sequence_number;
	__be32 timestamp, ssrc;
} __attribute__((packed));

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct source);
} source SEC(".maps");

SEC("xdp")
int rtp_source(struct xdp_md *context)
{
	struct frame *frame = (void *)(long)context->data;
	struct source *state;
	__u32 key = 0;

	state = bpf_map_lookup_elem(&source, &key);
	if (!state || (void *)(frame + 1) > (void *)(long)context->data_end)
		return XDP_ABORTED;
	frame->ip.saddr = bpf_htonl(state->stream & 1 ? 0xc633640b : 0xcb007115);
	frame->ip.daddr = bpf_htonl(state->stream & 1 ? 0xcb007115 : 0xc633640b);
	frame->udp.source = bpf_htons(FIRST_PORT + 2 * (state->stream ^ 1));
	frame->udp.dest = bpf_htons(FIRST_PORT + 2 * state->stream);
	frame->sequence_number = bpf_htons(state->pass);
	frame->timestamp = bpf_htonl(state->pass * SAMPLES_PER_PACKET);
	frame->ssrc = bpf_htonl(0x52000000 | state->stream);
	if (++state->stream >= state->streams) {
		state->stream = 0;
		state->pass++;
	}
	return XDP_PASS;
}

char license_text[] SEC("license") = "Dual BSD/GPL";
