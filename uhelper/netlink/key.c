// SPDX-License-Identifier: GPL-2.0-or-later
/* Keys of a security association. */
#include "netlink/nl.h"

int ksrtp_key_add(struct ksrtp_nl *nl, const struct ksrtp_key_new *k, struct err *e)
{
	struct nl_msg *m = nl_request(nl, KSRTP_CMD_KEY_NEW, 0);
	struct nlattr *nest = m ? nla_nest_start(m, KSRTP_A_SA_KEY | NLA_F_NESTED) : NULL;

	if (!nest || nla_put_u32(m, KSRTP_A_KEY_SA_ID, k->sa_id) ||
	    nl_put_mki(m, KSRTP_A_KEY_MKI, &k->mki) ||
	    nla_put(m, KSRTP_A_KEY_MASTER_KEY, (int)k->key_len, k->key) ||
	    nla_put(m, KSRTP_A_KEY_MASTER_SALT, (int)k->salt_len, k->salt) ||
	    (k->active && nla_put_flag(m, KSRTP_A_KEY_ACTIVE)) ||
	    (k->soft_packets && nla_put_u64(m, KSRTP_A_KEY_SOFT_PACKETS, k->soft_packets)) ||
	    (k->hard_packets && nla_put_u64(m, KSRTP_A_KEY_HARD_PACKETS, k->hard_packets)) ||
	    (k->soft_seconds && nla_put_u32(m, KSRTP_A_KEY_SOFT_SECONDS, k->soft_seconds)) ||
	    (k->hard_seconds && nla_put_u32(m, KSRTP_A_KEY_HARD_SECONDS, k->hard_seconds)) ||
	    (k->roc && nla_put_u32(m, KSRTP_A_KEY_ROC, k->roc)))
		return nl_overflow(m, e);
	nla_nest_end(m, nest);
	return nl_transact(nl, m, NULL, NULL, e);
}

static int by_name(struct ksrtp_nl *nl, int cmd, uint32_t sa_id, const struct ksrtp_mki *mki,
		   struct err *e)
{
	struct nl_msg *m = nl_request(nl, cmd, 0);

	if (!m || nla_put_u32(m, KSRTP_A_SA_ID, sa_id) || nl_put_mki(m, KSRTP_A_SA_MKI, mki))
		return nl_overflow(m, e);
	return nl_transact(nl, m, NULL, NULL, e);
}

int ksrtp_key_del(struct ksrtp_nl *nl, uint32_t sa_id, const struct ksrtp_mki *mki,
		  struct err *e)
{
	return by_name(nl, KSRTP_CMD_KEY_DEL, sa_id, mki, e);
}

int ksrtp_key_activate(struct ksrtp_nl *nl, uint32_t sa_id, const struct ksrtp_mki *mki,
		       struct err *e)
{
	return by_name(nl, KSRTP_CMD_KEY_ACTIVATE, sa_id, mki, e);
}
