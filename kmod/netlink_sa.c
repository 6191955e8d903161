// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The control plane: SAs and keys.
 */
#include <net/sock.h>
#include "compat/genl.h"
#include "key.h"
#include "net.h"
#include "netlink.h"
#include "policy.h"
#include "sa.h"
#include "source.h"

#define SSRC_LIMIT_DEFAULT 64

/* What a dump remembers between messages. */
struct sa_cursor {
	unsigned long id;
	u32 generation;
	u32 bucket;
	u32 skip;
};

static u32 get_u32(const struct nlattr *attr, u32 otherwise)
{
	return attr ? nla_get_u32(attr) : otherwise;
}

/* The SA a request names by id and, where given, generation. */
static struct ksrtp_sa *named(struct ksrtp_net *kn, struct genl_info *info, bool generation)
{
	struct nlattr *attr = info->attrs[KSRTP_A_SA_ID];
	struct ksrtp_sa *sa;

	if (GENL_REQ_ATTR_CHECK(info, KSRTP_A_SA_ID))
		return ERR_PTR(-EINVAL);
	sa = ksrtp_sa_find(kn, nla_get_u32(attr));
	if (!sa) {
		NL_SET_ERR_MSG_ATTR(info->extack, attr, "no SA with this number");
		return ERR_PTR(-ENOENT);
	}
	if (!generation)
		return sa;
	attr = info->attrs[KSRTP_A_SA_GENERATION];
	if (attr && nla_get_u32(attr) != sa->generation) {
		NL_SET_ERR_MSG_ATTR(info->extack, attr, "the SA is of another generation");
		return ERR_PTR(-ESTALE);
	}
	return sa;
}

static struct sk_buff *sa_new_reply(struct genl_info *info, struct nlattr **id,
				    struct nlattr **generation)
{
	struct sk_buff *skb = genlmsg_new(NLMSG_DEFAULT_SIZE, GFP_KERNEL);
	void *hdr;

	if (!skb)
		return NULL;
	hdr = genlmsg_put_reply(skb, info, &ksrtp_family, 0, KSRTP_CMD_SA_NEW);
	if (hdr) {
		*id = nla_reserve(skb, KSRTP_A_SA_ID, sizeof(u32));
		*generation = nla_reserve(skb, KSRTP_A_SA_GENERATION, sizeof(u32));
		genlmsg_end(skb, hdr);
	}
	return skb;
}

/* Which attribute a refusal by ksrtp_sa_add() is about. */
static int sa_bad_attr(int err)
{
	switch (err) {
	case -EOPNOTSUPP:
		return KSRTP_A_SA_SUITE;
	case -EINVAL:
		return KSRTP_A_SA_WINDOW;
	case -ERANGE:
	case -EEXIST:
		return KSRTP_A_SA_ID;
	default:
		return 0;
	}
}

/**
 * ksrtp_nl_sa_new_doit() - make an SA
 * @skb: the request
 * @info: its attributes
 */
int ksrtp_nl_sa_new_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct ksrtp_net *kn = ksrtp_net(genl_info_net(info));
	struct nlattr **attrs = info->attrs, *id, *generation;
	struct ksrtp_sa_config config = {};
	struct sk_buff *reply;
	struct ksrtp_sa *sa;
	int err;

	if (GENL_REQ_ATTR_CHECK(info, KSRTP_A_SA_DIRECTION) ||
	    GENL_REQ_ATTR_CHECK(info, KSRTP_A_SA_SUITE))
		return -EINVAL;
	config.id = get_u32(attrs[KSRTP_A_SA_ID], 0);
	config.direction = nla_get_u32(attrs[KSRTP_A_SA_DIRECTION]);
	config.suite = nla_get_u32(attrs[KSRTP_A_SA_SUITE]);
	config.window = get_u32(attrs[KSRTP_A_SA_WINDOW], KSRTP_WINDOW_DEFAULT);
	config.mki_len = get_u32(attrs[KSRTP_A_SA_MKI_LEN], 0);
	config.ssrc_limit = get_u32(attrs[KSRTP_A_SA_SSRC_LIMIT], SSRC_LIMIT_DEFAULT);
	config.grace = get_u32(attrs[KSRTP_A_SA_GRACE], KSRTP_GRACE_DEFAULT);
	config.portid = attrs[KSRTP_A_SA_OWNED] ? info->snd_portid : 0;
	err = ksrtp_nl_cookie(attrs[KSRTP_A_SA_COOKIE], &config.cookie, &config.cookie_len,
			      info->extack);
	if (err)
		return err;

	reply = sa_new_reply(info, &id, &generation);
	if (!reply)
		return -ENOMEM;
	mutex_lock(&kn->lock);
	sa = ksrtp_sa_add(kn, &config, info->extack);
	if (IS_ERR(sa)) {
		err = PTR_ERR(sa);
		if (sa_bad_attr(err))
			NL_SET_BAD_ATTR(info->extack, attrs[sa_bad_attr(err)]);
	} else {
		*(u32 *)nla_data(id) = sa->id;
		*(u32 *)nla_data(generation) = sa->generation;
	}
	mutex_unlock(&kn->lock);
	if (err) {
		nlmsg_free(reply);
		return err;
	}
	return genlmsg_reply(reply, info);
}

