// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The control plane: flows.
 */
#include <net/sock.h>
#include "compat/genl.h"
#include "flow.h"
#include "net.h"
#include "netlink.h"
#include "policy.h"
#include "sa.h"

static u32 get_u32(const struct nlattr *attr, u32 otherwise)
{
	return attr ? nla_get_u32(attr) : otherwise;
}

/* Leaves @fd as it is where there is no attribute. */
static int get_fd(const struct nlattr *attr, int *fd, struct netlink_ext_ack *extack)
{
	if (!attr)
		return 0;
	if (nla_get_u32(attr) > INT_MAX) {
		NL_SET_ERR_MSG_ATTR(extack, attr, "no such descriptor");
		return -EBADF;
	}
	*fd = nla_get_u32(attr);
	return 0;
}

static int get_endpoint(const struct nlattr *addr, const struct nlattr *port,
			struct ksrtp_endpoint *to, u32 *len, struct netlink_ext_ack *extack)
{
	*len = nla_len(addr);
	if (*len != 4 && *len != 16) {
		NL_SET_ERR_MSG_ATTR(extack, addr, "an address has 4 or 16 octets");
		return -EINVAL;
	}
	memcpy(&to->addr, nla_data(addr), *len);
	to->port = port ? nla_get_be16(port) : 0;
	return 0;
}

static int get_destination(const struct nlattr *nest, struct ksrtp_flow_config *config,
			   struct netlink_ext_ack *extack)
{
	struct nlattr *attrs[KSRTP_A_DESTINATION_PAD + 1];
	struct ksrtp_destination_config *d;
	int err;

	if (config->nr_destinations == KSRTP_DESTINATIONS_MAX) {
		NL_SET_ERR_MSG_ATTR(extack, nest, "a flow has at most 8 destinations");
		return -E2BIG;
	}
	err = nla_parse_nested(attrs, KSRTP_A_DESTINATION_PAD, nest, ksrtp_destination_nl_policy,
			       extack);
	if (err)
		return err;
	if (!attrs[KSRTP_A_DESTINATION_ADDR] || !attrs[KSRTP_A_DESTINATION_PORT]) {
		NL_SET_ERR_MSG_ATTR(extack, nest, "a destination needs an address and a port");
		return -EINVAL;
	}
	d = &config->destinations[config->nr_destinations];
	err = get_endpoint(attrs[KSRTP_A_DESTINATION_ADDR], attrs[KSRTP_A_DESTINATION_PORT], &d->to,
			   &config->addr_len[config->nr_destinations], extack);
	if (err)
		return err;
	d->fd = -1;
	err = get_fd(attrs[KSRTP_A_DESTINATION_SOCKET_FD], &d->fd, extack);
	if (err)
		return err;
	d->ifindex = get_u32(attrs[KSRTP_A_DESTINATION_IFINDEX], 0);
	d->tx_sa = get_u32(attrs[KSRTP_A_DESTINATION_TX_SA], 0);
	config->nr_destinations++;
	return 0;
}

static int get_destinations(struct genl_info *info, struct ksrtp_flow_config *config)
{
	const struct nlattr *attr;
	int rem, err;

	nlmsg_for_each_attr(attr, info->nlhdr, GENL_HDRLEN, rem) {
		if (nla_type(attr) != KSRTP_A_FLOW_DESTINATION)
			continue;
		err = get_destination(attr, config, info->extack);
		if (err)
			return err;
	}
	return 0;
}

static int get_config(struct genl_info *info, struct ksrtp_flow_config *config)
{
	struct nlattr **attrs = info->attrs, *remote = attrs[KSRTP_A_FLOW_REMOTE_ADDR];
	int err;

	if (get_u32(attrs[KSRTP_A_FLOW_MODE], KSRTP_MODE_RELAY) != KSRTP_MODE_RELAY) {
		NL_SET_ERR_MSG_ATTR(info->extack, attrs[KSRTP_A_FLOW_MODE],
				    "this version of ksrtp has relay flows only");
		return -EOPNOTSUPP;
	}
	if (GENL_REQ_ATTR_CHECK(info, KSRTP_A_FLOW_KIND) ||
	    GENL_REQ_ATTR_CHECK(info, KSRTP_A_FLOW_SOCKET_FD) ||
	    GENL_REQ_ATTR_CHECK(info, KSRTP_A_FLOW_DESTINATION))
		return -EINVAL;

	config->id = get_u32(attrs[KSRTP_A_FLOW_ID], 0);
	config->kind = nla_get_u32(attrs[KSRTP_A_FLOW_KIND]);
	err = get_fd(attrs[KSRTP_A_FLOW_SOCKET_FD], &config->fd, info->extack);
	if (err)
		return err;
	config->ifindex = get_u32(attrs[KSRTP_A_FLOW_IFINDEX], 0);
	config->rx_sa = get_u32(attrs[KSRTP_A_FLOW_RX_SA], 0);
	config->grace = get_u32(attrs[KSRTP_A_FLOW_GRACE], KSRTP_GRACE_DEFAULT);
	config->portid = attrs[KSRTP_A_FLOW_OWNED] ? info->snd_portid : 0;
	if (attrs[KSRTP_A_FLOW_REMOTE_PORT] && !remote) {
		NL_SET_ERR_MSG_ATTR(info->extack, attrs[KSRTP_A_FLOW_REMOTE_PORT],
				    "a remote port needs a remote address");
		return -EINVAL;
	}
	if (remote) {
		config->has_remote = true;
		err = get_endpoint(remote, attrs[KSRTP_A_FLOW_REMOTE_PORT], &config->remote,
				   &config->remote_len, info->extack);
		if (err)
			return err;
	}
	err = ksrtp_nl_cookie(attrs[KSRTP_A_FLOW_COOKIE], &config->cookie, &config->cookie_len,
			      info->extack);
	if (err)
		return err;
	return get_destinations(info, config);
}

