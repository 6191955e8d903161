// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Keys and SSRC state: the first packet of an SSRC, several CPUs on one SSRC, keys that cannot be
 * built.
 */
#include "harness.h"

#define THREADS 4
#define RACE_PACKETS 400

static const struct ksrtp_suite_desc *suite_default(void)
{
	return ksrtp_suite_find(KSRTP_SUITE_ID_AES_CM_128_HMAC_SHA1_80);
}

/* State is made after the packet proved authentic; the ROC that it proved under is the start. */
static void first_packet(void **state)
{
	struct ksrtp_key_ctx key;
	u8 buf[BUF_LEN], copy[BUF_LEN];
	struct ksrtp_pkt pkt = { .data = buf, .cap = BUF_LEN };
	struct ksrtp_ssrc_info info;
	struct end *tx, *rx;
	u64 rng = 11, index;
	u32 roc;

	key_make(&key, suite_default(), 0);
	tx = end_make(SSRC, 128, 5);
	pkt.len = rtp_random(&rng, buf, 65535, SSRC, 100);
	assert_reason(ksrtp_protect_rtp(&key, &tx->s, &pkt), KSRTP_REASON_OK);
	memcpy(copy, buf, pkt.len);

	for (roc = 0; roc < 5; roc++)
		assert_reason(ksrtp_unprotect_rtp(&key, NULL, roc, &pkt, &index),
			      KSRTP_REASON_AUTH_FAIL);
	assert_memory_equal(buf, copy, pkt.len);
	assert_reason(ksrtp_unprotect_rtp(&key, NULL, 5, &pkt, &index), KSRTP_REASON_OK);
	assert_int_equal(index, 5ULL << 16 | 65535);

	/* Two CPUs had the same first packet: the second finds the first one's state. */
	rx = end_make(SSRC, 128, index >> 16);
	assert_reason(ksrtp_commit_rtp(&rx->s, index, pkt.len), KSRTP_REASON_OK);
	assert_reason(ksrtp_commit_rtp(&rx->s, index, pkt.len), KSRTP_REASON_REPLAY);
	ksrtp_ssrc_info(&rx->s, &info);
	assert_true(info.rtp_used);
	assert_false(info.rtcp_used);
	assert_int_equal(info.rtp_index, index);
	assert_int_equal(info.counts.rtp_packets, 1);
	assert_int_equal(info.counts.rtp_octets, pkt.len);
	assert_int_equal(info.counts.replay, 1);

	/* The next one is in the next cycle. */
	pkt.len = rtp_random(&rng, buf, 0, SSRC, 100);
	assert_reason(ksrtp_protect_rtp(&key, &tx->s, &pkt), KSRTP_REASON_OK);
	assert_reason(ksrtp_unprotect_rtp(&key, &rx->s, 0, &pkt, &index), KSRTP_REASON_OK);
	assert_int_equal(index, 6ULL << 16);
	free(tx);
	free(rx);
	ksrtp_key_ctx_destroy(&key);
}

static void first_rtcp_packet(void **state)
{
	struct ksrtp_key_ctx key;
	u8 buf[BUF_LEN];
	struct ksrtp_pkt pkt = { .data = buf, .cap = BUF_LEN };
	struct end *tx, *rx;
	u64 rng = 12;
	u32 index;

	key_make(&key, suite_default(), 4);
	tx = end_make(SSRC, 128, 0);
	rx = end_make(SSRC, 128, 0);
	pkt.len = rtcp_random(&rng, buf, SSRC);
	assert_reason(ksrtp_protect_rtcp(&key, &tx->s, &pkt), KSRTP_REASON_OK);
	assert_reason(ksrtp_unprotect_rtcp(&key, NULL, &pkt, &index), KSRTP_REASON_OK);
	assert_int_equal(index, 0);
	assert_reason(ksrtp_commit_rtcp(&rx->s, index, pkt.len), KSRTP_REASON_OK);
	assert_reason(ksrtp_commit_rtcp(&rx->s, index, pkt.len), KSRTP_REASON_REPLAY);
	free(tx);
	free(rx);
	ksrtp_key_ctx_destroy(&key);
}