/**
 * ksrtp_nl_sa_del_doit() - delete an SA
 * @skb: the request
 * @info: its attributes
 */
int ksrtp_nl_sa_del_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct ksrtp_net *kn = ksrtp_net(genl_info_net(info));
	struct ksrtp_sa *sa;
	int err;

	mutex_lock(&kn->lock);
	sa = named(kn, info, true);
	err = PTR_ERR_OR_ZERO(sa);
	if (!err)
		err = ksrtp_sa_del(sa, info->extack);
	mutex_unlock(&kn->lock);
	return err;
}

static u64 key_packets(struct ksrtp_sa *sa, const struct ksrtp_key *key)
{
	struct ksrtp_source *source;
	struct ksrtp_ssrc_info info;
	u64 sum = 0;
	u32 i;

	if (ksrtp_key_limited(key))
		return min_t(u64, atomic64_read(&key->packets), key->hard_packets ?: U64_MAX);
	rcu_read_lock();
	for (i = 0; i <= sa->source_mask; i++)
		hlist_for_each_entry_rcu(source, &sa->sources[i], node) {
			if (READ_ONCE(source->key) != key)
				continue;
			ksrtp_ssrc_info(&source->st, &info);
			sum += info.counts.rtp_packets + info.counts.rtcp_packets;
		}
	rcu_read_unlock();
	return sum;
}

static bool put_key(struct sk_buff *skb, struct ksrtp_sa *sa, const struct ksrtp_key *key)
{
	struct nlattr *nest = nla_nest_start(skb, KSRTP_A_SA_KEY);

	if (!nest ||
	    (key->ctx.mki_len && nla_put(skb, KSRTP_A_KEY_MKI, key->ctx.mki_len, key->ctx.mki)) ||
	    (rcu_access_pointer(sa->active) == key && nla_put_flag(skb, KSRTP_A_KEY_ACTIVE)) ||
	    (key->soft_packets &&
	     nla_put_u64_64bit(skb, KSRTP_A_KEY_SOFT_PACKETS, key->soft_packets,
			       KSRTP_A_KEY_PAD)) ||
	    (key->hard_packets &&
	     nla_put_u64_64bit(skb, KSRTP_A_KEY_HARD_PACKETS, key->hard_packets,
			       KSRTP_A_KEY_PAD)) ||
	    (key->soft_seconds &&
	     nla_put_u32(skb, KSRTP_A_KEY_SOFT_SECONDS, key->soft_seconds)) ||
	    (key->hard_seconds &&
	     nla_put_u32(skb, KSRTP_A_KEY_HARD_SECONDS, key->hard_seconds)) ||
	    nla_put_u32(skb, KSRTP_A_KEY_ROC, key->roc) ||
	    nla_put_u64_64bit(skb, KSRTP_A_KEY_PACKETS, key_packets(sa, key), KSRTP_A_KEY_PAD) ||
	    nla_put_u32(skb, KSRTP_A_KEY_AGE, ksrtp_key_age(key)) ||
	    (test_bit(KSRTP_KEY_EXPIRED, &key->flags) && nla_put_flag(skb, KSRTP_A_KEY_EXPIRED)))
		return false;
	nla_nest_end(skb, nest);
	return true;
}