static struct sk_buff *flow_new_reply(struct genl_info *info, struct nlattr **id,
				      struct nlattr **generation)
{
	struct sk_buff *skb = genlmsg_new(NLMSG_DEFAULT_SIZE, GFP_KERNEL);
	void *hdr;

	if (!skb)
		return NULL;
	hdr = genlmsg_put_reply(skb, info, &ksrtp_family, 0, KSRTP_CMD_FLOW_NEW);
	if (hdr) {
		*id = nla_reserve(skb, KSRTP_A_FLOW_ID, sizeof(u32));
		*generation = nla_reserve(skb, KSRTP_A_FLOW_GENERATION, sizeof(u32));
		genlmsg_end(skb, hdr);
	}
	return skb;
}

/* Which attribute a refusal by ksrtp_flow_add() is about. */
static int flow_bad_attr(int err)
{
	switch (err) {
	case -ERANGE:
	case -EEXIST:
		return KSRTP_A_FLOW_ID;
	case -EBADF:
	case -ENOTSOCK:
	case -EPROTOTYPE:
	case -EXDEV:
	case -EDESTADDRREQ:
	case -EADDRINUSE:
		return KSRTP_A_FLOW_SOCKET_FD;
	case -ELOOP:
	case -EAFNOSUPPORT:
		return KSRTP_A_FLOW_DESTINATION;
	default:
		return 0;
	}
}

/**
 * ksrtp_nl_flow_new_doit() - attach a port
 * @skb: the request
 * @info: its attributes
 */
int ksrtp_nl_flow_new_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct ksrtp_net *kn = ksrtp_net(genl_info_net(info));
	struct ksrtp_flow_config *config;
	struct nlattr *id, *generation;
	struct ksrtp_flow *flow;
	struct sk_buff *reply;
	int err;

	config = kzalloc(sizeof(*config), GFP_KERNEL);
	if (!config)
		return -ENOMEM;
	err = get_config(info, config);
	if (err)
		goto out_config;
	reply = flow_new_reply(info, &id, &generation);
	if (!reply) {
		err = -ENOMEM;
		goto out_config;
	}

	mutex_lock(&kn->lock);
	flow = ksrtp_flow_add(kn, config, info->extack);
	if (IS_ERR(flow)) {
		err = PTR_ERR(flow);
		if (flow_bad_attr(err))
			NL_SET_BAD_ATTR(info->extack, info->attrs[flow_bad_attr(err)]);
	} else {
		*(u32 *)nla_data(id) = flow->id;
		*(u32 *)nla_data(generation) = flow->generation;
	}
	mutex_unlock(&kn->lock);

	if (err)
		nlmsg_free(reply);
	else
		err = genlmsg_reply(reply, info);
out_config:
	kfree(config);
	return err;
}

static struct ksrtp_flow *named(struct ksrtp_net *kn, struct genl_info *info)
{
	struct nlattr *attr = info->attrs[KSRTP_A_FLOW_ID];
	struct ksrtp_flow *flow;

	if (GENL_REQ_ATTR_CHECK(info, KSRTP_A_FLOW_ID))
		return ERR_PTR(-EINVAL);
	flow = ksrtp_flow_by_id(kn, nla_get_u32(attr));
	if (!flow) {
		NL_SET_ERR_MSG_ATTR(info->extack, attr, "no flow with this number");
		return ERR_PTR(-ENOENT);
	}
	return flow;
}

/**
 * ksrtp_nl_flow_del_doit() - detach a port
 * @skb: the request
 * @info: its attributes
 */
