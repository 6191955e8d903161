// SPDX-License-Identifier: GPL-2.0-or-later
/* Field, curve and pairing against OpenSSL's big numbers and against their own laws. */
#include <openssl/bn.h>
#include <openssl/rand.h>

#include "ibe/bf.h"
#include "ibe/pairing.h"
#include "ibe_vectors.h"

static BN_CTX *ctx;

static void to_bn(const struct field *f, BIGNUM *r, const struct fp *a)
{
	uint8_t oct[FP_OCTETS_MAX];

	fp_to_octets(f, oct, a);
	assert_non_null(BN_bin2bn(oct, (int)f->octets, r));
}

static void from_bn(const struct field *f, struct fp *r, const BIGNUM *a)
{
	uint8_t oct[FP_OCTETS_MAX];

	assert_true(BN_bn2binpad(a, oct, (int)f->octets) > 0);
	assert_true(fp_from_octets(f, r, oct));
}

static void assert_bn(const struct field *f, const struct fp *a, const BIGNUM *want)
{
	BIGNUM *got = BN_new();

	to_bn(f, got, a);
	assert_int_equal(BN_cmp(got, want), 0);
	BN_free(got);
}

/* The i-th of some numbers below p: small, large, and random ones. */
static void pick(BIGNUM *r, const BIGNUM *p, int i)
{
	if (i < 3)
		BN_set_word(r, (BN_ULONG)i);
	else if (i < 6)
		assert_true(BN_copy(r, p) && BN_sub_word(r, (BN_ULONG)(i - 2)));
	else if (i == 6)
		assert_true(BN_rshift1(r, p));
	else
		assert_true(BN_rand_range(r, p));
}

static void field_against_bn(const struct field *f)
{
	BIGNUM *p = BN_new(), *a = BN_new(), *b = BN_new(), *r = BN_new();
	struct fp x, y, z;
	uint8_t oct[FP_OCTETS_MAX];
	int i, j;

	for (i = 0; i < (int)f->octets; i++)
		oct[f->octets - 1 - (size_t)i] = (uint8_t)(f->p.l[i / 8] >> (8 * (i % 8)));
	BN_bin2bn(oct, (int)f->octets, p);
	assert_false(fp_from_octets(f, &x, oct));
	for (i = 0; i < 10; i++) {
		pick(a, p, i);
		from_bn(f, &x, a);
		assert_bn(f, &x, a);
		fp_sqr(f, &z, &x);
		BN_mod_sqr(r, a, p, ctx);
		assert_bn(f, &z, r);
		fp_neg(f, &z, &x);
		fp_add(f, &z, &z, &x);
		assert_true(fp_is_zero(f, &z));
		fp_inv(f, &z, &x);
		fp_mul(f, &z, &z, &x);
		assert_true(fp_equal(f, &z, BN_is_zero(a) ? &x : &f->one));
		for (j = 0; j < 10; j++) {
			pick(b, p, j);
			from_bn(f, &y, b);
			assert_int_equal(!!fp_equal(f, &x, &y), !BN_cmp(a, b));
			fp_mul(f, &z, &x, &y);
			BN_mod_mul(r, a, b, p, ctx);
			assert_bn(f, &z, r);
			fp_add(f, &z, &x, &y);
			BN_mod_add(r, a, b, p, ctx);
			assert_bn(f, &z, r);
			fp_sub(f, &z, &x, &y);
			BN_mod_sub(r, a, b, p, ctx);
			assert_bn(f, &z, r);
		}
	}
	BN_free(p);
	BN_free(a);
	BN_free(b);
	BN_free(r);
}

static void field_ops(void **state)
{
	static const unsigned int bits[] = { 512, 1024, 1536, 3840, 7680 };
	size_t i;

	for (i = 0; i < 5; i++) {
		struct ibe_params *p;

		if (bits[i] > 1536) {
			/* The modulus alone, without the checks of a whole set. */
			struct buf der = ibe_vector("params", bits[i]);
			struct field f;

			assert_int_equal(field_init(&f, NULL, der.data + 4 + 3 + 13 + 5,
						    bits[i] / 8), 0);
			assert_int_equal(f.bits, bits[i]);
			field_against_bn(&f);
			buf_free(&der);
			continue;
		}
		p = ibe_vector_params(bits[i]);
		field_against_bn(&p->c.f);
		field_against_bn(&p->c.fq);
		ibe_params_put(p);
	}
}

