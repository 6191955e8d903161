// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The control plane: the family, and the operations that are neither on SAs nor on flows.
 * netlink_proto/ksrtp.yaml is the contract; policies are generated from it.
 */
#include <linux/fcntl.h>
#include <linux/file.h>
#include <linux/module.h>
#include "flow.h"
#include "net.h"
#include "netlink.h"
#include "policy.h"
#include "sa.h"
#include "stats.h"

/* The contract and the transform number suites and reasons alike. */
static_assert(KSRTP_SUITE_AES_CM_128_HMAC_SHA1_80 == KSRTP_SUITE_ID_AES_CM_128_HMAC_SHA1_80);
static_assert(KSRTP_SUITE_AES_CM_128_HMAC_SHA1_32 == KSRTP_SUITE_ID_AES_CM_128_HMAC_SHA1_32);
static_assert(KSRTP_SUITE_NULL_HMAC_SHA1_80 == KSRTP_SUITE_ID_NULL_HMAC_SHA1_80);
static_assert(KSRTP_SUITE_NULL_HMAC_SHA1_32 == KSRTP_SUITE_ID_NULL_HMAC_SHA1_32);
#define SAME(id) static_assert((int)KSRTP_REASON_##id == (int)KSRTP_DROP_##id)
SAME(OK);
SAME(NOT_MEDIA);
SAME(SHORT);
SAME(VERSION);
SAME(HEADER);
SAME(RTCP_TYPE);
SAME(ROOM);
SAME(NO_KEY);
SAME(MKI_UNKNOWN);
SAME(KEY_EXPIRED);
SAME(AUTH_FAIL);
SAME(REPLAY);
SAME(TOO_OLD);
SAME(CLEAR);
SAME(TX_REPLAY);
SAME(TX_OLD);
SAME(INDEX_LIMIT);
SAME(CRYPTO);
SAME(SSRC_LIMIT);
SAME(NO_MEMORY);
SAME(BLOCKED);
SAME(SOURCE);
SAME(TOO_BIG);
SAME(NO_ROUTE);
SAME(LOOP);
SAME(XMIT);
#undef SAME

/**
 * ksrtp_nl_cookie() - the cookie of a request
 * @attr: the attribute, or NULL
 * @cookie: its octets
 * @len: how many
 * @extack: gets the refusal
 */
int ksrtp_nl_cookie(const struct nlattr *attr, const void **cookie, u32 *len,
		    struct netlink_ext_ack *extack)
{
	*cookie = NULL;
	*len = 0;
	if (!attr)
		return 0;
	if (nla_len(attr) > KSRTP_COOKIE_MAX) {
		NL_SET_ERR_MSG_ATTR(extack, attr, "a cookie has at most 64 octets");
		return -ERANGE;
	}
	*cookie = nla_data(attr);
	*len = nla_len(attr);
	return 0;
}

/**
 * ksrtp_nl_filtered() - does a dump ask for other cookies?
 * @cookie: the cookie asked for, or NULL
 * @own: the cookie of the object
 * @own_len: its octets
 */
bool ksrtp_nl_filtered(const struct nlattr *cookie, const void *own, u32 own_len)
{
	return cookie && (nla_len(cookie) != own_len || memcmp(nla_data(cookie), own, own_len));
}

static struct ksrtp_own *claimed(struct ksrtp_net *kn, struct genl_info *info, u32 *generation,
				 struct file **file)
{
	struct nlattr *sa_id = info->attrs[KSRTP_A_CLAIM_SA_ID];
	struct nlattr *flow_id = info->attrs[KSRTP_A_CLAIM_FLOW_ID];
	struct ksrtp_flow *flow;
	struct ksrtp_sa *sa;