int ksrtp_nl_flow_del_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *attr = info->attrs[KSRTP_A_FLOW_GENERATION];
	struct ksrtp_net *kn = ksrtp_net(genl_info_net(info));
	struct ksrtp_flow *flow;
	int err;

	mutex_lock(&kn->lock);
	flow = named(kn, info);
	err = PTR_ERR_OR_ZERO(flow);
	if (!err && attr && nla_get_u32(attr) != flow->generation) {
		NL_SET_ERR_MSG_ATTR(info->extack, attr, "the flow is of another generation");
		err = -ESTALE;
	}
	if (!err)
		ksrtp_flow_del(flow);
	mutex_unlock(&kn->lock);
	return err;
}

static bool put_addr(struct sk_buff *skb, int type, u16 family, const union nf_inet_addr *addr)
{
	return !nla_put(skb, type, family == AF_INET ? 4 : 16, addr);
}

static bool put_destination(struct sk_buff *skb, struct ksrtp_flow *flow,
			    const struct ksrtp_destination *d)
{
	struct nlattr *nest = nla_nest_start(skb, KSRTP_A_FLOW_DESTINATION);
	u64 sent, octets, failed;
	u32 last;

	spin_lock_bh(&flow->lock);
	sent = d->sent;
	octets = d->octets;
	failed = d->failed;
	last = d->last_reason;
	spin_unlock_bh(&flow->lock);

	if (!nest ||
	    !put_addr(skb, KSRTP_A_DESTINATION_ADDR, flow->family, &d->to.addr) ||
	    nla_put_be16(skb, KSRTP_A_DESTINATION_PORT, d->to.port) ||
	    !put_addr(skb, KSRTP_A_DESTINATION_SOURCE_ADDR, flow->family, &d->from.addr) ||
	    nla_put_be16(skb, KSRTP_A_DESTINATION_SOURCE_PORT, d->from.port) ||
	    (d->ifindex && nla_put_u32(skb, KSRTP_A_DESTINATION_IFINDEX, d->ifindex)) ||
	    (d->tx_sa && nla_put_u32(skb, KSRTP_A_DESTINATION_TX_SA, d->tx_sa->id)) ||
	    nla_put_u64_64bit(skb, KSRTP_A_DESTINATION_SENT, sent, KSRTP_A_DESTINATION_PAD) ||
	    nla_put_u64_64bit(skb, KSRTP_A_DESTINATION_OCTETS, octets, KSRTP_A_DESTINATION_PAD) ||
	    nla_put_u64_64bit(skb, KSRTP_A_DESTINATION_FAILED, failed, KSRTP_A_DESTINATION_PAD) ||
	    (last && nla_put_u32(skb, KSRTP_A_DESTINATION_LAST_REASON, last)))
		return false;
	nla_nest_end(skb, nest);
	return true;
}

static bool put_counters(struct sk_buff *skb, struct ksrtp_flow *flow)
{
	u64 packets, octets, delivered, dropped, passed;
	u32 last;

	spin_lock_bh(&flow->lock);
	packets = flow->packets;
	octets = flow->octets;
	delivered = flow->delivered;
	dropped = flow->dropped;
	passed = flow->passed;
	last = flow->last_reason;
	spin_unlock_bh(&flow->lock);

	return !nla_put_u64_64bit(skb, KSRTP_A_FLOW_PACKETS, packets, KSRTP_A_FLOW_PAD) &&
	       !nla_put_u64_64bit(skb, KSRTP_A_FLOW_OCTETS, octets, KSRTP_A_FLOW_PAD) &&
	       !nla_put_u64_64bit(skb, KSRTP_A_FLOW_DELIVERED, delivered, KSRTP_A_FLOW_PAD) &&
	       !nla_put_u64_64bit(skb, KSRTP_A_FLOW_DROPPED, dropped, KSRTP_A_FLOW_PAD) &&
	       !nla_put_u64_64bit(skb, KSRTP_A_FLOW_PASSED, passed, KSRTP_A_FLOW_PAD) &&
	       !(last && nla_put_u32(skb, KSRTP_A_FLOW_LAST_REASON, last));
}

static bool put_own(struct sk_buff *skb, const struct ksrtp_flow *flow)
{
	const struct ksrtp_own *own = &flow->own;

	if (nla_put_u32(skb, KSRTP_A_FLOW_STATE, ksrtp_flow_state(flow)))
		return false;
	if (list_empty(&own->node))
		return true;
	return !(own->portid && nla_put_flag(skb, KSRTP_A_FLOW_OWNED)) &&
	       !nla_put_u32(skb, KSRTP_A_FLOW_GRACE, own->grace) &&
	       !(own->state == KSRTP_STATE_ORPHAN &&
		 nla_put_u32(skb, KSRTP_A_FLOW_GRACE_LEFT, ksrtp_own_grace_left(own)));
}

