// SPDX-License-Identifier: GPL-2.0-or-later
/* Answers of the kernel, octet by octet; every cut of them is refused or understood. */
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>

#include <linux/genetlink.h>
#include <linux/netlink.h>

#include "unit.h"
#include "netlink/nl.h"

#define FAMILY 0x20
#define SEQ 5
#define PORT 77

static struct nl_msg *begin(int type, int flags, int cmd)
{
	struct nl_msg *m = nlmsg_alloc();
	struct genlmsghdr g = { .cmd = (uint8_t)cmd };

	nlmsg_put(m, PORT, SEQ, type, 0, flags);
	if (type >= NLMSG_MIN_TYPE)
		nlmsg_append(m, &g, sizeof(g), NLMSG_ALIGNTO);
	return m;
}

static int feed(struct nl_msg *m, size_t len, const struct nlmsghdr *req, nl_reply_fn *fn,
		void *arg, struct nl_walk *w, struct err *e)
{
	void *copy = malloc(len ? len : 1);	/* so that ASan sees each octet too far */
	int ret;

	memcpy(copy, nlmsg_hdr(m), len);
	*w = (struct nl_walk){ .family = FAMILY, .seq = SEQ, .port = PORT, .req = req, .fn = fn,
			       .arg = arg };
	ret = nl_feed(w, copy, len, e);
	free(copy);
	return ret;
}

static struct nl_msg *sa_reply(void)
{
	struct nl_msg *m = begin(FAMILY, NLM_F_MULTI, KSRTP_CMD_SA_GET);
	struct nlattr *n;

	nla_put_u32(m, KSRTP_A_SA_ID, 3);
	nla_put_u32(m, KSRTP_A_SA_GENERATION, 9);
	nla_put_u32(m, KSRTP_A_SA_DIRECTION, KSRTP_DIRECTION_TX);
	nla_put_u32(m, KSRTP_A_SA_SUITE, KSRTP_SUITE_AES_CM_128_HMAC_SHA1_80);
	nla_put_u32(m, KSRTP_A_SA_WINDOW, 128);
	nla_put(m, KSRTP_A_SA_COOKIE, 2, "hi");
	n = nla_nest_start(m, KSRTP_A_SA_KEY);
	nla_put(m, KSRTP_A_KEY_MKI, 4, "\0\0\0\1");
	nla_put_flag(m, KSRTP_A_KEY_ACTIVE);
	nla_put_u64(m, KSRTP_A_KEY_PACKETS, 1ull << 40);
	nla_nest_end(m, n);
	n = nla_nest_start(m, KSRTP_A_SA_SSRC);
	nla_put_u32(m, KSRTP_A_SSRC_SSRC, 0xdeadbeef);
	nla_put_u64(m, KSRTP_A_SSRC_INDEX, 0x10002);
	nla_put_u32(m, KSRTP_A_SSRC_ROC, 1);
	nla_put_u32(m, KSRTP_A_SSRC_SEQ, 2);
	nla_nest_end(m, n);
	return m;
}

static void test_sa(void **state)
{
	struct ksrtp_sa_list list = { NULL, 0 };
	struct nl_msg *m = sa_reply(), *more = begin(FAMILY, NLM_F_MULTI, KSRTP_CMD_SA_GET);
	struct err e = ERR_INIT;
	struct nlattr *n;
	struct nl_walk w;
	int i;

	assert_int_equal(feed(m, nlmsg_hdr(m)->nlmsg_len, NULL, sa_decode, &list, &w, &e), 0);
	assert_int_equal(list.n, 1);
	assert_int_equal(list.v[0].ref.generation, 9);
	assert_int_equal(list.v[0].cookie.len, 2);
	assert_true(list.v[0].keys[0].active);
	assert_int_equal(list.v[0].keys[0].packets, 1ull << 40);
	assert_int_equal(list.v[0].ssrcs[0].ssrc, 0xdeadbeef);
	assert_true(list.v[0].ssrcs[0].has_rtp);
	assert_false(list.v[0].ssrcs[0].has_rtcp);
	/* A message with the same name and SSRCs alone continues it. */
	nla_put_u32(more, KSRTP_A_SA_ID, 3);
	nla_put_u32(more, KSRTP_A_SA_GENERATION, 9);
	for (i = 0; i < 5; i++) {
		n = nla_nest_start(more, KSRTP_A_SA_SSRC);
		nla_put_u32(more, KSRTP_A_SSRC_SSRC, (uint32_t)i);
		nla_nest_end(more, n);
	}
	assert_int_equal(feed(more, nlmsg_hdr(more)->nlmsg_len, NULL, sa_decode, &list, &w, &e), 0);
	assert_int_equal(list.n, 1);
	assert_int_equal(list.v[0].n_ssrcs, 6);
	assert_int_equal(list.v[0].ssrcs[5].ssrc, 4);
	ksrtp_sa_list_free(&list);
	/* On its own it is none. */
	assert_refused(feed(more, nlmsg_hdr(more)->nlmsg_len, NULL, sa_decode, &list, &w, &e), e,
		       EPROTO, "missing");
	ksrtp_sa_list_free(&list);
	nlmsg_free(m);
	nlmsg_free(more);
}

