// SPDX-License-Identifier: GPL-2.0-or-later
/* Counters of the network namespace. */
#include <string.h>

#include "netlink/nl.h"

static bool decode_reason(struct nlattr *nest, uint64_t *by_reason)
{
	struct nlattr *tb[KSRTP_A_DROPPED_MAX + 1] = { NULL };
	uint32_t reason = 0;
	uint64_t count = 0;

	if (nla_parse(tb, KSRTP_A_DROPPED_MAX, nla_data(nest), nla_len(nest), NULL) < 0 ||
	    !tb[KSRTP_A_DROPPED_REASON] || !tb[KSRTP_A_DROPPED_COUNT] ||
	    !nl_get_u32(tb, KSRTP_A_DROPPED_REASON, &reason) ||
	    !nl_get_u64(tb, KSRTP_A_DROPPED_COUNT, &count))
		return false;
	/* Reasons of a newer kernel stand together at place 0, which is none. */
	by_reason[reason < KSRTP_DROP_COUNT ? reason : KSRTP_DROP_OK] += count;
	return true;
}

int stats_decode(int cmd, struct nlattr *attrs, int len, void *arg, struct err *e)
{
	struct nlattr *tb[KSRTP_A_STATS_MAX + 1] = { NULL }, *a;
	struct ksrtp_stats *s = arg;
	int left;

	if (nla_parse(tb, KSRTP_A_STATS_MAX, attrs, len, NULL) < 0 || !tb[KSRTP_A_STATS_PACKETS] ||
	    !nl_get_u64(tb, KSRTP_A_STATS_PACKETS, &s->packets) ||
	    !nl_get_u64(tb, KSRTP_A_STATS_DELIVERED, &s->delivered) ||
	    !nl_get_u64(tb, KSRTP_A_STATS_PASSED, &s->passed) ||
	    !nl_get_u64(tb, KSRTP_A_STATS_SENT, &s->sent) ||
	    !nl_get_u32(tb, KSRTP_A_STATS_SAS, &s->sas) ||
	    !nl_get_u32(tb, KSRTP_A_STATS_FLOWS, &s->flows))
		return nl_bad_reply("stats", e);
	nla_for_each_attr(a, attrs, len, left) {
		if ((nla_type(a) == KSRTP_A_STATS_DROPPED && !decode_reason(a, s->dropped)) ||
		    (nla_type(a) == KSRTP_A_STATS_NOT_SENT && !decode_reason(a, s->not_sent)))
			return nl_bad_reply("stats", e);
	}
	return 0;
}

int ksrtp_stats_get(struct ksrtp_nl *nl, struct ksrtp_stats *stats, struct err *e)
{
	struct nl_msg *m = nl_request(nl, KSRTP_CMD_STATS_GET, 0);

	if (!m)
		return nl_overflow(m, e);
	memset(stats, 0, sizeof(*stats));
	return nl_transact(nl, m, stats_decode, stats, e);
}
