// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What must not pass: each bit of a packet changed, each length cut, everything sent or received
 * twice, buffers without room. A packet refused on receive is left as it came.
 */
#include "harness.h"

static const u32 mki_lens[] = { 0, 4 };

/**
 * struct victim - a protected packet and what is needed to look at it
 * @key: the key
 * @rx: the receiver, who has accepted an earlier packet
 * @buf: the protected packet
 * @len: its octets
 * @plain: octets without the trailer
 * @rtcp: it is SRTCP
 */
struct victim {
	struct ksrtp_key_ctx key;
	struct end *rx;
	u8 buf[BUF_LEN];
	u32 len;
	u32 plain;
	bool rtcp;
};

/* In memory of exactly its length, so that ASan sees a read beyond. */
static enum ksrtp_reason receive(struct victim *v, const u8 *octets, u32 len)
{
	struct ksrtp_pkt pkt = { .data = malloc(len ? len : 1), .len = len, .cap = len };
	enum ksrtp_reason reason;
	u32 index32;
	u64 index;

	assert_non_null(pkt.data);
	memcpy(pkt.data, octets, len);
	reason = v->rtcp ? ksrtp_unprotect_rtcp(&v->key, &v->rx->s, &pkt, &index32) :
			   ksrtp_unprotect_rtp(&v->key, &v->rx->s, 0, &pkt, &index);
	if (reason) {
		assert_int_equal(pkt.len, len);
		assert_memory_equal(pkt.data, octets, len);
	}
	free(pkt.data);
	return reason;
}

static void protect(struct victim *v, struct end *tx, u64 *rng, u16 seq)
{
	struct ksrtp_pkt pkt = { .data = v->buf, .cap = BUF_LEN };

	if (v->rtcp) {
		pkt.len = rtcp_random(rng, v->buf, SSRC);
		v->plain = pkt.len;
		assert_reason(ksrtp_protect_rtcp(&v->key, &tx->s, &pkt), KSRTP_REASON_OK);
	} else {
		do
			pkt.len = rtp_random(rng, v->buf, seq, SSRC, 60);
		while (!(v->buf[0] & 0x10) || !(v->buf[0] & 0x0f));
		v->plain = pkt.len;
		assert_reason(ksrtp_protect_rtp(&v->key, &tx->s, &pkt), KSRTP_REASON_OK);
	}
	v->len = pkt.len;
}

/* Run @check on an unseen packet of each suite, RTP and RTCP, with and without MKI. */
static void each_victim(void (*check)(struct victim *v))
{
	const struct ksrtp_suite_desc *suite;
	struct victim v;
	struct end *tx;
	u64 rng = 7;
	u32 i, rtcp;

	for_each_suite(suite)
		for (i = 0; i < ARRAY_SIZE(mki_lens); i++)
			for (rtcp = 0; rtcp < 2; rtcp++) {
				v.rtcp = rtcp;
				key_make(&v.key, suite, mki_lens[i]);
				tx = end_make(SSRC, 128, 0);
				v.rx = end_make(SSRC, 128, 0);
				protect(&v, tx, &rng, 1000);
				assert_reason(receive(&v, v.buf, v.len), KSRTP_REASON_OK);
				protect(&v, tx, &rng, 1001);
				check(&v);
				ksrtp_key_ctx_destroy(&v.key);
				free(tx);
				free(v.rx);
			}
}

/* Where the index or the layout is read from, a change is noticed before the tag is computed. */
static bool early(const struct victim *v, u32 bit, enum ksrtp_reason reason)
{
	u32 at = bit / 8, mki = v->plain + (v->rtcp ? KSRTP_RTCP_INDEX_LEN : 0);

	switch (reason) {
	case KSRTP_REASON_VERSION:
		return bit < 2;
	case KSRTP_REASON_HEADER:
		/* X and CC, length of the extension; in RTCP the length of the first packet. */
		return v->rtcp ? at == 2 || at == 3 : at == 0 || at < v->plain;
	case KSRTP_REASON_RTCP_TYPE:
		return v->rtcp && at == 1;
	case KSRTP_REASON_MKI_UNKNOWN:
		return at >= mki && at < mki + v->key.mki_len;
	case KSRTP_REASON_REPLAY:
	case KSRTP_REASON_TOO_OLD:
		return v->rtcp ? at >= v->plain && at < mki : at == 2 || at == 3;
	default:
		return false;
	}
}