static bool put_index(struct sk_buff *skb, const struct ksrtp_sa *sa,
		      const struct ksrtp_ssrc_info *info)
{
	bool tx = sa->direction == KSRTP_DIRECTION_TX;

	if (info->rtp_used &&
	    (nla_put_u32(skb, KSRTP_A_SSRC_ROC, info->rtp_index >> 16) ||
	     nla_put_u32(skb, KSRTP_A_SSRC_SEQ, info->rtp_index & 0xffff) ||
	     nla_put_u64_64bit(skb, KSRTP_A_SSRC_INDEX, info->rtp_index, KSRTP_A_SSRC_PAD)))
		return false;
	if (tx ? info->rtcp_next : info->rtcp_used)
		return !nla_put_u32(skb, KSRTP_A_SSRC_RTCP_INDEX,
				    tx ? info->rtcp_next - 1 : info->rtcp_index);
	return true;
}

static bool put_counts(struct sk_buff *skb, const struct ksrtp_counts *counts)
{
	const struct {
		int type;
		u64 count;
	} all[] = {
		{ KSRTP_A_SSRC_RTP_PACKETS, counts->rtp_packets },
		{ KSRTP_A_SSRC_RTP_OCTETS, counts->rtp_octets },
		{ KSRTP_A_SSRC_RTCP_PACKETS, counts->rtcp_packets },
		{ KSRTP_A_SSRC_RTCP_OCTETS, counts->rtcp_octets },
		{ KSRTP_A_SSRC_AUTH_FAIL, counts->auth_fail },
		{ KSRTP_A_SSRC_REPLAY, counts->replay },
		{ KSRTP_A_SSRC_TOO_OLD, counts->too_old },
		{ KSRTP_A_SSRC_OTHER, counts->other },
	};
	int i;

	for (i = 0; i < ARRAY_SIZE(all); i++)
		if (nla_put_u64_64bit(skb, all[i].type, all[i].count, KSRTP_A_SSRC_PAD))
			return false;
	return true;
}

static bool put_ssrc(struct sk_buff *skb, const struct ksrtp_sa *sa, struct ksrtp_source *source,
		     const struct ksrtp_key *key)
{
	struct nlattr *nest = nla_nest_start(skb, KSRTP_A_SA_SSRC);
	struct ksrtp_ssrc_info info;

	ksrtp_ssrc_info(&source->st, &info);
	if (!nest || nla_put_u32(skb, KSRTP_A_SSRC_SSRC, source->st.ssrc) ||
	    (key->ctx.mki_len && nla_put(skb, KSRTP_A_SSRC_MKI, key->ctx.mki_len, key->ctx.mki)) ||
	    !put_index(skb, sa, &info) ||
	    nla_put_u32(skb, KSRTP_A_SSRC_WINDOW, sa->window) ||
	    !put_counts(skb, &info.counts) ||
	    (info.last_reason && nla_put_u32(skb, KSRTP_A_SSRC_LAST_REASON, info.last_reason))) {
		if (nest)
			nla_nest_cancel(skb, nest);
		return false;
	}
	nla_nest_end(skb, nest);
	return true;
}

/*
 * SSRC states from the cursor on. False: no room for all, and the cursor is on the first that had
 * none. The keys live because the network namespace is locked.
 */
static bool put_ssrcs(struct sk_buff *skb, struct ksrtp_sa *sa, struct sa_cursor *at)
{
	const struct ksrtp_key *key;
	struct ksrtp_source *source;
	bool ok = true;
	u32 n;

	rcu_read_lock();
	for (; ok && at->bucket <= sa->source_mask; at->bucket++, at->skip = 0) {
		n = 0;
		hlist_for_each_entry_rcu(source, &sa->sources[at->bucket], node) {
			key = READ_ONCE(source->key);
			if (!key || n++ < at->skip)
				continue;
			if (!put_ssrc(skb, sa, source, key)) {
				ok = false;
				break;
			}
			at->skip++;
		}
		if (!ok)
			break;
	}
	rcu_read_unlock();
	return ok;
}

static bool put_own(struct sk_buff *skb, const struct ksrtp_own *own, enum ksrtp_state state)
{
	if (nla_put_u32(skb, KSRTP_A_SA_STATE, state))
		return false;
	if (list_empty(&own->node))
		return true;
	return !(own->portid && nla_put_flag(skb, KSRTP_A_SA_OWNED)) &&
	       !nla_put_u32(skb, KSRTP_A_SA_GRACE, own->grace) &&
	       !(own->state == KSRTP_STATE_ORPHAN &&
		 nla_put_u32(skb, KSRTP_A_SA_GRACE_LEFT, ksrtp_own_grace_left(own)));
}