/* Sizes of no level, around a limb and a group of four limbs. */
static void field_odd_sizes(void **state)
{
	static const int bits[] = { 5, 63, 64, 65, 192, 255, 256, 257, 520, 768 };
	uint8_t oct[128];
	struct field f;
	size_t i;

	for (i = 0; i < sizeof(bits) / sizeof(bits[0]); i++) {
		BIGNUM *p = BN_new();

		assert_true(BN_generate_prime_ex(p, bits[i], 0, NULL, NULL, NULL));
		BN_bn2binpad(p, oct, sizeof(oct));
		assert_int_equal(field_init(&f, NULL, oct, sizeof(oct)), 0);
		assert_int_equal(f.bits, bits[i]);
		field_against_bn(&f);
		BN_free(p);
	}
	memset(oct, 0, sizeof(oct));
	assert_int_not_equal(field_init(&f, NULL, oct, sizeof(oct)), 0);
	oct[sizeof(oct) - 1] = 3;
	assert_int_not_equal(field_init(&f, NULL, oct, sizeof(oct)), 0);
	oct[sizeof(oct) - 1] = 6;
	assert_int_not_equal(field_init(&f, NULL, oct, sizeof(oct)), 0);
}

static void field_powers(void **state)
{
	struct ibe_params *p = ibe_vector_params(512);
	const struct field *f = &p->c.f;
	uint8_t oct[200];
	BIGNUM *m = BN_new(), *a = BN_new(), *e = BN_new(), *r = BN_new();
	uint64_t el[FP_LIMBS_MAX];
	struct fp x, y;
	int i;

	for (i = 0; i < 64; i++)
		oct[63 - i] = (uint8_t)(f->p.l[i / 8] >> (8 * (i % 8)));
	BN_bin2bn(oct, 64, m);
	for (i = 0; i < 40; i++) {
		pick(a, m, i % 10);
		pick(e, m, (i + 3) % 11);
		from_bn(f, &x, a);
		BN_bn2binpad(e, oct, 64);
		limbs_from_octets(el, FP_LIMBS_MAX, oct, 64);
		fp_pow_public(f, &y, &x, el, limbs_bits(el, FP_LIMBS_MAX));
		BN_mod_exp(r, a, e, m, ctx);
		assert_bn(f, &y, r);
		/* Any number of octets, reduced. */
		assert_true(RAND_bytes(oct, sizeof(oct)));
		BN_bin2bn(oct, 5 * i, a);
		BN_mod(r, a, m, ctx);
		fp_reduce_octets(f, &x, oct, (size_t)(5 * i));
		fp_load(f, &x, &x);
		assert_bn(f, &x, r);
	}
	BN_free(m);
	BN_free(a);
	BN_free(e);
	BN_free(r);
	ibe_params_put(p);
}

static void field_select(void **state)
{
	struct ibe_params *p = ibe_vector_params(512);
	const struct field *f = &p->c.f;
	struct fp table[5], r, a, b;
	unsigned int i;

	for (i = 0; i < 5; i++)
		fp_set_small(f, &table[i], i + 1);
	for (i = 0; i < 5; i++) {
		fp_lookup(f, &r, table, sizeof(table[0]), 5, i);
		assert_true(fp_equal(f, &r, &table[i]));
	}
	fp_copy(f, &a, &table[1]);
	fp_copy(f, &b, &table[2]);
	fp_cswap(f, &a, &b, 0);
	assert_true(fp_equal(f, &a, &table[1]));
	fp_cswap(f, &a, &b, ~0ull);
	assert_true(fp_equal(f, &a, &table[2]) && fp_equal(f, &b, &table[1]));
	fp_select(f, &r, &a, &b, ~0ull);
	assert_true(fp_equal(f, &r, &a));
	fp_select(f, &r, &a, &b, 0);
	assert_true(fp_equal(f, &r, &b));
	ibe_params_put(p);
}

static void assert_same(const struct field *f, const struct ec_point *a, const struct ec_point *b)
{
	struct ec_affine x, y;

	ec_to_affine(f, &x, a);
	ec_to_affine(f, &y, b);
	assert_true(ec_affine_equal(f, &x, &y));
	assert_true(ec_is_infinity(f, a) || ec_on_curve(f, &x));
	assert_int_equal(!!ec_is_infinity(f, a), !!ec_is_infinity(f, b));
}

