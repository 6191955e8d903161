// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Notifications. Some are sent by packets, so none sleeps; one that finds no memory is lost, as
 * any notification can be, and dumps tell the same.
 */
#include <net/genetlink.h>
#include "event.h"
#include "flow.h"
#include "key.h"
#include "net.h"
#include "netlink.h"
#include "policy.h"
#include "sa.h"

static struct sk_buff *event_new(const struct ksrtp_net *kn, u8 cmd, void **hdr)
{
	struct sk_buff *skb;

	if (!genl_has_listeners(&ksrtp_family, kn->net, KSRTP_NLGRP_EVENTS))
		return NULL;
	skb = genlmsg_new(NLMSG_DEFAULT_SIZE, GFP_ATOMIC);
	if (!skb)
		return NULL;
	*hdr = genlmsg_put(skb, 0, 0, &ksrtp_family, 0, cmd);
	if (!*hdr) {
		nlmsg_free(skb);
		return NULL;
	}
	return skb;
}

static void event_send(const struct ksrtp_net *kn, struct sk_buff *skb, void *hdr)
{
	genlmsg_end(skb, hdr);
	genlmsg_multicast_netns(&ksrtp_family, kn->net, skb, 0, KSRTP_NLGRP_EVENTS, GFP_ATOMIC);
}

static bool put_sa(struct sk_buff *skb, const struct ksrtp_sa *sa)
{
	return !nla_put_u32(skb, KSRTP_A_EVENT_SA_ID, sa->id) &&
	       !nla_put_u32(skb, KSRTP_A_EVENT_GENERATION, sa->generation) &&
	       (!sa->cookie_len ||
		!nla_put(skb, KSRTP_A_EVENT_COOKIE, sa->cookie_len, sa->cookie));
}

static bool put_flow(struct sk_buff *skb, const struct ksrtp_flow *flow)
{
	return !nla_put_u32(skb, KSRTP_A_EVENT_FLOW_ID, flow->id) &&
	       !nla_put_u32(skb, KSRTP_A_EVENT_GENERATION, flow->generation) &&
	       (!flow->cookie_len ||
		!nla_put(skb, KSRTP_A_EVENT_COOKIE, flow->cookie_len, flow->cookie));
}

static bool put_mki(struct sk_buff *skb, const struct ksrtp_key *key)
{
	return !key->ctx.mki_len ||
	       !nla_put(skb, KSRTP_A_EVENT_MKI, key->ctx.mki_len, key->ctx.mki);
}

/**
 * ksrtp_event_sa_gone() - an SA was deleted
 * @sa: the SA
 */
void ksrtp_event_sa_gone(const struct ksrtp_sa *sa)
{
	void *hdr;
	struct sk_buff *skb = event_new(sa->kn, KSRTP_CMD_SA_GONE_NTF, &hdr);

	if (!skb)
		return;
	if (put_sa(skb, sa))
		event_send(sa->kn, skb, hdr);
	else
		nlmsg_free(skb);
}

/**
 * ksrtp_event_flow_gone() - a flow was deleted
 * @flow: the flow
 */
void ksrtp_event_flow_gone(const struct ksrtp_flow *flow)
{
	void *hdr;
	struct sk_buff *skb = event_new(flow->kn, KSRTP_CMD_FLOW_GONE_NTF, &hdr);

	if (!skb)
		return;
	if (put_flow(skb, flow))
		event_send(flow->kn, skb, hdr);
	else
		nlmsg_free(skb);
}

/**
 * ksrtp_event_key() - a key reached a limit
 * @sa: the SA
 * @key: its key
 * @cmd: KSRTP_CMD_KEY_SOFT_NTF or KSRTP_CMD_KEY_HARD_NTF
 */
void ksrtp_event_key(const struct ksrtp_sa *sa, const struct ksrtp_key *key, u8 cmd)
{
	void *hdr;
	struct sk_buff *skb = event_new(sa->kn, cmd, &hdr);

	if (!skb)
		return;
	if (put_sa(skb, sa) && put_mki(skb, key) &&
	    !nla_put_u64_64bit(skb, KSRTP_A_EVENT_PACKETS, atomic64_read(&key->packets),
			       KSRTP_A_EVENT_PAD))
		event_send(sa->kn, skb, hdr);
	else
		nlmsg_free(skb);
}

/**
 * ksrtp_event_ssrc() - a new SSRC, or one too many
 * @sa: the SA
 * @key: the key it came under
 * @ssrc: the SSRC
 * @cmd: KSRTP_CMD_SSRC_NEW_NTF or KSRTP_CMD_SSRC_LIMIT_NTF
 */
void ksrtp_event_ssrc(const struct ksrtp_sa *sa, const struct ksrtp_key *key, u32 ssrc, u8 cmd)
{
	void *hdr;
	struct sk_buff *skb = event_new(sa->kn, cmd, &hdr);

	if (!skb)
		return;
	if (put_sa(skb, sa) && put_mki(skb, key) &&
	    !nla_put_u32(skb, KSRTP_A_EVENT_SSRC, ssrc))
		event_send(sa->kn, skb, hdr);
	else
		nlmsg_free(skb);
}

/**
 * ksrtp_event_owner_gone() - the grace time of an object starts
 * @kn: its network namespace
 * @own: in the object
 */
void ksrtp_event_owner_gone(struct ksrtp_net *kn, const struct ksrtp_own *own)
{
	void *hdr;
	struct sk_buff *skb = event_new(kn, KSRTP_CMD_OWNER_GONE_NTF, &hdr);
	bool ok;

	if (!skb)
		return;
	if (own->object == KSRTP_OBJECT_SA)
		ok = put_sa(skb, container_of(own, struct ksrtp_sa, own));
	else
		ok = put_flow(skb, container_of(own, struct ksrtp_flow, own));
	if (ok && !nla_put_u32(skb, KSRTP_A_EVENT_GRACE, own->grace))
		event_send(kn, skb, hdr);
	else
		nlmsg_free(skb);
}

/**
 * ksrtp_event_sa_wiped() - the keys of an SA were wiped without being asked
 * @sa: the SA
 * @why: the reason
 */
void ksrtp_event_sa_wiped(const struct ksrtp_sa *sa, enum ksrtp_wipe why)
{
	void *hdr;
	struct sk_buff *skb = event_new(sa->kn, KSRTP_CMD_BLOCKED_NTF, &hdr);

	if (!skb)
		return;
	if (put_sa(skb, sa) && !nla_put_u32(skb, KSRTP_A_EVENT_WIPE, why))
		event_send(sa->kn, skb, hdr);
	else
		nlmsg_free(skb);
}

/**
 * ksrtp_event_flow_blocked() - a flow drops its media until it is deleted
 * @flow: the flow
 * @why: the reason
 */
void ksrtp_event_flow_blocked(const struct ksrtp_flow *flow, enum ksrtp_wipe why)
{
	void *hdr;
	struct sk_buff *skb = event_new(flow->kn, KSRTP_CMD_BLOCKED_NTF, &hdr);

	if (!skb)
		return;
	if (put_flow(skb, flow) && !nla_put_u32(skb, KSRTP_A_EVENT_WIPE, why))
		event_send(flow->kn, skb, hdr);
	else
		nlmsg_free(skb);
}
