// SPDX-License-Identifier: GPL-2.0-or-later
/* Tests of public numbers: OpenSSL's arithmetic, and time that depends on them. */
#include <errno.h>

#include "ibe/bf.h"

bool ibe_is_solinas(const struct type1 *c)
{
	unsigned int i, weight = 0;

	for (i = 0; i < c->nafs; i++)
		weight += c->naf[i] != 0;
	/* Weight two: 2^a +- 1 = 2^(a + 1) - 2^a +- 1. The lowest digit of an odd number is one. */
	return weight == 2 || weight == 3;
}

int ibe_prime_test(const BIGNUM *n, unsigned int rounds, BN_CTX *ctx)
{
	BIGNUM *n1, *d, *a, *x;
	BN_MONT_CTX *mont = NULL;
	int s = 0, i, ret = -ENOMEM;

	if (BN_cmp(n, BN_value_one()) <= 0)
		return 0;
	if (BN_is_word(n, 2) || BN_is_word(n, 3))
		return 1;
	if (!BN_is_odd(n))
		return 0;
	BN_CTX_start(ctx);
	n1 = BN_CTX_get(ctx);
	d = BN_CTX_get(ctx);
	a = BN_CTX_get(ctx);
	x = BN_CTX_get(ctx);
	mont = BN_MONT_CTX_new();
	if (!x || !mont || !BN_MONT_CTX_set(mont, n, ctx) || !BN_copy(n1, n) ||
	    !BN_sub_word(n1, 1))
		goto out;
	while (!BN_is_bit_set(n1, s))
		s++;
	if (!BN_rshift(d, n1, s))
		goto out;
	while (rounds--) {
		do {
			if (!BN_rand_range(a, n1))
				goto out;
		} while (BN_is_zero(a) || BN_is_one(a));
		if (!BN_mod_exp_mont(x, a, d, n, ctx, mont))
			goto out;
		for (i = 1; i < s && !BN_is_one(x) && BN_cmp(x, n1); i++)
			if (!BN_mod_sqr(x, x, n, ctx))
				goto out;
		/* One after no squaring, or minus one after any number of them. */
		if (BN_cmp(x, n1) && !(i == 1 && BN_is_one(x))) {
			ret = 0;
			goto out;
		}
	}
	ret = 1;
out:
	BN_MONT_CTX_free(mont);
	BN_CTX_end(ctx);
	return ret;
}
