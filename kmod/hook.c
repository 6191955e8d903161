// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The way in: a LOCAL_IN hook behind the rules of the firewall, which thereby hold for media too.
 * What no flow owns passes untouched.
 */
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/netfilter_ipv4.h>
#include <linux/netfilter_ipv6.h>
#include <linux/udp.h>
#include <net/dsfield.h>
#include <net/ipv6.h>
#include <net/netfilter/ipv6/nf_defrag_ipv6.h>
#include <net/netfilter/nf_conntrack.h>
#include <net/udp.h>
#include <net/xfrm.h>
#include "compat/gso.h"
#include "flow.h"
#include "net.h"
#include "rtp.h"
#include "stats.h"

/*
 * Behind all rules, and just before the priority where conntrack confirms its entries: among equal
 * priorities the order of registration would decide.
 */
#define HOOK_PRIORITY (INT_MAX - 1)

/**
 * struct where - where the datagram is in a packet
 * @family: AF_INET or AF_INET6
 * @dsfield: DS field of the IP header
 * @off: octets before the UDP header
 * @src: source address
 * @dst: destination address
 */
struct where {
	u16 family;
	u8 dsfield;
	u32 off;
	union nf_inet_addr src;
	union nf_inet_addr dst;
};

/* A datagram with a wrong checksum is dropped here as the UDP receiver would, and counted there. */
static bool checksum_ok(struct sk_buff *skb, const struct nf_hook_state *state,
			const struct where *w, const struct udphdr *uh)
{
	if (!uh->check && w->family == AF_INET)
		return true;
	if (uh->check && !nf_checksum(skb, state->hook, w->off, IPPROTO_UDP, w->family))
		return true;
	if (w->family == AF_INET)
		__UDP_INC_STATS(state->net, UDP_MIB_CSUMERRORS, 0);
	else
		__UDP6_INC_STATS(state->net, UDP_MIB_CSUMERRORS, 0);
	return false;
}

/*
 * The packet ends here, so nobody else will confirm its conntrack entry, and rules on established
 * connections would never match media.
 */
static bool confirm(struct sk_buff *skb)
{
	enum ip_conntrack_info ctinfo;
	const struct nf_conn *ct = nf_ct_get(skb, &ctinfo);
	const struct nf_ct_hook *ct_hook;

	/* It takes neither a packet without an entry (notrack) nor an entry twice. */
	if (!ct || nf_ct_is_confirmed(ct))
		return true;
	ct_hook = rcu_dereference(nf_ct_hook);
	return !ct_hook || ct_hook->confirm(skb) == NF_ACCEPT;
}

static bool source_ok(const struct ksrtp_flow *flow, const struct where *w,
		      const struct udphdr *uh)
{
	return !flow->has_remote ||
	       (nf_inet_addr_cmp(&flow->remote.addr, &w->src) &&
		(!flow->remote.port || flow->remote.port == uh->source));
}

static bool is_rtcp(const struct ksrtp_flow *flow, const u8 *octets, u32 len)
{
	switch (flow->kind) {
	case KSRTP_KIND_RTP:
		return false;
	case KSRTP_KIND_RTCP:
		return true;
	default:
		return ksrtp_is_rtcp(octets, len);
	}
}

static unsigned int not_media(struct ksrtp_flow *flow)
{
	/* Without an owner nobody reads the socket: packets would only fill its queue. */
	if (READ_ONCE(flow->own.state) != KSRTP_STATE_ACTIVE)
		return NF_DROP;

	spin_lock(&flow->lock);
	flow->passed++;
	spin_unlock(&flow->lock);
	ksrtp_stats_passed(flow->kn->stats);
	return NF_ACCEPT;
}

static unsigned int datagram(struct ksrtp_flow *flow, struct sk_buff *skb,
			     const struct nf_hook_state *state, const struct where *w)
{
	const struct udphdr *uh;
	struct udphdr _uh;
	const u8 *octets;
	u8 _octets[2];
	u32 len;

	uh = skb_header_pointer(skb, w->off, sizeof(_uh), &_uh);
	if (!uh)
		return NF_ACCEPT;
	len = ntohs(uh->len);
	/* As for the UDP receiver: a jumbogram, or what claims to be one. */
	if (!len && w->family == AF_INET6)
		len = skb->len - w->off;
	/* Not a datagram: the UDP receiver drops it. */
	if (len < sizeof(*uh) || len > skb->len - w->off)
		return NF_ACCEPT;
	/* As for the UDP receiver: what follows the datagram is not of it. */
	if (pskb_trim_rcsum(skb, w->off + len))
		return NF_DROP;
	uh = skb_header_pointer(skb, w->off, sizeof(_uh), &_uh);
	if (!uh)
		return NF_DROP;
	len -= sizeof(*uh);
	octets = skb_header_pointer(skb, w->off + sizeof(*uh), min_t(u32, len, sizeof(_octets)),
				    _octets);
	if (!octets || !ksrtp_is_media(octets, len))
		return not_media(flow);

	if (!checksum_ok(skb, state, w, uh) || !confirm(skb))
		return NF_DROP;
	if (READ_ONCE(flow->blocked))
		ksrtp_relay_drop(flow, skb, len, KSRTP_REASON_BLOCKED);
	else if (!source_ok(flow, w, uh))
		ksrtp_relay_drop(flow, skb, len, KSRTP_REASON_SOURCE);
	else
		ksrtp_relay(flow, skb, w->off + sizeof(*uh), len, is_rtcp(flow, octets, len),
			    w->dsfield);
	return NF_STOLEN;
}