static bool put_sa(struct sk_buff *skb, struct ksrtp_sa *sa)
{
	struct ksrtp_key *key;
	int i;

	if (nla_put_u32(skb, KSRTP_A_SA_ID, sa->id) ||
	    nla_put_u32(skb, KSRTP_A_SA_GENERATION, sa->generation) ||
	    nla_put_u32(skb, KSRTP_A_SA_DIRECTION, sa->direction) ||
	    nla_put_u32(skb, KSRTP_A_SA_SUITE, sa->suite->id) ||
	    nla_put_u32(skb, KSRTP_A_SA_WINDOW, sa->window) ||
	    nla_put_u32(skb, KSRTP_A_SA_MKI_LEN, sa->mki_len) ||
	    nla_put_u32(skb, KSRTP_A_SA_SSRC_LIMIT, sa->ssrc_limit) ||
	    (sa->cookie_len && nla_put(skb, KSRTP_A_SA_COOKIE, sa->cookie_len, sa->cookie)) ||
	    !put_own(skb, &sa->own, sa->wiped ? KSRTP_STATE_WIPED : sa->own.state) ||
	    nla_put_u32(skb, KSRTP_A_SA_FLOWS, sa->flows))
		return false;
	for (i = 0; i < KSRTP_KEY_SLOTS; i++) {
		key = rcu_dereference_protected(sa->keys[i], lockdep_is_held(&sa->kn->lock));
		if (key && !put_key(skb, sa, key))
			return false;
	}
	return true;
}

/**
 * ksrtp_nl_sa_get_doit() - show an SA
 * @skb: the request
 * @info: its attributes
 */
int ksrtp_nl_sa_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct ksrtp_net *kn = ksrtp_net(genl_info_net(info));
	struct sa_cursor at = {};
	struct sk_buff *reply;
	struct ksrtp_sa *sa;
	void *hdr;
	int err;

	/* 16 KiB less what the flag at the end needs. */
	reply = nlmsg_new(SZ_16K, GFP_KERNEL);
	if (!reply)
		return -ENOMEM;
	mutex_lock(&kn->lock);
	sa = named(kn, info, false);
	err = PTR_ERR_OR_ZERO(sa);
	if (err)
		goto err_free;
	err = -EMSGSIZE;
	hdr = genlmsg_put_reply(reply, info, &ksrtp_family, 0, KSRTP_CMD_SA_GET);
	if (!hdr || !put_sa(reply, sa))
		goto err_free;
	if (!put_ssrcs(reply, sa, &at) && nla_put_flag(reply, KSRTP_A_SA_MORE))
		goto err_free;
	mutex_unlock(&kn->lock);
	genlmsg_end(reply, hdr);
	return genlmsg_reply(reply, info);

err_free:
	mutex_unlock(&kn->lock);
	nlmsg_free(reply);
	return err;
}

/* One message about an SA. Return: is there more of it to say? */
static int dump_one(struct sk_buff *skb, struct netlink_callback *cb, struct ksrtp_sa *sa,
		    struct sa_cursor *at)
{
	bool go_on = at->id == sa->id && at->generation == sa->generation;
	void *hdr;
	bool ok;

	hdr = genlmsg_put(skb, NETLINK_CB(cb->skb).portid, cb->nlh->nlmsg_seq, &ksrtp_family,
			  NLM_F_MULTI, KSRTP_CMD_SA_GET);
	if (!hdr)
		return -EMSGSIZE;
	genl_dump_check_consistent(cb, hdr);
	if (go_on) {
		ok = !nla_put_u32(skb, KSRTP_A_SA_ID, sa->id) &&
		     !nla_put_u32(skb, KSRTP_A_SA_GENERATION, sa->generation);
	} else {
		ok = put_sa(skb, sa);
	}
	if (!ok) {
		genlmsg_cancel(skb, hdr);
		return -EMSGSIZE;
	}
	if (!go_on) {
		at->id = sa->id;
		at->generation = sa->generation;
		at->bucket = 0;
		at->skip = 0;
	}
	ok = put_ssrcs(skb, sa, at);
	genlmsg_end(skb, hdr);
	return ok ? 0 : -EMSGSIZE;
}

