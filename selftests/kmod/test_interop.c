// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * libsrtp on the other side: each suite, both ways, RTP and RTCP, with and without MKI, across many
 * wraps of the sequence number and with reordering.
 */
#include <srtp2/srtp.h>
#include "harness.h"

#define PACKETS 2000
#define BATCH 8

static const u32 mki_lens[] = { 0, 1, 4, KSRTP_MKI_MAX };

static void policy_set(srtp_crypto_policy_t *p, const struct ksrtp_suite_desc *suite, bool rtcp)
{
	if (suite->cipher == KSRTP_CIPHER_NULL)
		srtp_crypto_policy_set_null_cipher_hmac_sha1_80(p);
	else
		srtp_crypto_policy_set_aes_cm_128_hmac_sha1_80(p);
	p->auth_tag_len = rtcp ? suite->rtcp_tag_len : suite->rtp_tag_len;
}

/*
 * libsrtp 2.5 looks for the MKI of SRTCP where the SRTP tag's length puts it. A session for RTCP
 * alone therefore has tags of one length.
 */
enum use { USE_RTP, USE_RTCP, USE_RTCP_CLEAR };

static srtp_t libsrtp_make(const struct ksrtp_suite_desc *suite, u32 mki_len, enum use use)
{
	static u8 master[sizeof(test_master)], mki[KSRTP_MKI_MAX];
	srtp_master_key_t key = { .key = master, .mki_id = mki, .mki_size = mki_len };
	srtp_master_key_t *keys[] = { &key };
	srtp_policy_t policy;
	srtp_t session;

	memcpy(master, test_master, sizeof(master));
	memcpy(mki, test_mki, sizeof(mki));
	memset(&policy, 0, sizeof(policy));
	policy_set(&policy.rtp, suite, use != USE_RTP);
	policy_set(&policy.rtcp, suite, true);
	if (use == USE_RTCP_CLEAR)
		policy.rtcp.sec_serv = sec_serv_auth;
	policy.ssrc.type = ssrc_specific;
	policy.ssrc.value = SSRC;
	policy.window_size = 128;
	if (mki_len) {
		policy.keys = keys;
		policy.num_master_keys = 1;
	} else {
		policy.key = master;
	}
	assert_int_equal(srtp_create(&session, &policy), srtp_err_status_ok);
	return session;
}

/**
 * struct pair - both implementations under one key
 * @key: the key, here
 * @mki: packets carry one
 * @lib: libsrtp's session
 * @end: the SSRC, here
 */
struct pair {
	struct ksrtp_key_ctx key;
	bool mki;
	srtp_t lib;
	struct end *end;
};

static void pair_make(struct pair *p, const struct ksrtp_suite_desc *suite, u32 mki_len, u32 roc,
		      enum use use)
{
	key_make(&p->key, suite, mki_len);
	p->mki = mki_len;
	p->lib = libsrtp_make(suite, mki_len, use);
	if (roc)
		assert_int_equal(srtp_set_stream_roc(p->lib, SSRC, roc), srtp_err_status_ok);
	p->end = end_make(SSRC, 128, roc);
}

static void pair_free(struct pair *p)
{
	ksrtp_key_ctx_destroy(&p->key);
	srtp_dealloc(p->lib);
	free(p->end);
}

static void lib_protect(struct pair *p, u8 *buf, u32 *len, bool rtcp)
{
	int n = *len;

	assert_int_equal(rtcp ? srtp_protect_rtcp_mki(p->lib, buf, &n, p->mki, 0) :
				srtp_protect_mki(p->lib, buf, &n, p->mki, 0),
			 srtp_err_status_ok);
	*len = n;
}

static void lib_unprotect(struct pair *p, u8 *buf, u32 *len, bool rtcp)
{
	int n = *len;

	assert_int_equal(rtcp ? srtp_unprotect_rtcp_mki(p->lib, buf, &n, p->mki) :
				srtp_unprotect_mki(p->lib, buf, &n, p->mki),
			 srtp_err_status_ok);
	*len = n;
}

static void our_protect(struct pair *p, u8 *buf, u32 *len, bool rtcp)
{
	struct ksrtp_pkt pkt = { .data = buf, .len = *len, .cap = BUF_LEN };

	assert_reason(rtcp ? ksrtp_protect_rtcp(&p->key, &p->end->s, &pkt) :
			     ksrtp_protect_rtp(&p->key, &p->end->s, &pkt),
		      KSRTP_REASON_OK);
	*len = pkt.len;
}

static void our_unprotect(struct pair *p, u8 *buf, u32 *len, bool rtcp)
{
	struct ksrtp_pkt pkt = { .data = buf, .len = *len, .cap = *len };
	u32 index32;
	u64 index;

	assert_reason(rtcp ? ksrtp_unprotect_rtcp(&p->key, &p->end->s, &pkt, &index32) :
			     ksrtp_unprotect_rtp(&p->key, &p->end->s, 0, &pkt, &index),
		      KSRTP_REASON_OK);
	*len = pkt.len;
}

/* One packet there and back; @ours says who protects. */
static void cross(struct pair *p, u64 *rng, u16 seq, bool rtcp, bool ours)
{
	u8 buf[BUF_LEN] __aligned(4), plain[BUF_LEN];
	u32 len, plain_len, more;

	len = rtcp ? rtcp_random(rng, buf, SSRC) : rtp_random(rng, buf, seq, SSRC, 1200);
	memcpy(plain, buf, len);
	plain_len = len;
	(ours ? our_protect : lib_protect)(p, buf, &len, rtcp);
	more = rtcp ? ksrtp_suite_rtcp_overhead(p->key.suite, p->key.mki_len) :
		      ksrtp_suite_rtp_overhead(p->key.suite, p->key.mki_len);
	assert_int_equal(len, plain_len + more);
	(ours ? lib_unprotect : our_unprotect)(p, buf, &len, rtcp);
	assert_int_equal(len, plain_len);
	assert_memory_equal(buf, plain, len);
}

