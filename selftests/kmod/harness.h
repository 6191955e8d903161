/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the tests of the transform share: keys, both ends of an SSRC, reproducible random packets.
 */
#ifndef KSRTP_TEST_HARNESS_H
#define KSRTP_TEST_HARNESS_H

/* cmocka wants these four before its own header. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>

#include "srtp.h"

#define MTU 1500
#define BUF_LEN (MTU + KSRTP_TRAILER_MAX)
#define SSRC 0xcafebabe

#define for_each_suite(s) \
	for (unsigned int s##_n = 0; (s = ksrtp_suite_at(s##_n)); s##_n++)

#define assert_reason(got, want)								\
	do {											\
		enum ksrtp_reason got_ = (got), want_ = (want);					\
		if (got_ != want_)								\
			fail_msg("%s instead of %s", ksrtp_reason_name(got_),			\
				 ksrtp_reason_name(want_));					\
	} while (0)

/* For main(): TAP on standard output whatever the environment says. */
#define run_tap(tests)									\
	(setenv("CMOCKA_MESSAGE_OUTPUT", "TAP", 1), cmocka_run_group_tests(tests, NULL, NULL))

static const u8 test_master[KSRTP_MASTER_KEY_MAX + KSRTP_MASTER_SALT_MAX] = {
	0x10, 0x32, 0x54, 0x76, 0x98, 0xba, 0xdc, 0xfe, 0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd,
	0xef, 0xa0, 0xa1, 0xa2, 0xa3, 0xa4, 0xa5, 0xa6, 0xa7, 0xa8, 0xa9, 0xaa, 0xab, 0xac, 0xad
};

static const u8 test_mki[KSRTP_MKI_MAX] = { 0x5a, 0x01, 0xff, 0x00, 0x77 };

/* splitmix64: the same packets in every run. */
static inline u32 rnd(u64 *state)
{
	u64 z = *state += 0x9e3779b97f4a7c15ULL;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ z >> 27) * 0x94d049bb133111ebULL;
	return z >> 32;
}

static inline void rnd_fill(u64 *state, u8 *p, u32 len)
{
	while (len--)
		*p++ = rnd(state);
}

static inline void key_make(struct ksrtp_key_ctx *key, const struct ksrtp_suite_desc *suite,
			    u32 mki_len)
{
	const struct ksrtp_key_params params = {
		.suite = suite,
		.master_key = test_master,
		.master_key_len = suite->master_key_len,
		.master_salt = test_master + suite->master_key_len,
		.master_salt_len = suite->master_salt_len,
		.mki = test_mki,
		.mki_len = mki_len,
	};

	if (ksrtp_key_ctx_init(key, &params))
		abort();
}

/* An SSRC with its windows; free() ends it. */
struct end {
	struct ksrtp_ssrc s;
	u64 bits[];
};

static inline struct end *end_make(u32 ssrc, u32 window, u32 start_roc)
{
	struct end *e = malloc(sizeof(*e) + ksrtp_ssrc_words(window) * sizeof(u64));

	if (!e)
		abort();
	ksrtp_ssrc_init(&e->s, ssrc, window, start_roc, e->bits);
	return e;
}

/* A valid RTP packet of any shape; at least 12 octets, at most 12 + 60 + 4 + 4 * 7 + @body. */
static inline u32 rtp_random(u64 *state, u8 *p, u16 seq, u32 ssrc, u32 body)
{
	u32 cc = rnd(state) % 4 ? 0 : rnd(state) % 16, x = rnd(state) % 3 == 0, len, words;

	p[0] = 0x80 | (rnd(state) % 8 ? 0 : 0x20) | x << 4 | cc;
	p[1] = rnd(state);
	put_unaligned_be16(seq, p + 2);
	put_unaligned_be32(rnd(state), p + 4);
	put_unaligned_be32(ssrc, p + 8);
	len = 12;
	rnd_fill(state, p + len, 4 * cc);
	len += 4 * cc;
	if (x) {
		words = rnd(state) % 8;
		put_unaligned_be16(0xbede, p + len);
		put_unaligned_be16(words, p + len + 2);
		rnd_fill(state, p + len + 4, 4 * words);
		len += 4 + 4 * words;
	}
	body = rnd(state) % (body + 1);
	rnd_fill(state, p + len, body);
	return len + body;
}

/* One to three RTCP packets of any content. */
static inline u32 rtcp_random(u64 *state, u8 *p, u32 ssrc)
{
	u32 n = 1 + rnd(state) % 3, len = 0, words;

	while (n--) {
		words = 1 + rnd(state) % 20;
		p[len] = 0x80 | rnd(state) % 32;
		p[len + 1] = 200 + rnd(state) % 8;
		put_unaligned_be16(words, p + len + 2);
		put_unaligned_be32(ssrc, p + len + 4);
		rnd_fill(state, p + len + 8, 4 * (words - 1));
		len += 4 + 4 * words;
	}
	return len;
}

#endif
