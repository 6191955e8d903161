// SPDX-License-Identifier: GPL-2.0-or-later
/* Taking over what a gone owner left. */
#include <limits.h>
#include <unistd.h>

#include "netlink/nl.h"

int claim_decode(int cmd, struct nlattr *attrs, int len, void *arg, struct err *e)
{
	struct nlattr *tb[KSRTP_A_CLAIM_MAX + 1] = { NULL };
	uint32_t v = UINT32_MAX;
	int *fd = arg;

	if (nla_parse(tb, KSRTP_A_CLAIM_MAX, attrs, len, NULL) < 0 ||
	    !nl_get_u32(tb, KSRTP_A_CLAIM_SOCKET_FD, &v))
		return nl_bad_reply("claim", e);
	if (v <= INT_MAX)
		*fd = (int)v;
	return 0;
}

static int claim(struct ksrtp_nl *nl, int type, const struct ksrtp_ref *ref, int grace, int *fd,
		 struct err *e)
{
	struct nl_msg *m = nl_request(nl, KSRTP_CMD_CLAIM, 0);

	if (!m || nla_put_u32(m, type, ref->id) ||
	    nla_put_u32(m, KSRTP_A_CLAIM_GENERATION, ref->generation) ||
	    (grace >= 0 && nla_put_u32(m, KSRTP_A_CLAIM_GRACE, (uint32_t)grace)))
		return nl_overflow(m, e);
	*fd = -1;
	return nl_transact(nl, m, claim_decode, fd, e);
}

int ksrtp_sa_claim(struct ksrtp_nl *nl, const struct ksrtp_ref *ref, int grace, struct err *e)
{
	int fd;

	return claim(nl, KSRTP_A_CLAIM_SA_ID, ref, grace, &fd, e);
}

int ksrtp_flow_claim(struct ksrtp_nl *nl, const struct ksrtp_ref *ref, int grace, int *fd,
		     struct err *e)
{
	int ret = claim(nl, KSRTP_A_CLAIM_FLOW_ID, ref, grace, fd, e);

	if (!ret && *fd < 0)
		return nl_bad_reply("claim: no socket", e);
	if (ret && *fd >= 0) {
		close(*fd);
		*fd = -1;
	}
	return ret;
}