	if (!sa_id == !flow_id) {
		NL_SET_ERR_MSG(info->extack, "name either an SA or a flow");
		return ERR_PTR(-EINVAL);
	}
	if (sa_id) {
		sa = ksrtp_sa_find(kn, nla_get_u32(sa_id));
		if (!sa) {
			NL_SET_ERR_MSG_ATTR(info->extack, sa_id, "no SA with this number");
			return ERR_PTR(-ENOENT);
		}
		*generation = sa->generation;
		return &sa->own;
	}
	flow = ksrtp_flow_by_id(kn, nla_get_u32(flow_id));
	if (!flow) {
		NL_SET_ERR_MSG_ATTR(info->extack, flow_id, "no flow with this number");
		return ERR_PTR(-ENOENT);
	}
	*generation = flow->generation;
	*file = flow->file;
	return &flow->own;
}

static struct sk_buff *claim_reply(struct genl_info *info, u32 generation, int fd)
{
	struct nlattr *sa_id = info->attrs[KSRTP_A_CLAIM_SA_ID];
	struct nlattr *flow_id = info->attrs[KSRTP_A_CLAIM_FLOW_ID];
	struct sk_buff *skb = genlmsg_new(NLMSG_DEFAULT_SIZE, GFP_KERNEL);
	void *hdr;

	if (!skb)
		return NULL;
	hdr = genlmsg_put_reply(skb, info, &ksrtp_family, 0, KSRTP_CMD_CLAIM);
	if (!hdr ||
	    (sa_id && nla_put_u32(skb, KSRTP_A_CLAIM_SA_ID, nla_get_u32(sa_id))) ||
	    (flow_id && nla_put_u32(skb, KSRTP_A_CLAIM_FLOW_ID, nla_get_u32(flow_id))) ||
	    nla_put_u32(skb, KSRTP_A_CLAIM_GENERATION, generation) ||
	    (fd >= 0 && nla_put_u32(skb, KSRTP_A_CLAIM_SOCKET_FD, fd))) {
		nlmsg_free(skb);
		return NULL;
	}
	genlmsg_end(skb, hdr);
	return skb;
}

/**
 * ksrtp_nl_claim_doit() - take over an orphan
 * @skb: the request
 * @info: its attributes
 */
int ksrtp_nl_claim_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *attr = info->attrs[KSRTP_A_CLAIM_GRACE];
	struct ksrtp_net *kn = ksrtp_net(genl_info_net(info));
	u32 generation = 0, grace = attr ? nla_get_u32(attr) : 0;
	struct file *file = NULL;
	struct sk_buff *reply;
	struct ksrtp_own *own;
	int err, fd = -1;

	if (GENL_REQ_ATTR_CHECK(info, KSRTP_A_CLAIM_GENERATION))
		return -EINVAL;

	mutex_lock(&kn->lock);
	own = claimed(kn, info, &generation, &file);
	if (IS_ERR(own)) {
		err = PTR_ERR(own);
		goto out;
	}
	if (generation != nla_get_u32(info->attrs[KSRTP_A_CLAIM_GENERATION])) {
		NL_SET_ERR_MSG_ATTR(info->extack, info->attrs[KSRTP_A_CLAIM_GENERATION],
				    "the object is of another generation");
		err = -ESTALE;
		goto out;
	}
	if (file) {
		fd = get_unused_fd_flags(O_CLOEXEC);
		if (fd < 0) {
			err = fd;
			goto out;
		}
	}
	/* The answer is ready before anything changes: a claim without an answer helps nobody. */
	reply = claim_reply(info, generation, fd);
	if (!reply) {
		err = -ENOMEM;
		goto out_fd;
	}
	err = ksrtp_own_claim(kn, own, info->snd_portid, attr ? &grace : NULL, info->extack);
	if (err) {
		nlmsg_free(reply);
		goto out_fd;
	}
	if (fd >= 0)
		fd_install(fd, get_file(file));
	mutex_unlock(&kn->lock);
	return genlmsg_reply(reply, info);

out_fd:
	if (fd >= 0)
		put_unused_fd(fd);
out:
	mutex_unlock(&kn->lock);
	return err;
}