/* Batches in random order, sequence numbers with gaps; both sides see each batch in that order. */
static void cross_stream(struct pair *p, u64 *rng, u16 seq, u32 packets, bool ours)
{
	u16 batch[BATCH], t;
	u32 i, j, k;

	for (i = 0; i < packets; i += BATCH) {
		/* Reordering stays within the window of 128; what is lost in between does not. */
		seq += 1 + rnd(rng) % 4 * 500;
		for (j = 0; j < BATCH; j++)
			batch[j] = seq += 1 + rnd(rng) % 14;
		for (j = BATCH - 1; j; j--) {
			k = rnd(rng) % (j + 1);
			t = batch[j];
			batch[j] = batch[k];
			batch[k] = t;
		}
		for (j = 0; j < BATCH; j++)
			cross(p, rng, batch[j], false, ours);
	}
}

static void rtp(bool ours)
{
	const struct ksrtp_suite_desc *suite;
	struct ksrtp_ssrc_info info;
	struct pair p;
	u64 rng = 1;
	u32 i;

	for_each_suite(suite)
		for (i = 0; i < ARRAY_SIZE(mki_lens); i++) {
			pair_make(&p, suite, mki_lens[i], 0, USE_RTP);
			cross_stream(&p, &rng, 65000, PACKETS, ours);
			ksrtp_ssrc_info(&p.end->s, &info);
			assert_int_equal(info.counts.rtp_packets, PACKETS);
			/* The ROC was exercised: 250 batches of 800 numbers on average. */
			assert_true(info.rtp_index >> 16 >= 2);
			pair_free(&p);
		}
}

static void rtp_to_libsrtp(void **state)
{
	rtp(true);
}

static void rtp_from_libsrtp(void **state)
{
	rtp(false);
}

static void rtcp(bool ours)
{
	const struct ksrtp_suite_desc *suite;
	struct pair p;
	u64 rng = 2;
	u32 i, n;

	for_each_suite(suite)
		for (i = 0; i < ARRAY_SIZE(mki_lens); i++) {
			pair_make(&p, suite, mki_lens[i], 0, USE_RTCP);
			for (n = 0; n < 500; n++)
				cross(&p, &rng, 0, true, ours);
			pair_free(&p);
		}
}

static void rtcp_to_libsrtp(void **state)
{
	rtcp(true);
}

static void rtcp_from_libsrtp(void **state)
{
	rtcp(false);
}

/* The 48-bit index reaches the IV, the ROC the tag: cycles with all four octets set. */
static void high_roc(void **state)
{
	static const u32 rocs[] = { 1, 0x7fffffff, 0x80000000, 0xfedcba98 };
	const struct ksrtp_suite_desc *suite;
	struct pair p;
	u64 rng = 3;
	u32 i, ours;

	for_each_suite(suite)
		for (i = 0; i < ARRAY_SIZE(rocs); i++)
			for (ours = 0; ours < 2; ours++) {
				pair_make(&p, suite, 4, rocs[i], USE_RTP);
				cross_stream(&p, &rng, 64000, 200, ours);
				pair_free(&p);
			}
}

/* Packets in each order around the wrap, one each way. */
static void orders_around_wrap(void **state)
{
	static const u16 orders[][5] = {
		{ 65534, 65535, 0, 1, 2 },
		{ 65534, 0, 65535, 2, 1 },
		{ 65533, 2, 65535, 1, 0 },
		{ 40000, 1, 65535, 65534, 2 },
	};
	const struct ksrtp_suite_desc *suite;
	struct pair p;
	u64 rng = 4;
	u32 i, j, ours;

	for_each_suite(suite)
		for (i = 0; i < ARRAY_SIZE(orders); i++)
			for (ours = 0; ours < 2; ours++) {
				pair_make(&p, suite, 0, 0, USE_RTP);
				for (j = 0; j < ARRAY_SIZE(orders[i]); j++)
					cross(&p, &rng, orders[i][j], false, ours);
				pair_free(&p);
			}
}

/* An authentic peer that leaves SRTCP in clear where the suite encrypts is refused. */
static void rtcp_in_clear(void **state)
{
	const struct ksrtp_suite_desc *suite =
		ksrtp_suite_find(KSRTP_SUITE_ID_AES_CM_128_HMAC_SHA1_80);
	u8 buf[BUF_LEN] __aligned(4);
	struct ksrtp_pkt pkt = { .data = buf, .cap = BUF_LEN };
	struct pair p;
	u64 rng = 5;
	u32 index;

	pair_make(&p, suite, 0, 0, USE_RTCP_CLEAR);
	pkt.len = rtcp_random(&rng, buf, SSRC);
	lib_protect(&p, buf, &pkt.len, true);
	assert_reason(ksrtp_unprotect_rtcp(&p.key, &p.end->s, &pkt, &index), KSRTP_REASON_CLEAR);
	pair_free(&p);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(rtp_to_libsrtp),     cmocka_unit_test(rtp_from_libsrtp),
		cmocka_unit_test(rtcp_to_libsrtp),    cmocka_unit_test(rtcp_from_libsrtp),
		cmocka_unit_test(orders_around_wrap), cmocka_unit_test(high_roc),
		cmocka_unit_test(rtcp_in_clear),
	};

	if (srtp_init() != srtp_err_status_ok)
		return 1;
	return run_tap(tests);
}