/* Every cut of a message, its length telling the truth or not. */
static void test_cuts(void **state)
{
	struct nl_msg *m = sa_reply();
	struct nlmsghdr *h = nlmsg_hdr(m);
	uint32_t whole = h->nlmsg_len, len;
	struct ksrtp_sa_list list;
	struct nl_walk w;
	struct err e;

	for (len = 0; len < whole; len++) {
		list = (struct ksrtp_sa_list){ NULL, 0 };
		h->nlmsg_len = whole;
		assert_int_equal(feed(m, len, NULL, sa_decode, &list, &w, &e), len ? -EPROTO : 0);
		ksrtp_sa_list_free(&list);
		h->nlmsg_len = len;
		feed(m, len, NULL, sa_decode, &list, &w, &e);
		ksrtp_sa_list_free(&list);
	}
	nlmsg_free(m);
}

static void test_wrong_lengths(void **state)
{
	static const int types[] = { KSRTP_A_SA_WINDOW, KSRTP_A_SA_STATE, KSRTP_A_SA_GRACE };
	struct ksrtp_sa_list list;
	struct nl_walk w;
	struct nl_msg *m;
	struct err e;
	size_t i;
	char big[200] = "";

	for (i = 0; i < 3; i++) {
		m = sa_reply();
		nla_put(m, types[i], 3, "abc");
		list = (struct ksrtp_sa_list){ NULL, 0 };
		assert_int_equal(feed(m, nlmsg_hdr(m)->nlmsg_len, NULL, sa_decode, &list, &w, &e),
				 -EPROTO);
		ksrtp_sa_list_free(&list);
		nlmsg_free(m);
	}
	m = sa_reply();
	nla_put(m, KSRTP_A_SA_COOKIE, KSRTP_COOKIE_MAX + 1, big);
	assert_int_equal(feed(m, nlmsg_hdr(m)->nlmsg_len, NULL, sa_decode, &list, &w, &e), -EPROTO);
	ksrtp_sa_list_free(&list);
	nlmsg_free(m);
}

static void test_flow(void **state)
{
	struct ksrtp_flow_list list = { NULL, 0 };
	struct nl_msg *m = begin(FAMILY, NLM_F_MULTI, KSRTP_CMD_FLOW_GET);
	struct sockaddr_in *v4;
	struct err e = ERR_INIT;
	struct nlattr *n;
	struct nl_walk w;
	int i;

	nla_put_u32(m, KSRTP_A_FLOW_ID, 1);
	nla_put_u32(m, KSRTP_A_FLOW_GENERATION, 1);
	nla_put_u32(m, KSRTP_A_FLOW_KIND, KSRTP_KIND_RTCP);
	nla_put(m, KSRTP_A_FLOW_LOCAL_ADDR, 16, "\xfe\x80\0\0\0\0\0\0\0\0\0\0\0\0\0\1");
	nla_put(m, KSRTP_A_FLOW_LOCAL_PORT, 2, "\x13\x88");
	nla_put_u32(m, KSRTP_A_FLOW_IFINDEX, 4);
	for (i = 0; i < KSRTP_DESTINATIONS_MAX; i++) {
		n = nla_nest_start(m, KSRTP_A_FLOW_DESTINATION);
		nla_put(m, KSRTP_A_DESTINATION_ADDR, 4, "\xc0\0\2\1");
		nla_put(m, KSRTP_A_DESTINATION_PORT, 2, "\x13\x89");
		nla_nest_end(m, n);
	}
	assert_int_equal(feed(m, nlmsg_hdr(m)->nlmsg_len, NULL, flow_decode, &list, &w, &e), 0);
	assert_int_equal(list.v[0].n_dst, KSRTP_DESTINATIONS_MAX);
	v4 = (struct sockaddr_in *)&list.v[0].dst[7].addr;
	assert_int_equal(ntohs(v4->sin_port), 5001);
	assert_int_equal(((struct sockaddr_in6 *)&list.v[0].local)->sin6_scope_id, 4);
	assert_int_equal(list.v[0].remote.ss_family, 0);
	ksrtp_flow_list_free(&list);
	/* One destination more than there can be. */
	n = nla_nest_start(m, KSRTP_A_FLOW_DESTINATION);
	nla_put(m, KSRTP_A_DESTINATION_ADDR, 4, "\xc0\0\2\1");
	nla_nest_end(m, n);
	assert_refused(feed(m, nlmsg_hdr(m)->nlmsg_len, NULL, flow_decode, &list, &w, &e), e,
		       EPROTO, "destination");
	ksrtp_flow_list_free(&list);
	nlmsg_free(m);
}