/**
 * ksrtp_nl_sa_get_dumpit() - show all SAs that the filters leave
 * @skb: where to
 * @cb: the dump
 */
int ksrtp_nl_sa_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct ksrtp_net *kn = ksrtp_net(sock_net(skb->sk));
	struct sa_cursor *at = (struct sa_cursor *)cb->ctx;
	struct nlattr **attrs = ksrtp_dump_attrs(cb);
	unsigned long id;
	struct ksrtp_sa *sa;
	int err = 0;

	BUILD_BUG_ON(sizeof(*at) > sizeof(cb->ctx));

	mutex_lock(&kn->lock);
	cb->seq = kn->generation;
	xa_for_each_start(&kn->sas, id, sa, at->id) {
		if (get_u32(attrs[KSRTP_A_SA_ID], sa->id) != sa->id ||
		    get_u32(attrs[KSRTP_A_SA_DIRECTION], sa->direction) != sa->direction ||
		    ksrtp_nl_filtered(attrs[KSRTP_A_SA_COOKIE], sa->cookie, sa->cookie_len))
			continue;
		if (at->id == id && at->generation == sa->generation &&
		    at->bucket > sa->source_mask)
			continue;
		err = dump_one(skb, cb, sa, at);
		if (err)
			break;
	}
	mutex_unlock(&kn->lock);
	return err && !skb->len ? err : skb->len;
}

static const struct nla_policy key_policy[KSRTP_A_KEY_MAX + 1] = {
	[KSRTP_A_KEY_SA_ID] = { .type = NLA_U32, },
	[KSRTP_A_KEY_MKI] = { .type = NLA_BINARY, },
	[KSRTP_A_KEY_MASTER_KEY] = { .type = NLA_BINARY, },
	[KSRTP_A_KEY_MASTER_SALT] = { .type = NLA_BINARY, },
	[KSRTP_A_KEY_ACTIVE] = { .type = NLA_FLAG, },
	[KSRTP_A_KEY_SOFT_PACKETS] = { .type = NLA_U64, },
	[KSRTP_A_KEY_HARD_PACKETS] = { .type = NLA_U64, },
	[KSRTP_A_KEY_SOFT_SECONDS] = { .type = NLA_U32, },
	[KSRTP_A_KEY_HARD_SECONDS] = { .type = NLA_U32, },
	[KSRTP_A_KEY_ROC] = { .type = NLA_U32, },
	[KSRTP_A_KEY_PAD] = { .type = NLA_BINARY, },
};

static u64 get_u64(const struct nlattr *attr)
{
	return attr ? nla_get_u64(attr) : 0;
}

static void key_config(struct nlattr **attrs, const struct ksrtp_sa *sa,
		       struct ksrtp_key_config *config)
{
	struct nlattr *mki = attrs[KSRTP_A_KEY_MKI];

	config->params.suite = sa->suite;
	config->params.master_key = nla_data(attrs[KSRTP_A_KEY_MASTER_KEY]);
	config->params.master_key_len = nla_len(attrs[KSRTP_A_KEY_MASTER_KEY]);
	config->params.master_salt = nla_data(attrs[KSRTP_A_KEY_MASTER_SALT]);
	config->params.master_salt_len = nla_len(attrs[KSRTP_A_KEY_MASTER_SALT]);
	config->params.mki = mki ? nla_data(mki) : NULL;
	config->params.mki_len = mki ? nla_len(mki) : 0;
	config->soft_packets = get_u64(attrs[KSRTP_A_KEY_SOFT_PACKETS]);
	config->hard_packets = get_u64(attrs[KSRTP_A_KEY_HARD_PACKETS]);
	config->soft_seconds = get_u32(attrs[KSRTP_A_KEY_SOFT_SECONDS], 0);
	config->hard_seconds = get_u32(attrs[KSRTP_A_KEY_HARD_SECONDS], 0);
	config->roc = get_u32(attrs[KSRTP_A_KEY_ROC], 0);
	config->active = attrs[KSRTP_A_KEY_ACTIVE];
}

