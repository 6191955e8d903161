// SPDX-License-Identifier: GPL-2.0-or-later
/* Security associations. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "netlink/nl.h"

/* A list that keeps changing is read this often before giving up. */
#define DUMP_TRIES 8

int ksrtp_sa_add(struct ksrtp_nl *nl, const struct ksrtp_sa_new *sa, struct ksrtp_ref *ref,
		 struct err *e)
{
	struct nl_msg *m = nl_request(nl, KSRTP_CMD_SA_NEW, 0);
	struct ksrtp_ref got = { 0, 0 };
	int ret;

	if (!m || (sa->id && nla_put_u32(m, KSRTP_A_SA_ID, sa->id)) ||
	    nla_put_u32(m, KSRTP_A_SA_DIRECTION, sa->direction) ||
	    nla_put_u32(m, KSRTP_A_SA_SUITE, sa->suite) ||
	    (sa->window && nla_put_u32(m, KSRTP_A_SA_WINDOW, sa->window)) ||
	    (sa->mki_len && nla_put_u32(m, KSRTP_A_SA_MKI_LEN, sa->mki_len)) ||
	    (sa->ssrc_limit && nla_put_u32(m, KSRTP_A_SA_SSRC_LIMIT, sa->ssrc_limit)) ||
	    nl_put_cookie(m, KSRTP_A_SA_COOKIE, &sa->cookie) ||
	    (sa->owned && nla_put_flag(m, KSRTP_A_SA_OWNED)) ||
	    ((sa->grace || sa->grace_now) && nla_put_u32(m, KSRTP_A_SA_GRACE, sa->grace)))
		return nl_overflow(m, e);
	ret = nl_transact(nl, m, sa_ref_decode, &got, e);
	if (!ret && !got.id)
		ret = nl_bad_reply("sa: no id", e);
	if (!ret && ref)
		*ref = got;
	return ret;
}

int ksrtp_sa_del(struct ksrtp_nl *nl, uint32_t id, uint32_t generation, struct err *e)
{
	struct nl_msg *m = nl_request(nl, KSRTP_CMD_SA_DEL, 0);

	if (!m || nla_put_u32(m, KSRTP_A_SA_ID, id) ||
	    (generation && nla_put_u32(m, KSRTP_A_SA_GENERATION, generation)))
		return nl_overflow(m, e);
	return nl_transact(nl, m, NULL, NULL, e);
}

int sa_ref_decode(int cmd, struct nlattr *attrs, int len, void *arg, struct err *e)
{
	struct nlattr *tb[KSRTP_A_SA_MAX + 1] = { NULL };
	struct ksrtp_ref *ref = arg;

	if (nla_parse(tb, KSRTP_A_SA_MAX, attrs, len, NULL) < 0 || !tb[KSRTP_A_SA_ID] ||
	    !tb[KSRTP_A_SA_GENERATION] || !nl_get_u32(tb, KSRTP_A_SA_ID, &ref->id) ||
	    !nl_get_u32(tb, KSRTP_A_SA_GENERATION, &ref->generation))
		return nl_bad_reply("sa", e);
	return 0;
}

static bool decode_key(struct nlattr *nest, struct ksrtp_key_info *k)
{
	struct nlattr *tb[KSRTP_A_KEY_MAX + 1] = { NULL };

	if (nla_parse(tb, KSRTP_A_KEY_MAX, nla_data(nest), nla_len(nest), NULL) < 0)
		return false;
	k->active = tb[KSRTP_A_KEY_ACTIVE];
	k->expired = tb[KSRTP_A_KEY_EXPIRED];
	return nl_get_mki(tb, KSRTP_A_KEY_MKI, &k->mki) &&
	       nl_get_u64(tb, KSRTP_A_KEY_SOFT_PACKETS, &k->soft_packets) &&
	       nl_get_u64(tb, KSRTP_A_KEY_HARD_PACKETS, &k->hard_packets) &&
	       nl_get_u32(tb, KSRTP_A_KEY_SOFT_SECONDS, &k->soft_seconds) &&
	       nl_get_u32(tb, KSRTP_A_KEY_HARD_SECONDS, &k->hard_seconds) &&
	       nl_get_u32(tb, KSRTP_A_KEY_ROC, &k->roc) &&
	       nl_get_u64(tb, KSRTP_A_KEY_PACKETS, &k->packets) &&
	       nl_get_u32(tb, KSRTP_A_KEY_AGE, &k->age);
}