/* A refusal: errno, sentence, and where in the request. */
static struct nl_msg *refusal(int code, const char *text, uint32_t offset, uint32_t miss)
{
	struct nl_msg *m = begin(NLMSG_ERROR, NLM_F_CAPPED | NLM_F_ACK_TLVS, 0);
	struct nlmsgerr ne = { .error = code };

	nlmsg_append(m, &ne, sizeof(ne), NLMSG_ALIGNTO);
	if (text)
		nla_put_string(m, NLMSGERR_ATTR_MSG, text);
	if (offset && !miss)
		nla_put_u32(m, NLMSGERR_ATTR_OFFS, offset);
	if (miss) {
		nla_put_u32(m, NLMSGERR_ATTR_MISS_TYPE, miss);
		if (offset)
			nla_put_u32(m, NLMSGERR_ATTR_MISS_NEST, offset);
	}
	return m;
}

static void check_refusal(int code, const char *text, uint32_t offset, uint32_t miss,
			  const struct nlmsghdr *req, const char *want)
{
	struct nl_msg *m = refusal(code, text, offset, miss);
	struct err e = ERR_INIT;
	struct nl_walk w;

	assert_int_equal(feed(m, nlmsg_hdr(m)->nlmsg_len, req, NULL, NULL, &w, &e), code);
	assert_string_equal(e.msg, want);
	assert_true(w.done);
	nlmsg_free(m);
}

static void test_refusals(void **state)
{
	struct nl_msg *req = begin(FAMILY, NLM_F_REQUEST, KSRTP_CMD_KEY_NEW);
	struct nlmsghdr *h = nlmsg_hdr(req);
	struct nlattr *nest = nla_nest_start(req, KSRTP_A_SA_KEY | NLA_F_NESTED);
	uint32_t at_nest = (uint32_t)((char *)nest - (char *)h), at_key;

	nla_put_u32(req, KSRTP_A_KEY_SA_ID, 1);
	at_key = h->nlmsg_len;
	nla_put(req, KSRTP_A_KEY_MASTER_KEY, 3, "abc");
	nla_nest_end(req, nest);
	h->nlmsg_flags = NLM_F_REQUEST;

	check_refusal(-EINVAL, "too short", at_key, 0, h, "too short (key.master-key)");
	check_refusal(-EINVAL, "too short", at_nest, 0, h, "too short (key)");
	check_refusal(-EINVAL, NULL, 0, KSRTP_A_SA_ID, h, "Invalid argument (id is missing)");
	check_refusal(-EINVAL, NULL, at_nest, KSRTP_A_KEY_MKI, h,
		      "Invalid argument (key.mki is missing)");
	check_refusal(-ENOENT, "no such sa", 0, 0, h, "no such sa");
	check_refusal(-EINVAL, "odd", 4000000000u, 0, h, "odd");
	check_refusal(-EINVAL, "odd", 1, 0, h, "odd (key)");
	check_refusal(-EINVAL, "odd", 0, 999, h, "odd (? is missing)");
	check_refusal(-EINVAL, "odd", at_key, 0, NULL, "odd");
	check_refusal(-EPERM, NULL, 0, 0, h,
		      "not permitted: this needs CAP_NET_ADMIN over the network namespace");
	nlmsg_free(req);
}