/* a = [i]P and b = [j]P by additions, for small i and j: every special case is among them. */
static void group_law(void **state)
{
	struct ibe_params *p = ibe_vector_params(512);
	const struct field *f = &p->c.f;
	struct ec_point m[17], s, n;
	unsigned int i, j;
	uint64_t k;

	memset(m, 0, sizeof(m));
	fp_set_one(f, &m[0].Y);
	for (i = 1; i < 17; i++) {
		ec_from_affine(f, &s, &p->P);
		ec_add(f, &m[i], &m[i - 1], &s);
	}
	for (i = 0; i < 9; i++) {
		k = i;
		assert_int_equal(ec_mul(f, &s, &p->P, &k, 5), 0);
		assert_same(f, &s, &m[i]);
		assert_int_equal(ec_mul_public(f, &s, &p->P, &k, 5), 0);
		assert_same(f, &s, &m[i]);
		ec_dbl(f, &s, &m[i]);
		assert_same(f, &s, &m[2 * i]);
		for (j = 0; j < 9; j++) {
			ec_add(f, &s, &m[i], &m[j]);
			assert_same(f, &s, &m[i + j]);
		}
		n = m[i];
		fp_neg(f, &n.Y, &n.Y);
		ec_add(f, &s, &m[i], &n);
		assert_true(ec_is_infinity(f, &s));
	}
	ibe_params_put(p);
}

static void random_scalar(const struct type1 *c, uint64_t *k)
{
	uint8_t oct[64];
	struct fp t;

	assert_true(RAND_bytes(oct, sizeof(oct)));
	fp_reduce_octets(&c->fq, &t, oct, sizeof(oct));
	memset(k, 0, TYPE1_Q_LIMBS * sizeof(*k));
	memcpy(k, t.l, c->fq.n * sizeof(*k));
}

static void mul_affine(const struct type1 *c, struct ec_affine *r, const struct ec_affine *a,
		       const uint64_t *k)
{
	struct ec_point m;

	assert_int_equal(ec_mul(&c->f, &m, a, k, c->qbits), 0);
	ec_to_affine(&c->f, r, &m);
}

/* [a]P + [b]P = [a + b]P and e([a]P, [b]P) = e(P, P)^(a b), at three levels. */
static void homomorphisms(void **state)
{
	static const unsigned int bits[] = { 512, 1024, 1536 };
	unsigned int i;

	for (i = 0; i < 3; i++) {
		struct ibe_params *p = ibe_vector_params(bits[i]);
		const struct type1 *c = &p->c;
		uint64_t a[TYPE1_Q_LIMBS], b[TYPE1_Q_LIMBS], exp[PAIRING_EXP_LIMBS];
		struct ec_affine A, B, S;
		struct ec_point x, y;
		struct fp s = { { 0 } }, fa = { { 0 } }, fb = { { 0 } };
		struct fp2 l, r, mi, one;

		random_scalar(c, a);
		random_scalar(c, b);
		memcpy(fa.l, a, sizeof(a));
		memcpy(fb.l, b, sizeof(b));
		mul_affine(c, &A, &p->P, a);
		mul_affine(c, &B, &p->P, b);
		fp_add(&c->fq, &s, &fa, &fb);
		mul_affine(c, &S, &p->P, s.l);
		ec_from_affine(&c->f, &x, &A);
		ec_from_affine(&c->f, &y, &B);
		ec_add(&c->f, &x, &x, &y);
		ec_to_affine(&c->f, &B, &x);
		assert_true(ec_affine_equal(&c->f, &B, &S));

		mul_affine(c, &B, &p->P, b);
		pairing(c, &l, &A, &B);
		pairing(c, &r, &B, &A);
		assert_true(fp2_equal(&c->f, &l, &r));
		/* e(P, P)^(a b), the exponent taken into the final one. */
		fp_load(&c->fq, &fa, &fa);
		fp_mul(&c->fq, &s, &fa, &fb);
		memcpy(fb.l, c->half_q, sizeof(c->half_q));
		fp_load(&c->fq, &s, &s);
		fp_mul(&c->fq, &s, &s, &fb);
		memset(s.l + c->fq.n, 0, (TYPE1_Q_LIMBS - c->fq.n) * 8);
		pairing_exponent(c, exp, s.l);
		pairing_miller(c, &mi, &p->P, &p->P);
		pairing_final(c, &r, &mi, exp);
		assert_true(fp2_equal(&c->f, &l, &r));
		fp2_set_one(&c->f, &one);
		assert_false(fp2_equal(&c->f, &l, &one));
		ibe_params_put(p);
	}
}