static bool decode_ssrc(struct nlattr *nest, struct ksrtp_ssrc_info *s)
{
	struct nlattr *tb[KSRTP_A_SSRC_MAX + 1] = { NULL };

	if (nla_parse(tb, KSRTP_A_SSRC_MAX, nla_data(nest), nla_len(nest), NULL) < 0 ||
	    !tb[KSRTP_A_SSRC_SSRC])
		return false;
	s->has_rtp = tb[KSRTP_A_SSRC_INDEX];
	s->has_rtcp = tb[KSRTP_A_SSRC_RTCP_INDEX];
	return nl_get_u32(tb, KSRTP_A_SSRC_SSRC, &s->ssrc) &&
	       nl_get_mki(tb, KSRTP_A_SSRC_MKI, &s->mki) &&
	       nl_get_u32(tb, KSRTP_A_SSRC_ROC, &s->roc) &&
	       nl_get_u32(tb, KSRTP_A_SSRC_SEQ, &s->seq) &&
	       nl_get_u64(tb, KSRTP_A_SSRC_INDEX, &s->index) &&
	       nl_get_u32(tb, KSRTP_A_SSRC_RTCP_INDEX, &s->rtcp_index) &&
	       nl_get_u32(tb, KSRTP_A_SSRC_WINDOW, &s->window) &&
	       nl_get_u64(tb, KSRTP_A_SSRC_RTP_PACKETS, &s->rtp_packets) &&
	       nl_get_u64(tb, KSRTP_A_SSRC_RTP_OCTETS, &s->rtp_octets) &&
	       nl_get_u64(tb, KSRTP_A_SSRC_RTCP_PACKETS, &s->rtcp_packets) &&
	       nl_get_u64(tb, KSRTP_A_SSRC_RTCP_OCTETS, &s->rtcp_octets) &&
	       nl_get_u64(tb, KSRTP_A_SSRC_AUTH_FAIL, &s->auth_fail) &&
	       nl_get_u64(tb, KSRTP_A_SSRC_REPLAY, &s->replay) &&
	       nl_get_u64(tb, KSRTP_A_SSRC_TOO_OLD, &s->too_old) &&
	       nl_get_u64(tb, KSRTP_A_SSRC_OTHER, &s->other) &&
	       nl_get_u32(tb, KSRTP_A_SSRC_LAST_REASON, &s->last_reason);
}

/* One zeroed element more; NULL when out of memory. */
static void *grow(void *vec, size_t *n, size_t size)
{
	void **v = vec;
	char *p = *v;

	/* Capacity is the next power of two, so it changes only when the count is one. */
	if (!(*n & (*n - 1))) {
		p = reallocarray(*v, *n ? *n * 2 : 1, size);
		if (!p)
			return NULL;
		*v = p;
	}
	memset(p + *n * size, 0, size);
	return p + (*n)++ * size;
}

static int decode_nests(struct ksrtp_sa *sa, struct nlattr *attrs, int len, struct err *e)
{
	struct nlattr *a;
	void *p;
	int left;

	nla_for_each_attr(a, attrs, len, left) {
		if (nla_type(a) == KSRTP_A_SA_KEY) {
			p = grow(&sa->keys, &sa->n_keys, sizeof(*sa->keys));
			if (p && !decode_key(a, p))
				return nl_bad_reply("key", e);
		} else if (nla_type(a) == KSRTP_A_SA_SSRC) {
			p = grow(&sa->ssrcs, &sa->n_ssrcs, sizeof(*sa->ssrcs));
			if (p && !decode_ssrc(a, p))
				return nl_bad_reply("ssrc", e);
		} else {
			continue;
		}
		if (!p)
			return err_set(e, ENOMEM, "out of memory");
	}
	return 0;
}

