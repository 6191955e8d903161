// SPDX-License-Identifier: GPL-2.0-or-later
/* Everything here is public, so that OpenSSL's big numbers may do the divisions. */
#include <errno.h>
#include <string.h>

#include <openssl/bn.h>

#include "base/err.h"
#include "ibe/type1.h"

static bool limbs_from_bn(uint64_t *l, unsigned int n, const BIGNUM *a)
{
	uint8_t oct[FP_OCTETS_MAX];

	if (BN_num_bytes(a) > (int)sizeof(oct) || BN_bn2binpad(a, oct, sizeof(oct)) < 0)
		return false;
	return limbs_from_octets(l, n, oct, sizeof(oct));
}

/* Non-adjacent form: no two neighbours are both other than zero. */
static unsigned int naf(int8_t *out, const uint64_t *q, unsigned int qbits)
{
	unsigned int i, n = 0, carry = 0;

	for (i = 0; i < qbits || carry; i++) {
		unsigned int b0 = i < qbits ? q[i / 64] >> (i % 64) & 1 : 0;
		unsigned int b1 = i + 1 < qbits ? q[(i + 1) / 64] >> ((i + 1) % 64) & 1 : 0;
		unsigned int v = b0 + carry;

		out[n++] = v == 1 ? (b1 ? -1 : 1) : 0;
		carry = v == 2 || (v == 1 && b1);
	}
	return n;
}

static int constants(struct type1 *c, const BIGNUM *p, const BIGNUM *q, BN_CTX *ctx,
		     struct err *e)
{
	BIGNUM *t = BN_CTX_get(ctx), *u = BN_CTX_get(ctx), *rem = BN_CTX_get(ctx);
	struct fp three;
	uint64_t e4[FP_LIMBS_MAX];
	bool ok;

	if (!rem || !BN_copy(t, p) || !BN_add_word(t, 1))
		return err_set(e, ENOMEM, "out of memory");
	if (BN_mod_word(p, 12) != 11)
		return err_set(e, EINVAL, "p is not 11 modulo 12");
	if (!BN_is_odd(q) || BN_mod_word(q, 3) == 0)
		return err_set(e, EINVAL, "q is divisible by two or three");
	if (!BN_div(u, rem, t, q, ctx))
		return err_set(e, ENOMEM, "out of memory");
	if (!BN_is_zero(rem))
		return err_set(e, EINVAL, "q does not divide p + 1");
	ok = limbs_from_bn(c->cof, FP_LIMBS_MAX, u) && BN_rshift1(u, u) &&
	     BN_mod(u, u, q, ctx) && limbs_from_bn(c->half_cof.l, c->fq.n, u) &&
	     BN_rshift(u, t, 2) && limbs_from_bn(e4, FP_LIMBS_MAX, u) && BN_rshift1(u, t) &&
	     limbs_from_bn(c->half.l, c->f.n, u) && BN_copy(u, q) && BN_add_word(u, 1) &&
	     BN_rshift1(u, u) && limbs_from_bn(c->half_q, TYPE1_Q_LIMBS, u) && BN_lshift1(u, p) &&
	     BN_sub_word(u, 1) && BN_div_word(u, 3) != (BN_ULONG)-1 &&
	     limbs_from_bn(c->cbrt.l, FP_LIMBS_MAX, u);
	if (!ok)
		return err_set(e, ENOMEM, "out of memory");
	c->cofbits = limbs_bits(c->cof, FP_LIMBS_MAX);
	fp_load(&c->fq, &c->half_cof, &c->half_cof);
	fp_load(&c->f, &c->half, &c->half);
	fp_set_small(&c->f, &three, 3);
	fp_pow_public(&c->f, &c->sqrt3, &three, e4, c->f.bits);
	return 0;
}

int type1_init(struct type1 *c, const uint8_t *p, size_t p_len, const uint8_t *q, size_t q_len,
	       struct err *e)
{
	BN_CTX *ctx;
	BIGNUM *bp, *bq;
	int ret;

	memset(c, 0, sizeof(*c));
	if (field_init(&c->f, NULL, p, p_len))
		return err_set(e, EINVAL, "p is even, or not of 3 to %u bits", FP_BITS_MAX);
	if (field_init(&c->fq, NULL, q, q_len) || c->fq.bits > TYPE1_Q_BITS_MAX)
		return err_set(e, EINVAL, "q is even, or not of 3 to %u bits", TYPE1_Q_BITS_MAX);
	memcpy(c->q, c->fq.p.l, sizeof(c->q));
	c->qbits = c->fq.bits;
	c->nafs = naf(c->naf, c->q, c->qbits);
	ctx = BN_CTX_new();
	if (!ctx)
		return err_set(e, ENOMEM, "out of memory");
	BN_CTX_start(ctx);
	bp = BN_CTX_get(ctx);
	bq = BN_CTX_get(ctx);
	if (bq && BN_bin2bn(p, (int)p_len, bp) && BN_bin2bn(q, (int)q_len, bq))
		ret = constants(c, bp, bq, ctx, e);
	else
		ret = err_set(e, ENOMEM, "out of memory");
	BN_CTX_end(ctx);
	BN_CTX_free(ctx);
	return ret;
}