static int key_new(struct ksrtp_net *kn, struct nlattr **attrs, struct netlink_ext_ack *extack)
{
	struct ksrtp_key_config config;
	struct ksrtp_sa *sa;

	if (!attrs[KSRTP_A_KEY_SA_ID]) {
		NL_SET_ERR_MSG(extack, "the key needs the number of an SA");
		return -EINVAL;
	}
	if (!attrs[KSRTP_A_KEY_MASTER_KEY] || !attrs[KSRTP_A_KEY_MASTER_SALT]) {
		NL_SET_ERR_MSG(extack, "the key needs a master key and a master salt");
		return -EINVAL;
	}
	sa = ksrtp_sa_find(kn, nla_get_u32(attrs[KSRTP_A_KEY_SA_ID]));
	if (!sa) {
		NL_SET_ERR_MSG_ATTR(extack, attrs[KSRTP_A_KEY_SA_ID], "no SA with this number");
		return -ENOENT;
	}
	/* Only pointers into the request, which is wiped. */
	key_config(attrs, sa, &config);
	return ksrtp_key_add(sa, &config, extack);
}

/**
 * ksrtp_nl_key_new_doit() - give an SA one more key
 * @skb: the request
 * @info: its attributes
 *
 * All that follows the header of the request is wiped on every way out: the acknowledgment of a
 * refusal carries a copy of the request.
 */
int ksrtp_nl_key_new_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct ksrtp_net *kn = ksrtp_net(genl_info_net(info));
	struct nlattr *nest = info->attrs[KSRTP_A_SA_KEY];
	struct nlattr *attrs[KSRTP_A_KEY_MAX + 1];
	int err;

	if (!nest) {
		NL_SET_ERR_MSG(info->extack, "the request has no key");
		err = -EINVAL;
		goto wipe;
	}
	/* Strict, and whether or not the sender set the flag of a nest. */
	err = nla_parse(attrs, KSRTP_A_KEY_MAX, nla_data(nest), nla_len(nest), key_policy,
			info->extack);
	if (err)
		goto wipe;
	mutex_lock(&kn->lock);
	err = key_new(kn, attrs, info->extack);
	mutex_unlock(&kn->lock);
	if (err && !info->extack->bad_attr)
		NL_SET_BAD_ATTR(info->extack, nest);
wipe:
	memzero_explicit(genlmsg_data(info->genlhdr), genlmsg_len(info->genlhdr));
	return err;
}

/* The key a request names by MKI. */
static struct ksrtp_key *named_key(struct ksrtp_sa *sa, struct genl_info *info)
{
	struct nlattr *mki = info->attrs[KSRTP_A_SA_MKI];
	struct ksrtp_key *key;

	key = ksrtp_key_find(sa, mki ? nla_data(mki) : NULL, mki ? nla_len(mki) : 0);
	if (key)
		return key;
	NL_SET_ERR_MSG_ATTR(info->extack, mki, "the SA has no key with this MKI");
	return ERR_PTR(-ENOENT);
}

/**
 * ksrtp_nl_key_del_doit() - remove a key
 * @skb: the request
 * @info: its attributes
 */
int ksrtp_nl_key_del_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct ksrtp_net *kn = ksrtp_net(genl_info_net(info));
	struct ksrtp_key *key;
	struct ksrtp_sa *sa;
	int err;

	mutex_lock(&kn->lock);
	sa = named(kn, info, false);
	err = PTR_ERR_OR_ZERO(sa);
	if (err)
		goto out;
	key = named_key(sa, info);
	err = PTR_ERR_OR_ZERO(key);
	if (!err)
		ksrtp_key_del(sa, key);
out:
	mutex_unlock(&kn->lock);
	return err;
}

/**
 * ksrtp_nl_key_activate_doit() - make packets use a key
 * @skb: the request
 * @info: its attributes
 */
int ksrtp_nl_key_activate_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct ksrtp_net *kn = ksrtp_net(genl_info_net(info));
	struct ksrtp_key *key;
	struct ksrtp_sa *sa;
	int err;

	mutex_lock(&kn->lock);
	sa = named(kn, info, false);
	err = PTR_ERR_OR_ZERO(sa);
	if (err)
		goto out;
	key = named_key(sa, info);
	err = PTR_ERR_OR_ZERO(key);
	if (!err)
		err = ksrtp_key_activate(sa, key, info->extack);
out:
	mutex_unlock(&kn->lock);
	return err;
}
