/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the two fuzz targets share: a key of each suite, chosen by the first octet of the input.
 */
#ifndef KSRTP_FUZZ_H
#define KSRTP_FUZZ_H

#include "srtp.h"

#define FUZZ_MAX 2048
#define FUZZ_SUITES 4
#define FUZZ_MKI_LEN 4

static const u8 fuzz_octets[64] = "sixty-four octets that a fuzzer may know: master keys and salts";

static struct ksrtp_key_ctx fuzz_keys[FUZZ_SUITES][2];

#define FUZZ_ASSERT(x)		\
	do {			\
		if (!(x))	\
			__builtin_trap();	\
	} while (0)

/* Suites 0..3, each without and with an MKI. */
static const struct ksrtp_key_ctx *fuzz_key(u8 choice)
{
	const struct ksrtp_suite_desc *suite;
	unsigned int n, mki;

	for (n = 0; !fuzz_keys[n][1].suite; n = (n + 1) % FUZZ_SUITES)
		for (mki = 0; mki < 2; mki++) {
			suite = ksrtp_suite_at(n);
			const struct ksrtp_key_params params = {
				suite, fuzz_octets, suite->master_key_len, fuzz_octets + 32,
				suite->master_salt_len, fuzz_octets, mki * FUZZ_MKI_LEN,
			};

			FUZZ_ASSERT(!ksrtp_key_ctx_init(&fuzz_keys[n][mki], &params));
		}
	return &fuzz_keys[choice % FUZZ_SUITES][choice / FUZZ_SUITES % 2];
}

/* An SSRC with the smallest window, ready. */
struct fuzz_end {
	struct ksrtp_ssrc s;
	u64 bits[8];
};

static inline void fuzz_end_init(struct fuzz_end *e, u32 start_roc)
{
	FUZZ_ASSERT(ksrtp_ssrc_words(KSRTP_WINDOW_MIN) <= ARRAY_SIZE(e->bits));
	ksrtp_ssrc_init(&e->s, 0, KSRTP_WINDOW_MIN, start_roc, e->bits);
}

#endif