/* Windows of all sizes hold through the transform, not only by themselves. */
static void window_sizes(void **state)
{
	static const u32 sizes[] = { 64, 128, 512, 4096 };
	struct ksrtp_key_ctx key;
	u8 buf[BUF_LEN];
	struct ksrtp_pkt pkt = { .data = buf, .cap = BUF_LEN };
	struct end *tx, *rx;
	u64 rng = 13, index;
	u32 i, late;

	key_make(&key, suite_default(), 0);
	for (i = 0; i < ARRAY_SIZE(sizes); i++)
		for (late = sizes[i] - 1; late <= sizes[i]; late++) {
			tx = end_make(SSRC, 32768, 0);
			rx = end_make(SSRC, sizes[i], 0);
			pkt.len = rtp_random(&rng, buf, 20000, SSRC, 10);
			assert_reason(ksrtp_protect_rtp(&key, &tx->s, &pkt), KSRTP_REASON_OK);
			assert_reason(ksrtp_unprotect_rtp(&key, &rx->s, 0, &pkt, &index),
				      KSRTP_REASON_OK);
			pkt.len = rtp_random(&rng, buf, 20000 - late, SSRC, 10);
			assert_reason(ksrtp_protect_rtp(&key, &tx->s, &pkt), KSRTP_REASON_OK);
			assert_reason(ksrtp_unprotect_rtp(&key, &rx->s, 0, &pkt, &index),
				      late < sizes[i] ? KSRTP_REASON_OK : KSRTP_REASON_TOO_OLD);
			free(tx);
			free(rx);
		}
	ksrtp_key_ctx_destroy(&key);
}

/**
 * struct race - one SSRC, several threads
 * @key: the key
 * @end: the SSRC
 * @packets: what each thread presents, all of them
 * @lens: octets of each
 * @passed: how often each passed
 */
struct race {
	struct ksrtp_key_ctx key;
	struct end *end;
	u8 packets[RACE_PACKETS][64];
	u32 lens[RACE_PACKETS];
	unsigned int passed[RACE_PACKETS];
};

static void *race_receive(void *arg)
{
	struct race *r = arg;
	struct ksrtp_pkt pkt;
	u8 buf[64];
	u64 index;
	u32 i;

	for (i = 0; i < RACE_PACKETS; i++) {
		memcpy(buf, r->packets[i], r->lens[i]);
		pkt = (struct ksrtp_pkt){ buf, r->lens[i], sizeof(buf) };
		if (!ksrtp_unprotect_rtp(&r->key, &r->end->s, 0, &pkt, &index))
			__atomic_fetch_add(&r->passed[i], 1, __ATOMIC_RELAXED);
	}
	return NULL;
}

static void *race_send(void *arg)
{
	struct race *r = arg;
	struct ksrtp_pkt pkt;
	u8 buf[64] = { 0x80, 200, 0, 1 };
	u32 i, index;

	for (i = 0; i < RACE_PACKETS / THREADS; i++) {
		pkt = (struct ksrtp_pkt){ buf, 8, sizeof(buf) };
		if (ksrtp_protect_rtcp(&r->key, &r->end->s, &pkt))
			continue;
		index = get_unaligned_be32(buf + 8) & 0x7fffffff;
		if (index < RACE_PACKETS)
			__atomic_fetch_add(&r->passed[index], 1, __ATOMIC_RELAXED);
	}
	return NULL;
}

static void race_run(struct race *r, void *(*run)(void *))
{
	pthread_t threads[THREADS];
	u32 i;

	memset(r->passed, 0, sizeof(r->passed));
	for (i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, run, r), 0);
	for (i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	for (i = 0; i < RACE_PACKETS; i++)
		assert_int_equal(r->passed[i], 1);
}

/* Each packet passes once, each index is used once, however many CPUs meet on the SSRC. */
static void many_cpus(void **state)
{
	struct race *r = calloc(1, sizeof(*r));
	struct ksrtp_pkt pkt;
	u64 rng = 14;
	u32 i;

	assert_non_null(r);
	key_make(&r->key, suite_default(), 0);
	r->end = end_make(SSRC, 512, 0);
	for (i = 0; i < RACE_PACKETS; i++) {
		pkt = (struct ksrtp_pkt){ r->packets[i], 20, 64 };
		rnd_fill(&rng, pkt.data, 20);
		pkt.data[0] = 0x80;
		put_unaligned_be16(65400 + i, pkt.data + 2);
		put_unaligned_be32(SSRC, pkt.data + 8);
		assert_reason(ksrtp_protect_rtp(&r->key, &r->end->s, &pkt), KSRTP_REASON_OK);
		r->lens[i] = pkt.len;
	}
	free(r->end);
	r->end = end_make(SSRC, 512, 0);
	race_run(r, race_receive);
	race_run(r, race_send);
	free(r->end);
	ksrtp_key_ctx_destroy(&r->key);
	free(r);
}