int sa_decode(int cmd, struct nlattr *attrs, int len, void *arg, struct err *e)
{
	struct nlattr *tb[KSRTP_A_SA_MAX + 1] = { NULL };
	struct ksrtp_sa_list *list = arg;
	struct ksrtp_sa *sa = list->n ? &list->v[list->n - 1] : NULL;
	struct ksrtp_ref ref = { 0, 0 };

	if (nla_parse(tb, KSRTP_A_SA_MAX, attrs, len, NULL) < 0 || !tb[KSRTP_A_SA_ID] ||
	    !nl_get_u32(tb, KSRTP_A_SA_ID, &ref.id) ||
	    !nl_get_u32(tb, KSRTP_A_SA_GENERATION, &ref.generation))
		return nl_bad_reply("sa", e);
	/* An sa with many SSRCs goes on in further messages, which have nothing else. */
	if (sa && sa->ref.id == ref.id && sa->ref.generation == ref.generation &&
	    !tb[KSRTP_A_SA_DIRECTION])
		return decode_nests(sa, attrs, len, e);
	if (!tb[KSRTP_A_SA_GENERATION] || !tb[KSRTP_A_SA_DIRECTION] || !tb[KSRTP_A_SA_SUITE])
		return nl_bad_reply("sa: an attribute is missing", e);
	sa = grow(&list->v, &list->n, sizeof(*sa));
	if (!sa)
		return err_set(e, ENOMEM, "out of memory");
	sa->ref = ref;
	sa->owned = tb[KSRTP_A_SA_OWNED];
	if (!nl_get_u32(tb, KSRTP_A_SA_DIRECTION, &sa->direction) ||
	    !nl_get_u32(tb, KSRTP_A_SA_SUITE, &sa->suite) ||
	    !nl_get_u32(tb, KSRTP_A_SA_WINDOW, &sa->window) ||
	    !nl_get_u32(tb, KSRTP_A_SA_MKI_LEN, &sa->mki_len) ||
	    !nl_get_u32(tb, KSRTP_A_SA_SSRC_LIMIT, &sa->ssrc_limit) ||
	    !nl_get_cookie(tb, KSRTP_A_SA_COOKIE, &sa->cookie) ||
	    !nl_get_u32(tb, KSRTP_A_SA_GRACE, &sa->grace) ||
	    !nl_get_u32(tb, KSRTP_A_SA_GRACE_LEFT, &sa->grace_left) ||
	    !nl_get_u32(tb, KSRTP_A_SA_STATE, &sa->state) ||
	    !nl_get_u32(tb, KSRTP_A_SA_FLOWS, &sa->flows))
		return nl_bad_reply("sa", e);
	return decode_nests(sa, attrs, len, e);
}

void ksrtp_sa_list_free(struct ksrtp_sa_list *list)
{
	size_t i;

	for (i = 0; i < list->n; i++) {
		free(list->v[i].keys);
		free(list->v[i].ssrcs);
	}
	free(list->v);
	list->v = NULL;
	list->n = 0;
}

/* The kernel filters a dump; a number is looked for here, so that the dump's parts stay one. */
static void keep_id(struct ksrtp_sa_list *list, uint32_t id)
{
	size_t i, n = 0;

	for (i = 0; i < list->n; i++) {
		if (list->v[i].ref.id == id) {
			list->v[n++] = list->v[i];
			continue;
		}
		free(list->v[i].keys);
		free(list->v[i].ssrcs);
	}
	list->n = n;
}

int ksrtp_sa_dump(struct ksrtp_nl *nl, const struct ksrtp_filter *filter,
		  struct ksrtp_sa_list *list, struct err *e)
{
	int ret = -EAGAIN, tries;

	*list = (struct ksrtp_sa_list){ NULL, 0 };
	for (tries = 0; ret == -EAGAIN && tries < DUMP_TRIES; tries++) {
		struct nl_msg *m = nl_request(nl, KSRTP_CMD_SA_GET, NLM_F_DUMP);

		ksrtp_sa_list_free(list);
		if (!m || (filter && ((filter->id && nla_put_u32(m, KSRTP_A_SA_ID, filter->id)) ||
				      (filter->direction &&
				       nla_put_u32(m, KSRTP_A_SA_DIRECTION, filter->direction)) ||
				      nl_put_cookie(m, KSRTP_A_SA_COOKIE, &filter->cookie))))
			return nl_overflow(m, e);
		ret = nl_transact(nl, m, sa_decode, list, e);
	}
	if (!ret && filter && filter->id)
		keep_id(list, filter->id);
	return ret;
}