static void test_acks(void **state)
{
	struct nl_msg *m = refusal(0, NULL, 0, 0);
	struct nlmsgerr *ne = nlmsg_data(nlmsg_hdr(m));
	struct err e = ERR_INIT;
	struct nl_walk w;
	int n = 0;

	assert_int_equal(feed(m, nlmsg_hdr(m)->nlmsg_len, NULL, NULL, NULL, &w, &e), 0);
	assert_true(w.done);
	/* Left over from an earlier request: not the answer. */
	nlmsg_hdr(m)->nlmsg_seq = SEQ - 1;
	assert_int_equal(feed(m, nlmsg_hdr(m)->nlmsg_len, NULL, NULL, NULL, &w, &e), 0);
	assert_false(w.done);
	nlmsg_hdr(m)->nlmsg_seq = SEQ;
	ne->error = 1;
	assert_refused(feed(m, nlmsg_hdr(m)->nlmsg_len, NULL, NULL, NULL, &w, &e), e, EPROTO,
		       "error code");
	ne->error = INT32_MIN;
	assert_refused(feed(m, nlmsg_hdr(m)->nlmsg_len, NULL, NULL, NULL, &w, &e), e, EPROTO,
		       "error code");
	/* An echo of the request that does not fit into the message. */
	ne->error = -EINVAL;
	nlmsg_hdr(m)->nlmsg_flags = 0;
	ne->msg.nlmsg_len = 4000;
	assert_refused(feed(m, nlmsg_hdr(m)->nlmsg_len, NULL, NULL, NULL, &w, &e), e, EPROTO,
		       "acknowledgement");
	nlmsg_free(m);
	/* A dump that ends with a refusal. */
	m = begin(NLMSG_DONE, NLM_F_MULTI, 0);
	n = -ENOENT;
	nlmsg_append(m, &n, sizeof(n), NLMSG_ALIGNTO);
	assert_int_equal(feed(m, nlmsg_hdr(m)->nlmsg_len, NULL, NULL, NULL, &w, &e), -ENOENT);
	nlmsg_hdr(m)->nlmsg_flags |= NLM_F_DUMP_INTR;
	feed(m, nlmsg_hdr(m)->nlmsg_len, NULL, NULL, NULL, &w, &e);
	assert_true(w.changed);
	nlmsg_free(m);
}

static void test_event(void **state)
{
	struct nl_msg *m = begin(FAMILY, 0, KSRTP_CMD_SSRC_NEW_NTF);
	struct ksrtp_event ev;
	struct err e = ERR_INIT;
	struct nl_walk w;

	nla_put_u32(m, KSRTP_A_EVENT_SA_ID, 4);
	nla_put_u32(m, KSRTP_A_EVENT_SSRC, 0);
	nla_put(m, KSRTP_A_EVENT_MKI, 4, "\0\0\0\1");
	assert_int_equal(feed(m, nlmsg_hdr(m)->nlmsg_len, NULL, event_decode, &ev, &w, &e), 0);
	assert_true(ev.has_sa && ev.has_ssrc && !ev.has_flow);
	assert_int_equal(ev.mki.len, 4);
	assert_string_equal(ksrtp_event_name(ev.cmd), "ssrc-new");
	nlmsg_free(m);
}

static void test_stats(void **state)
{
	struct nl_msg *m = begin(FAMILY, 0, KSRTP_CMD_STATS_GET);
	struct ksrtp_stats s = { 0 };
	struct err e = ERR_INIT;
	struct nl_walk w;
	static const uint32_t reasons[] = { KSRTP_DROP_REPLAY, KSRTP_DROP_COUNT };
	size_t i;

	nla_put_u64(m, KSRTP_A_STATS_PACKETS, 10);
	for (i = 0; i < 2; i++) {
		struct nlattr *n = nla_nest_start(m, KSRTP_A_STATS_DROPPED);

		nla_put_u32(m, KSRTP_A_DROPPED_REASON, reasons[i]);
		nla_put_u64(m, KSRTP_A_DROPPED_COUNT, 3);
		nla_nest_end(m, n);
	}
	assert_int_equal(feed(m, nlmsg_hdr(m)->nlmsg_len, NULL, stats_decode, &s, &w, &e), 0);
	assert_int_equal(s.dropped[KSRTP_DROP_REPLAY], 3);
	assert_int_equal(s.dropped[0], 3);
	nlmsg_free(m);
}

static void test_names(void **state)
{
	assert_string_equal(ksrtp_suite_name(1), "AES_CM_128_HMAC_SHA1_80");
	assert_string_equal(ksrtp_suite_name(UINT32_MAX), "unknown");
	assert_string_equal(ksrtp_drop_name(KSRTP_DROP_AUTH_FAIL), "auth-fail");
	assert_string_equal(ksrtp_event_name(-1), "unknown");
	assert_string_equal(ksrtp_state_name(0), "unknown");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sa),	cmocka_unit_test(test_cuts),
		cmocka_unit_test(test_wrong_lengths), cmocka_unit_test(test_flow),
		cmocka_unit_test(test_refusals), cmocka_unit_test(test_acks),
		cmocka_unit_test(test_event),	cmocka_unit_test(test_stats),
		cmocka_unit_test(test_names),
	};

	return run_tests(tests);
}