static void bits_of(struct victim *v)
{
	struct ksrtp_ssrc_info before, after;
	enum ksrtp_reason reason;
	u32 bit, failed = 0;

	ksrtp_ssrc_info(&v->rx->s, &before);
	for (bit = 0; bit < 8 * v->len; bit++) {
		v->buf[bit / 8] ^= 0x80 >> bit % 8;
		reason = receive(v, v->buf, v->len);
		v->buf[bit / 8] ^= 0x80 >> bit % 8;
		failed += reason == KSRTP_REASON_AUTH_FAIL;
		if (reason != KSRTP_REASON_AUTH_FAIL && !early(v, bit, reason))
			fail_msg("bit %u of %u octets: %s", bit, v->len,
				 ksrtp_reason_name(reason));
	}
	/* Most bits are the tag's business: all of payload, timestamp, SSRC and tag. */
	assert_true(failed > 4 * v->len);

	/* None of it left a trace but counts: the genuine packet passes, once. */
	ksrtp_ssrc_info(&v->rx->s, &after);
	assert_int_equal(after.rtp_index, before.rtp_index);
	assert_int_equal(after.rtcp_index, before.rtcp_index);
	assert_int_equal(after.counts.auth_fail, failed);
	assert_reason(receive(v, v->buf, v->len), KSRTP_REASON_OK);
	assert_reason(receive(v, v->buf, v->len), KSRTP_REASON_REPLAY);
}

static void every_bit(void **state)
{
	each_victim(bits_of);
}

static void lengths_of(struct victim *v)
{
	u32 len;

	for (len = 0; len < v->len; len++)
		assert_int_not_equal(receive(v, v->buf, len), KSRTP_REASON_OK);
	assert_reason(receive(v, v->buf, 0), KSRTP_REASON_SHORT);
	assert_reason(receive(v, v->buf, (v->rtcp ? 8 : 12) + v->len - v->plain - 1),
		      KSRTP_REASON_SHORT);
	v->buf[v->len] = 0;
	assert_int_not_equal(receive(v, v->buf, v->len + 1), KSRTP_REASON_OK);
	assert_reason(receive(v, v->buf, v->len), KSRTP_REASON_OK);
}

static void every_length(void **state)
{
	each_victim(lengths_of);
}

/* A wrong key with the right MKI. */
static void key_of(struct victim *v)
{
	u8 wrong[sizeof(test_master)];
	struct ksrtp_key_params params = {
		.suite = v->key.suite,
		.master_key = wrong,
		.master_key_len = v->key.suite->master_key_len,
		.master_salt = wrong + v->key.suite->master_key_len,
		.master_salt_len = v->key.suite->master_salt_len,
		.mki = test_mki,
		.mki_len = v->key.mki_len,
	};
	u32 i;

	/* The salt enters each session key, so its last octet is as good as the key's first. */
	for (i = 0; i < 30; i += 29) {
		memcpy(wrong, test_master, sizeof(wrong));
		wrong[i] ^= 1;
		ksrtp_key_ctx_destroy(&v->key);
		assert_int_equal(ksrtp_key_ctx_init(&v->key, &params), 0);
		assert_reason(receive(v, v->buf, v->len), KSRTP_REASON_AUTH_FAIL);
	}
}

static void other_key(void **state)
{
	each_victim(key_of);
}

/* SRTP and SRTCP of one master key do not open each other's packets. */
static void kind_of(struct victim *v)
{
	enum ksrtp_reason reason;

	v->rtcp = !v->rtcp;
	reason = receive(v, v->buf, v->len);
	assert_true(reason == KSRTP_REASON_AUTH_FAIL || reason == KSRTP_REASON_RTCP_TYPE ||
		    reason == KSRTP_REASON_HEADER || reason == KSRTP_REASON_MKI_UNKNOWN ||
		    reason == KSRTP_REASON_SHORT);
}

static void other_kind(void **state)
{
	each_victim(kind_of);
}