static bool put_reason(struct sk_buff *skb, int type, u32 reason, u64 count)
{
	struct nlattr *nest = nla_nest_start(skb, type);

	if (!nest || nla_put_u32(skb, KSRTP_A_DROPPED_REASON, reason) ||
	    nla_put_u64_64bit(skb, KSRTP_A_DROPPED_COUNT, count, KSRTP_A_DROPPED_PAD))
		return false;
	nla_nest_end(skb, nest);
	return true;
}

static bool put_stats(struct sk_buff *skb, const struct ksrtp_net *kn, u32 only)
{
	struct ksrtp_stats_sum sum;
	u32 i;

	ksrtp_stats_sum(kn->stats, &sum);
	if (nla_put_u64_64bit(skb, KSRTP_A_STATS_PACKETS, sum.packets, KSRTP_A_STATS_PAD) ||
	    nla_put_u64_64bit(skb, KSRTP_A_STATS_DELIVERED, sum.delivered, KSRTP_A_STATS_PAD) ||
	    nla_put_u64_64bit(skb, KSRTP_A_STATS_PASSED, sum.passed, KSRTP_A_STATS_PAD) ||
	    nla_put_u64_64bit(skb, KSRTP_A_STATS_SENT, sum.sent, KSRTP_A_STATS_PAD) ||
	    nla_put_u32(skb, KSRTP_A_STATS_SAS, kn->nr_sas) ||
	    nla_put_u32(skb, KSRTP_A_STATS_FLOWS, kn->nr_flows))
		return false;
	for (i = 1; i < KSRTP_REASON_MAX; i++)
		if ((!only || i == only) &&
		    (!put_reason(skb, KSRTP_A_STATS_DROPPED, i, sum.dropped[i]) ||
		     !put_reason(skb, KSRTP_A_STATS_NOT_SENT, i, sum.not_sent[i])))
			return false;
	return true;
}

/**
 * ksrtp_nl_stats_get_doit() - counters of the network namespace
 * @skb: the request
 * @info: its attributes
 */
int ksrtp_nl_stats_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *only = info->attrs[KSRTP_A_STATS_REASON];
	struct ksrtp_net *kn = ksrtp_net(genl_info_net(info));
	struct sk_buff *reply = genlmsg_new(GENLMSG_DEFAULT_SIZE, GFP_KERNEL);
	bool ok = false;
	void *hdr;

	if (!reply)
		return -ENOMEM;
	hdr = genlmsg_put_reply(reply, info, &ksrtp_family, 0, KSRTP_CMD_STATS_GET);
	if (hdr) {
		mutex_lock(&kn->lock);
		ok = put_stats(reply, kn, only ? nla_get_u32(only) : 0);
		mutex_unlock(&kn->lock);
	}
	if (!ok) {
		nlmsg_free(reply);
		return -EMSGSIZE;
	}
	genlmsg_end(reply, hdr);
	return genlmsg_reply(reply, info);
}

struct genl_family ksrtp_family __ro_after_init = {
	.name = KSRTP_FAMILY_NAME,
	.version = KSRTP_FAMILY_VERSION,
	.netnsok = true,
	.parallel_ops = true,
	.module = THIS_MODULE,
	.ops = ksrtp_nl_ops,
	.n_ops = ARRAY_SIZE(ksrtp_nl_ops),
	/* Operations behind it must validate strictly, which key-new cannot. */
	.resv_start_op = KSRTP_CMD_KEY_NEW + 1,
	.mcgrps = ksrtp_nl_mcgrps,
	.n_mcgrps = ARRAY_SIZE(ksrtp_nl_mcgrps),
};

/**
 * ksrtp_netlink_init() - register the family
 */
int __init ksrtp_netlink_init(void)
{
	return genl_register_family(&ksrtp_family);
}

/**
 * ksrtp_netlink_exit() - unregister it
 */
void ksrtp_netlink_exit(void)
{
	genl_unregister_family(&ksrtp_family);
}
