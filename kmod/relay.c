// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Media of a flow: unprotect what arrived, and for each destination protect and send a copy.
 * With BH off, in the RCU section of the packet.
 */
#include <linux/if_vlan.h>
#include <linux/skbuff.h>
#include <net/dsfield.h>
#include <net/ip6_route.h>
#include <net/ipv6_stubs.h>
#include <net/route.h>
#include <net/udp_tunnel.h>
#include "flow.h"
#include "net.h"
#include "sa.h"
#include "stats.h"
#include "trace.h"

/* Largest UDP payload in an IP packet without options. */
#define PAYLOAD_MAX4 (65535 - sizeof(struct iphdr) - sizeof(struct udphdr))
#define PAYLOAD_MAX6 (65535 - sizeof(struct udphdr))

static void account(struct ksrtp_flow *flow, u32 len, enum ksrtp_reason reason)
{
	spin_lock(&flow->lock);
	flow->packets++;
	flow->octets += len;
	if (reason) {
		flow->dropped++;
		flow->last_reason = reason;
	} else {
		flow->delivered++;
	}
	spin_unlock(&flow->lock);

	ksrtp_stats_media(flow->kn->stats, reason);
	if (reason)
		trace_ksrtp_drop(flow, reason, len);
}

static void account_destination(struct ksrtp_flow *flow, struct ksrtp_destination *d, u32 len,
				enum ksrtp_reason reason)
{
	spin_lock(&flow->lock);
	if (reason) {
		d->failed++;
		d->last_reason = reason;
	} else {
		d->sent++;
		d->octets += len;
	}
	spin_unlock(&flow->lock);
	if (!reason)
		ksrtp_stats_sent(flow->kn->stats);
}

/**
 * ksrtp_relay_drop() - drop a media packet
 * @flow: its flow
 * @skb: the packet
 * @len: octets of its UDP payload
 * @reason: why
 */
void ksrtp_relay_drop(struct ksrtp_flow *flow, struct sk_buff *skb, u32 len,
		      enum ksrtp_reason reason)
{
	account(flow, len, reason);
	kfree_skb(skb);
}

/*
 * A packet of our own, linear, with its payload alone and with room for a trailer. What was written
 * to frags or to a clone would change what others hold: captures, page cache, other sockets.
 */
static struct sk_buff *make_own(struct sk_buff *skb, u32 off, u32 len, u32 tailroom)
{
	struct sk_buff *own = skb;

	if (skb_shared(skb) || skb_cloned(skb) || skb_is_nonlinear(skb) ||
	    skb_tailroom(skb) + (skb->len - off - len) < tailroom) {
		own = skb_copy_expand(skb, max_t(u32, skb_headroom(skb), LL_MAX_HEADER),
				      tailroom, GFP_ATOMIC | __GFP_NOWARN);
		if (!own)
			return NULL;
		consume_skb(skb);
	}
	skb_trim(own, off + len);
	__skb_pull(own, off);

	/* Nothing of how it came may stick to how it leaves. */
	skb_orphan(own);
	skb_gso_reset(own);
	skb_scrub_packet(own, true);
	skb_clear_hash(own);
	skb_set_queue_mapping(own, 0);
	__vlan_hwaccel_clear_tag(own);
	own->ip_summed = CHECKSUM_NONE;
	own->encapsulation = 0;
	own->priority = 0;
	own->dev = NULL;
	return own;
}

static struct rtable *route4(struct ksrtp_flow *flow, struct ksrtp_destination *d, __be32 *src)
{
	struct rtable *rt = dst_cache_get_ip4(&d->cache, src);
	struct flowi4 fl = {
		.saddr = d->from.addr.ip,
		.daddr = d->to.addr.ip,
		.fl4_sport = d->from.port,
		.fl4_dport = d->to.port,
		.flowi4_oif = d->ifindex,
		.flowi4_proto = IPPROTO_UDP,
	};

	if (rt)
		return rt;
	security_sk_classify_flow(d->sk, flowi4_to_flowi_common(&fl));
	rt = ip_route_output_flow(flow->kn->net, &fl, d->sk);
	if (IS_ERR(rt))
		return NULL;
	if (rt->rt_flags & RTCF_BROADCAST) {
		ip_rt_put(rt);
		return NULL;
	}
	*src = fl.saddr;
	dst_cache_set_ip4(&d->cache, &rt->dst, fl.saddr);
	return rt;
}

static struct dst_entry *route6(struct ksrtp_flow *flow, struct ksrtp_destination *d,
				struct in6_addr *src)
{
	struct dst_entry *dst = dst_cache_get_ip6(&d->cache, src);
	struct flowi6 fl = {
		.saddr = d->from.addr.in6,
		.daddr = d->to.addr.in6,
		.fl6_sport = d->from.port,
		.fl6_dport = d->to.port,
		.flowi6_oif = d->ifindex,
		.flowi6_proto = IPPROTO_UDP,
	};

	if (dst)
		return dst;
	security_sk_classify_flow(d->sk, flowi6_to_flowi_common(&fl));
	dst = ipv6_stub->ipv6_dst_lookup_flow(flow->kn->net, d->sk, &fl, NULL);
	if (IS_ERR(dst))
		return NULL;
	*src = fl.saddr;
	dst_cache_set_ip6(&d->cache, dst, &fl.saddr);
	return dst;
}