static bool put_flow(struct sk_buff *skb, struct ksrtp_flow *flow)
{
	u32 i;

	if (nla_put_u32(skb, KSRTP_A_FLOW_ID, flow->id) ||
	    nla_put_u32(skb, KSRTP_A_FLOW_GENERATION, flow->generation) ||
	    nla_put_u32(skb, KSRTP_A_FLOW_MODE, KSRTP_MODE_RELAY) ||
	    nla_put_u32(skb, KSRTP_A_FLOW_KIND, flow->kind) ||
	    nla_put_u32(skb, KSRTP_A_FLOW_FAMILY, flow->family) ||
	    !put_addr(skb, KSRTP_A_FLOW_LOCAL_ADDR, flow->family, &flow->local.addr) ||
	    nla_put_be16(skb, KSRTP_A_FLOW_LOCAL_PORT, flow->local.port) ||
	    (flow->has_remote &&
	     !put_addr(skb, KSRTP_A_FLOW_REMOTE_ADDR, flow->family, &flow->remote.addr)) ||
	    (flow->remote.port &&
	     nla_put_be16(skb, KSRTP_A_FLOW_REMOTE_PORT, flow->remote.port)) ||
	    (flow->ifindex && nla_put_u32(skb, KSRTP_A_FLOW_IFINDEX, flow->ifindex)) ||
	    (flow->rx_sa && nla_put_u32(skb, KSRTP_A_FLOW_RX_SA, flow->rx_sa->id)) ||
	    (flow->cookie_len &&
	     nla_put(skb, KSRTP_A_FLOW_COOKIE, flow->cookie_len, flow->cookie)) ||
	    !put_own(skb, flow) || !put_counters(skb, flow))
		return false;
	for (i = 0; i < flow->nr_destinations; i++)
		if (!put_destination(skb, flow, &flow->destinations[i]))
			return false;
	return true;
}

/**
 * ksrtp_nl_flow_get_doit() - show a flow
 * @skb: the request
 * @info: its attributes
 */
int ksrtp_nl_flow_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct ksrtp_net *kn = ksrtp_net(genl_info_net(info));
	struct sk_buff *reply = genlmsg_new(GENLMSG_DEFAULT_SIZE, GFP_KERNEL);
	struct ksrtp_flow *flow;
	void *hdr;
	int err;

	if (!reply)
		return -ENOMEM;
	mutex_lock(&kn->lock);
	flow = named(kn, info);
	err = PTR_ERR_OR_ZERO(flow);
	if (err)
		goto out;
	hdr = genlmsg_put_reply(reply, info, &ksrtp_family, 0, KSRTP_CMD_FLOW_GET);
	if (hdr && put_flow(reply, flow))
		genlmsg_end(reply, hdr);
	else
		err = -EMSGSIZE;
out:
	mutex_unlock(&kn->lock);
	if (err) {
		nlmsg_free(reply);
		return err;
	}
	return genlmsg_reply(reply, info);
}

static int dump_one(struct sk_buff *skb, struct netlink_callback *cb, struct ksrtp_flow *flow)
{
	void *hdr;

	hdr = genlmsg_put(skb, NETLINK_CB(cb->skb).portid, cb->nlh->nlmsg_seq, &ksrtp_family,
			  NLM_F_MULTI, KSRTP_CMD_FLOW_GET);
	if (!hdr)
		return -EMSGSIZE;
	genl_dump_check_consistent(cb, hdr);
	if (!put_flow(skb, flow)) {
		genlmsg_cancel(skb, hdr);
		return -EMSGSIZE;
	}
	genlmsg_end(skb, hdr);
	return 0;
}

/**
 * ksrtp_nl_flow_get_dumpit() - show all flows that the filters leave
 * @skb: where to
 * @cb: the dump
 */
int ksrtp_nl_flow_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct ksrtp_net *kn = ksrtp_net(sock_net(skb->sk));
	struct nlattr **attrs = ksrtp_dump_attrs(cb);
	struct nlattr *rx_sa = attrs[KSRTP_A_FLOW_RX_SA];
	struct ksrtp_flow *flow;
	unsigned long id;
	int err = 0;

	mutex_lock(&kn->lock);
	cb->seq = kn->generation;
	xa_for_each_start(&kn->flows, id, flow, cb->args[0]) {
		if (get_u32(attrs[KSRTP_A_FLOW_ID], flow->id) != flow->id ||
		    (rx_sa && (!flow->rx_sa || flow->rx_sa->id != nla_get_u32(rx_sa))) ||
		    ksrtp_nl_filtered(attrs[KSRTP_A_FLOW_COOKIE], flow->cookie, flow->cookie_len))
			continue;
		err = dump_one(skb, cb, flow);
		if (err)
			break;
		cb->args[0] = id + 1;
	}
	mutex_unlock(&kn->lock);
	return err && !skb->len ? err : skb->len;
}
