// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * What is attached to the sockets of ringtap: it goes on in sip_capture, which is too long to be attached itself. Before
 * Linux 6.8 the instructions of a socket's filter have to fit into net.core.optmem_max, 20 KiB there (man socket(7)); those
 * of a program it goes on in do not count.
 *
 * The kernel empties `programs` when no process has it open any more, and nothing passes then. So its descriptor is kept
 * with the socket (RingHandle of src/capture/capture-handles.ts).
 */
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

#define DROP 0

struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
} programs SEC(".maps");

SEC("socket")
int capture_entry(struct __sk_buff *skb)
{
	bpf_tail_call(skb, &programs, 0);
	return DROP;
}

char license_text[] SEC("license") = "Dual BSD/GPL";