/* Datagrams that were merged on receive, or never split by a sender on this machine. */
static unsigned int segments(struct ksrtp_flow *flow, struct sk_buff *skb,
			     const struct nf_hook_state *state, const struct where *w)
{
	netdev_features_t features = NETIF_F_SG | NETIF_F_IP_CSUM | NETIF_F_IPV6_CSUM;
	struct sk_buff *segs, *seg, *next;

	segs = __skb_gso_segment(skb, features, false);
	if (IS_ERR_OR_NULL(segs)) {
		ksrtp_relay_drop(flow, skb, skb->len, KSRTP_REASON_NO_MEMORY);
		return NF_STOLEN;
	}
	consume_skb(skb);

	skb_list_walk_safe(segs, seg, next) {
		skb_mark_not_on_list(seg);
		switch (datagram(flow, seg, state, w)) {
		case NF_ACCEPT:
			if (confirm(seg)) {
				state->okfn(state->net, state->sk, seg);
				break;
			}
			fallthrough;
		case NF_DROP:
			kfree_skb(seg);
			break;
		}
	}
	return NF_STOLEN;
}

static unsigned int hook(struct sk_buff *skb, const struct nf_hook_state *state,
			 const struct where *w)
{
	struct ksrtp_flow *flow;
	const struct udphdr *uh;
	unsigned int verdict;
	struct udphdr _uh;

	uh = skb_header_pointer(skb, w->off, sizeof(_uh), &_uh);
	if (!uh)
		return NF_ACCEPT;
	flow = ksrtp_flow_find(ksrtp_net(state->net), w->family, &w->dst, uh->dest,
			       state->in ? state->in->ifindex : 0);
	if (!flow)
		return NF_ACCEPT;
	/* What the UDP receiver would ask of IPsec, had media come that far. */
	if (!xfrm_policy_check(NULL, XFRM_POLICY_IN, skb, w->family))
		return NF_DROP;

	/* The verdict on a queued packet (nfnetlink_queue) continues here, in process context. */
	local_bh_disable();
	/* UFO is one large datagram: cut up it would be IP fragments. */
	if (skb_is_gso(skb) && skb_shinfo(skb)->gso_type & SKB_GSO_UDP_L4)
		verdict = segments(flow, skb, state, w);
	else
		verdict = datagram(flow, skb, state, w);
	local_bh_enable();
	return verdict;
}

static unsigned int hook4(void *priv, struct sk_buff *skb, const struct nf_hook_state *state)
{
	const struct iphdr *iph = ip_hdr(skb);
	struct where w = { .family = AF_INET };

	if (iph->protocol != IPPROTO_UDP || ip_is_fragment(iph))
		return NF_ACCEPT;
	w.off = ip_hdrlen(skb);
	w.dsfield = iph->tos;
	w.src.ip = iph->saddr;
	w.dst.ip = iph->daddr;
	return hook(skb, state, &w);
}

static unsigned int hook6(void *priv, struct sk_buff *skb, const struct nf_hook_state *state)
{
	const struct ipv6hdr *ip6h = ipv6_hdr(skb);
	struct where w = { .family = AF_INET6 };
	u8 proto = ip6h->nexthdr;
	__be16 frag = 0;
	int off;

	off = ipv6_skip_exthdr(skb, sizeof(*ip6h), &proto, &frag);
	if (off < 0 || proto != IPPROTO_UDP || frag)
		return NF_ACCEPT;
	w.off = off;
	w.dsfield = ipv6_get_dsfield(ip6h);
	w.src.in6 = ip6h->saddr;
	w.dst.in6 = ip6h->daddr;
	return hook(skb, state, &w);
}

static const struct nf_hook_ops hook_ops[] = {
	{
		.hook = hook4,
		.pf = NFPROTO_IPV4,
		.hooknum = NF_INET_LOCAL_IN,
		.priority = HOOK_PRIORITY,
	},
	{
		.hook = hook6,
		.pf = NFPROTO_IPV6,
		.hooknum = NF_INET_LOCAL_IN,
		.priority = HOOK_PRIORITY,
	},
};

/**
 * ksrtp_hook_get() - see packets; for each flow
 * @kn: the network namespace, locked
 * @family: of the flow
 */
int ksrtp_hook_get(struct ksrtp_net *kn, u16 family)
{
	int err;

	lockdep_assert_held(&kn->lock);

	if (!kn->nr_flows) {
		err = nf_register_net_hooks(kn->net, hook_ops, ARRAY_SIZE(hook_ops));
		if (err)
			return err;
	}
	/* IPv6 reassembles behind LOCAL_IN: fragmented media would go around the hook. */
	if (family == AF_INET6 && !kn->nr_flows6) {
		err = nf_defrag_ipv6_enable(kn->net);
		if (err)
			goto err_hooks;
	}
	kn->nr_flows++;
	if (family == AF_INET6)
		kn->nr_flows6++;
	return 0;

err_hooks:
	if (!kn->nr_flows)
		nf_unregister_net_hooks(kn->net, hook_ops, ARRAY_SIZE(hook_ops));
	return err;
}

/**
 * ksrtp_hook_put() - the flow that called ksrtp_hook_get() ends
 * @kn: the network namespace, locked
 * @family: of the flow
 */
void ksrtp_hook_put(struct ksrtp_net *kn, u16 family)
{
	lockdep_assert_held(&kn->lock);

	if (family == AF_INET6 && !--kn->nr_flows6)
		nf_defrag_ipv6_disable(kn->net);
	if (!--kn->nr_flows)
		nf_unregister_net_hooks(kn->net, hook_ops, ARRAY_SIZE(hook_ops));
}