/* A sequence number that comes again never meets the same keystream, whatever the payload. */
static void sent_twice(void **state)
{
	const struct ksrtp_suite_desc *suite;
	struct ksrtp_ssrc_info info;
	struct ksrtp_key_ctx key;
	u8 buf[BUF_LEN];
	struct ksrtp_pkt pkt = { .data = buf, .cap = BUF_LEN };
	struct end *tx;
	u64 rng = 8;
	u32 seq;

	for_each_suite(suite) {
		key_make(&key, suite, 0);
		tx = end_make(SSRC, 64, 0);
		for (seq = 65500; seq < 65600; seq++) {
			pkt.len = rtp_random(&rng, buf, seq, SSRC, 50);
			assert_reason(ksrtp_protect_rtp(&key, &tx->s, &pkt), KSRTP_REASON_OK);
		}
		for (seq = 65599; seq > 65500; seq--) {
			pkt.len = rtp_random(&rng, buf, seq, SSRC, 50);
			assert_reason(ksrtp_protect_rtp(&key, &tx->s, &pkt),
				      65599 - seq < 64 ? KSRTP_REASON_TX_REPLAY :
							 KSRTP_REASON_TX_OLD);
		}
		ksrtp_ssrc_info(&tx->s, &info);
		assert_int_equal(info.counts.rtp_packets, 100);
		assert_int_equal(info.counts.replay, 64);
		assert_int_equal(info.counts.too_old, 35);
		assert_int_equal(info.last_reason, KSRTP_REASON_TX_OLD);
		free(tx);
		ksrtp_key_ctx_destroy(&key);
	}
}

/* The hard stops: 2^48 SRTP and 2^31 SRTCP packets. */
static void used_up(void **state)
{
	const struct ksrtp_suite_desc *suite;
	struct ksrtp_key_ctx key;
	u8 buf[BUF_LEN];
	struct ksrtp_pkt pkt = { .data = buf, .cap = BUF_LEN };
	struct end *tx;
	u64 rng = 9;
	u32 i;

	for_each_suite(suite) {
		key_make(&key, suite, 0);
		tx = end_make(SSRC, 64, 0);
		ksrtp_ssrc_restore_rtp(&tx->s, KSRTP_RTP_INDEX_MAX - 1);
		ksrtp_ssrc_restore_rtcp(&tx->s, KSRTP_RTCP_INDEX_MAX - 1);
		for (i = 0; i < 3; i++) {
			pkt.len = rtp_random(&rng, buf, 65535 + i, SSRC, 50);
			assert_reason(ksrtp_protect_rtp(&key, &tx->s, &pkt),
				      i ? KSRTP_REASON_INDEX_LIMIT : KSRTP_REASON_OK);
			pkt.len = rtcp_random(&rng, buf, SSRC);
			assert_reason(ksrtp_protect_rtcp(&key, &tx->s, &pkt),
				      i ? KSRTP_REASON_INDEX_LIMIT : KSRTP_REASON_OK);
		}
		free(tx);
		ksrtp_key_ctx_destroy(&key);
	}
}

/* Too little room is noticed before an index is spent or an octet changed. */
static void without_room(void **state)
{
	const struct ksrtp_suite_desc *suite;
	struct ksrtp_key_ctx key;
	u8 plain[BUF_LEN], *buf;
	struct ksrtp_pkt pkt;
	struct end *tx;
	u64 rng = 10;
	u32 len, room, need, rtcp;

	for_each_suite(suite)
		for (rtcp = 0; rtcp < 2; rtcp++) {
			key_make(&key, suite, 4);
			tx = end_make(SSRC, 64, 0);
			len = rtcp ? rtcp_random(&rng, plain, SSRC) :
				     rtp_random(&rng, plain, 1, SSRC, 50);
			need = rtcp ? ksrtp_suite_rtcp_overhead(suite, 4) :
				      ksrtp_suite_rtp_overhead(suite, 4);
			for (room = 0; room <= need; room++) {
				buf = malloc(len + room);
				assert_non_null(buf);
				memcpy(buf, plain, len);
				pkt = (struct ksrtp_pkt){ buf, len, len + room };
				assert_reason(rtcp ? ksrtp_protect_rtcp(&key, &tx->s, &pkt) :
						     ksrtp_protect_rtp(&key, &tx->s, &pkt),
					      room < need ? KSRTP_REASON_ROOM : KSRTP_REASON_OK);
				if (room < need)
					assert_memory_equal(buf, plain, len);
				free(buf);
			}
			pkt = (struct ksrtp_pkt){ plain, len, len - 1 };
			assert_reason(rtcp ? ksrtp_protect_rtcp(&key, &tx->s, &pkt) :
					     ksrtp_protect_rtp(&key, &tx->s, &pkt),
				      KSRTP_REASON_ROOM);
			free(tx);
			ksrtp_key_ctx_destroy(&key);
		}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_bit),  cmocka_unit_test(every_length),
		cmocka_unit_test(other_key),  cmocka_unit_test(other_kind),
		cmocka_unit_test(sent_twice), cmocka_unit_test(used_up),
		cmocka_unit_test(without_room),
	};

	return run_tap(tests);
}