static void key_lengths(void **state)
{
	const struct ksrtp_suite_desc *suite;
	struct ksrtp_key_params params;
	struct ksrtp_key_ctx key;

	for_each_suite(suite) {
		params = (struct ksrtp_key_params){
			suite, test_master, suite->master_key_len, test_master,
			suite->master_salt_len, test_mki, KSRTP_MKI_MAX,
		};
		assert_int_equal(ksrtp_key_ctx_init(&key, &params), 0);
		ksrtp_key_ctx_destroy(&key);
		params.master_key_len--;
		assert_int_equal(ksrtp_key_ctx_init(&key, &params), -EINVAL);
		params.master_key_len += 2;
		assert_int_equal(ksrtp_key_ctx_init(&key, &params), -EINVAL);
		params.master_key_len--;
		params.master_salt_len--;
		assert_int_equal(ksrtp_key_ctx_init(&key, &params), -EINVAL);
		params.master_salt_len++;
		params.mki_len = KSRTP_MKI_MAX + 1;
		assert_int_equal(ksrtp_key_ctx_init(&key, &params), -EINVAL);
	}
}

/* Each allocation fails in turn: an error, nothing leaked, nothing left in the object. */
static void key_without_memory(void **state)
{
	static const struct ksrtp_key_ctx empty;
	const struct ksrtp_suite_desc *suite;
	struct ksrtp_key_params params;
	struct ksrtp_key_ctx key;
	unsigned int n;
	int ret;

	for_each_suite(suite) {
		params = (struct ksrtp_key_params){
			suite, test_master, suite->master_key_len, test_master,
			suite->master_salt_len, NULL, 0,
		};
		for (n = 1;; n++) {
			shim_fail_at = n;
			ret = ksrtp_key_ctx_init(&key, &params);
			if (shim_fail_at)
				break;
			assert_int_equal(ret, -ENOMEM);
			assert_memory_equal(&key, &empty, sizeof(key));
		}
		shim_fail_at = 0;
		assert_int_equal(ret, 0);
		/* The derivation, and a MAC and perhaps a cipher for SRTP and SRTCP each. */
		assert_int_equal(n - 1, suite->key_len ? 5 : 3);
		ksrtp_key_ctx_destroy(&key);
		assert_memory_equal(&key, &empty, sizeof(key));
	}
}

/* MKIs are found where they stand, and only there. */
static void mki_found(void **state)
{
	const struct ksrtp_suite_desc *suite;
	struct ksrtp_key_ctx key;
	u8 buf[BUF_LEN];
	struct ksrtp_pkt pkt = { .data = buf, .cap = BUF_LEN };
	const u8 *mki;
	struct end *tx;
	u64 rng = 15;

	for_each_suite(suite) {
		key_make(&key, suite, 5);
		tx = end_make(SSRC, 64, 0);
		pkt.len = rtp_random(&rng, buf, 1, SSRC, 50);
		assert_reason(ksrtp_protect_rtp(&key, &tx->s, &pkt), KSRTP_REASON_OK);
		mki = ksrtp_rtp_mki(suite, buf, pkt.len, 5);
		assert_memory_equal(mki, test_mki, 5);
		assert_null(ksrtp_rtp_mki(suite, buf, 12 + suite->rtp_tag_len + 4, 5));

		pkt.len = rtcp_random(&rng, buf, SSRC);
		assert_reason(ksrtp_protect_rtcp(&key, &tx->s, &pkt), KSRTP_REASON_OK);
		mki = ksrtp_rtcp_mki(suite, buf, pkt.len, 5);
		assert_memory_equal(mki, test_mki, 5);
		assert_null(ksrtp_rtcp_mki(suite, buf, 8 + 4 + suite->rtcp_tag_len + 4, 5));
		free(tx);
		ksrtp_key_ctx_destroy(&key);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(first_packet), cmocka_unit_test(first_rtcp_packet),
		cmocka_unit_test(window_sizes), cmocka_unit_test(many_cpus),
		cmocka_unit_test(key_lengths),	cmocka_unit_test(key_without_memory),
		cmocka_unit_test(mki_found),
	};

	return run_tap(tests);
}