/* Protect, and make sure of room for the headers. The route is known: what fails now was sent. */
static enum ksrtp_reason prepare(struct ksrtp_destination *d, struct sk_buff *skb, bool rtcp,
				 u32 max, const struct dst_entry *dst, u32 hdr_len)
{
	struct ksrtp_pkt pkt = {
		.data = skb->data,
		.len = skb->len,
		.cap = skb->len + skb_tailroom(skb),
	};
	enum ksrtp_reason reason;

	if (d->tx_sa) {
		reason = ksrtp_sa_protect(d->tx_sa, rtcp, &pkt);
		if (reason)
			return reason;
		skb_put(skb, pkt.len - skb->len);
	}
	if (skb->len > max)
		return KSRTP_REASON_TOO_BIG;
	if (skb_cow_head(skb, LL_RESERVED_SPACE(dst->dev) + dst->header_len + hdr_len))
		return KSRTP_REASON_NO_MEMORY;
	return KSRTP_REASON_OK;
}

static enum ksrtp_reason send4(struct ksrtp_flow *flow, struct ksrtp_destination *d,
			       struct sk_buff *skb, bool rtcp, u8 dsfield)
{
	enum ksrtp_reason reason;
	struct rtable *rt;
	__be32 src;

	rt = route4(flow, d, &src);
	if (!rt) {
		reason = KSRTP_REASON_NO_ROUTE;
		goto drop;
	}
	reason = prepare(d, skb, rtcp, PAYLOAD_MAX4, &rt->dst,
			 sizeof(struct iphdr) + sizeof(struct udphdr));
	if (reason)
		goto drop_route;
	udp_tunnel_xmit_skb(rt, d->sk, skb, src, d->to.addr.ip, dsfield,
			    ip4_dst_hoplimit(&rt->dst), 0, d->from.port, d->to.port, false, false);
	return KSRTP_REASON_OK;

drop_route:
	ip_rt_put(rt);
drop:
	kfree_skb(skb);
	return reason;
}

static enum ksrtp_reason send6(struct ksrtp_flow *flow, struct ksrtp_destination *d,
			       struct sk_buff *skb, bool rtcp, u8 dsfield)
{
	enum ksrtp_reason reason;
	struct dst_entry *dst;
	struct in6_addr src;

	dst = route6(flow, d, &src);
	if (!dst) {
		reason = KSRTP_REASON_NO_ROUTE;
		goto drop;
	}
	reason = prepare(d, skb, rtcp, PAYLOAD_MAX6, dst,
			 sizeof(struct ipv6hdr) + sizeof(struct udphdr));
	if (reason)
		goto drop_route;
	/* Too big for the path is fragmented here, as IPv4 does without DF. */
	skb->ignore_df = 1;
	udp_tunnel6_xmit_skb(dst, d->sk, skb, NULL, &src, &d->to.addr.in6, dsfield,
			     ip6_dst_hoplimit(dst), 0, d->from.port, d->to.port, false);
	return KSRTP_REASON_OK;

drop_route:
	dst_release(dst);
drop:
	kfree_skb(skb);
	return reason;
}

static enum ksrtp_reason arrive(struct ksrtp_flow *flow, struct sk_buff *skb, bool rtcp)
{
	struct ksrtp_pkt pkt = {
		.data = skb->data,
		.len = skb->len,
		.cap = skb->len + skb_tailroom(skb),
	};
	enum ksrtp_reason reason;
	struct ksrtp_rtp_hdr hdr;
	u32 ssrc;

	if (!flow->rx_sa)
		return rtcp ? ksrtp_rtcp_parse(skb->data, skb->len, &ssrc) :
			      ksrtp_rtp_parse(skb->data, skb->len, &hdr);

	reason = ksrtp_sa_unprotect(flow->rx_sa, rtcp, &pkt);
	if (!reason)
		skb_trim(skb, pkt.len);
	return reason;
}

static void fan_out(struct ksrtp_flow *flow, struct sk_buff *skb, u32 len, bool rtcp, u8 dsfield)
{
	enum ksrtp_reason reasons[KSRTP_DESTINATIONS_MAX];
	u32 i, n = flow->nr_destinations, failed = 0;
	struct ksrtp_destination *d;
	struct sk_buff *copy;

	for (i = 0; i < n; i++) {
		d = &flow->destinations[i];
		copy = skb;
		if (i + 1 < n)
			copy = skb_copy_expand(skb, skb_headroom(skb), flow->tailroom,
					       GFP_ATOMIC | __GFP_NOWARN);
		if (!copy)
			reasons[i] = KSRTP_REASON_NO_MEMORY;
		else if (flow->family == AF_INET)
			reasons[i] = send4(flow, d, copy, rtcp, dsfield);
		else
			reasons[i] = send6(flow, d, copy, rtcp, dsfield);
		account_destination(flow, d, len, reasons[i]);
		if (reasons[i])
			failed++;
	}
	if (failed == n) {
		account(flow, len, reasons[n - 1]);
		return;
	}
	account(flow, len, KSRTP_REASON_OK);
	for (i = 0; failed && i < n; i++)
		if (reasons[i])
			ksrtp_stats_not_sent(flow->kn->stats, reasons[i]);
}

/**
 * ksrtp_relay() - pass on a media packet
 * @flow: its flow
 * @skb: the packet, ours from now on
 * @off: octets before the UDP payload
 * @len: octets of the UDP payload
 * @rtcp: it is RTCP
 * @dsfield: DS field it came with; it leaves with the same code point
 */
void ksrtp_relay(struct ksrtp_flow *flow, struct sk_buff *skb, u32 off, u32 len, bool rtcp,
		 u8 dsfield)
{
	enum ksrtp_reason reason;
	struct sk_buff *own;

	own = make_own(skb, off, len, flow->tailroom);
	if (!own) {
		ksrtp_relay_drop(flow, skb, len, KSRTP_REASON_NO_MEMORY);
		return;
	}
	reason = arrive(flow, own, rtcp);
	if (reason) {
		ksrtp_relay_drop(flow, own, len, reason);
		return;
	}
	fan_out(flow, own, len, rtcp, dsfield & ~INET_ECN_MASK);
}