/* Final exponentiation of what has no imaginary part, and of nothing. */
static void final_exponent_edges(void **state)
{
	struct ibe_params *p = ibe_vector_params(512);
	const struct type1 *c = &p->c;
	uint64_t exp[PAIRING_EXP_LIMBS];
	struct fp2 x, r, one;

	pairing_exponent(c, exp, c->half_q);
	fp2_set_one(&c->f, &one);
	fp_set_small(&c->f, &x.a, 7);
	fp_set_zero(&c->f, &x.b);
	pairing_final(c, &r, &x, exp);
	assert_true(fp2_equal(&c->f, &r, &one));
	fp_set_small(&c->f, &x.b, 7);
	fp_set_zero(&c->f, &x.a);
	pairing_final(c, &r, &x, exp);
	assert_true(fp2_equal(&c->f, &r, &one));
	/* x^(p - 1) itself: conj(x)/x is -1 for an imaginary x, 1 for a real one. */
	memset(exp, 0, sizeof(exp));
	exp[0] = 1;
	pairing_final(c, &r, &x, exp);
	fp_neg(&c->f, &r.a, &r.a);
	assert_true(fp2_equal(&c->f, &r, &one));
	fp_copy(&c->f, &x.a, &x.b);
	fp_set_zero(&c->f, &x.b);
	pairing_final(c, &r, &x, exp);
	assert_true(fp2_equal(&c->f, &r, &one));
	fp_set_zero(&c->f, &x.a);
	pairing_final(c, &r, &x, exp);
	assert_true(fp_is_zero(&c->f, &r.a) && fp_is_zero(&c->f, &r.b));
	ibe_params_put(p);
}

/* Points of small order are on the curve and have not order q; the one of order two makes the
 * addition formula fail, and must not pass for infinite on the way.
 */
static void small_orders(void **state)
{
	struct ibe_params *p = ibe_vector_params(512);
	const struct type1 *c = &p->c;
	struct ec_affine t, s;
	struct ec_point x, y;

	fp_neg(&c->f, &t.x, &c->f.one);
	fp_set_zero(&c->f, &t.y);
	assert_true(ec_on_curve(&c->f, &t));
	assert_int_equal(ec_has_order(&c->f, &t, c->q, c->qbits), 0);
	fp_set_zero(&c->f, &s.x);
	fp_set_one(&c->f, &s.y);
	assert_true(ec_on_curve(&c->f, &s));
	assert_int_equal(ec_has_order(&c->f, &s, c->q, c->qbits), 0);
	ec_from_affine(&c->f, &x, &p->P);
	ec_from_affine(&c->f, &y, &t);
	ec_add(&c->f, &x, &x, &y);
	ec_to_affine(&c->f, &s, &x);
	assert_true(ec_on_curve(&c->f, &s));
	assert_int_equal(ec_has_order(&c->f, &s, c->q, c->qbits), 0);
	assert_int_equal(ec_has_order(&c->f, &p->P, c->q, c->qbits), 1);
	ibe_params_put(p);
}

static void primes(void **state)
{
	BIGNUM *n = BN_new();
	unsigned int i, found = 0;

	for (i = 0; i < 2000; i++) {
		BN_set_word(n, i);
		if (ibe_prime_test(n, 8, ctx) == 1)
			found++;
	}
	assert_int_equal(found, 303);
	/* Carmichael numbers and strong pseudoprimes to small bases. */
	BN_set_word(n, 561);
	assert_int_equal(ibe_prime_test(n, 20, ctx), 0);
	BN_set_word(n, 3215031751u);
	assert_int_equal(ibe_prime_test(n, 20, ctx), 0);
	BN_free(n);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(field_ops),
		cmocka_unit_test(field_odd_sizes),
		cmocka_unit_test(field_powers),
		cmocka_unit_test(field_select),
		cmocka_unit_test(group_law),
		cmocka_unit_test(homomorphisms),
		cmocka_unit_test(final_exponent_edges),
		cmocka_unit_test(small_orders),
		cmocka_unit_test(primes),
	};
	int ret;

	ctx = BN_CTX_new();
	ret = run_tests(tests);
	BN_CTX_free(ctx);
	return ret;
}
