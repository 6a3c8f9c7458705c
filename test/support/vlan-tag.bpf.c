/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * Gives frames VLAN tags on their way out of an interface and takes them off on their way in, so that two hosts
 * talk over tagged frames on a kernel without the 8021q module. An AF_PACKET socket sees the frames with their tags:
 * its tap is behind the egress hook and before the ingress hook.
 */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#define CUSTOMER_VLAN_ID 100
#define SERVICE_VLAN_ID 200

SEC("push-customer-tag")
int push_customer_tag(struct __sk_buff *skb)
{
	return bpf_skb_vlan_push(skb, bpf_htons(ETH_P_8021Q), CUSTOMER_VLAN_ID) ? TC_ACT_SHOT : TC_ACT_OK;
}

SEC("push-both-tags")
int push_both_tags(struct __sk_buff *skb)
{
	if (bpf_skb_vlan_push(skb, bpf_htons(ETH_P_8021Q), CUSTOMER_VLAN_ID))
		return TC_ACT_SHOT;
	return bpf_skb_vlan_push(skb, bpf_htons(ETH_P_8021AD), SERVICE_VLAN_ID) ? TC_ACT_SHOT : TC_ACT_OK;
}

SEC("pop-customer-tag")
int pop_customer_tag(struct __sk_buff *skb)
{
	return bpf_skb_vlan_pop(skb) ? TC_ACT_SHOT : TC_ACT_OK;
}

SEC("pop-both-tags")
int pop_both_tags(struct __sk_buff *skb)
{
	return bpf_skb_vlan_pop(skb) || bpf_skb_vlan_pop(skb) ? TC_ACT_SHOT : TC_ACT_OK;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
